"""`ctmonitor rules check`: every fault of a whole file of settings, each with its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ctmonitor.cli.call import Call, counted
from ctmonitor.cli.toml_lines import line_of, lines_of
from ctmonitor.errors import CommandWrong, SettingWrong
from ctmonitor.settings import CONFIG_FILE, PREFIX, SETTINGS, Setting

if TYPE_CHECKING:
    from ctmonitor.rules.faults import Fault

RULES = "rules"
SUBSCRIBERS = "subscribers"
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")
_KNOWN = {one.name: one for one in SETTINGS}


@dataclass(frozen=True, slots=True)
class _Found:
    """One fault where it stands; `key` is empty where the text is no TOML."""

    line: int
    key: str
    why: str

    def said(self, path: str) -> str:
        key = f"{self.key}: " if self.key else ""
        return f"{path}:{self.line}: {key}{self.why}"


def check(call: Call, named: str | None) -> int:
    """Print every fault of the file, or how many rules it has when there is none."""
    path = named or call.environ.get(f"{PREFIX}CONFIG") or CONFIG_FILE
    text = _text(path)
    table, wrong = _parsed(text)
    found = [wrong] if wrong else sorted(_faults(table, text), key=lambda one: one.line)
    rules = table.get(RULES)
    counts = _counts(rules if isinstance(rules, dict) else {})
    if call.args.json:
        faults = [{"line": one.line, "key": one.key, "why": one.why} for one in found]
        call.give_json({"file": path, **counts, "faults": faults})
    else:
        for one in found:
            call.give(one.said(path))
    if found:
        faults_said = counted(len(found), "fault", "faults")
        mend = "mend those lines; `ctmonitor rules` lists every rule with its parameters"
        raise SettingWrong(path, faults_said, mend)
    if not call.args.json:
        call.give(f"{path}: {_in_words(counts)}; no fault")
    return 0


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CommandWrong(f"{path}: there is no such file; name the one to check") from None
    except UnicodeDecodeError:
        raise SettingWrong(path, "it is not UTF-8 text", "name a TOML file") from None
    except OSError as problem:
        why = problem.strerror or "it cannot be read"
        raise SettingWrong(path, why, "name a readable TOML file") from None


def _parsed(text: str) -> tuple[dict[str, Any], _Found | None]:
    """The file's table, or why it is no TOML; with that, nothing else can be checked."""
    try:
        return tomllib.loads(text), None
    except RecursionError:
        return {}, _Found(1, "", "it is not TOML that can be read: lists or tables nest too deeply")
    except ValueError as problem:  # also of a number of thousands of digits
        place = _AT_LINE.search(str(problem))
        line = int(place[1]) if place else max(1, text.count("\n"))
        why = _AT_LINE.sub("", str(problem)) if isinstance(problem, tomllib.TOMLDecodeError) else ""
        return {}, _Found(line, "", f"it is not TOML: {why or 'a number has too many digits'}")


def _faults(table: Mapping[str, Any], text: str) -> Iterator[_Found]:
    from ctmonitor.rules.choices import faults_of

    lines = lines_of(text)
    for key, value in table.items():
        if key == SUBSCRIBERS:
            continue  # `ctmonitor subscribe apply --dry-run` checks those
        if key != RULES:
            why = _setting_fault(_KNOWN.get(key), value)
            if why:
                yield _Found(line_of((key,), lines), key, why)
        elif not isinstance(value, dict):
            yield _Found(line_of((key,), lines), key, "it is not a table; write [rules.NAME]")
        else:
            for name, choice in value.items():
                yield from (_placed(fault, lines) for fault in faults_of(name, choice))


def _placed(fault: Fault, lines: Mapping[tuple[str, ...], int]) -> _Found:
    keys = (RULES, *fault.keys)
    return _Found(line_of(keys, lines), ".".join(keys), fault.why)


def _setting_fault(setting: Setting | None, value: object) -> str | None:
    """Why a value does not fit a setting; the value itself may be a secret."""
    if setting is None:
        return f"there is no such setting; there are {', '.join(_KNOWN)} and the table {RULES}"
    if isinstance(value, dict | list):
        return f"it is not a single value; {setting.mend}".rstrip("; ")
    try:
        setting.read(str(value))
    except ValueError as problem:
        return f"{problem}; {setting.mend}".rstrip("; ")
    return None


def _counts(rules: Mapping[str, Any]) -> dict[str, int]:
    from ctmonitor.rules.own import is_own

    own = sum(is_own(name, table) for name, table in rules.items())
    return {"rules": len(rules), "own": own}


def _in_words(counts: Mapping[str, int]) -> str:
    own, tuned = counts["own"], counts["rules"] - counts["own"]
    return f"{counted(own, 'own rule', 'own rules')}, {counted(tuned, 'rule', 'rules')} tuned"
