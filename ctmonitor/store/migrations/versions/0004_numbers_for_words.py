"""Numbers, days, instants and the words of short lists are kept as numbers."""

import sqlalchemy as sa
from alembic import op

from ctmonitor.store.guards import statements
from ctmonitor.store.schema import APPEND_ONLY, metadata

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables anew."""
    bind = op.get_bind()
    old = sa.MetaData()
    old.reflect(bind)
    if bind.dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS ctmonitor_refuse() CASCADE")
    old.drop_all(bind, [table for name, table in old.tables.items() if name != "alembic_version"])
    metadata.create_all(bind)
    for statement in statements(bind.dialect.name, [table.name for table in APPEND_ONLY]):
        op.execute(statement)
    heads = metadata.tables["chain_heads"]
    op.bulk_insert(
        heads, [{"name": table.name, "count": 0, "head": "0" * 64} for table in APPEND_ONLY]
    )
