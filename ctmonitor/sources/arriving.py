"""An answer whose body is too long to be held: it is taken piece by piece, while it comes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Arriving:
    """What a server said, and what is still to come."""

    code: int
    headers: Mapping[str, str]
    """By their names, in large or small letters."""
    content_type: str
    """In small letters, without parameters: `application/zip`."""
    pieces: Iterator[bytes]
    """The body as it was sent. What breaks it off, or makes it too slow, is raised here."""


class Taker(Protocol[T_co]):
    """Who takes a long body, in as many tries as it needs."""

    def headers(self) -> Mapping[str, str]:
        """What the next try asks for."""

    def take(self, arriving: Arriving) -> T_co:
        """Take one answer; it raises Unfit for one that is not what it should be."""

    def is_further(self) -> bool:
        """Whether the last try brought so much that those before it need not count."""
