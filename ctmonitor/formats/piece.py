"""What a source hands over: pieces that should be records, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from hashlib import sha256
from typing import Any, Protocol

_HOLDER = b'"versionHolder"'
_HOLDER_REACH = 32


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes that should be one record; `place` says where in `source` they stood, in words.

    `nct_id` is the study that they are said to be of, where something says it.
    """

    source: str
    place: str
    payload: bytes
    nct_id: str | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """A study that a listing of a few fields showed, saying there what is held already."""

    nct_id: str
    released: date | None


@dataclass(frozen=True, slots=True)
class Unmoved:
    """So many studies that are proven to be as they were, without having been read."""

    count: int
    released: date | None


@dataclass(frozen=True, slots=True)
class Milestone:
    """Everything handed over before this belongs together; `place` is where to go on from here.

    `done` of `expected` requests are answered; None where their number is not known yet. With
    `is_of_studies` they are studies, where nothing is asked for page by page.
    """

    done: int
    expected: int | None
    place: dict[str, Any] | None = None
    is_of_studies: bool = False


@dataclass(frozen=True, slots=True)
class Reject:
    """One input that could not be read, with its reason in words.

    `payload` is what was there, as far as it was read. `is_gap` says that an unknown number of
    records may be behind it (a file cut off, a folder not entered): the look is only partial.
    """

    source: str
    place: str
    reason: str
    payload: bytes = b""
    nct_id: str | None = None
    is_gap: bool = False


Handed = Piece | Reject | Sighting | Unmoved | Milestone
"""What a source may hand over."""


class Source(Protocol):
    """Where pieces come from; read once, from front to back."""

    @property
    def name(self) -> str:
        """How people call it: a path, an address, `standard input`."""
        ...

    def pieces(self) -> Iterator[Handed]:
        """Every piece in turn; what cannot be read comes as a `Reject`, never as an error.

        Raises SourceUnreadable when there is nothing to read at all.
        """
        ...


def release_date_in(payload: bytes) -> int | None:
    """Where the ten bytes of a piece's release date begin; None where it has no such date."""
    at = payload.rfind(_HOLDER)
    start = payload.find(b'"', payload.find(b":", at, at + _HOLDER_REACH)) + 1 if at >= 0 else 0
    if not 0 < start - at <= _HOLDER_REACH or _day(payload[start : start + 10]) is None:
        return None
    return start


def glance(payload: bytes) -> tuple[bytes, date | None]:
    """A 16-byte digest of a piece with its release date left out, and that date.

    `versionHolder` differs in every record of every release; a piece that differs in nothing
    else has the same digest. None where the piece has no such date.
    """
    start = release_date_in(payload)
    if start is None:
        return sha256(payload).digest()[:16], None
    digest = sha256(memoryview(payload)[:start])
    digest.update(payload[start + 10 :])
    return digest.digest()[:16], _day(payload[start : start + 10])


@lru_cache(maxsize=16)
def _day(text: bytes) -> date | None:
    try:
        return date.fromisoformat(text.decode("ascii"))
    except ValueError:
        return None
