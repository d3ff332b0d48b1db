"""What stands in the pages: their blocks of code, their links, the commands they show."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
)
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`(ctmonitor [^`\n]+)`")
_LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_BETWEEN = frozenset({"&&", "|", "||", ";"})
_PLACEHOLDER = re.compile(r"\b[A-Z]{2,}\b(?!_)|…|\.\.\.|[<>\[\]]")


@dataclass(frozen=True)
class Block:
    """A block of code and its language."""

    language: str
    text: str


@dataclass(frozen=True)
class Step:
    """One command of a session, and what it printed."""

    command: str
    printed: str


def name_of(page: Path) -> str:
    """How a page is called in a failing test."""
    return page.relative_to(ROOT).as_posix()


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(text: str) -> list[Block]:
    """Every block of code, in order."""
    return [Block(*found) for found in _BLOCK.findall(text)]


def links(text: str) -> list[str]:
    """Where every link goes."""
    return _LINK.findall(_BLOCK.sub("", text))


def anchors(text: str) -> set[str]:
    """What can stand behind `#` in a link to a page."""
    titles = _HEADING.findall(_BLOCK.sub("", text))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def commands(text: str) -> Iterator[list[str]]:
    """The words of every command line of ours that has no placeholder in it.

    In running text a command may be named without what it takes; then its help is asked for.
    """
    for block in blocks(text):
        if block.language in ("sh", "console"):
            for line in _lines(block):
                yield from _ours(line)
    for span in _SPAN.findall(_BLOCK.sub("", text)):
        if not _PLACEHOLDER.search(span):
            for words in _ours(span):
                yield words if any(word.startswith("-") for word in words) else [*words, "--help"]


def _lines(block: Block) -> list[str]:
    lines = block.text.replace("\\\n", " ").splitlines()
    if block.language == "console":
        lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    return [line for line in lines if line.strip()]


def _ours(line: str) -> Iterator[list[str]]:
    reader = shlex.shlex(line, posix=True, punctuation_chars="|;&>")
    reader.whitespace_split = True
    command: list[str] = []
    for word in [*reader, ";"]:
        if word not in _BETWEEN:
            command.append(word)
            continue
        while command and re.match(r"[A-Z_]+=", command[0]):
            del command[0]
        if command and command[0] == "ctmonitor":
            yield command[1:]
        command = []
