"""Studies seen for the first time, in the form in which they are kept.

They are made without the database, so that other processes than the one that writes can make them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ctmonitor.alerts import Alert
from ctmonitor.formats import row_digest
from ctmonitor.records import Record
from ctmonitor.store import chain
from ctmonitor.store.adding import Row, add_rows, form_of
from ctmonitor.store.alerts import WAITING, waiting_row
from ctmonitor.store.contents import packed
from ctmonitor.store.dictionaries import Dictionary
from ctmonitor.store.engine import Transaction
from ctmonitor.store.names import numbered
from ctmonitor.store.schema import pending_alerts, snapshots, sponsors, states, studies
from ctmonitor.store.schema.columns import day_code, instant_code, nct_code
from ctmonitor.store.values import codes_of, day, json_text

_SNAPSHOT = form_of(snapshots, without=("id", "chain"))
_STUDY, _STATE = form_of(studies), form_of(states)
_TOLD = chain.CHAINED[snapshots.name][1:]
_SPONSOR_OF_STUDY, _SPONSOR_OF_STATE = (form.names.index("sponsor_id") for form in (_STUDY, _STATE))


@dataclass(frozen=True, slots=True)
class Occasion:
    """The look that sees studies for the first time: its number, its instant, what packs them."""

    sweep_id: int
    at: str
    common: Dictionary | None = None


class FirstSight(NamedTuple):
    """One study as it is kept when it was never seen before."""

    nct_id: str
    told: bytes
    """What its snapshot gives to the chain."""
    snapshot: Row
    study: list[Any]
    state: list[Any]
    sponsor: str | None
    aliases: tuple[str, ...]
    alerts: tuple[Row, ...]


def first_sight(
    record: Record, glance: bytes, alerts: Iterable[Alert], occasion: Occasion
) -> FirstSight:
    """A study as it is kept when this record of it is the first one."""
    facts, common, at = record.facts, occasion.common, occasion.at
    codes = codes_of(facts)
    said_on = day(facts.registry_date)
    number, at_code = nct_code(facts.nct_id), instant_code(at)
    snapshot = {
        "nct_id": facts.nct_id,
        "number": 1,
        "sweep_id": occasion.sweep_id,
        "origin": "sweep",
        "seen_at": at,
        "registry_date": said_on,
        "data_date": day(facts.data_date),
        "coverage": None if record.coverage is None else json_text(sorted(record.coverage)),
        "depth": 0,
        "dictionary_id": None if common is None else common.id,
        "content": packed(record.canonical, None, common),
        "fingerprint": record.fingerprint,
    }
    codes |= {
        "nct_id": number,
        "number": 1,
        "aliases": json_text(record.aliases),
        "fingerprint": record.fingerprint,
        "glance": glance,
        "first_seen_at": at_code,
        "last_seen_at": at_code,
        "seen_in": occasion.sweep_id,
        "row_digest": row_digest(record),
        "seen_from": at_code,
        "registry_from": None if said_on is None else day_code(said_on),
    }
    return FirstSight(
        facts.nct_id,
        chain.told([snapshot[name] for name in _TOLD]),
        _SNAPSHOT.row(snapshot),
        list(map(codes.get, _STUDY.names)),
        list(map(codes.get, _STATE.names)),
        facts.lead_sponsor,
        record.aliases,
        tuple(waiting_row(alert, occasion.sweep_id, at) for alert in alerts),
    )


def keep_first(tx: Transaction, seen: Sequence[FirstSight]) -> list[int]:
    """Keep studies that are not held yet; gives the ids of their snapshots, in order."""
    ids = chain.append_rows(tx, snapshots, [(one.told, one.snapshot) for one in seen])
    sponsored = numbered(tx, sponsors, (one.sponsor for one in seen))
    for one in seen:
        if one.sponsor is not None:
            one.study[_SPONSOR_OF_STUDY] = sponsored[one.sponsor]
            one.state[_SPONSOR_OF_STATE] = sponsored[one.sponsor]
    add_rows(tx, studies, [tuple(one.study) for one in seen])
    add_rows(tx, states, [tuple(one.state) for one in seen])
    waiting = [row for one in seen for row in one.alerts]
    add_rows(tx, pending_alerts, waiting, without=WAITING)
    return ids
