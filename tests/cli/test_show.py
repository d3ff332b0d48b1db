"""`ctmonitor show`."""

from __future__ import annotations

import orjson
import pytest

from tests.builders import a_study
from tests.cli.conftest import DAY_2, Terminal
from tests.cli.mergers import merge
from tests.histories import a_version, an_entry


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
        ["NCT00000001", "--snapshot", "v1"],
        ["NCT00000001", "--snapshot", "last"],
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


NOT_YET = "NOT_YET_RECRUITING"
ENTRIES = (
    an_entry(0, "2025-01-10", NOT_YET),
    an_entry(1, "2025-06-10"),
    an_entry(2, "2025-08-01", "SUSPENDED", reviewNotPassed=True),
)
CONTENT = a_version(1, "2025-06-10", last_update_posted_date="2025-06-12", enrollment=20)


@pytest.fixture
def filled(told: Terminal) -> Terminal:
    """A terminal whose store also holds three older versions, of one the content."""
    listing = told.folder / "NCT00000001.json"
    listing.write_bytes(orjson.dumps({"changes": ENTRIES}))
    assert told("backfill", "--from", str(listing), told.file(CONTENT)).code == 0
    return told


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["--as-registered", "2025-06-12"], "RECRUITING"),
        (["--as-registered", "2025-12-31"], "RECRUITING"),
        (["--snapshot", "v1"], "RECRUITING"),
        (["--as-registered", "2026-02-28"], "TERMINATED"),
        ([], "TERMINATED"),
    ],
)
def test_versions_answer_for_the_time_before_we_looked(filled, words, status) -> None:
    """One history: by the registry's dates, a version before the first sight of ours."""
    content = filled.ask("show", "NCT00000001", *words)
    assert content["protocolSection"]["statusModule"]["overallStatus"] == status


def test_a_version_that_failed_quality_control_is_no_answer(filled: Terminal) -> None:
    """What it would have said was not public; that there was one is said."""
    said = filled("show", "NCT00000001", "--as-registered", "2025-08-02")
    assert said.out.startswith("NCT00000001 (version 1): ")
    assert "version 2 (2025-08-01) failed quality control; it is passed over" in said.err
    assert "version 2" not in filled("show", "NCT00000001", "--as-registered", "2025-07-31").err
    assert "was not public" in filled("show", "NCT00000001", "--snapshot", "v2").err


def test_of_a_version_that_was_only_listed_no_record_is_made_up(filled: Terminal) -> None:
    """What the listing says is given, with an exit code of its own and a sentence that says so."""
    said = filled("show", "NCT00000001", "--as-registered", "2025-02-01")
    assert said.code == 5
    assert "(version 0): only listed" in said.out and "NOT_YET_RECRUITING" in said.out
    assert "this is no record" in said.err
    plain = filled("show", "NCT00000001", "--as-registered", "2025-02-01", "--json")
    assert (plain.code, plain.json) == (5, a_study(brief_title=None, overall_status=NOT_YET))


def test_how_a_version_is_dated_is_said(filled: Terminal) -> None:
    """By its posting, or by its submission where that is not held."""
    assert "dated by" not in filled("show", "NCT00000001", "--snapshot", "v1").err
    listed = filled("show", "NCT00000001", "--snapshot", "v0").err
    assert "dated by its submission on 2025-01-10" in listed


def test_a_version_without_a_listing_is_not_known_to_be_public(terminal: Terminal) -> None:
    """It answers, and what is not known of it is said."""
    terminal("backfill", "--from", terminal.file(CONTENT))
    said = terminal("show", "NCT00000001", "--as-registered", "2025-07-01")
    assert said.code == 0 and "quality control is not known" in said.err


def test_a_study_that_was_only_back_filled_has_no_now(terminal: Terminal) -> None:
    """A version of the past is not shown as what the registry says today."""
    terminal("backfill", "--from", terminal.file(CONTENT))
    said = terminal("show", "NCT00000001")
    assert (said.code, said.out) == (2, "")
    assert "only its versions were back-filled" in said.err


def test_a_former_number_shows_the_study_it_became(told: Terminal) -> None:
    """The record that stands for both is shown, and that they were merged is said."""
    merge(told.folder / "store.db", "NCT00000002", "NCT00000001")
    said = told("show", "NCT00000002")
    assert said.out.startswith("NCT00000001 (snapshot 2): ")
    assert "NCT00000002 was merged into NCT00000001" in said.err
