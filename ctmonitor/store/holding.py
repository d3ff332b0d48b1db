"""Looks whose alerts wait for a person's word."""

from __future__ import annotations

from ctmonitor.errors import CommandWrong
from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import sweeps
from ctmonitor.store.sweeps import Sweep, sweep_in


def held_sweep(tx: Transaction, sweep_id: int) -> Sweep:
    """The look of this number; CommandWrong when there is none, or its alerts are not held."""
    rows = tx.connection.execute(sweeps.select().where(sweeps.c.id == sweep_id)).mappings()
    row = rows.one_or_none()
    if row is None:
        raise CommandWrong(f"there is no sweep {sweep_id}; `ctmonitor sweeps` lists them")
    if row["state"] != "held":
        raise CommandWrong(
            f"sweep {sweep_id} is {row['state']}, not held; `ctmonitor sweeps` lists which are"
        )
    return sweep_in(row)


def set_state(
    tx: Transaction, sweep_id: int, state: str, *, alerts: int = 0, missing: int = 0
) -> None:
    """Say how a look stands now; what that raised and made missing is counted as its own."""
    more = {"alerts": sweeps.c.alerts + alerts, "missing": sweeps.c.missing + missing}
    sweep = sweeps.update().where(sweeps.c.id == sweep_id)
    tx.connection.execute(sweep.values(state=state, **more))
