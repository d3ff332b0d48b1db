"""`ctmonitor forecast`."""

from __future__ import annotations

import pytest

from tests.builders import a_study
from tests.cli.conftest import Terminal

TODAY = ("--today", "2026-03-02")


@pytest.fixture
def soon(terminal: Terminal) -> Terminal:
    """A store with a study that turns UNKNOWN in days, one in weeks, and one that says nothing."""
    open_study = {"overall_status": "RECRUITING", "primary_completion_date": "2029-01"}
    terminal.sweep(
        a_study(nct_id="NCT00000001", status_verified_date="2024-04", **open_study),
        a_study(nct_id="NCT00000002", status_verified_date="2024-03", **open_study),
        a_study(nct_id="NCT00000003"),
    )
    return terminal


def test_a_forecast_has_the_keys_of_the_contract_soonest_first(soon: Terminal) -> None:
    """The first to fall due comes first, with its reason."""
    found = soon.ask("forecast", *TODAY, "--rule", "unknown-due")
    assert [(one["nct_id"], one["due_on"]) for one in found] == [
        ("NCT00000002", "2026-03-31"),
        ("NCT00000001", "2026-04-30"),
    ]
    assert found[0]["days_left"] == 29
    assert found[0]["because"]["status_verified_date"] == "2024-03"


@pytest.mark.parametrize(
    "words, studies",
    [
        (["--days", "28"], set()),
        (["--days", "29"], {"NCT00000002"}),
        (["--nct", "NCT00000001"], {"NCT00000001"}),
        (["--watch", "mine"], {"NCT00000002"}),
        (["--watch", "mine", "--nct", "NCT00000001"], set()),
        (["--rule", "results-posted"], set()),
    ],
)
def test_a_forecast_narrows(soon: Terminal, words: list[str], studies: set[str]) -> None:
    """Days, numbers, watch lists and rules each leave out what does not fit."""
    soon("watch", "add", "mine", "--nct", "NCT00000002")
    if "--rule" not in words:
        words = [*words, "--rule", "unknown-due"]
    assert {one["nct_id"] for one in soon.ask("forecast", *TODAY, *words)} == studies


@pytest.mark.parametrize(
    "words",
    [["--days", "-1"], ["--days", "3661"], ["--rule", "nonsense"], ["--today", "0001-01-01"]],
)
def test_a_wrong_question_is_refused(soon: Terminal, words: list[str]) -> None:
    """A rule that is none does not look like a quiet future."""
    assert soon("forecast", *words).code == 2


def test_a_study_that_says_nothing_is_not_foretold(soon: Terminal) -> None:
    """Without dates nothing falls due, and nothing fails."""
    assert soon.ask("forecast", *TODAY, "--nct", "NCT00000003", "--days", "3660") == []


def test_a_forecast_is_counted_by_month(soon: Terminal) -> None:
    """How many studies fall due by which rule, month by month."""
    assert soon.ask("forecast", *TODAY, "--rule", "unknown-due", "--by-month") == [
        {"month": "2026-03", "rule": "unknown-due", "studies": 1},
        {"month": "2026-04", "rule": "unknown-due", "studies": 1},
    ]


def test_a_forecast_of_one_sponsor(terminal: Terminal) -> None:
    """Part of the name of a lead sponsor is enough, in any case."""
    soon = {"overall_status": "RECRUITING", "status_verified_date": "2024-04"}
    terminal.sweep(
        a_study(nct_id="NCT00000001", lead_sponsor="Example Vaccines", **soon),
        a_study(nct_id="NCT00000002", lead_sponsor="Another", **soon),
    )
    found = terminal.ask("forecast", *TODAY, "--rule", "unknown-due", "--sponsor", "vaccines")
    assert [(one["nct_id"], one["sponsor"]) for one in found] == [
        ("NCT00000001", "Example Vaccines")
    ]
    assert found[0]["probably"] is None and found[0]["prevented_by"]
