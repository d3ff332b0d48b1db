"""The entries of an archive's table of contents as arrays.

Entries follow one another without a list of where they begin. Where many are of one length, as the
registry's are, they are read as the rows of a table; where they are not, one by one.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_ENTRY: Final = 46
_FEW: Final = 16
"""Fewer entries of one length than these are sooner read one by one."""
_ONE_BY_ONE: Final = 1_024
_NAME: Final = 16
"""Characters of `NCT00000001.json`."""
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
_TENS: Final = 10 ** np.arange(7, -1, -1, dtype=np.uint32)


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
    fixed = np.empty(count, _FORM)
    numbers = np.zeros(count, np.uint32)
    places = np.empty(count, np.int64)
    whole = np.frombuffer(table, np.uint8)
    at = done = 0
    length_of_run = _ONE_BY_ONE
    while done < count:
        run = _run(whole, at, min(count - done, 4 * length_of_run))
        until = done + len(run)
        fixed[done:until] = run[:, :_ENTRY].copy().view(_FORM)[:, 0]
        numbers[done:until] = _numbers(run, int(fixed[done]["name_length"]))
        places[done:until] = at + run.shape[1] * np.arange(len(run))
        at, done, length_of_run = at + run.size, until, max(len(run), 1)
        if len(run) < _FEW and done < count:
            until = min(count, done + _ONE_BY_ONE)
            at = _one_by_one(table, at, fixed[done:until], numbers[done:until], places[done:until])
            done, length_of_run = until, _ONE_BY_ONE
    if at != len(table):
        raise Damaged
    return Entries(fixed, numbers, places)


def _run(whole: NDArray[np.uint8], at: int, most: int) -> NDArray[np.uint8]:
    """The entries from a place on that are of one length, as rows."""
    first = whole[at : at + _ENTRY]
    if len(first) < _ENTRY:
        raise Damaged
    length = _ENTRY + int(first[28:34].copy().view("<u2").astype(np.int64).sum())
    most = min(most, (len(whole) - at) // length)
    if most == 0 or int(first[:4].copy().view("<u4")[0]) != _MARK:
        raise Damaged
    rows = whole[at : at + most * length].reshape(most, length)
    alike = (rows[:, :4] == first[:4]).all(1) & (rows[:, 28:34] == first[28:34]).all(1)
    return rows if alike.all() else rows[: int(np.argmin(alike))]


def _numbers(rows: NDArray[np.uint8], name_length: int) -> NDArray[np.uint32]:
    """The study numbers of names as long as one another."""
    if name_length < _NAME:
        return np.zeros(len(rows), np.uint32)
    end = _ENTRY + name_length
    name = rows[:, end - _NAME : end]
    digits = name[:, 3:11] - ord("0")
    fits = (name[:, :3] == np.frombuffer(b"NCT", np.uint8)).all(1)
    fits &= (name[:, 11:] == np.frombuffer(b".json", np.uint8)).all(1) & (digits < 10).all(1)
    if name_length > _NAME:
        before = rows[:, end - _NAME - 1]
        fits &= (before == ord("/")) | (before == ord("\\"))
    return np.where(fits, (digits * _TENS).sum(1, dtype=np.uint32), 0).astype(np.uint32)


def _one_by_one(
    table: bytes,
    at: int,
    fixed: NDArray[Any],
    numbers: NDArray[np.uint32],
    places: NDArray[np.int64],
) -> int:
    """The same for entries of any lengths; gives where the next one begins."""
    for row in range(len(fixed)):
        head = table[at : at + _ENTRY]
        if len(head) < _ENTRY or not head.startswith(b"PK\x01\x02"):
            raise Damaged
        lengths = struct.unpack_from("<3H", head, 28)
        fixed[row] = np.frombuffer(head, _FORM)[0]
        numbers[row] = _number(table[at + _ENTRY : at + _ENTRY + lengths[0]])
        places[row] = at
        at += _ENTRY + sum(lengths)
        if at > len(table):
            raise Damaged
    return at


def _number(name: bytes) -> int:
    last = name[-_NAME:]
    is_one = last[:3] == b"NCT" and last[11:] == b".json" and last[3:11].isdigit()
    is_below = len(name) == _NAME or name[-_NAME - 1 : -_NAME] in (b"/", b"\\")
    return int(last[3:11]) if is_one and is_below else 0
