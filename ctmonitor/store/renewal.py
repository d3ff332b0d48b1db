"""Read the facts of every study from its content again, when a new schema asks for more of them."""

from __future__ import annotations

from itertools import islice
from typing import Any

import orjson
import sqlalchemy as sa

from ctmonitor.formats import facts_of
from ctmonitor.records import Facts
from ctmonitor.store.contents import every_content
from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import studies
from ctmonitor.store.values import AT_ONCE, DUE, PLAIN

LAST_NEED = "0005"
"""The schema that last asked for facts which earlier ones did not keep."""
RENEWED = ("is_results_pending", "is_eu_trial", *DUE)


def renew_facts(tx: Transaction) -> int:
    """Let `studies` say what its columns are to say; gives how many studies came to say more."""
    contents, renewed = every_content(tx), 0
    while some := list(islice(contents, AT_ONCE)):
        among = studies.c.nct_id.in_(sorted({row.nct_id for row, _ in some}))
        stand = {
            (row.nct_id, row.number): row for row in tx.connection.execute(_wanted().where(among))
        }
        rows = [
            {"of": row.nct_id, **said}
            for row, canonical in some
            if (stands := stand.get((row.nct_id, row.number))) is not None
            and (said := _said(facts_of(orjson.loads(canonical)))) != _held(stands)
        ]
        if rows:
            of_it = studies.c.nct_id == sa.bindparam("of")
            renewal: dict[str, Any] = {name: sa.bindparam(f"its_{name}") for name in RENEWED}
            tx.connection.execute(
                studies.update().where(of_it).values(renewal),
                [
                    {"of": row["of"], **{f"its_{name}": row[name] for name in RENEWED}}
                    for row in rows
                ],
            )
        renewed += len(rows)
    return renewed


def _wanted() -> sa.Select[Any]:
    names = ("nct_id", "number", *RENEWED)
    return sa.select(*(studies.c[name] for name in names))


def _held(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in RENEWED}


def _said(facts: Facts) -> dict[str, Any]:
    days = {name: getattr(facts, name) for name in DUE}
    plain = {name: getattr(facts, name) for name in RENEWED if name in PLAIN}
    return plain | {name: None if day is None else day.isoformat() for name, day in days.items()}
