"""How contents are kept small: one whole, the following ones as what differs from the last.

A delta is the content compressed with the previous one as its dictionary; every `KEYFRAME`
snapshots there is a whole one, so that no state is more than that many steps away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
import zstandard

from ctmonitor.errors import ChainBroken
from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import snapshots, studies
from ctmonitor.store.values import batches, listed

KEYFRAME = 32
LEVEL = 3
LARGEST_CONTENT = 512 * 1024 * 1024
_WHOLE = zstandard.ZstdCompressor(level=LEVEL)


def packed(canonical: bytes, previous: bytes | None) -> bytes:
    """A content made small; on its own, or as a delta on the previous one."""
    if previous is None:
        return _WHOLE.compress(canonical)
    return zstandard.ZstdCompressor(level=LEVEL, dict_data=_dictionary(previous)).compress(
        canonical
    )


def unpacked(blobs: Sequence[bytes]) -> bytes:
    """The content at the end of a whole one and the deltas that follow it."""
    content = b""
    for at, blob in enumerate(blobs):
        dictionary = _dictionary(content) if at else None
        content = zstandard.ZstdDecompressor(dict_data=dictionary).decompress(
            blob, max_output_size=LARGEST_CONTENT
        )
    return content


def contents_held(tx: Transaction, held: Mapping[str, tuple[int, int]]) -> dict[str, bytes]:
    """The canonical bytes of the last snapshots of some studies, each by its number and depth."""
    blobs: dict[str, list[bytes]] = {nct_id: [] for nct_id in held}
    for some in batches(list(held)):
        query = (
            sa.select(snapshots.c.nct_id, snapshots.c.number, snapshots.c.content)
            .join(studies, studies.c.nct_id == snapshots.c.nct_id)
            .where(snapshots.c.nct_id.in_(listed(some, is_sqlite=tx.is_sqlite)))
            .where(snapshots.c.number > studies.c.number - KEYFRAME)
            .where(snapshots.c.number <= studies.c.number)
            .order_by(snapshots.c.nct_id, snapshots.c.number)
        )
        for nct_id, number, content in tx.connection.execute(query).all():
            last, depth = held[nct_id]
            if number >= last - depth:
                blobs[nct_id].append(content)
    return {nct_id: _unpacked(nct_id, *held[nct_id], found) for nct_id, found in blobs.items()}


def content_at(tx: Transaction, nct_id: str, number: int) -> bytes:
    """The canonical bytes of one snapshot of one study."""
    depth = tx.connection.execute(
        sa.select(snapshots.c.depth).where(
            snapshots.c.nct_id == nct_id, snapshots.c.number == number
        )
    ).scalar_one_or_none()
    rows = tx.connection.execute(
        sa.select(snapshots.c.content)
        .where(snapshots.c.nct_id == nct_id)
        .where(snapshots.c.number.between(number - (depth or 0), number))
        .order_by(snapshots.c.number)
    )
    if depth is None:
        raise ChainBroken(f"snapshots: {nct_id} number {number} cannot be rebuilt; rows are gone")
    return _unpacked(nct_id, number, depth, list(rows.scalars()))


def _unpacked(nct_id: str, number: int, depth: int, blobs: Sequence[bytes]) -> bytes:
    if len(blobs) != depth + 1:
        raise ChainBroken(f"snapshots: {nct_id} number {number} cannot be rebuilt; rows are gone")
    try:
        return unpacked(blobs)
    except zstandard.ZstdError as problem:
        raise ChainBroken(f"snapshots: {nct_id} number {number}: {problem}") from problem


def _dictionary(content: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(content, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
