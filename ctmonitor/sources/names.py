"""Names of files as people can read them."""

from __future__ import annotations

_BYTES = range(0xDC80, 0xDD00)


def printable(name: str) -> str:
    """A name with every letter that cannot be shown, and every byte that is none, escaped."""
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in name)


def _escaped(letter: str) -> str:
    # Bytes of a name that are not UTF-8 reach us as these half characters.
    if ord(letter) in _BYTES:
        return f"\\x{ord(letter) - 0xDC00:02x}"
    return letter.encode("unicode_escape").decode("ascii")
