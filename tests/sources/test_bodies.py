"""Answers are unpacked alike, whatever unpacks them."""

from __future__ import annotations

import gzip
import io
import zlib

import pytest

from ctmonitor.sources import bodies
from ctmonitor.sources.bodies import TooLarge, Unfit, read_body

TEXT = b"".join(b"line %d\n" % number for number in range(300_000))


@pytest.fixture(params=["as installed", "zlib"], autouse=True)
def unpacker(request, monkeypatch):
    if request.param == "zlib":
        monkeypatch.setattr(bodies, "_open", zlib.decompressobj)


def unpacked(packed: bytes) -> bytes:
    return read_body(io.BytesIO(packed).read, "gzip")


def test_several_members_are_one_body():
    """A body packed in parts is the parts one after the other, larger than one step or empty."""
    packed = gzip.compress(TEXT) + gzip.compress(b"") + gzip.compress(b"the end")
    assert unpacked(packed) == TEXT + b"the end"


@pytest.mark.parametrize("cut", [5, 1_000, -1])
def test_a_body_broken_off_is_unfit(cut):
    """Wherever it ends too early, in the head, in the data or in the check at the end."""
    with pytest.raises(Unfit, match="broken off"):
        unpacked(gzip.compress(TEXT)[:cut])


@pytest.mark.parametrize("place", [0, 2_000, -6])
def test_a_damaged_body_is_unfit(place):
    """A byte that is another breaks the head, the data or the check at the end."""
    packed = bytearray(gzip.compress(TEXT))
    packed[place] ^= 0x55
    with pytest.raises(Unfit, match="damaged"):
        unpacked(bytes(packed))


def test_a_bomb_is_refused():
    """What swells a thousandfold is not unpacked to its end."""
    with pytest.raises(TooLarge) as refused:
        unpacked(gzip.compress(bytes(40_000_000)))
    assert refused.value.is_swollen
