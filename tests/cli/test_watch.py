"""`ctmonitor watch`."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Terminal


def test_a_list_is_made_grown_shown_and_removed(terminal: Terminal) -> None:
    """A list holds the numbers it was given, each once."""
    terminal("watch", "add", "mine", "--nct", "NCT00000001", "nct00000002")
    made = terminal.ask("watch", "add", "mine", "--nct", "NCT00000002", "NCT00000003")
    assert made == {"name": "mine", "all": False, "studies": 3}
    terminal("watch", "remove", "mine", "--nct", "NCT00000001")
    shown = terminal.ask("watch", "show", "mine")
    assert [one["nct_id"] for one in shown["studies"]] == ["NCT00000002", "NCT00000003"]
    assert terminal("watch", "remove", "mine").code == 0
    assert terminal.ask("watch", "list") == []


def test_numbers_come_from_a_file_in_any_shape(terminal: Terminal) -> None:
    """Lines, commas, quotes and a byte-order mark are all read."""
    path = terminal.folder / "numbers.csv"
    path.write_text('\ufeff"NCT00000001",NCT00000002\r\nnct00000003;\n', encoding="utf-8")
    assert terminal.ask("watch", "add", "mine", "--from", str(path))["studies"] == 3


def test_a_name_may_be_of_any_letters(terminal: Terminal) -> None:
    """Spaces, quotes and other alphabets make a name."""
    name = "Größe 'β'; DROP TABLE members --"
    terminal("watch", "add", name, "--all")
    assert terminal.ask("watch", "list") == [{"name": name, "all": True, "studies": 0}]


@pytest.mark.parametrize(
    "words",
    [
        ["add", "mine"],
        ["add", "mine", "--all", "--nct", "NCT00000001"],
        ["add", "mine", "--nct", "NCT1"],
        ["add", "mine", "--from", "/nonexistent"],
        ["add", "mine", "--from", "/"],
        ["add", " ", "--all"],
        ["add", "a\x1b[31m", "--all"],
        ["add", "a\udcff", "--all"],
        ["show", "nonsense"],
        ["remove", "nonsense"],
        ["nonsense"],
        [],
    ],
    ids=ascii,
)
def test_a_wrong_wish_is_refused(terminal: Terminal, words: list[str]) -> None:
    """Nothing is made of what cannot be."""
    said = terminal("watch", *words)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert terminal.ask("watch", "list") == []


def test_a_file_with_one_wrong_number_adds_none(terminal: Terminal) -> None:
    """A list is never half what a file says."""
    path = terminal.folder / "numbers.txt"
    path.write_text("NCT00000001\nNCT0000002\n")
    said = terminal("watch", "add", "mine", "--from", str(path))
    assert said.code == 2
    assert "'NCT0000002'" in said.err
    assert terminal.ask("watch", "list") == []


def test_a_list_of_everything_is_no_list_of_numbers(terminal: Terminal) -> None:
    """What a list is, it stays."""
    terminal("watch", "add", "all", "--all")
    assert terminal("watch", "add", "all", "--nct", "NCT00000001").code == 2
