"""How two texts differ: in markup, in looks, in words or in numbers."""

from __future__ import annotations

import html
import re

from rapidfuzz import fuzz

from ctmonitor.changes.change import Kind

_TAGS = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_ESCAPES = re.compile(r"\\([\\`*_{}\[\]()#+\-.!<>|~^])")
_BULLETS = re.compile(r"^[^\S\n]*(?:[*+•·\-–]|\d{1,2}[.)])\s+", re.MULTILINE)
_SPACE = re.compile(r"\s+")
_LOOKS = re.compile(r"[^\w<>=≤≥±%/+~≠×-]|(?<=[^\W\d])-|-(?!\d)")
_NUMBERS = re.compile(r"\d+(?:[.,]\d+)*")
LONGEST_COMPARED = 2_000


def text_kind(before: str, after: str) -> Kind:
    """The class of a change of text; the two must differ.

    Markup: the same words once tags, escapes, bullets and white space are gone. Cosmetic: the
    same letters and numbers. Numbers: some number differs. Reworded: everything else.
    """
    plain_before, plain_after = plain(before), plain(after)
    if plain_before == plain_after:
        return Kind.MARKUP
    if _NUMBERS.findall(plain_before) != _NUMBERS.findall(plain_after):
        return Kind.NUMBERS
    if _letters(plain_before) == _letters(plain_after):
        return Kind.COSMETIC
    return Kind.REWORDED


def plain(text: str) -> str:
    """The words of a text without markup, on one line."""
    text = html.unescape(_TAGS.sub(" ", text))
    text = _BULLETS.sub(" ", _ESCAPES.sub(r"\1", text))
    return _SPACE.sub(" ", text).strip()


def nearness(one: str, other: str) -> float:
    """How alike two texts are, from 0 to 100; only their beginnings are read."""
    return fuzz.token_sort_ratio(
        one[:LONGEST_COMPARED].casefold(), other[:LONGEST_COMPARED].casefold()
    )


def _letters(text: str) -> str:
    return _LOOKS.sub("", text.casefold().replace("_", ""))
