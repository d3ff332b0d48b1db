"""What bytes are, told from how they begin and not from the name of a file."""

from __future__ import annotations

from enum import Enum

from ctmonitor.formats.page import is_page

_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_HTML = (b"<!doctype html", b"<html", b"<head", b"<body")
_BLANK = b" \t\r\n\f\v"


class Kind(Enum):
    """A kind of content; the value is why it is no record, in words."""

    JSON_OBJECT = "a JSON object"
    JSON_LIST = "a JSON list, where one record belongs"
    PAGE = "a study page"
    EMPTY = "it is empty"
    HTML = "a web page, not a study record; save the record's JSON or the page's text"
    XML = "XML, which is not read; save the record as JSON"
    UTF_16 = "UTF-16 text; save it as UTF-8"
    NOT_TEXT = "not UTF-8 text"
    OTHER = "neither the JSON of a study nor the text of a study page"


def without_mark(payload: bytes) -> bytes:
    """The bytes behind a UTF-8 byte order mark and white space."""
    return payload.lstrip(_BLANK).removeprefix(_UTF8_MARK).lstrip(_BLANK)


def kind_of(payload: bytes) -> Kind:
    """What the bytes, or the first of them, are the beginning of."""
    if payload.startswith(b'{"'):  # nearly always
        return Kind.JSON_OBJECT
    if payload.startswith(_UTF16_MARKS):
        return Kind.UTF_16
    start = without_mark(payload)[:4096]
    first = start[:1]
    if not first:
        return Kind.EMPTY
    if first == b"{":
        return Kind.UTF_16 if start[1:2] == b"\0" else Kind.JSON_OBJECT
    if first == b"[":
        return Kind.UTF_16 if start[1:2] == b"\0" else Kind.JSON_LIST
    if is_page(start):
        return Kind.PAGE
    if first == b"<":
        return Kind.XML if not start.lower().startswith(_HTML) else Kind.HTML
    return Kind.OTHER if _is_text(start) else Kind.NOT_TEXT


def _is_text(start: bytes) -> bool:
    try:
        start.decode()
    except UnicodeDecodeError as problem:
        # The last character may only be cut by our own look at the beginning.
        return b"\0" not in start and len(start) - problem.start < 4 and len(start) > 4000
    return b"\0" not in start
