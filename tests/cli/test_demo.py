"""`ctmonitor demo`."""

from __future__ import annotations

from tests.cli.conftest import Terminal


def test_the_demo_tells_the_whole_chain(terminal: Terminal) -> None:
    """Changes, alerts, what is to come, a mail, and what to ask next; twice in one folder."""
    for _ in range(2):
        said = terminal("demo", "--folder", str(terminal.folder / "demo"))
        assert said.code == 0
        assert "Alerts:" in said.out
        assert "What is about to happen:" in said.out
        assert "Subject:" in said.out


def test_the_demo_harms_no_store(told: Terminal) -> None:
    """A folder with anything else in it is refused: its store would be overwritten."""
    store = told.folder / "ctmonitor.db"
    store.write_text("years of work")
    said = told("demo", "--folder", str(told.folder))
    assert said.code == 2
    assert store.read_text() == "years of work"


def test_a_folder_that_cannot_be_made_is_refused(terminal: Terminal) -> None:
    """One sentence says which."""
    said = terminal("demo", "--folder", "/proc/nonexistent/demo")
    assert (said.code, said.err.count("\n")) == (2, 1)
