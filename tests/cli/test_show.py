"""`ctmonitor show`."""

from __future__ import annotations

import pytest

from tests.builders import a_study
from tests.cli.conftest import DAY_2, Terminal


def test_json_is_in_the_registrys_own_shape(terminal: Terminal) -> None:
    """What comes out is what went in, but for what moves with every release."""
    study = a_study(overall_status="RECRUITING", locations=[{"city": "Bonn"}], enrollment=12)
    terminal.sweep(study)
    assert terminal.ask("show", "NCT00000001") == study


@pytest.mark.parametrize(
    "words, status",
    [
        ([], "TERMINATED"),
        (["--as-of", "2026-03-01"], "RECRUITING"),
        (["--as-of", "2026-03-02"], "TERMINATED"),
        (["--as-of", "2026-03-01T12:00:00Z"], "RECRUITING"),
        (["--as-registered", "2026-02-27"], "RECRUITING"),
        (["--as-registered", "2026-02-28"], "TERMINATED"),
        (["--snapshot", "1"], "RECRUITING"),
        (["--snapshot", "2"], "TERMINATED"),
    ],
    ids=" ".join,
)
def test_the_past_is_shown_by_either_clock(told: Terminal, words: list[str], status: str) -> None:
    """What we knew on a day, what the registry said on a day, or a snapshot by its number."""
    content = told.ask("show", "NCT00000001", *words)
    assert content["protocolSection"]["statusModule"]["overallStatus"] == status


@pytest.mark.parametrize(
    "words",
    [
        ["NCT99999999"],
        ["NCT1"],
        ["NCT00000001", "--snapshot", "3"],
        ["NCT00000001", "--snapshot", "0"],
        ["NCT00000001", "--as-of", "2026-02-26"],
        ["NCT00000001", "--as-registered", "2026-02-19"],
        ["NCT00000001", "--as-of", "2026-03-01", "--snapshot", "1"],
    ],
    ids=" ".join,
)
def test_what_there_is_not_is_refused(told: Terminal, words: list[str]) -> None:
    """No other record is shown in the place of the one asked for."""
    said = told("show", *words)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)


def test_people_see_the_facts_on_a_line_each(terminal: Terminal) -> None:
    """A text with line ends and control characters stays one harmless line."""
    terminal.sweep(a_study(why_stopped="a\nb\x1b[2Jc\u202ed", **DAY_2))
    out = terminal("show", "NCT00000001").out
    [line] = [one for one in out.splitlines() if "Why Study Stopped" in one]
    assert line.split() == ["Why", "Study", "Stopped", "a", "b", "[2Jc", "d"]
