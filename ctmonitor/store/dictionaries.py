"""What contents have in common, kept once: a content that is packed with it takes half the room.

A dictionary is never changed or taken away: what was packed with it can be read with nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from threading import local
from weakref import WeakKeyDictionary

import sqlalchemy as sa
import zstandard

from ctmonitor.errors import ChainBroken
from ctmonitor.store import chain
from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import dictionaries
from ctmonitor.store.values import instant

DICTIONARY_BYTES = 110 * 1024
LEVEL = 3
FEWEST_SAMPLES = 500
"""Fewer contents are too few to tell what is common."""
_LONGEST_SAMPLE = 64 * 1024


class Packers(local):
    """A packer and an unpacker for each thread: no two may use one at a time."""

    def __init__(self, prepared: zstandard.ZstdCompressionDict | None = None) -> None:
        self.packer = zstandard.ZstdCompressor(level=LEVEL, dict_data=prepared)
        self.unpacker = zstandard.ZstdDecompressor(dict_data=prepared)


@dataclass(frozen=True)
class Dictionary:
    """One dictionary, ready for use; making it ready costs more than packing a content."""

    id: int
    content: bytes = field(repr=False)

    @property
    def packer(self) -> zstandard.ZstdCompressor:
        """Makes contents small."""
        return self._packers.packer

    @property
    def unpacker(self) -> zstandard.ZstdDecompressor:
        """Makes contents whole."""
        return self._packers.unpacker

    @cached_property
    def _packers(self) -> Packers:
        return Packers(zstandard.ZstdCompressionDict(self.content))


_READY: WeakKeyDictionary[sa.Engine, dict[int, Dictionary]] = WeakKeyDictionary()


def dictionary(tx: Transaction, id_: int) -> Dictionary:
    """A dictionary by its number; ChainBroken when it is gone."""
    ready = _READY.setdefault(tx.connection.engine, {})
    found = ready.get(id_)
    if found is None:
        query = sa.select(dictionaries.c.content).where(dictionaries.c.id == id_)
        content = tx.connection.execute(query).scalar_one_or_none()
        if content is None:
            raise ChainBroken(f"dictionaries: row {id_} is gone, and contents need it")
        found = ready[id_] = Dictionary(id_, bytes(content))
    return found


def latest(tx: Transaction) -> Dictionary | None:
    """The dictionary that contents are packed with now; None before there is one."""
    id_ = tx.connection.execute(sa.select(sa.func.max(dictionaries.c.id))).scalar_one_or_none()
    return None if id_ is None else dictionary(tx, id_)


def train(tx: Transaction, samples: Sequence[bytes], at: datetime) -> bool:
    """Make a dictionary from some contents; False when they are too few or too alike for one.

    It may be used when the transaction has ended.
    """
    if len(samples) < FEWEST_SAMPLES:
        return False
    try:
        # Segments of one length: to try several takes six times as long, and saves a hundredth.
        made = zstandard.train_dictionary(
            DICTIONARY_BYTES,
            [one[:_LONGEST_SAMPLE] for one in samples],
            k=1024,
            d=8,
            f=20,
            split_point=1.0,
            accel=1,
        )
    except zstandard.ZstdError:
        return False
    chain.append(tx, dictionaries, [{"content": made.as_bytes(), "made_at": instant(at)}])
    return True
