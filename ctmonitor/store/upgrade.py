"""Bring a database to this program's schema, and tell whether it is there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from ctmonitor.errors import StoreError, StoreMismatch
from ctmonitor.store.engine import SCHEMA, Store, Transaction, schema_of
from ctmonitor.store.renewal import LAST_NEED, renew_facts


def upgrade(store: Store) -> str:
    """Apply every migration that is missing, in one transaction; gives the schema's name."""
    found = schema_of(store)
    if found is not None and found > SCHEMA:
        raise StoreMismatch(store.url, found, SCHEMA, newer=True)
    config = Config()
    config.set_main_option("script_location", "ctmonitor.store:migrations")
    try:
        with (
            store.engine.connect().execution_options(begins="IMMEDIATE") as connection,
            connection.begin(),
        ):
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            if found is not None and found < LAST_NEED:
                renew_facts(Transaction(connection))
    except sa.exc.DBAPIError as problem:
        if schema_of(store) == SCHEMA:  # somebody else was faster
            return SCHEMA
        raise StoreError(f"{store.url}: {problem.orig}") from problem
    return SCHEMA
