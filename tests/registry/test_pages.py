"""Pages, tokens, releases and the rest of what the server says when nothing goes wrong."""

import re

import pytest
import requests

from tests.builders import a_study
from tests.registry import Registry, serving
from tests.registry.asking import a_day, a_registry, ask, crawl, numbers, raw, some


def test_pages_add_up():
    """Every study comes once, and the first page tells how many there are."""
    with serving(a_registry(count=23)) as served:
        pages = crawl(served, pageSize=5)
    assert [len(page["studies"]) for page in pages] == [5, 5, 5, 5, 3]
    assert [page.get("totalCount") for page in pages] == [23, None, None, None, None]
    assert len(set(numbers(*pages))) == 23


@pytest.mark.parametrize(
    ("asked", "given"), [(None, 10), (0, 10), (1000, 1000), (99999, 1000), (7, 7)]
)
def test_a_page_is_never_too_large(asked, given):
    """Ten unless told; 0 is not told; more than a thousand is a thousand, unsaid."""
    with serving(a_registry(count=1001)) as served:
        page = ask(served, "/studies", pageSize=asked, fields="NCTId").json()
    assert len(page["studies"]) == given


def test_a_full_last_page_has_no_token():
    """The token is missing from the last page, however full it is."""
    with serving(a_registry(count=10)) as served:
        assert ask(served, "/studies").json().keys() == {"studies"}


def test_nothing_found_is_an_empty_page():
    """No study is no fault, and no token."""
    with serving(a_registry()) as served:
        (page,) = crawl(served, query_titles="nowhere")
    assert page == {"studies": [], "totalCount": 0}


def test_one_study_a_line():
    """A page is written with each study in a line of its own."""
    with serving(a_registry(count=3)) as served:
        assert len(ask(served, "/studies").content.splitlines()) == 5


@pytest.mark.parametrize(("lives_on", "code"), [(False, 400), (True, 200)])
def test_a_token_dies_with_its_release(lives_on, code):
    """After a refresh a token is refused, unless the registry is told to tear crawls unnoticed."""
    registry = a_registry(tokens_outlive_releases=lives_on)
    with serving(registry) as served:
        token = ask(served, "/studies", pageSize=2).json()["nextPageToken"]
        assert ask(served, "/studies", pageSize=2, pageToken=token).status_code == 200
        registry.advance()
        assert ask(served, "/studies", pageSize=2, pageToken=token).status_code == code


def test_a_release_is_told_everywhere():
    """The data timestamp, the tag and every study's holder name the same release."""
    registry = Registry(a_day("2026-09-04T09:00:06", *some(2)), a_day("2026-09-07", *some(2)))
    with serving(registry) as served:
        told = ask(served, "/version").json()["dataTimestamp"]
        answer = ask(served, "/studies", fields="VersionHolder")
    tag = re.fullmatch(r'"\w+/[\d.]+/(\w+)"', answer.headers["etag"])[1]
    holders = {
        study["derivedSection"]["miscInfoModule"]["versionHolder"]
        for study in answer.json()["studies"]
    }
    assert (told, tag, holders) == ("2026-09-04T09:00:06", "mtmq3wmo", {"2026-09-04"})


def test_a_known_tag_is_answered_with_nothing():
    """If-None-Match gives 304 until the next release."""
    registry = a_registry()
    with serving(registry) as served:
        headers = {"If-None-Match": ask(served, "/studies").headers["etag"]}
        answers = []
        for _ in range(2):
            answers.append(requests.get(f"{served.url}/studies", headers=headers, timeout=5))
            registry.advance()
    assert [answer.status_code for answer in answers] == [304, 200]
    assert (answers[0].content, "content-length" in answers[0].headers) == (b"", False)


def test_releases_end_at_both_ends():
    """Advancing past the last release or back before the first changes nothing."""
    registry = a_registry()
    moves = [registry.advance, registry.advance, registry.step_back, registry.step_back]
    assert [move().data_timestamp[8:10] for move in moves] == ["03", "03", "02", "02"]


@pytest.mark.parametrize(
    ("path", "code", "said"),
    [
        ("/studies/NCT00000001", 200, '"nctId":"NCT00000001"'),
        ("/studies/nct1?fields=NCTId", 200, '{"protocolSection":{"identificationModule"'),
        ("/studies/NCT00000000", 400, "Parameter `nctId` has incorrect format"),
        ("/studies/NCT123456789", 400, "Parameter `nctId` has incorrect format"),
        ("/studies/NCT99999999", 404, "NCT number NCT99999999 not found"),
        ("/studies/NCT00000001?x=1", 400, "`x` is unknown parameter"),
        ("/stats/size?query.cond=x", 400, "Invalid prefix in parameter name: query.cond"),
        ("/studies/enums", 501, "The stand-in does not know the path /studies/enums"),
        ("/studies/metadata?includeIndexedOnly=true", 501, "the parameter includeIndexedOnly"),
        ("/nothing", 404, "<html>"),
    ],
)
def test_a_path_is_answered(path, code, said):
    """One study by its number, however written; what is wrong is said plainly."""
    with serving(a_registry()) as served:
        answer = ask(served, path)
    assert answer.status_code == code
    assert said in answer.text


def test_a_former_number_leads_to_the_study():
    """A number that is an alias is answered with 301 and the whole query kept."""
    with serving(a_registry(a_study(nct_id_aliases=["NCT00000007"]))) as served:
        answer = ask(served, "/studies/NCT00000007", fields="NCTId")
        followed = requests.get(f"{served.url}/studies/NCT00000007", timeout=5)
    place = "/api/v2/studies/NCT00000001?fields=NCTId"
    assert (answer.status_code, answer.headers["location"]) == (301, place)
    assert followed.url.endswith("/studies/NCT00000001")


def test_what_is_large_is_packed_for_who_can_read_it():
    """The tag says that a body was packed; a client that does not ask gets it plain."""
    with serving(a_registry(count=20)) as served:
        packed = ask(served, "/studies")
        plain = raw(served, "/studies")
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["etag"].endswith('-gzip"')
    assert packed.content == plain.partition(b"\r\n\r\n")[2]


def test_every_request_is_noted():
    """The log has each request's path, parameters and headers, in order."""
    with serving(a_registry()) as served:
        ask(served, "/version")
        ask(served, "/studies", query_cond="a b", pageSize=2)
    first, second = served.asked
    assert (first.number, first.path, second.number, second.path) == (
        *(1, "/version"),
        *(2, "/studies"),
    )
    assert second.query == {"query.cond": "a b", "pageSize": "2"}
    assert second.headers["user-agent"].startswith("python-requests")


def test_a_study_is_in_a_release_once():
    """A release that would serve a study twice is not made."""
    with pytest.raises(ValueError, match="not NCT00000001"):
        a_day("2026-03-02", a_study(), a_study())


def test_sizes_are_those_of_the_studies():
    """The statistics count every study and name the largest."""
    with serving(a_registry(*some(3), a_study(nct_id="NCT00000008", acronym="x" * 99))) as served:
        told = ask(served, "/stats/size").json()
    assert told["totalStudies"] == 4
    assert told["largestStudies"][0]["id"] == "NCT00000008"
    assert sum(step["studiesCount"] for step in told["ranges"]) == 4


def test_values_are_counted():
    """One answer has the whole registry's statuses, and how many studies have none."""
    made = [*some(3, overall_status="UNKNOWN"), a_study(nct_id="NCT00000008")]
    with serving(a_registry(*made)) as served:
        (told,) = ask(served, "/stats/field/values", fields="OverallStatus").json()
        refused = ask(served, "/stats/field/values", fields="OverallStatus,BriefTitle")
    assert told["topValues"] == [{"value": "UNKNOWN", "studiesCount": 3}]
    assert (told["missingStudiesCount"], told["uniqueValuesCount"]) == (1, 1)
    assert refused.status_code == 501


def test_the_fields_are_described():
    """The tree of fields has each piece where it stands in a study."""
    with serving(a_registry()) as served:
        told = ask(served, "/studies/metadata").json()
    (section,) = (node for node in told if node["name"] == "protocolSection")
    (module,) = (node for node in section["children"] if node["name"] == "statusModule")
    assert "OverallStatus" in {node["piece"] for node in module["children"]}
