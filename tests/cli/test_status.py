"""`ctmonitor status`."""

from __future__ import annotations

from tests.cli.conftest import Terminal


def test_a_watch_that_goes_on_ends_with_nothing(told: Terminal) -> None:
    """One line a check, and all of them well."""
    said = told("status")
    assert (said.code, said.err) == (0, "")
    _, *lines = said.out.splitlines()
    assert [line.split()[0] for line in lines] == ["ok"] * 6


def test_what_needs_a_person_has_an_exit_code_of_its_own(terminal: Terminal) -> None:
    """Of a store that was never swept, the line about sweeps says so."""
    said = terminal("status")
    assert said.code == 8
    assert "failed  sweep         nothing is watched, and nothing was swept yet" in said.out


def test_how_often_to_sweep_is_set(told: Terminal) -> None:
    """In JSON the watch lists are named; an interval that is none is refused."""
    said = told("status", "--json", sweep_interval="1m")
    assert said.json["ok"] is (said.code == 0)
    assert [check["names"] for check in said.json["checks"]] == [[]] * 6
    for wrong in ("soon", "0h", "61d", "1.5h", "24"):
        assert told("status", sweep_interval=wrong).code == 3


def test_a_proof_is_found_again(told: Terminal) -> None:
    """`verify` leaves behind that it proved."""
    assert "never proved" in told("status").out
    assert told("verify").code == 0
    assert "what is kept was proved" in told("status").out
