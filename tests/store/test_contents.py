"""Every content ever kept can be rebuilt, byte for byte."""

from __future__ import annotations

import random

import pytest
import sqlalchemy as sa

from ctmonitor.errors import ChainBroken
from ctmonitor.formats import read_study
from ctmonitor.store import questions
from ctmonitor.store.contents import KEYFRAME, content_at, packed, unpacked
from ctmonitor.store.schema import snapshots
from tests.builders import NUMBER, a_payload
from tests.looks import look
from tests.store.tampering import past_the_guards

VERSIONS = 70


def _versions() -> list[bytes]:
    chance = random.Random(7)
    words = [f"word{chance.randrange(400)}" for _ in range(300)]
    found = []
    for number in range(VERSIONS):
        words[chance.randrange(300)] = f"changed in version {number}, é, 試"
        found.append(a_payload(brief_summary=" ".join(words), enrollment=number))
    return found


def test_seventy_versions_are_rebuilt_exactly(store):
    """Each version comes back as it was, and none is far from a whole one."""
    versions = _versions()
    for payload in versions:
        look(store, payload)
    with store.reading() as tx:
        rebuilt = [content_at(tx, NUMBER, number + 1) for number in range(VERSIONS)]
        query = sa.select(snapshots.c.depth, sa.func.length(snapshots.c.content))
        rows = tx.connection.execute(query.order_by(snapshots.c.number)).all()
    assert rebuilt == [read_study(payload).canonical for payload in versions]
    assert [depth for depth, _ in rows] == [number % KEYFRAME for number in range(VERSIONS)]
    whole = min(size for depth, size in rows if not depth)
    assert max(size for depth, size in rows if depth) < whole / 2


def test_what_is_unpacked_is_what_was_packed():
    """Any bytes, alone or as deltas on one another, come back."""
    contents = [b"", b"a", b"a" * 100_000, bytes(range(256)) * 50, b"b" + b"a" * 100_000, b""]
    befores = [None, *contents[:-1]]
    blobs = [packed(now, before) for now, before in zip(contents, befores, strict=True)]
    for count in range(1, len(contents) + 1):
        assert unpacked(blobs[:count]) == contents[count - 1]


def test_a_number_that_never_was_is_said_to_be_missing(store):
    """Asking for a content that is not there gives a sentence, not a wrong content."""
    look(store, a_payload())
    with store.reading() as tx, pytest.raises(ChainBroken, match="NCT00000001 number 2 cannot"):
        content_at(tx, NUMBER, 2)


@pytest.mark.parametrize("blob", [b"", b"not compressed", packed(b"x", b"another dictionary" * 9)])
def test_a_spoilt_content_is_named(store, kind, blob):
    """Bytes that cannot be unpacked are the store's fault, said with study and number."""
    look(store, a_payload(enrollment=1))
    look(store, a_payload(enrollment=2))
    with past_the_guards(store, kind) as tx:
        tx.connection.execute(
            snapshots.update().where(snapshots.c.number == 1).values(content=blob)
        )
        with pytest.raises(ChainBroken, match="NCT00000001 number 2"):
            questions.record_at(tx, NUMBER, 2)
