"""The body of an answer, inflated in bounded steps: a small one must not fill the memory."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Any, Final

from ctmonitor.sources.limits import FREE_BYTES, MAX_RATIO

try:
    from isal import isal_zlib

    # Unpacking is most of what a look at whole records costs; this takes a third of zlib's time.
    _open: Callable[[int], Any] = isal_zlib.decompressobj
    _DAMAGED: Any = (zlib.error, isal_zlib.error)
except ImportError:  # there is none for every kind of processor
    _open, _DAMAGED = zlib.decompressobj, zlib.error

MAX_BODY: Final = 64 * 2**20
"""Bytes of one answer after it is unpacked; a page of 1,000 studies has about 17 MB."""

_READ_BYTES: Final = 2**18
_STEP_BYTES: Final = 2**20
_GZIP_OR_ZLIB: Final = 32 + zlib.MAX_WBITS
_MB: Final = 2**20


class Unfit(Exception):
    """An answer is not what it should be; a fault of the moment, so that it is asked for again."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class TooLarge(Exception):
    """An answer is more than may be read; it will not be smaller the next time."""

    def __init__(self, why: str, *, is_swollen: bool) -> None:
        super().__init__(why)
        self.why = why
        self.is_swollen = is_swollen
        """Whether it was packed to be larger than anything honest is."""


def read_body(read: Callable[[int], bytes], coding: str) -> bytes:
    """The whole body behind `read`, unpacked from its content coding."""
    received = iter(lambda: read(_READ_BYTES), b"")
    if coding in ("gzip", "x-gzip"):
        parts = list(_bounded(_inflated(received)))
    elif coding in ("", "identity"):
        parts = list(_bounded(received))
    else:
        raise Unfit("its answer was packed in a way that was not asked for")
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _bounded(parts: Iterator[bytes]) -> Iterator[bytes]:
    count = 0
    for part in parts:
        count += len(part)
        if count > MAX_BODY:
            raise TooLarge(f"its answer is larger than {MAX_BODY // _MB} MB", is_swollen=False)
        yield part


def _inflated(received: Iterator[bytes]) -> Iterator[bytes]:
    """What gzipped parts hold; they may be several members, one after the other."""
    packed, unpacked = 0, 0
    member = _open(_GZIP_OR_ZLIB)
    for part in received:
        packed += len(part)
        rest = part
        while rest:
            if member.eof:
                member = _open(_GZIP_OR_ZLIB)
            step = _step(member, rest)
            unpacked += len(step)
            if unpacked > FREE_BYTES and unpacked > MAX_RATIO * packed:
                why = f"its answer swells to more than {MAX_RATIO} times its size"
                raise TooLarge(why, is_swollen=True)
            yield step
            rest = member.unconsumed_tail or member.unused_data
    if packed and not member.eof:
        raise Unfit("its answer was broken off")


def _step(member: Any, packed: bytes) -> bytes:
    try:
        step: bytes = member.decompress(packed, _STEP_BYTES)
        return step
    except _DAMAGED:
        raise Unfit("its packed answer was damaged") from None
