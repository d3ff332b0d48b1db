"""Whoever changes what is kept is found out, and the first bad row is named."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256

import pytest
import sqlalchemy as sa

from ctmonitor.errors import ChainBroken
from ctmonitor.store import Store, Transaction, audit, chain
from ctmonitor.store import versions as versions_kept
from ctmonitor.store.contents import packed
from ctmonitor.store.schema import (
    chain_heads,
    changes,
    dictionaries,
    field_names,
    snapshots,
    sponsors,
    studies,
    versions,
)
from tests.builders import a_payload
from tests.histories import a_version
from tests.histories import versions as made_versions
from tests.looks import look
from tests.store.tampering import (
    NO_CODES,
    TABLES,
    TAMPERINGS,
    another,
    chained_anew,
    columns_of_codes,
    first_difference,
    keep_a_dictionary,
    past_the_guards,
    put,
    rows_of,
    sealed_anew,
)

STATUSES = ("RECRUITING", "UNKNOWN", "TERMINATED", "RECRUITING", "COMPLETED")


@pytest.fixture
def told(store: Store) -> Store:
    """A store with a history: five looks at three studies, with changes, alerts and versions.

    Each look packs with its own dictionary what it sees whole.
    """
    for number, status in enumerate(STATUSES):
        with store.writing() as tx:
            keep_a_dictionary(tx, b'"enrollmentInfo":{"count":%d00' % number)
        given = [
            a_payload(
                nct_id=f"NCT{study:08d}",
                overall_status=status,
                lead_sponsor="Ett Universitet",
                why_stopped="No money" if status == "TERMINATED" else None,
                enrollment=100 + study + number,
                last_update_posted_date=f"2026-01-0{number + 1}",
            )
            for study in range(1, 4)
        ]
        look(store, *given, today=f"2026-01-1{number}")
    trees = [a_version(number, f"2024-01-0{number + 1}", enrollment=number) for number in range(6)]
    with store.writing() as tx:
        versions_kept.keep(tx, made_versions(*trees), datetime(2026, 2, 1, tzinfo=UTC))
    return store


@pytest.fixture
def tx(told: Store, kind: str) -> Iterator[Transaction]:
    """A transaction that can do anything, and is undone."""
    with past_the_guards(told, kind) as tx:
        yield tx


def test_an_untouched_store_verifies(told):
    """Verifying counts every row of every chain."""
    with told.reading() as tx:
        counts = audit.verify(tx)
        assert counts == {table.name: len(rows_of(tx, table)) for table in TABLES}
    assert min(counts.values()) >= 5


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_tampering_is_found_and_its_first_row_named(tx, table):
    """Seeded tamperings of every way and table: all are found, each at its first bad row."""
    before = rows_of(tx, table)
    ways = [
        (how, seed) for how in TAMPERINGS for seed in range(50 if how in ("change", "spoil") else 8)
    ]
    for how, seed in ways:
        point = tx.connection.begin_nested()
        TAMPERINGS[how](tx, table, random.Random(f"{table.name} {how} {seed}"))
        bad = first_difference(before, rows_of(tx, table))
        with pytest.raises(ChainBroken) as found:
            audit.verify(tx)
        said = str(found.value)
        named = re.match(rf"{table.name}: (row|it ends at row) (-?\d+)", said)
        assert named, f"{how} {seed}: {said}"
        assert int(named[2]) == (bad if named[1] == "row" else bad - 1), f"{how} {seed}: {said}"
        point.rollback()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_is_under_the_chain(tx, table):
    """There is no column of an append-only table that can be changed unseen."""
    row = rows_of(tx, table)[2]
    for column in table.columns:
        point = tx.connection.begin_nested()
        put(tx, column, 2, another(row[column.name], column, random.Random(column.name)))
        with pytest.raises(ChainBroken, match=f"^{table.name}: row 2"):
            audit.verify(tx)
        point.rollback()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_what_no_code_is_like_is_found(tx, kind, table):
    """A column of codes that holds anything else is a broken chain, and no fault of the program."""
    for column in columns_of_codes(table):
        for value in NO_CODES[kind]:
            point = tx.connection.begin_nested()
            put(tx, column, 2, value)
            with pytest.raises(ChainBroken, match=f"^{table.name}: row 2"):
                audit.verify(tx)
            point.rollback()


def test_bytes_cannot_be_swapped_for_their_own_digest(tx, kind):
    """Text that equals the digest of a content is not that content, where types are loose."""
    if kind == "postgresql":
        return
    digest = sha256(rows_of(tx, snapshots)[1]["fingerprint"]).hexdigest()
    forged = sa.text("UPDATE snapshots SET fingerprint = :digest WHERE id = 1")
    tx.connection.execute(forged, {"digest": digest})
    with pytest.raises(ChainBroken, match=r"^snapshots: row 1"):
        audit.verify(tx)


def test_a_missing_head_is_found(tx):
    """A chain without its head proves nothing, and verifying says so."""
    tx.connection.execute(chain_heads.delete().where(chain_heads.c.name == "alerts"))
    with pytest.raises(ChainBroken, match=r"^alerts: the head of its chain is gone"):
        audit.verify(tx)


def test_a_forged_chain_does_not_fit_the_journals_seals(tx):
    """Who makes one chain anew is found by what the journal says of it."""
    tx.connection.execute(changes.update().where(changes.c.id == 1).values(item="forged"))
    chained_anew(tx, changes)
    with pytest.raises(ChainBroken, match=r"^changes: row \d+ is not what journal \d+ sealed"):
        audit.verify(tx)


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE field_names SET name = 'forged' WHERE name = 'enrollment'",
        "DELETE FROM field_names WHERE name = 'enrollment'",
    ],
)
def test_the_name_of_a_field_is_under_the_chain(tx, forgery):
    """Fields are named once; a name changed or taken away is found at the first change of it."""
    query = sa.select(sa.func.min(changes.c.id)).join(field_names)
    wanted = tx.connection.scalar(query.where(field_names.c.name == "enrollment"))
    tx.connection.execute(sa.text(forgery))
    with pytest.raises(ChainBroken, match=f"^changes: row {wanted} "):
        audit.verify(tx)


def test_a_change_cannot_be_given_to_another_snapshot(tx):
    """Whose change it was, and when it was seen, is under its link though its snapshot keeps it."""
    query = sa.select(changes.c.id, changes.c.snapshot_id).order_by(changes.c.id.desc()).limit(1)
    id_, snapshot = tx.connection.execute(query).one()
    other = changes.update().where(changes.c.id == id_).values(snapshot_id=snapshot - 1)
    tx.connection.execute(other)
    with pytest.raises(ChainBroken, match=f"^changes: row {id_} "):
        audit.verify(tx)


@pytest.mark.parametrize("name", ["forged", None])
def test_the_name_of_a_sponsor_must_agree_with_history(tx, name):
    """Sponsors are named once; a name changed or taken away is found at the first study with it."""
    mine = sponsors.c.name == "Ett Universitet"
    tx.connection.execute(
        sponsors.delete().where(mine)
        if name is None
        else sponsors.update().where(mine).values(name=name)
    )
    with pytest.raises(ChainBroken, match=r"^studies: NCT00000001 .*lead_sponsor"):
        audit.verify(tx)


def test_a_forged_dictionary_does_not_fit_the_contents(tx):
    """A dictionary replaced along with every chain no longer unpacks what was packed with it."""
    forged = dictionaries.update().where(dictionaries.c.id == 1)
    tx.connection.execute(forged.values(content=b"something else altogether, and longer"))
    chained_anew(tx, dictionaries)
    sealed_anew(tx)
    with pytest.raises(ChainBroken, match=r"^snapshots: .*NCT00000001"):
        audit.verify(tx)


def test_a_forged_content_does_not_fit_its_fingerprint(tx):
    """A content replaced along with every chain still is not what its fingerprint says."""
    forged = packed(b'{"protocolSection":{}}', None)
    tx.connection.execute(snapshots.update().where(snapshots.c.id == 1).values(content=forged))
    chained_anew(tx, snapshots)
    sealed_anew(tx)
    with pytest.raises(ChainBroken, match=r"^snapshots: row 1 \(NCT00000001\)"):
        audit.verify(tx)


@pytest.mark.parametrize(
    ("column", "forged", "said"),
    [
        ("content", packed(b'{"protocolSection":{}}', None), "rebuilds to another content"),
        ("content", b"no such thing", r".*"),
        ("content", None, "has lost its content"),
        ("fingerprint", None, "has lost its content"),
    ],
)
def test_a_forged_version_does_not_fit_its_fingerprint(tx, column, forged, said):
    """A version's content replaced along with every chain still is not what it was."""
    values = {column: sa.null() if forged is None else forged}
    tx.connection.execute(versions.update().where(versions.c.id == 2).values(values))
    chained_anew(tx, versions)
    sealed_anew(tx)
    with pytest.raises(ChainBroken, match=rf"^versions: row 2 \(NCT00000001\):? ?{said}"):
        audit.verify(tx)


def test_a_forger_of_everything_moves_the_link_that_people_were_sent(tx):
    """Who rewrites every chain cannot keep the links that earlier messages bear."""
    sent = chain.heads(tx)["journal"][1][:12]
    assert audit.sealed_at(tx, sent)
    tx.connection.execute(changes.update().where(changes.c.id == 1).values(item="forged"))
    chained_anew(tx, changes)
    sealed_anew(tx)
    assert audit.verify(tx)
    with pytest.raises(ChainBroken, match=f"no row has the link {sent}"):
        audit.sealed_at(tx, sent)


@pytest.mark.parametrize(
    "values",
    [
        {"number": 4},
        {"fingerprint": b"0" * 16},
        {"overall_status": "RECRUITING"},
        {"enrollment": 7},
        {"unknown_due_on": "2030-01-31"},
    ],
    ids=lambda values: next(iter(values)),
)
def test_the_present_must_agree_with_history(tx, values):
    """A study that is shown otherwise than its last snapshot says is found."""
    mine = studies.c.nct_id == "NCT00000003"
    tx.connection.execute(studies.update().where(mine).values(values))
    with pytest.raises(ChainBroken, match=r"^studies: NCT00000003"):
        audit.verify(tx)


def test_a_study_without_history_is_found(tx):
    """A study that no snapshot speaks of was put there by somebody else."""
    row = dict(tx.connection.execute(studies.select().limit(1)).mappings().one())
    tx.connection.execute(studies.insert().values({**row, "nct_id": "NCT00009999"}))
    with pytest.raises(ChainBroken, match=r"^studies: NCT00009999"):
        audit.verify(tx)


def test_a_study_taken_away_is_found(tx):
    """A study whose snapshots are there, but not itself, is named."""
    tx.connection.execute(studies.delete().where(studies.c.nct_id == "NCT00000002"))
    with pytest.raises(ChainBroken, match=r"^studies: NCT00000002"):
        audit.verify(tx)
