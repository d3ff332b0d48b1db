"""The stand-in's answers against the registry's OpenAPI document."""

import pytest

from tests.registry import a_release, serving
from tests.registry.answers import API_VERSION
from tests.registry.asking import a_registry, ask, crawl
from tests.registry.contract import DOCUMENT, breaches, document, schema
from tests.registry.pages import PARAMETERS
from tests.registry.queries import STATUSES
from tests.registry.releases import Registry
from tests.speed.made_registry import studies

needs_document = pytest.mark.skipif(not DOCUMENT.exists(), reason="no OpenAPI document here")


@pytest.fixture(scope="module")
def served():
    registry = Registry(a_release("2026-03-02", studies(60)))
    with serving(registry) as running:
        yield running


@pytest.mark.parametrize(
    ("path", "name"),
    [("/version", "Version"), ("/stats/size", "GzipStats"), ("/studies/NCT00010000", "Study")],
)
def test_an_answer_keeps_its_schema(path, name):
    """Each endpoint's JSON is what the document says."""
    (study,) = studies(1)
    study["protocolSection"]["identificationModule"]["nctId"] = "NCT00010000"
    with serving(Registry(a_release("2026-03-02", [study]))) as served:
        answer = ask(served, path)
    assert answer.headers["content-type"] == "application/json"
    assert list(breaches(answer.json(), schema(name))) == []


@pytest.mark.parametrize("fields", [None, "NCTId,OverallStatus|LocationCity", "protocolSection"])
def test_every_page_keeps_its_schema(served, fields):
    """Pages, whole or in part, have nothing that the document does not name."""
    pages = crawl(served, pageSize=25, fields=fields)
    assert len(pages) == 3
    assert [list(breaches(page, schema("PagedStudies"))) for page in pages] == [[], [], []]


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ({}, "$ lacks studies"),
        ({"studies": {}}, "$.studies is dict, not array"),
        ({"studies": [], "totalCount": True}, "$.totalCount is bool, not integer"),
        ({"studies": [], "next": "x"}, "$ has next"),
    ],
)
def test_a_breach_is_found(page, said):
    """The checker names the place where an answer breaks the contract."""
    assert list(breaches(page, schema("PagedStudies"))) == [said]


@needs_document
@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/stats/field/values?fields=OverallStatus,Phase", "EnumStats"),
        ("/studies/metadata", "FieldNode"),
    ],
)
def test_a_list_keeps_its_schema(served, path, name):
    """Counts and descriptions have nothing that the document does not name."""
    told = ask(served, path).json()
    assert len(told) in (2, 6)
    assert [list(breaches(one, schema(name))) for one in told] == [[]] * len(told)


@needs_document
def test_every_parameter_of_the_document_is_known():
    """A list may be asked for with each parameter the document has, and with no other."""
    described = document()["paths"]["/studies"]["get"]["parameters"]
    assert sorted(PARAMETERS) == sorted(parameter["name"] for parameter in described)


@needs_document
def test_words_and_version_are_the_documents():
    """The statuses and the API's version are those of the document."""
    assert list(STATUSES) == schema("Status")["enum"]
    assert document()["info"]["version"] == API_VERSION


@needs_document
@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("/studies", "/studies?sort=BriefTitle"),
        ("/studies/{nctId}", "/studies/x"),
        ("/studies/{nctId}", "/studies/NCT09999999"),
        ("/studies/{nctId}", "/studies/NCT00000007"),
        ("/version", "/version?x=1"),
    ],
)
def test_a_refusal_is_one_the_document_has(template, path):
    """Codes other than 200 are described, too; refusals are plain text."""
    registry = a_registry(*studies_with_alias())
    with serving(registry) as served:
        answer = ask(served, path)
    described = document()["paths"][template]["get"]["responses"][str(answer.status_code)]
    kinds = list(described["content"])
    assert kinds == ([] if answer.status_code == 301 else ["text/plain"])
    assert answer.headers.get("content-type", "").partition(";")[0] == "".join(kinds)


def studies_with_alias():
    (study,) = studies(1)
    study["protocolSection"]["identificationModule"]["nctIdAliases"] = ["NCT00000007"]
    return [study]
