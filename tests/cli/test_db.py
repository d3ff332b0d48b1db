"""`ctmonitor db`, and databases that cannot be used."""

from __future__ import annotations

import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ctmonitor.jobs.owner import me
from ctmonitor.store import open_unchecked
from ctmonitor.store.sweeps import begin
from tests.builders import a_study
from tests.cli.conftest import Terminal
from tests.store import at_0003

SECRET = "hunter2"
WRONG_URLS = [
    "nonsense",
    "sqlite",
    "sqlite://",
    "sqlite:///",
    "sqlite:///:memory:",
    "sqlite:relative.db",
    "sqlite://relative.db",
    f"mysql://u:{SECRET}@h/d",
    f"postgresql://u:{SECRET}@h:port/d",
    f"u:{SECRET}@h/d",
]


def test_an_upgraded_store_fits(terminal: Terminal) -> None:
    """`db check` says that the schema is this program's, `db upgrade` changes nothing."""
    assert terminal.ask("db", "upgrade")["was"] == terminal.ask("db", "check")["schema"]


def test_an_empty_database_is_made_ready(terminal: Terminal) -> None:
    """`db check` asks for the upgrade, which makes every folder and table."""
    url = f"sqlite:///{terminal.folder}/new/folder/store.db"
    assert terminal("db", "check", "--db", url).code == 3
    assert terminal("db", "upgrade", "--db", url).code == 0
    assert terminal("db", "check", "--db", url).code == 0


def _as_then(now: Any, then: Any) -> Any:
    """An answer without the keys that it did not have yet."""
    if isinstance(now, list):
        return [_as_then(*pair) for pair in zip(now, then, strict=True)]
    return {key: now[key] for key in then} if isinstance(now, dict) else now


def test_an_upgraded_history_says_what_it_said(terminal: Terminal, empty_url: str) -> None:
    """What commands print of a store is the same after the upgrade, to the letter."""
    url = empty_url.replace("store.db", "old.db")
    store = open_unchecked(url)
    at_0003.make(store)
    store.close()
    assert terminal("alerts", "--db", url).code == 6
    assert terminal.ask("db", "upgrade", "--db", url)["was"] == "0003"
    for asked, said in at_0003.answers():
        assert _as_then(terminal.ask(*asked, "--db", url), said) == said, asked
    assert terminal.ask("verify", "--db", url)["intact"]


def test_a_check_tells_the_size_and_what_takes_it(told: Terminal) -> None:
    """The whole always; tables, means and growth when they are asked for."""
    assert told.ask("db", "check").keys() == {"url", "schema", "was", "bytes"}
    found = told.ask("db", "check", "--sizes")
    sizes = found["sizes"]
    assert found["bytes"] == sizes["whole"] == (told.folder / "store.db").stat().st_size
    assert (sizes["studies"], sizes["versions"]) == (2, 2)
    assert {"name", "rows", "bytes", "index_bytes"} == sizes["tables"][0].keys()
    said = told("db", "check", "--sizes").out
    assert "a snapshot after the first: 2 later snapshots" in said
    assert "a study and year: 0.0 watched" in said


def test_a_deep_check_finds_what_is_damaged(told: Terminal) -> None:
    """Exit code 6, and what to do; a whole store is called whole."""
    assert told.ask("db", "check", "--deep")["faults"] == []
    assert "every page and index is whole" in told("db", "check", "--deep").out
    with sqlite3.connect(told.folder / "store.db") as connection:
        connection.execute("INSERT INTO marks (alert_id, act, by, at) VALUES (77, 'seen', 'a', 1)")
    connection.close()
    said = told("db", "check", "--deep", "--json")
    assert (said.code, len(said.json["faults"])) == (6, 1)
    assert "bring the store back from a backup" in said.err


def test_pruning_can_be_tried_first(told: Terminal) -> None:
    """The same counts, and nothing gone; then once for all, with a remark on the room."""
    told.sweep(a_study(), "no study at all", today="2026-03-02")
    words = ("db", "prune", "--older-than", "30", "--today", "2026-06-01")
    tried = told.ask(*words, "--dry-run")
    assert (tried["done"], tried["rejects"], tried["bytes"]) == (False, 1, 15)
    assert told(*words, "--dry-run").out == "1 reject's bytes would go: 15 bytes\n"
    said = told(*words)
    assert said.out == "1 reject's bytes let go: 15 bytes\n" and "db compact" in said.err
    assert told(*words).out == "Nothing is old enough to go\n"
    assert told.ask("verify")["intact"]


def test_a_year_is_left_alone(told: Terminal) -> None:
    """Unless it is told otherwise, what is younger than a year stays."""
    told.sweep(a_study(), "no study at all", today="2026-03-02")
    assert told.ask("db", "prune", "--today", "2027-03-02")["rejects"] == 0
    assert told.ask("db", "prune", "--today", "2027-03-03")["rejects"] == 1


def test_compacting_tells_what_was_gained(told: Terminal) -> None:
    """Bytes before and after, noted in the journal; nothing that is kept is lost."""
    told.sweep(a_study(), "no study " * 10_000, today="2026-03-02")
    told("db", "prune", "--today", "2027-03-03")
    rows = told.ask("verify")["rows"]
    found = told.ask("db", "compact")
    assert found["bytes_after"] < found["bytes_before"]
    assert " before, " in told("db", "compact").out
    # Two acts, and the proof that came before them.
    assert told.ask("verify")["rows"] == rows | {"journal": rows["journal"] + 3}


def test_a_store_in_use_is_not_compacted(told: Terminal) -> None:
    """While a look runs: exit code 6, and when to try again; one that died is no hindrance."""
    store = open_unchecked(f"sqlite:///{told.folder / 'store.db'}")
    now = datetime.now(UTC)
    with store.writing() as tx:
        begin(tx, "a scope", "a source", today=now.date(), owner="elsewhere:1:", now=now)
    said = told("db", "compact")
    assert (said.code, said.out) == (6, "") and "sweep 3 is running" in said.err
    with store.writing() as tx:
        begin(tx, "other", "a source", today=now.date(), owner=me(), now=now - timedelta(days=1))
        tx.connection.execute(sa.text("UPDATE sweeps SET state = 'failed' WHERE id = 3"))
    store.close()
    assert told("db", "compact").code == 0


def test_another_programs_schema_is_refused(terminal: Terminal) -> None:
    """A newer schema and foreign tables end with 6."""
    with sqlite3.connect(terminal.folder / "store.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with sqlite3.connect(terminal.folder / "other.db") as connection:
        connection.execute("CREATE TABLE cats (name)")
    connection.close()
    assert "is newer" in terminal("alerts").err
    assert terminal("db", "check").code == 6
    assert terminal("alerts", "--db", f"sqlite:///{terminal.folder}/other.db").code == 6


@pytest.mark.parametrize("url", WRONG_URLS)
@pytest.mark.parametrize("words", [["alerts"], ["db", "check"], ["db", "upgrade"]], ids=" ".join)
def test_a_wrong_url_is_a_wrong_setting(terminal: Terminal, words: list[str], url: str) -> None:
    """By option or by setting: one sentence that mends it, and no password in it."""
    by_option = terminal(*words, "--db", url)
    by_setting = terminal(*words, database_url=url)
    assert (by_option.code, by_option.out, by_option.err.count("\n")) == (3, "", 1)
    assert by_option.err == by_setting.err
    assert "give sqlite:///" in by_option.err
    assert SECRET not in by_option.err


def test_an_empty_option_is_not_the_usual_store(terminal: Terminal) -> None:
    """A variable that a script forgot to set must not lead to another store."""
    assert terminal("alerts", "--db", "").code == 2


@pytest.mark.parametrize("name", ["folder", "text.db", "text.db/store.db"])
def test_a_file_that_is_no_database_is_refused(terminal: Terminal, name: str) -> None:
    """A folder, a text and a path through a file end with 6, and are left as they were."""
    (terminal.folder / "folder").mkdir()
    text = terminal.folder / "text.db"
    text.write_text("This is a letter to somebody. " * 100)
    said = terminal("sweep", terminal.file("{}"), "--db", f"sqlite:///{terminal.folder / name}")
    assert (said.code, said.out, said.err.count("\n")) == (6, "", 1)
    assert "; " in said.err
    assert text.read_text() == "This is a letter to somebody. " * 100


@pytest.mark.parametrize("option", ["", f"?password={SECRET}", f"?nonsense={SECRET}"])
def test_a_server_that_is_not_there_is_the_stores_fault(terminal: Terminal, option: str) -> None:
    """Exit code 6, and no password in the sentence."""
    pytest.importorskip("psycopg")
    said = terminal("alerts", "--db", f"postgresql://u:{SECRET}@127.0.0.1:1/d{option}")
    assert (said.code, said.err.count("\n")) == (6, 1)
    assert SECRET not in said.err


def test_a_missing_driver_is_named(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra, PostgreSQL is a wrong setting that says what to install."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    said = terminal("alerts", "--db", "postgresql://u@h/d")
    assert said.code == 3
    assert "ctmonitor[postgres]" in said.err


def test_a_home_folder_is_found(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """`~` is the user's home, and no folder of that name."""
    monkeypatch.setenv("HOME", str(terminal.folder))
    assert terminal("alerts", "--db", "sqlite:///~/kept/store.db").code == 0
    assert Path(terminal.folder / "kept" / "store.db").is_file()


def test_a_store_that_was_deleted_is_begun_anew(terminal: Terminal) -> None:
    """Between two commands a file may go; the next one does not fail."""
    (terminal.folder / "store.db").unlink()
    assert terminal.ask("alerts") == []
