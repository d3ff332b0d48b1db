"""`ctmonitor rules check`."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Terminal

GOOD = """
flood_limit = 500

[rules.unknown-due]
days_ahead = 60

[rules.enrollment-over-a-thousand]
field = "enrollment"
condition = "crosses"
threshold = 1000

[rules.enrollment-over-a-thousand.scope]
sponsor = "Acme*"
"""
FAULTY = '''\
flood_limt = 500
smtp_url = ["a"]

[rules.unknown-due]
days_ahead = "soon"
note = """
[rules.enrollment-over-a-thousand]
threshold = 1
"""

[rules.enrollment-over-a-thousand]
field = "enrollment"
condition = "crosses"
treshold = 1000

[rules.enrollment-over-a-thousand.scope]
status = [
    "RECRUITING",
    "OPEN",
]

[rules.unknown-du]
'''


def written(terminal: Terminal, text: str) -> str:
    """The path of a file of settings with this text."""
    path = terminal.folder / "tuned.toml"
    path.write_bytes(text.encode(errors="surrogateescape"))
    return str(path)


def test_a_file_without_fault_is_counted(terminal: Terminal) -> None:
    """Own rules and tuned ones are told apart."""
    path = written(terminal, GOOD)
    said = terminal("rules", "check", path)
    assert (said.code, said.out) == (0, f"{path}: 1 own rule, 1 rule tuned; no fault\n")
    found = terminal.ask("rules", "check", path)
    assert found == {"file": path, "rules": 2, "own": 1, "faults": []}


def test_every_fault_has_its_line(terminal: Terminal) -> None:
    """One line a fault, in the order of the file; what stands in a text does not mislead."""
    path = written(terminal, FAULTY)
    said = terminal("rules", "check", path)
    begins = [line.removeprefix(path).split(": ")[:2] for line in said.out.splitlines()]
    assert begins == [
        [":1", "flood_limt"],
        [":2", "smtp_url"],
        [":5", "rules.unknown-due.days_ahead"],
        [":6", "rules.unknown-due.note"],
        [":11", "rules.enrollment-over-a-thousand.threshold"],
        [":14", "rules.enrollment-over-a-thousand.treshold"],
        [":17", "rules.enrollment-over-a-thousand.scope.status"],
        [":22", "rules.unknown-du"],
    ]
    assert (said.code, said.err.startswith(f"ctmonitor: {path}: 8 faults; ")) == (3, True)


def test_the_file_that_would_be_read_is_checked_whole(terminal: Terminal) -> None:
    """Without a name it is the operator's own; its first wrong setting does not end the check."""
    said = terminal("rules", "check", "--json", config=written(terminal, FAULTY))
    assert (said.code, len(said.json["faults"])) == (3, 8)
    assert said.json["faults"][7] == {
        "line": 22,
        "key": "rules.unknown-du",
        "why": "there is no rule 'unknown-du' (did you mean unknown-due?)",
    }


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\n[rules\n", 2),
        ("a = 1\n\na = 2\n", 3),
        ("a = " + "[" * 5_000 + "]" * 5_000, 1),
        ("a = " + "9" * 5_000, 1),
        ('a = "', 1),
    ],
)
def test_what_is_no_toml_is_said_with_its_line(terminal: Terminal, text: str, line: int) -> None:
    """Also what is made to bring a reader down is one line and one sentence."""
    path = written(terminal, text)
    said = terminal("rules", "check", path)
    assert said.out.startswith(f"{path}:{line}: it is not TOML")
    assert (said.code, said.out.count("\n"), said.err.count("\n")) == (3, 1, 1)


@pytest.mark.parametrize(
    "text",
    [
        "rules = 3",
        "[[rules]]\nstopped = 1",
        "[rules]\nstopped = 3",
        "[rules.unknown-due]\ndays_ahead = 0x" + "f" * 5_000,
        '[rules.own]\nfield = "enrollment"\ncondition = 0x' + "f" * 5_000,
        '[rules."a\\nb\\u001b[2J"]\nfield = "enrollment"\ncondition = "changed"',
        '[rules.own]\nfield = "' + "a" * 100_000 + '"\ncondition = "changed"',
        '[rules.own]\nfield = "enrollment"\ncondition = "changed"\nscope = '
        + "[[" * 20
        + "]]" * 20,
    ],
)
def test_hostile_tables_are_one_fault(terminal: Terminal, text: str) -> None:
    """Wrong shapes, long numbers and signs that steer a terminal are told in one short line."""
    said = terminal("rules", "check", written(terminal, text))
    assert (said.code, said.out.count("\n")) == (3, 1)
    assert len(said.out) < 500
    assert "\x1b" not in said.out


def test_a_secret_is_not_printed(terminal: Terminal) -> None:
    """Of a wrong setting the reason is said, not what was written."""
    said = terminal("rules", "check", written(terminal, 'smtp_password = ["hunter2"]'))
    assert said.code == 3
    assert "hunter2" not in said.out + said.err


@pytest.mark.parametrize(("path", "code"), [("none.toml", 2), (".", 3)])
def test_a_file_that_cannot_be_read_is_told(terminal: Terminal, path: str, code: int) -> None:
    """Neither a file that is not there nor a folder is one without fault."""
    said = terminal("rules", "check", str(terminal.folder / path))
    assert (said.code, said.out, said.err.count("\n")) == (code, "", 1)


def test_bytes_that_are_no_text_are_told(terminal: Terminal) -> None:
    """A file in another encoding is refused."""
    said = terminal("rules", "check", written(terminal, "zone = '\udcff'"))
    assert (said.code, said.err.count("\n")) == (3, 1)
    assert "not UTF-8" in said.err


def test_only_the_check_takes_a_file(terminal: Terminal) -> None:
    """A second word behind a rule's name is refused."""
    assert terminal("rules", "stopped", "ctmonitor.toml").code == 2
