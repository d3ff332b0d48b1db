"""A sweep's report as a page."""

from __future__ import annotations

from dataclasses import replace

from ctmonitor.alerts import Alert, Severity
from ctmonitor.jobs.sweep import Report
from ctmonitor.store.alerts import Raised
from ctmonitor.store.sweeps import Counts
from flows.report import count_of, page_of, rows_of, summary_of

WHOLE = Report(
    sweep=7,
    source="incoming",
    data_timestamp="2026-03-02",
    expected=1_200,
    counts=Counts(received=1_200, new=3, changed=5, unchanged=1_192, changes=9, alerts=2),
    gaps=(),
    seconds=1.25,
)
PART = replace(WHOLE, gaps=("b.zip: it is cut short",))


def raised(number: int, headline: str) -> Raised:
    """An alert as the store gives it."""
    alert = Alert("stopped", "NCT00000001", headline, Severity.CRITICAL, basis=str(number))
    return Raised(number, alert, "2026-03-02T09:00:00Z", 7, None)


def test_the_page_gives_the_counts():
    """The numbers of the report stand in its table."""
    page = page_of(WHOLE)
    assert "**Complete.**" in page and "| received | 1,200 |" in page
    assert "9 changes kept, 2 alerts raised, in 1.2 s. Data of 2026-03-02." in page


def test_a_partial_look_says_what_is_missing():
    """Nobody can take a part for the whole, on the page or in the list of runs."""
    assert "**Partial:**" in page_of(PART) and "- `b.zip: it is cut short`" in page_of(PART)
    assert summary_of(PART).endswith("not everything was read: b.zip: it is cut short")


def test_text_from_outside_is_no_markup():
    """A file's name and an alert's headline stand in code; they cannot end it."""
    page = page_of(replace(WHOLE, source="a`\n# [b](http://c)"))
    assert page.splitlines()[0] == "# Sweep 7 of `a' # [b](http://c)`"
    assert rows_of([raised(1, "`<b>` [x](y)")])[0]["headline"] == "`'<b>' [x](y)`"


def test_the_table_is_never_too_long_for_a_page():
    """Two hundred rows are shown, and how many there were is said."""
    many = [raised(number, "Now SUSPENDED") for number in range(201)]
    assert [row["alert"] for row in rows_of(many)] == list(range(200))
    assert count_of(many, WHOLE) == "200 of the 201 alerts of sweep 7"
