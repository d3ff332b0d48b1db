"""How contents are kept small: one whole, the following ones as what differs from the last.

A whole one is packed with what contents have in common, where that is known. A delta is the content
compressed with the previous one as its dictionary; every `KEYFRAME` snapshots there is a whole one,
so that no state is more than that many steps away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
import zstandard

from ctmonitor.errors import ChainBroken
from ctmonitor.store.dictionaries import LEVEL, Dictionary, Packers, dictionary
from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import snapshots, studies
from ctmonitor.store.values import AT_ONCE, batches, listed_numbers

KEYFRAME = 32
LARGEST_CONTENT = 512 * 1024 * 1024
_PLAIN = Packers()


class _Blob(NamedTuple):
    """A content as it is kept, with the number of the dictionary that it was packed with."""

    content: bytes
    dictionary_id: int | None


_BLOB = _Blob._fields


def packed(canonical: bytes, previous: bytes | None, common: Dictionary | None = None) -> bytes:
    """A content made small; on its own or with a dictionary, or as a delta on the previous one."""
    if previous is not None:
        packer = zstandard.ZstdCompressor(level=LEVEL, dict_data=_dictionary(previous))
        return packer.compress(canonical)
    return (common or _PLAIN).packer.compress(canonical)


def unpacked(blobs: Sequence[bytes], common: Dictionary | None = None) -> bytes:
    """The content at the end of a whole one and the deltas that follow it."""
    whole, *deltas = blobs
    content = (common or _PLAIN).unpacker.decompress(whole, max_output_size=LARGEST_CONTENT)
    for delta in deltas:
        content = _undone(delta, content)
    return content


def _undone(delta: bytes, previous: bytes) -> bytes:
    unpacker = zstandard.ZstdDecompressor(dict_data=_dictionary(previous))
    return unpacker.decompress(delta, max_output_size=LARGEST_CONTENT)


def contents_held(tx: Transaction, held: Mapping[str, tuple[int, int]]) -> dict[str, bytes]:
    """The canonical bytes of the last snapshots of some studies, each by its number and depth."""
    blobs: dict[str, list[_Blob]] = {nct_id: [] for nct_id in held}
    for some in batches(list(held)):
        query = (
            sa.select(*(snapshots.c[name] for name in ("nct_id", "number", *_BLOB)))
            .join(studies, studies.c.nct_id == snapshots.c.nct_id)
            .where(snapshots.c.nct_id.in_(listed_numbers(some, is_sqlite=tx.is_sqlite)))
            .where(snapshots.c.number > studies.c.number - KEYFRAME)
            .where(snapshots.c.number <= studies.c.number)
            .order_by(snapshots.c.nct_id, snapshots.c.number)
        )
        for nct_id, number, *blob in tx.connection.execute(query).all():
            last, depth = held[nct_id]
            if number >= last - depth:
                blobs[nct_id].append(_Blob(*blob))
    return {nct_id: _unpacked(tx, nct_id, *held[nct_id], found) for nct_id, found in blobs.items()}


def content_at(tx: Transaction, nct_id: str, number: int) -> bytes:
    """The canonical bytes of one snapshot of one study."""
    depth = tx.connection.execute(
        sa.select(snapshots.c.depth).where(
            snapshots.c.nct_id == nct_id, snapshots.c.number == number
        )
    ).scalar_one_or_none()
    rows = tx.connection.execute(
        sa.select(*(snapshots.c[name] for name in _BLOB))
        .where(snapshots.c.nct_id == nct_id)
        .where(snapshots.c.number.between(number - (depth or 0), number))
        .order_by(snapshots.c.number)
    )
    if depth is None:
        raise _lost(nct_id, number)
    return _unpacked(tx, nct_id, number, depth, [_Blob(*row) for row in rows])


def every_content(tx: Transaction, *wanted: sa.ColumnElement[Any]) -> Iterator[tuple[Any, bytes]]:
    """Every snapshot of every study in the order of their numbers, with its canonical bytes.

    A row has `nct_id`, `number`, `depth` and what is wanted of `snapshots` besides. Each delta is
    undone once, so that a long history costs no more by the snapshot than a short one.
    """
    order = (snapshots.c.nct_id, snapshots.c.number)
    query = sa.select(*order, snapshots.c.depth, *(snapshots.c[name] for name in _BLOB), *wanted)
    query = query.order_by(*order).limit(AT_ONCE)
    rows = tx.connection.execute(query).all()
    last, content = None, b""
    while rows:
        for row in rows:
            content = _following(tx, row, last, content)
            last = row
            yield row, content
        last_place = sa.tuple_(*rows[-1][:2], types=[column.type for column in order])
        rows = tx.connection.execute(query.where(sa.tuple_(*order) > last_place)).all()


def contents_between(
    tx: Transaction, spans: Mapping[str, tuple[int, int]], *wanted: sa.ColumnElement[Any]
) -> Iterator[tuple[Any, bytes]]:
    """Of some studies the snapshots from one number to another, with their canonical bytes.

    Rows are as `every_content` gives them: of each study in order, each delta undone once.
    """
    order = (snapshots.c.nct_id, snapshots.c.number)
    query = sa.select(*order, snapshots.c.depth, *(snapshots.c[name] for name in _BLOB), *wanted)
    # Those that begin alike together, so that none is read from much further back than it needs.
    for some in batches(sorted(spans, key=lambda nct_id: spans[nct_id])):
        read_from = min(spans[nct_id][0] for nct_id in some) - KEYFRAME + 1
        read_to = max(spans[nct_id][1] for nct_id in some)
        among = snapshots.c.nct_id.in_(listed_numbers(some, is_sqlite=tx.is_sqlite))
        rows = query.where(among, snapshots.c.number.between(read_from, read_to)).order_by(*order)
        last, content = None, b""
        for row in tx.connection.execute(rows).all():
            first_number, last_number = spans[row.nct_id]
            if row.number - row.depth < read_from or row.number > last_number:
                continue
            content = _following(tx, row, last, content)
            last = row
            if row.number >= first_number:
                yield row, content


def _following(tx: Transaction, row: Any, last: Any, content: bytes) -> bytes:
    """The content of a row that follows another one's, in the order of a study's snapshots."""
    blob = _Blob(row.content, row.dictionary_id)
    if not row.depth:
        return _unpacked(tx, row.nct_id, row.number, 0, [blob])
    before = (row.nct_id, row.number - 1, row.depth - 1)
    if last is None or before != (last.nct_id, last.number, last.depth):
        raise _lost(row.nct_id, row.number)
    try:
        return _undone(row.content, content)
    except zstandard.ZstdError as problem:
        raise _damaged(row.nct_id, row.number, problem) from problem


def _unpacked(
    tx: Transaction, nct_id: str, number: int, depth: int, blobs: Sequence[_Blob]
) -> bytes:
    if len(blobs) != depth + 1:
        raise _lost(nct_id, number)
    try:
        by = blobs[0].dictionary_id
        common = None if by is None else dictionary(tx, by)
        return unpacked([blob.content for blob in blobs], common)
    except zstandard.ZstdError as problem:
        raise _damaged(nct_id, number, problem) from problem


def _lost(nct_id: str, number: int) -> ChainBroken:
    return ChainBroken(f"snapshots: {nct_id} number {number} cannot be rebuilt; rows are gone")


def _damaged(nct_id: str, number: int, problem: Exception) -> ChainBroken:
    return ChainBroken(f"snapshots: {nct_id} number {number}: {problem}")


def _dictionary(content: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(content, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
