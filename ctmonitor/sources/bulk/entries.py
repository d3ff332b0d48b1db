"""The entries of an archive's table of contents as arrays.

Entries follow one another without a list of where they begin. Where they begin is guessed first,
for all at once, and the guess is proven by them: each must end where the next one begins. Only a
table that defies the guesses is gone through entry by entry.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_ENTRY: Final = 46
_BLOCK: Final = 2**22
"""Bytes looked through at once for what entries begin with."""
_FORM: Final = np.dtype(
    [
        ("mark", "<u4"),
        ("versions", "<u4"),
        ("flags", "<u2"),
        ("method", "<u2"),
        ("time", "<u4"),
        ("crc", "<u4"),
        ("packed_size", "<u4"),
        ("size", "<u4"),
        ("name_length", "<u2"),
        ("extra_length", "<u2"),
        ("comment_length", "<u2"),
        ("disk", "<u2"),
        ("kind", "<u2"),
        ("system", "<u4"),
        ("offset", "<u4"),
    ]
)
_MARK: Final = 0x02014B50
_MARK_BYTES: Final = b"PK\x01\x02"
_NAME: Final = 17
"""Characters of `/NCT00000001.json`."""
_LETTERS: Final = tuple(zip((1, 2, 3, 12, 13, 14, 15, 16), b"NCT.json", strict=True))


class Damaged(ValueError):
    """The entries do not follow one another as they should."""


@dataclass(frozen=True, slots=True)
class Entries:
    """Every entry, in order: its fixed part, the study number of its name, and where it begins.

    A number of 0 is no study's: the name is another one.
    """

    fixed: NDArray[Any]
    numbers: NDArray[np.uint32]
    places: NDArray[np.int64]


def read_entries(table: bytes, count: int) -> Entries:
    """The entries of a table of contents; Damaged when they are not `count`, end to end."""
    for guess in (_even, _marked, walked):
        places = guess(table, count)
        fixed = None if places is None else _proven(table, places)
        if places is not None and fixed is not None:
            break
    else:
        raise Damaged
    return Entries(fixed, _numbers(table, places, fixed["name_length"]), places)


def taken(table: bytes, places: NDArray[np.int64], form: np.dtype[Any]) -> NDArray[Any]:
    """What stands at some places of a table; not copied where they are evenly spread."""
    step = int(places[1] - places[0]) if len(places) > 1 else form.itemsize
    if len(places) and (np.diff(places) == step).all():
        return np.ndarray(len(places), form, table, int(places[0]), (step,))
    return np.ndarray(max(0, len(table) - form.itemsize + 1), form, table, 0, (1,))[places]


def _even(table: bytes, count: int) -> NDArray[np.int64] | None:
    """Where the entries begin if all are of one length, as the registry's are."""
    if not count or len(table) % count or len(table) // count < _ENTRY:
        return None
    return np.arange(0, len(table), len(table) // count)


def _marked(table: bytes, count: int) -> NDArray[np.int64] | None:
    """Where the entries begin if their mark stands nowhere else."""
    whole, last = np.frombuffer(table, np.uint8), len(table) - _ENTRY + 1
    found: list[NDArray[np.int64]] = []
    for start in range(0, last, _BLOCK):
        places = np.flatnonzero(whole[start : min(start + _BLOCK, last)] == _MARK_BYTES[0]) + start
        for ahead in (1, 2, 3):
            places = places[whole[places + ahead] == _MARK_BYTES[ahead]]
        found.append(places)
        count -= len(places)
        if count < 0:
            return None
    return np.concatenate(found) if found and not count else None


def _proven(table: bytes, places: NDArray[np.int64]) -> NDArray[Any] | None:
    """The fixed parts at these places; None unless each entry ends where the next one begins."""
    fixed = taken(table, places, _FORM)
    ends = places + _ENTRY
    for name in ("name_length", "extra_length", "comment_length"):
        ends += fixed[name]
    borders = np.concatenate([[0], ends])
    is_proven = borders[-1] == len(table) and (borders[:-1] == places).all()
    return fixed if is_proven and (fixed["mark"] == _MARK).all() else None


def walked(table: bytes, count: int) -> NDArray[np.int64]:
    """Where the entries begin, one found by the one before it: slower, and never wrong."""
    places = np.empty(count, np.int64)
    at = 0
    for row in range(count):
        if at + _ENTRY > len(table) or table[at : at + 4] != _MARK_BYTES:
            raise Damaged
        places[row] = at
        at += _ENTRY + sum(struct.unpack_from("<3H", table, at + 28))
    return places


def _numbers(
    table: bytes, places: NDArray[np.int64], lengths: NDArray[np.uint16]
) -> NDArray[np.uint32]:
    """The study numbers of the members' names, in whatever folders they are."""
    form = np.dtype([("name", np.uint8, (_NAME,))])
    # A name has an entry before it, so that there is always something so far before its end.
    rows = taken(table, places + (_ENTRY - _NAME) + lengths, form)["name"]
    names = rows.copy().T
    numbers = np.zeros(len(places), np.uint32)
    fits = (lengths == _NAME - 1) | (names[0] == ord("/")) | (names[0] == ord("\\"))
    fits &= lengths >= _NAME - 1
    for at, letter in _LETTERS:
        fits &= names[at] == letter
    for at in range(4, 12):
        digit = names[at] - np.uint8(ord("0"))
        fits &= digit < 10
        numbers *= np.uint32(10)
        numbers += digit
    numbers[~fits] = 0
    return numbers
