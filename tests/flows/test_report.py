"""A sweep's report as a page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ctmonitor.alerts import Alert, Severity
from ctmonitor.jobs.sweep import Report
from ctmonitor.store.alerts import Raised
from ctmonitor.store.sweeps import Counts
from flows.report import count_of, name_of, page_of, rows_of, summary_of

WHOLE = Report(
    sweep=7,
    source="incoming",
    data_timestamp="2026-03-02",
    expected=1_200,
    counts=Counts(received=1_200, new=3, changed=5, unchanged=1_192, changes=9, alerts=2),
    gaps=(),
    seconds=1.25,
)
LOOK = replace(
    WHOLE,
    source="ctgov",
    way="status",
    certificate={
        "way": "status",
        "why": "more than 1,000 studies",
        "scope": "all watched studies",
        "requests": 16,
        "goes_on_from": [6],
    },
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


def test_a_look_at_the_registry_shows_its_certificate():
    """Way, reason, scope and the figures of the certificate stand on the page."""
    page = page_of(LOOK)
    assert page.startswith("# Sweep 7 of `all watched studies`\n")
    assert "Way: **status**, `more than 1,000 studies`." in page
    assert "| expected | 1,200 |" in page and "| requests | 16 |" in page
    assert "| goes on from | `[6]` |" in page


def test_a_held_look_names_the_commands_that_settle_it():
    """Whoever sees the state of the run can type what comes next."""
    held = replace(LOOK, state="held", held=("3 studies received, 0.1 % of 2,400",))
    assert name_of(held) == "Held" and page_of(held).count("ctmonitor sweeps ") == 2
    assert summary_of(held).endswith(
        "held: 3 studies received, 0.1 % of 2,400. `ctmonitor sweeps release 7 --reason ...` "
        "raises its alerts, `ctmonitor sweeps absorb 7 --reason ...` forgets them"
    )


@pytest.mark.parametrize(
    ("state", "way", "name", "said"),
    [
        ("finished", "nothing-new", "Completed", "Sweep 7: nothing new, still the release"),
        ("stale", "stale", "Stale", "Sweep 7: nothing read, still the release"),
    ],
)
def test_a_look_that_read_nothing_says_why(state, way, name, said):
    """Nothing new, and nothing to be trusted, are not the same."""
    idle = replace(LOOK, state=state, way=way, certificate={"why": "still the release"})
    assert (name_of(idle), summary_of(idle)) == (name, said)


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
