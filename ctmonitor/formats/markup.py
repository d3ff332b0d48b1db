"""The HTML in which record histories hold texts, as the markdown of the API.

The API's own signs, seen in 628 of its records: a blank line between paragraphs, `* ` and `1. `
before members of lists, members indented under their list, one line a paragraph, and a backslash
before every sign that markdown would take for its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape

DEEPEST = 64
"""Elements within each other; deeper ones count as if they stood there."""

_LISTS = ("ul", "ol")
_BLOCKS = frozenset(
    {*_LISTS, "li", "p", "div", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "table"}
    | {"tbody", "thead", "tr"}
)
_SIGNS = {"sub": "~", "sup": "^", "b": "**", "strong": "**", "i": "*", "em": "*"}
_TAGS = _BLOCKS | _SIGNS.keys() | {"a", "br", "ins", "small", "span", "td", "th", "u"}
_ENTITY = re.compile(r"(?<!\\)&(?:#x[0-9A-Fa-f]+|#\d+|lt|gt|amp|quot|apos|nbsp);")
_TAG = re.compile(rf"</?(?:{'|'.join(sorted(_TAGS))})\b[^<>]*>", re.IGNORECASE)
_ELEMENT = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)([^<>]*)>|<![^<>]*>")
_START = re.compile(r"\bstart=[\"']?(\d{1,9})", re.ASCII)
_MARKDOWN = re.compile(r"\n\n|\n *(?:\*|\d+\.) |\\[\\<>\[\]^*_~&.\-)]")
_SPECIAL = re.compile(r"[\\`*_~^&<>\[\]|]")
_OPENING = re.compile(r"(?:([-+#])|(\d{1,9})([.)]))(?=\s|$)")


def without_entities(text: str) -> str:
    """A text without markup, with the signs themselves in the place of their HTML entities."""
    return _ENTITY.sub(lambda found: unescape(found[0]), text) if "&" in text else text


def as_markdown(text: str) -> str:
    """A text with markup as the API writes it; one that is in markdown already stays as it is."""
    if not (_TAG.search(text) or _ENTITY.search(text)) and _MARKDOWN.search(text):
        return text
    reader = _Reader()
    reader.read(text)
    return _blocks(reader.root)


@dataclass(slots=True)
class _Element:
    """One block of HTML with what is in it; texts are markdown already."""

    tag: str
    start: int = 1
    within: list[_Element | str] = field(default_factory=list)


class _Reader:
    """Makes a tree of blocks from tags and texts; of what it does not know the text alone counts.

    The pages hold plain, closed tags; a sign that opens none is text. (The standard library's
    parser takes minutes for a text of open angle brackets.)
    """

    def __init__(self) -> None:
        self.root = _Element("div")
        self._open = [self.root]

    def read(self, text: str) -> None:
        at = 0
        for found in _ELEMENT.finditer(text):
            tag = (found[2] or "").lower()
            if tag and tag not in _TAGS:
                continue
            self._text(text[at : found.start()])
            if found[1]:
                self._end(tag)
            elif tag:
                self._begin(tag, found[3])
            at = found.end()
        self._text(text[at:])

    def _begin(self, tag: str, attributes: str) -> None:
        if tag in _BLOCKS and len(self._open) <= DEEPEST:
            self._close_unclosed(tag)
            start = _START.search(attributes) if tag == "ol" else None
            element = _Element(tag, int(start[1]) if start else 1)
            self._open[-1].within.append(element)
            self._open.append(element)
        elif tag == "br":
            self._open[-1].within.append("\n")
        else:
            self._open[-1].within.append(_SIGNS.get(tag, ""))

    def _end(self, tag: str) -> None:
        if tag not in _BLOCKS:
            self._open[-1].within.append(_SIGNS.get(tag, ""))
            return
        for at in range(len(self._open) - 1, 0, -1):
            if self._open[at].tag == tag:
                del self._open[at:]
                return

    def _text(self, text: str) -> None:
        # A line end within a paragraph is the page's own; the API has none there.
        plain = re.sub(r"\s+", " ", unescape(text))
        self._open[-1].within.append(_SPECIAL.sub(r"\\\g<0>", plain))

    def _close_unclosed(self, tag: str) -> None:
        """A paragraph ends where another block begins, and a list's member where the next does."""
        if self._open[-1].tag == "p":
            del self._open[-1]
        if tag == "li" and self._open[-1].tag == "li":
            del self._open[-1]


def _blocks(element: _Element) -> str:
    """The blocks in an element: paragraphs and lists, with a blank line between."""
    blocks: list[str] = []
    texts: list[str] = []
    for one in element.within:
        if isinstance(one, str):
            texts.append(one)
        else:
            blocks.append(_paragraph("".join(texts)))
            blocks.append(_list(one) if one.tag in _LISTS else _blocks(one))
            texts = []
    blocks.append(_paragraph("".join(texts)))
    is_tight = element.tag == "li" and not any(_is_paragraph(one) for one in element.within)
    return ("\n" if is_tight else "\n\n").join(block for block in blocks if block)


def _is_paragraph(one: _Element | str) -> bool:
    return isinstance(one, _Element) and one.tag == "p"


def _paragraph(text: str) -> str:
    """One line for each line of a paragraph; a list is not begun where none was."""
    lines = (re.sub(r" +", " ", line).strip() for line in text.strip().split("\n"))
    return "\n".join(_OPENING.sub(_escaped_opening, line, count=1) for line in lines)


def _escaped_opening(found: re.Match[str]) -> str:
    if found.start():
        return found[0]
    return f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}"


def _list(element: _Element) -> str:
    """One member a line; what belongs to a member is indented to where its text begins."""
    lines: list[str] = []
    number = element.start
    for one in element.within:
        if isinstance(one, str):
            text = _paragraph(one)
        else:
            text = _list(one) if one.tag in _LISTS else _blocks(one)
        if not text and isinstance(one, str):
            continue
        mark = f"{number}. " if element.tag == "ol" else "* "
        number += 1
        lines += _indented(text, mark)
    return "\n".join(lines)


def _indented(text: str, mark: str) -> list[str]:
    first, *more = text.split("\n")
    return [
        (mark + first).rstrip(),
        *(f"{' ' * len(mark)}{line}" if line else "" for line in more),
    ]
