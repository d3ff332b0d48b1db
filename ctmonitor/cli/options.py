"""Options that every command knows, and what they may hold."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any, NoReturn

from ctmonitor.errors import CommandWrong

MOST = 2**31 - 1
PATHS = frozenset({"source", "file", "folder"})
"""Arguments that name files; a name of a file may hold bytes that are no text."""


class Parser(argparse.ArgumentParser):
    """One that says in one sentence what was wrong, and breaks no example in two."""

    def __init__(self, **more: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, **more)

    def error(self, message: str) -> NoReturn:
        """End with exit code 2."""
        self.exit(2, f"{self.prog}: {message}; see `{self.prog} --help`\n")


def everywhere(default: str | None = argparse.SUPPRESS) -> Parser:
    """The options that stand before or behind any word of a command."""
    parser = Parser(add_help=False)
    options = parser.add_argument_group("options for every command")
    off = default if default else False
    options.add_argument(
        "--db", metavar="URL", default=default, help="the store, instead of CTMONITOR_DATABASE_URL"
    )
    options.add_argument(
        "--json", action="store_true", default=off, help="print JSON on stdout, the rest on stderr"
    )
    options.add_argument(
        "--quiet", action="store_true", default=off, help="print only what was asked for"
    )
    options.add_argument(
        "--verbose", action="store_true", default=off, help="show where an error came from"
    )
    return parser


def a_count(text: str) -> int:
    """A whole number from 1 that any database can hold."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:20]) <= MOST:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is not a whole number from 1 to {MOST}")
    return int(text)


def check_text(args: argparse.Namespace) -> None:
    """Refuse words that are no text, where they are not names of files."""
    if args.db == "":
        raise CommandWrong("--db is empty; give sqlite:///path/to/file.db, or leave it out")
    for name, word in _words(args):
        try:
            word.encode()
        except UnicodeEncodeError:
            raise CommandWrong(f"{name} {word!a} is not UTF-8 text; write it anew") from None
        if "\0" in word:
            raise CommandWrong(f"{name} {word!a} holds a NUL character; leave it out")


def _words(args: argparse.Namespace) -> Iterator[tuple[str, str]]:
    for name, value in vars(args).items():
        if name not in PATHS:
            words = value if isinstance(value, list) else [value]
            yield from ((name, word) for word in words if isinstance(word, str))
