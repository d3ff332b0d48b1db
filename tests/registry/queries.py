"""Search expressions: the part of the registry's language that a monitor needs.

Words, "phrases", AND OR NOT, parentheses, AREA[piece], RANGE[from,to] with MIN and MAX, MISSING
and ALL. Words are matched whole and as they are; the real registry also knows synonyms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ctmonitor.records import Field
from tests.registry.fields import field_called, piece_of, texts, values_at
from tests.registry.messages import NotCopied, Refused
from tests.registry.releases import Study

Test = Callable[[Study], bool]
Fields = tuple[Field, ...]
EVERYWHERE: Fields = ()
STATUSES = (
    *("ACTIVE_NOT_RECRUITING", "COMPLETED", "ENROLLING_BY_INVITATION", "NOT_YET_RECRUITING"),
    *("RECRUITING", "SUSPENDED", "TERMINATED", "WITHDRAWN", "AVAILABLE", "NO_LONGER_AVAILABLE"),
    *("TEMPORARILY_NOT_AVAILABLE", "APPROVED_FOR_MARKETING", "WITHHELD", "UNKNOWN"),
)
_TOKEN = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|([()\[\],])|([^\s()\[\],"]+))|\s*(.)', re.DOTALL)
_PARTIAL = re.compile(r"\d{4}(-\d\d)?")
_LATEST = "-99"
"""Behind a month, a day after all its days; behind a day, still that day."""
_OPERATORS = ("AND", "OR", "NOT", "AREA", "RANGE", "MISSING", "ALL")
_NOT_COPIED = ("SEARCH", "COVERAGE", "COVER", "EXPANSION", "DISTANCE", "TILT")
_AGES = ("MinimumAge", "MaximumAge")


def read_query(text: str, where: str, *, area: Fields = EVERYWHERE) -> Test:
    """What an expression asks of a study; words outside AREA are looked for in `area`."""
    try:
        return _Reader(_tokens(text)).whole(area)
    except _Unreadable as error:
        raise Refused(f"Error parsing query in {where}: {error}") from error


class _Unreadable(Exception):
    """The expression is not one."""


@dataclass(slots=True)
class _Reader:
    """Reads an expression from left to right: OR binds least, then AND, then NOT."""

    tokens: Sequence[str]
    place: int = 0

    def whole(self, area: Fields) -> Test:
        test = self.any_of(area)
        if self.next is not None:
            raise _Unreadable(f"mismatched input '{self.next}'")
        return test

    @property
    def next(self) -> str | None:
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def take(self, expected: str = "") -> str:
        token = self.next
        if token is None or (expected and token != expected):
            raise _Unreadable(f"mismatched input '{token or '<EOF>'}'")
        self.place += 1
        return token

    def any_of(self, area: Fields) -> Test:
        tests = [self.all_of(area)]
        while self.next == "OR":
            self.take()
            tests.append(self.all_of(area))
        return lambda study: any(test(study) for test in tests)

    def all_of(self, area: Fields) -> Test:
        tests = [self.one(area)]
        while self.next not in (None, "OR", ")"):
            if self.next == "AND":
                self.take()
            tests.append(self.one(area))
        return lambda study: all(test(study) for test in tests)

    def one(self, area: Fields) -> Test:
        token = self.take()
        if token in _NOT_COPIED:
            raise NotCopied(f"the operator {token}")
        if token == "NOT":
            test = self.one(area)
            return lambda study: not test(study)
        if token == "(":
            test = self.any_of(area)
            self.take(")")
            return test
        if token == "AREA":
            return self.one((_area(self.bracketed()[0]),))
        if token == "RANGE":
            return _range(area, self.bracketed())
        if token == "MISSING":
            return lambda study: not _values(study, area)
        if token == "ALL":
            return lambda study: True
        if token in _OPERATORS or token in "[])":
            raise _Unreadable(f"mismatched input '{token}'")
        return _said(area, [token, *self.words()])

    def words(self) -> list[str]:
        """The plain words that follow; together they are one term."""
        found = []
        while self.next not in (None, *_OPERATORS, *_NOT_COPIED, *"()[]"):
            found.append(self.take())
        return found

    def bracketed(self) -> list[str]:
        """What stands in brackets, split at commas."""
        self.take("[")
        parts = [""]
        while (token := self.take()) != "]":
            if token == ",":
                parts.append("")
            else:
                parts[-1] = f"{parts[-1]} {token}".strip()
        return parts


def _tokens(text: str) -> list[str]:
    found = []
    for phrase, mark, word, stray in _TOKEN.findall(text.strip()):
        if stray:
            raise _Unreadable(f"token recognition error at: '{stray}'")
        found.append(phrase or mark or word)
    if not found:
        raise _Unreadable("mismatched input '<EOF>'")
    return found


def _area(name: str) -> Field:
    if ":" in name or name.endswith("Search"):
        raise NotCopied(f"the area {name}")
    field = field_called(name)
    if field is None:
        raise _Unreadable(f"Unknown area name: `{name}`")
    return field


def _values(study: Study, area: Fields) -> list[Any]:
    found = texts(study) if not area else (v for at in area for v in values_at(study, at.path))
    return [str(value).lower() if isinstance(value, bool) else value for value in found]


def _said(area: Fields, words: Sequence[str]) -> Test:
    """Whether one value says all of these; dates by their start, enums in full."""
    kinds = {field.type for field in area}
    wanted = " ".join(word.strip('"').replace("\\", "") for word in words if word != ",")
    if len(area) == 1 and kinds <= {"enum", "boolean"}:
        _check_enum(area[0], wanted)
        return lambda study: (
            wanted.casefold() in {str(value).casefold() for value in _values(study, area)}
        )
    if kinds == {"date"}:
        return lambda study: any(str(v).startswith(wanted) for v in _values(study, area))
    terms = [_words(word) for word in words if _words(word)]
    return lambda study: any(
        all(_holds(said, term) for term in terms)
        for said in (_words(str(value)) for value in _values(study, area))
    )


def _check_enum(field: Field, wanted: str) -> None:
    if piece_of(field) in ("OverallStatus", "LastKnownStatus") and wanted.upper() not in STATUSES:
        allowed = ", ".join(f"`{name}`" for name in STATUSES)
        raise _Unreadable(f"Allowed values for enum field `{piece_of(field)}` are {allowed}")


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _holds(said: Sequence[str], term: Sequence[str]) -> bool:
    """Whether the words of a term stand in a text one after the other."""
    starts = range(len(said) - len(term) + 1)
    return any(said[start : start + len(term)] == term for start in starts)


def _range(area: Fields, ends: Sequence[str]) -> Test:
    """Whether a value lies between two ends, both in.

    A month as an end is taken whole; a month as a value counts as its first day.
    """
    if len(area) != 1 or len(ends) != 2:
        raise _Unreadable("mismatched input 'RANGE'")
    if piece_of(area[0]) in _AGES:
        raise NotCopied("ranges of ages")
    key = _number if area[0].type in ("integer", "number") else _day
    low, high = (None if end in ("MIN", "MAX") else end.strip('"') for end in ends)
    first = None if low is None else key(low)
    last = None if high is None else key(f"{high}{_LATEST}" if area[0].type == "date" else high)
    return lambda study: any(
        (first is None or key(value) >= first) and (last is None or key(value) <= last)
        for value in _values(study, area)
    )


def _number(value: Any) -> float:
    try:
        return float(value)
    except ValueError as error:
        raise _Unreadable(f"Invalid number: `{value}`") from error


def _day(value: Any) -> str:
    text = str(value)
    return f"{text}{'-01' * (2 - text.count('-'))}" if _PARTIAL.fullmatch(text) else text
