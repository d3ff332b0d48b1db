"""Look after the store: bring its schema up to date, or check it."""

from __future__ import annotations

import argparse

from ctmonitor.cli.call import Call
from ctmonitor.errors import SettingWrong, StoreMismatch

EXAMPLE = "ctmonitor db upgrade"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `db` takes."""
    parser.add_argument(
        "act", choices=("upgrade", "check"), help="upgrade the schema, or say whether it fits"
    )


def run(call: Call) -> int:
    """Upgrade or check."""
    from ctmonitor.store import SCHEMA, open_unchecked, schema_of

    store = open_unchecked(call.database_url)
    try:
        found = schema_of(store)
        if call.args.act == "upgrade":
            from ctmonitor.store.upgrade import upgrade

            upgrade(store)
            said = f"{store.url}: schema {SCHEMA}" + ("" if found == SCHEMA else ", now up to date")
        elif found is None:
            raise SettingWrong(
                "CTMONITOR_DATABASE_URL", f"{store.url} is empty", "run `ctmonitor db upgrade`"
            )
        elif found != SCHEMA:
            raise StoreMismatch(store.url, found, SCHEMA, newer=found > SCHEMA)
        else:
            said = f"{store.url}: schema {SCHEMA}, as this program wants it"
    finally:
        store.close()
    if call.args.json:
        call.give_json({"url": store.url, "schema": SCHEMA, "was": found})
    else:
        call.give(said)
    return 0
