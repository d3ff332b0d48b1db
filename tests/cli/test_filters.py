"""The filters that `alerts` and `changes` share: each narrows, and none is ignored."""

from __future__ import annotations

import pytest

from tests.builders import a_study
from tests.cli.conftest import Terminal

ONE, TWO = "NCT00000001", "NCT00000002"
FILTERS = [
    (["--nct", ONE], {ONE}),
    (["--nct", "nct00000001", "--nct", TWO], {ONE, TWO}),
    (["--sponsor", "acme"], {ONE}),
    (["--sponsor", "100%"], set()),
    (["--status", "Terminated"], {ONE}),
    (["--status", "COMPLETED"], set()),
    (["--made-by", "sponsor"], {ONE, TWO}),
    (["--made-by", "registry"], set()),
    (["--since", "2026-03-02"], {ONE, TWO}),
    (["--since", "2026-03-03"], set()),
    (["--until", "2026-03-02"], {ONE, TWO}),
    (["--until", "2026-03-01"], set()),
    (["--since", "2026-03-02T00:00:00Z", "--until", "2026-03-02T23:59:59+00:00"], {ONE, TWO}),
    (["--since", "2026-03-05", "--until", "2026-03-01"], set()),
    (["--field", "overall_status"], {ONE}),
    (["--field", "overallStatus"], {ONE}),
    (["--field", "protocolSection.statusModule.overallStatus"], {ONE}),
    (["--field", "primaryCompletionDateStruct"], {TWO}),
    (["--field", "protocolSection.statusModule"], {ONE, TWO}),
    (["--field", "overall_status", "--field", "primary_completion_date"], {ONE, TWO}),
    (["--module", "statusModule"], {ONE, TWO}),
    (["--module", "status", "--field", "overall_status"], {ONE}),
    (["--module", "eligibilityModule"], set()),
    (["--rule", "stopped"], {ONE}),
    (["--rule", "stopped", "--rule", "primary-completion-slipped"], {ONE, TWO}),
    (["--rule", "results-posted"], set()),
    (["--watch", "first"], {ONE}),
    (["--watch", "first", "--nct", TWO], set()),
    (["--watch", "everything"], {ONE, TWO}),
]
WRONG = [
    ["--nct", "NCT1"],
    ["--since", "yesterday"],
    ["--since", "2026-02-30"],
    ["--since", "2026-03"],
    ["--since", "0001-01-01"],
    ["--until", "2026-03-02T25:00"],
    ["--limit", "0"],
    ["--limit", "99999999999999999999"],
    ["--limit", "many"],
    ["--status", "FROZEN"],
    ["--rule", "nonsense"],
    ["--module", "nonsense"],
    ["--field", "nonsense"],
    ["--field", "locations", "--module", "statusModule"],
    ["--watch", "nonsense"],
    ["--made-by", "nobody"],
    ["--sponsor", "\udcff"],
]


def _name(value: list[str] | set[str]) -> str:
    return " ".join(value if isinstance(value, list) else sorted(value))


@pytest.mark.parametrize("command", ["alerts", "changes"])
@pytest.mark.parametrize("words, studies", FILTERS, ids=_name)
def test_a_filter_narrows(
    told: Terminal, command: str, words: list[str], studies: set[str]
) -> None:
    """Both commands give the rows that fit, and no others."""
    told("watch", "add", "first", "--nct", ONE)
    told("watch", "add", "everything", "--all")
    assert {one["nct_id"] for one in told.ask(command, *words)} == studies


@pytest.mark.parametrize("command", ["alerts", "changes"])
@pytest.mark.parametrize("words", WRONG, ids=ascii)
def test_a_wrong_filter_is_refused(told: Terminal, command: str, words: list[str]) -> None:
    """What cannot be asked ends with 2 and one sentence."""
    said = told(command, *words)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("ctmonitor")
    assert said.err.count("\n") == 1


def test_a_name_of_a_list_stands_for_all_below_it(told: Terminal) -> None:
    """`--field locations` finds a change of one site's status."""
    [change] = told.ask("changes", "--field", "locations")
    assert change["field"] == "locations.status"
    assert "North Hospital" in change["item"]


def test_a_limit_keeps_the_latest(told: Terminal) -> None:
    """`--limit` cuts off the older rows, whatever else narrows."""
    rows = told.ask("changes")
    assert told.ask("changes", "--limit", "2") == rows[:2]
    assert [one["nct_id"] for one in told.ask("alerts", "--limit", "1", "--field", "overallStatus")]
    assert len(told.ask("changes", "--limit", "1", "--rule", "stopped")) == 1


def test_a_day_is_a_day_of_the_zone(told: Terminal) -> None:
    """A day begins and ends by the clocks of `CTMONITOR_ZONE`."""
    [alert] = told.ask("alerts", "--rule", "stopped")
    is_morning = int(alert["raised_at"][11:13]) < 12
    # Twelve hours west of Greenwich, the first of March ends at noon of the second.
    still_the_first = told.ask("alerts", "--until", "2026-03-01", zone="Etc/GMT+12")
    assert bool(still_the_first) is is_morning


def test_a_field_that_no_catalogue_knows_can_be_asked_for(terminal: Terminal) -> None:
    """What a later release adds is compared, kept and found."""
    terminal.sweep(a_study() | {"newSection": {"mood": "good"}})
    terminal.sweep(a_study() | {"newSection": {"mood": "bad"}})
    [field] = {one["field"] for one in terminal.ask("changes")}
    assert terminal.ask("changes", "--field", field)[0]["after"] == "bad"


def test_a_watch_list_may_be_longer_than_a_database_takes_parameters(told: Terminal) -> None:
    """40,000 watched numbers narrow as two do."""
    numbers = told.folder / "numbers.txt"
    numbers.write_text("\n".join(f"NCT{number:08d}" for number in range(2, 40_002)))
    assert told("watch", "add", "long", "--from", str(numbers)).code == 0
    assert {one["nct_id"] for one in told.ask("alerts", "--watch", "long")} == {TWO}
    assert {one["nct_id"] for one in told.ask("changes", "--watch", "long")} == {TWO}
