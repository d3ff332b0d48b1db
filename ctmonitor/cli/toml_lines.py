"""Where each key of a TOML text stands: the parser of the standard library does not say it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Keys = tuple[str, ...]

_TOKEN = re.compile(
    r"""
      (?P<text> \"{3}(?:\\.|[^\\])*?\"{3,5} | '{3}.*?'{3,5}
              | "(?:\\.|[^"\\\n])*" | '[^'\n]*' )
    | (?P<comment> \#[^\n]* )
    | (?P<bare> [^\s\[\]{}=,.\#"']+ )
    | (?P<sign> [\[\]{}=,.\n] )
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int


def lines_of(text: str) -> dict[Keys, int]:
    """The line, from 1, of every table and key of a valid TOML text, by the keys that lead there.

    A table that is only named on the way to another has the line of the first that names it.
    """
    return _Reader(text).read()


def line_of(keys: Keys, lines: Mapping[Keys, int]) -> int:
    """The line of a key; of one that is not there, that of the nearest table around it."""
    around = (keys[:length] for length in range(len(keys), 0, -1))
    return next((lines[one] for one in around if one in lines), 1)


class _Reader:
    """One walk through the tokens, and where it stands."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._now = next(self._tokens)
        self._named: dict[Keys, int] = {}
        self._passed: dict[Keys, int] = {}

    def read(self) -> dict[Keys, int]:
        table: Keys = ()
        while self._now.kind != "end":
            if self._is("\n"):
                self._take()
            elif self._is("["):
                table = self._header()
            else:
                self._assignment(table)
        return {**self._passed, **self._named}

    def _header(self) -> Keys:
        while self._is("["):
            self._take()
        line = self._now.line
        table = self._key()
        while self._is("]"):
            self._take()
        self._note(table, (), line)
        return table

    def _assignment(self, table: Keys) -> None:
        line = self._now.line
        key = self._key()
        self._note(key, table, line)
        self._take()  # the sign of equality
        self._value((*table, *key))

    def _key(self) -> Keys:
        """A key with its dots, up to what is none of it."""
        parts = []
        while self._now.kind in ("bare", "text") or self._is("."):
            token = self._take()
            if token.kind != "sign":
                parts.append(_decoded(token))
        return tuple(parts)

    def _value(self, keys: Keys) -> None:
        if self._is("{"):
            self._take()
            while not self._is("}"):
                self._assignment(keys)
                self._skip(",", "\n")
            self._take()
        elif self._is("["):
            self._array(keys)
        else:
            self._take()
            while self._now.kind == "bare" or self._is("."):  # the rest of a fraction or a date
                self._take()

    def _array(self, keys: Keys) -> None:
        self._take()
        self._skip(",", "\n")
        while not self._is("]"):
            self._value(keys)
            self._skip(",", "\n")
        self._take()

    def _note(self, keys: Keys, table: Keys, line: int) -> None:
        for length in range(1, len(keys)):
            self._passed.setdefault((*table, *keys[:length]), line)
        self._named.setdefault((*table, *keys), line)

    def _skip(self, *signs: str) -> None:
        while self._now.kind == "sign" and self._now.text in signs:
            self._take()

    def _is(self, sign: str) -> bool:
        return self._now.kind == "sign" and self._now.text == sign

    def _take(self) -> _Token:
        taken, self._now = self._now, next(self._tokens)
        if taken.kind == "end":
            raise ValueError("the text is not valid TOML")
        return taken


def _tokens(text: str) -> Iterator[_Token]:
    line, read = 1, 0
    for found in _TOKEN.finditer(text):
        line += text.count("\n", read, found.start())
        read = found.start()
        if found.lastgroup != "comment":
            yield _Token(found.lastgroup or "", found.group(), line)
    while True:
        yield _Token("end", "", line)


def _decoded(token: _Token) -> str:
    if token.kind == "bare":
        return token.text
    return str(tomllib.loads(f"key = {token.text}")["key"])
