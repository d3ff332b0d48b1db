"""The command line as a whole: its commands, its help, its options."""

from __future__ import annotations

import argparse
import re
import shlex

import pytest

from ctmonitor import __version__
from ctmonitor.cli.parser import COMMANDS, parse
from tests.cli.conftest import Terminal

ACTS = {
    "alerts": ("explain",),
    "watch": ("add", "list", "show", "remove"),
    "subscribe": ("add", "list", "remove", "mute"),
}
LINES = [[name] for name in COMMANDS] + [[name, act] for name in ACTS for act in ACTS[name]]
CONTRACT = {
    *("sweep", "due", "dispatch", "watch", "subscribe", "alerts", "changes", "history", "show"),
    *("diff", "forecast", "sweeps", "rejects", "mark", "rules", "verify", "db", "demo", "settings"),
    *("status", "web"),
}


def test_every_command_of_the_contract_is_there() -> None:
    """Programs call them by these names."""
    assert COMMANDS.keys() >= CONTRACT


@pytest.mark.parametrize("words", LINES, ids=" ".join)
def test_help_ends_with_an_example_that_parses(terminal: Terminal, words: list[str]) -> None:
    """What help shows can be typed."""
    said = terminal(*words, "--help")
    assert said.code == 0
    *_, example = said.out.split("example: ")
    command = shlex.split(re.sub(r"^.*?ctmonitor ", "", " ".join(example.split())))
    module, args = parse(command)
    assert module is COMMANDS[words[0]]
    assert isinstance(args, argparse.Namespace)


def test_the_help_of_all_names_every_command(terminal: Terminal) -> None:
    """Each with what it does, and an example at the end."""
    said = terminal("--help")
    assert said.code == 0
    assert all(re.search(rf"\n    {name}\s", said.out) for name in COMMANDS)
    assert said.out.splitlines()[-1].startswith("example: ctmonitor ")


def test_the_version_is_told(terminal: Terminal) -> None:
    """`--version` gives the package's."""
    assert terminal("--version").out == f"ctmonitor {__version__}\n"


@pytest.mark.parametrize(
    "words",
    [
        ["--db", "{}", "watch", "list", "--json"],
        ["watch", "--db", "{}", "list", "--json"],
        ["watch", "list", "--db", "{}", "--json"],
        ["--json", "watch", "list", "--db", "{}"],
        ["watch", "--json", "list", "--db", "{}"],
    ],
    ids=" ".join,
)
def test_options_for_every_command_stand_anywhere(terminal: Terminal, words: list[str]) -> None:
    """Before, between and behind the words of a command."""
    url = f"sqlite:///{terminal.folder}/other.db"
    terminal("watch", "add", "mine", "--all", "--db", url)
    found = terminal(*(word.format(url) for word in words)).json
    assert [one["name"] for one in found] == ["mine"]


@pytest.mark.parametrize(
    "words", [[], ["nonsense"], ["alerts", "--nonsense"], ["sweep", "--watch"], ["watch"], ["--db"]]
)
def test_a_wrong_line_ends_with_two_and_one_sentence(terminal: Terminal, words: list[str]) -> None:
    """It says where help is."""
    said = terminal(*words)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert "--help" in said.err


def test_quiet_leaves_only_what_was_asked_for(told: Terminal) -> None:
    """Remarks go to stderr, and not even there when quiet is wanted."""
    assert told("changes").err
    quiet = told("changes", "--quiet")
    assert quiet.out
    assert quiet.err == ""


@pytest.mark.parametrize("words", [["alerts"], ["changes"], ["sweeps"], ["rules"], ["settings"]])
def test_json_keeps_remarks_off_stdout(told: Terminal, words: list[str]) -> None:
    """Stdout is one JSON value and nothing else."""
    assert isinstance(told.ask(*words), list)
