"""A page is split alike, however it is written."""

from __future__ import annotations

import orjson
import pytest

from ctmonitor.sources.answers import page_in
from ctmonitor.sources.bodies import Unfit
from ctmonitor.sources.client import Answer
from tests.builders import a_payload

STUDIES = tuple(a_payload(nct_id=f"NCT0000000{number}", brief_title="Ä\n]}") for number in (1, 2))
A_LINE_EACH = b'{"totalCount":2,"studies":[\n  %s,\n  %s\n],"nextPageToken":"x"}' % STUDIES


def page(body: bytes):
    return page_in(Answer(200, body, "application/json", None, "/studies"))


def indented() -> bytes:
    return orjson.dumps(orjson.loads(A_LINE_EACH), option=orjson.OPT_INDENT_2)


@pytest.mark.parametrize(
    "body", [A_LINE_EACH, A_LINE_EACH.replace(b"\n", b""), indented()], ids=["a", "b", "c"]
)
def test_a_page_is_its_studies(body):
    """With a study a line, all on one line, or indented: the same studies, count and token."""
    found = page(body)
    assert [orjson.loads(one) for one in found.studies] == list(map(orjson.loads, STUDIES))
    assert (found.total, found.token) == (2, "x")


def test_a_study_a_line_keeps_its_bytes():
    """What is handed on is exactly what stood on the line."""
    assert page(A_LINE_EACH).studies == STUDIES


@pytest.mark.parametrize("count", [1, 3, 300, len(A_LINE_EACH) - 30])
def test_a_page_broken_off_is_unfit(count):
    """A page that ends too early is no page, wherever it ends."""
    with pytest.raises(Unfit):
        page(A_LINE_EACH[:-count])


def test_a_damaged_line_is_one_study():
    """Its neighbours are handed on; whoever reads it says what is wrong with it."""
    damaged = STUDIES[0][:50] + b'"' + STUDIES[0][51:]
    assert page(A_LINE_EACH.replace(STUDIES[0], damaged)).studies == (damaged, STUDIES[1])
