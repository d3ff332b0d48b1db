"""Who did what: one row an act, never changed, sealing everything kept before it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ctmonitor.store import chain
from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import APPEND_ONLY, journal
from ctmonitor.store.values import instant, json_text, json_value

SEALED = tuple(table for table in APPEND_ONLY if table is not journal)


def note(tx: Transaction, act: str, detail: dict[str, Any], *, who: str, at: datetime) -> str:
    """Write down one act; `who` is a person or a job, `detail` what was done, in plain values.

    The row also holds where the other chains stood. Its own link is given back: whoever keeps it
    outside can later prove that nothing before it was changed.
    """
    stood = {name: list(head) for name, head in chain.heads(tx).items() if name != journal.name}
    row = {
        "at": instant(at),
        "who": who,
        "act": act,
        "detail": json_text({**detail, "chains": stood}),
    }
    chain.append(tx, journal, [row])
    return chain.heads(tx)[journal.name][1]


def seals(tx: Transaction) -> Iterator[tuple[int, str, str, int, str]]:
    """Every seal: the journal's row, its instant, a table, a row of it and the link it had."""
    query = journal.select().order_by(journal.c.id)
    for row in tx.connection.execute(query).mappings():
        for name, (count, head) in json_value(row["detail"])["chains"].items():
            yield row["id"], row["at"], name, count, head
