"""The bulk download of the stand-in."""

import io
import zipfile

import orjson
import pytest
import requests

from tests.registry import On, faults, serving
from tests.registry.asking import a_registry, ask

PATH = "/studies/download"


def fetch(served, **headers):
    """The download, asked for with these headers; `_` in a name is a hyphen."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.get(f"{served.url}{PATH}?format=json.zip", headers=named, timeout=5)


def test_the_archive_has_each_study():
    """One member a study, in folders by number, each with what its own address gives."""
    with serving(a_registry()) as served:
        answer = fetch(served)
        alone = ask(served, "/studies/NCT00000002").json()
    assert answer.headers["content-type"] == "application/zip"
    assert "ctg-studies.json.zip" in answer.headers["content-disposition"]
    assert int(answer.headers["content-length"]) == len(answer.content)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert len(archive.namelist()) == 5
        assert orjson.loads(archive.read("NCT000000/NCT00000002.json")) == alone


def test_a_part_of_it():
    """A range gives the bytes from there on, and says of how many."""
    with serving(a_registry()) as served:
        whole, part = fetch(served), fetch(served, Range="bytes=100-")
    assert (part.status_code, part.content) == (206, whole.content[100:])
    size = len(whole.content)
    assert part.headers["content-range"] == f"bytes 100-{size - 1}/{size}"
    assert part.headers["etag"] == whole.headers["etag"]


def test_a_part_of_another_file_is_not_given():
    """With If-Range the whole comes once the file is another one, also by its date."""
    with serving(a_registry(), On(faults.refreshed(), nth=3)) as served:
        first = fetch(served).headers
        codes = [
            fetch(served, Range="bytes=9-", If_Range=first[name]).status_code
            for name in ("etag", "etag", "last-modified")
        ]
    assert codes == [206, 200, 200]


def test_a_range_behind_the_end():
    """416, with the size."""
    with serving(a_registry()) as served:
        answer = fetch(served, Range="bytes=9999999-")
    assert answer.status_code == 416
    assert answer.headers["content-range"].startswith("bytes */")


def test_the_same_again():
    """304 to whoever has this one already."""
    with serving(a_registry()) as served:
        tag = fetch(served).headers["etag"]
        assert fetch(served, If_None_Match=tag).status_code == 304
        served.registry.advance()
        assert fetch(served, If_None_Match=tag).status_code == 200


@pytest.mark.parametrize(
    ("query", "code"), [({"query_cond": "x", "format": "json.zip"}, 400), ({"format": "csv"}, 501)]
)
def test_no_other_download(query, code):
    """There are no queries here, and other formats are not copied."""
    with serving(a_registry()) as served:
        assert ask(served, PATH, **query).status_code == code


def test_ranges_that_fail():
    """All of it instead of a part; a part of whatever is there; and nothing to know it by."""
    tale = [faults.rangeless(), faults.careless_range(), faults.unlabeled("Last-Modified")]
    with serving(
        a_registry(), *(On(one, nth=place) for place, one in enumerate(tale, 1))
    ) as served:
        said = [fetch(served, Range="bytes=9-", If_Range='"other"') for _ in range(2)]
        bare = fetch(served).headers
    assert [one.status_code for one in said] == [200, 206]
    assert ("etag" in bare, "last-modified" in bare) == (False, True)


def test_what_leaves_is_counted():
    """The bytes that each answer sent, with its head."""
    with serving(a_registry(), On(faults.cut(50), nth=2)) as served:
        body = fetch(served).content
        with pytest.raises(requests.RequestException):
            fetch(served)
    (_, whole), (path, cut) = served.sent
    assert path == PATH
    assert len(body) < whole < len(body) + 500
    assert 50 < cut < 550
