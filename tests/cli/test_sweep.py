"""`ctmonitor sweep`."""

from __future__ import annotations

import io
import sys

import orjson
import pytest

from tests.builders import a_study
from tests.cli.conftest import Terminal

KEYS = {
    *("sweep", "source", "data_timestamp", "complete", "expected", "received", "new"),
    *("changed", "unchanged", "missing", "rejected", "changes", "alerts", "seconds"),
}


def test_the_report_has_the_keys_of_the_contract(terminal: Terminal) -> None:
    """One object says what the look came to."""
    report = terminal.sweep(a_study(data_date="2026-03-01"), "not a record")
    assert report.keys() >= KEYS
    assert (report["new"], report["rejected"], report["received"]) == (1, 1, 2)
    assert report["data_timestamp"] == "2026-03-01"


def test_sweeping_again_finds_nothing_new(terminal: Terminal) -> None:
    """The same file changes nothing the second time."""
    file = terminal.file(a_study(), a_study(nct_id="NCT00000002"))
    terminal("sweep", file)
    report = terminal.ask("sweep", file)
    assert (report["new"], report["unchanged"], report["changes"]) == (0, 2, 0)


def test_standard_input_is_a_source(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` reads NDJSON that is piped in."""
    piped = io.TextIOWrapper(io.BytesIO(orjson.dumps(a_study())))
    monkeypatch.setattr(sys, "stdin", piped)
    assert terminal.ask("sweep", "-")["new"] == 1


def test_a_closed_standard_input_does_no_harm(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files are swept without one; `-` says that nothing came."""
    monkeypatch.setattr(sys, "stdin", None)
    assert terminal("sweep", terminal.file(a_study())).code == 0
    assert terminal("sweep", "-").code == 4


def test_a_watch_list_narrows_and_names_what_is_absent(terminal: Terminal) -> None:
    """Only watched studies are kept; a watched one that the source lacks makes it partial."""
    terminal("watch", "add", "mine", "--nct", "NCT00000001", "NCT00000003")
    file = terminal.file(a_study(), a_study(nct_id="NCT00000002"))
    said = terminal("sweep", file, "--watch", "mine", "--json")
    assert said.code == 5
    assert (said.json["new"], said.json["complete"]) == (1, False)
    assert "NCT00000003" in said.err


def test_what_is_owed_is_sent_at_once_unless_forbidden(told: Terminal) -> None:
    """A sweep ends with the mails; `--no-dispatch` keeps them for later."""
    mails = told.folder / "mails"
    told("watch", "add", "all", "--all")
    told("subscribe", "add", f"file:{mails}", "--watch", "all")
    newest = told.file(a_study(overall_status="COMPLETED", data_date="2026-03-05"))
    told("sweep", newest, "--today", "2026-03-05", "--no-dispatch")
    assert not mails.exists()
    told("sweep", newest, "--today", "2026-03-05")
    assert len(list(mails.iterdir())) == 1


def test_a_wrong_way_out_is_refused_before_the_work(terminal: Terminal) -> None:
    """Who set the mail server wrongly learns it at once, and nothing is swept."""
    said = terminal("sweep", terminal.file(a_study()), smtp_url="mail.example")
    assert said.code == 3
    assert terminal.ask("sweeps") == []


@pytest.mark.parametrize(
    "words, code",
    [
        (["/nonexistent"], 4),
        ([""], 2),
        (["-", "-"], 2),
        ([], 4),
        (["ctgov"], 4),
        (["ctgov", "x"], 2),
        (["x", "--way", "full"], 2),
        (["--way", "nothing-new"], 2),
        (["x", "--watch", "nonsense"], 2),
        (["x", "--today", "2026-02-30"], 2),
        (["x", "--today", "0001-01-01"], 2),
    ],
    ids=str,
)
def test_a_wrong_source_is_refused(terminal: Terminal, words: list[str], code: int) -> None:
    """One sentence, and the exit code of its kind."""
    said = terminal("sweep", *words, ctgov_url="http://127.0.0.1:9/api/v2", ctgov_tries="1")
    assert (said.code, said.out, said.err.count("\n")) == (code, "", 1)
