"""Text from outside, made fit for one line."""

from __future__ import annotations

import pytest

from ctmonitor.delivery.words import counted, cut, named, one_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\r\nBcc: x", "a Bcc: x"),
        ("a\u2028b\u2029c\x85d\x0be\x1cf", "a b c d e f"),
        ("a\0b\x7fc\x9fd", "abcd"),
        ("a\u202eb\u2066c\u200fd", "abcd"),
        ("a\ud800b", "a\ufffdb"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        (" a \t b ", "a b"),
    ],
)
def test_one_line_holds_nothing_that_steers(text, line):
    """Breaks become spaces, control and bidi characters go, half characters are marked."""
    assert one_line(text) == line


def test_a_cut_is_seen_and_never_too_long():
    """What is cut ends with an ellipsis and keeps to its limit."""
    assert cut("abcdef", 4) == "abc…"
    assert cut("abcd", 4) == "abcd"


def test_many_names_are_counted():
    """After the first few names the rest is a number."""
    assert named(("A", "B", "C", "D"), 2) == "A, B and 2 more"
    assert counted(1, "alert"), counted(1204, "alert") == ("1 alert", "1,204 alerts")
