"""What a sweep proves, which numbers went, and the registry's own versions."""

import sqlalchemy as sa
from alembic import op

from ctmonitor.store.guards import statements

revision = "0003"
down_revision = "0002"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.String(length=27)
DAY = sa.String(length=10)
NCT = sa.String(length=11)


def upgrade() -> None:
    """Make the columns and tables."""
    _sweeps()
    _studies()
    op.add_column("watch_lists", sa.Column("asked_release", INSTANT))
    _former_numbers()
    _versions()
    for statement in statements(op.get_bind().dialect.name, ("versions",)):
        op.execute(statement)
    heads = sa.table("chain_heads", sa.column("name"), sa.column("count"), sa.column("head"))
    op.bulk_insert(heads, [{"name": "versions", "count": 0, "head": "0" * 64}])


def _sweeps() -> None:
    for column in (
        sa.Column("way", sa.String(length=12)),
        sa.Column("certificate", sa.Text(), server_default="{}", nullable=False),
        sa.Column("place", sa.Text()),
        sa.Column("continues", ID),
    ):
        op.add_column("sweeps", column)
    op.create_index(op.f("ix_sweeps_scope"), "sweeps", ["scope", "id"])


def _studies() -> None:
    for column in (
        sa.Column("missing_release", INSTANT),
        sa.Column("removed_on", DAY),
        sa.Column("is_absorbed", sa.Boolean()),
        sa.Column("row_digest", sa.LargeBinary(length=16)),
        sa.Column("seen_in", ID),
    ):
        op.add_column("studies", column)
    # The next look reads every study again, and so learns the digest of its row.
    glances = sa.table("studies", sa.column("glance", sa.LargeBinary))
    op.execute(glances.update().values(glance=bytes(16)))


def _former_numbers() -> None:
    op.create_table(
        "former_numbers",
        sa.Column("alias", NCT, nullable=False),
        sa.Column("nct_id", NCT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("alias", name=op.f("pk_former_numbers")),
    )
    op.create_index(op.f("ix_former_numbers_nct_id"), "former_numbers", ["nct_id"])


def _versions() -> None:
    op.create_table(
        "versions",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("nct_id", NCT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("submitted_date", DAY, nullable=False),
        sa.Column("registry_date", DAY, nullable=False),
        sa.Column("overall_status", sa.String(length=40)),
        sa.Column("module_labels", sa.Text(), nullable=False),
        sa.Column("is_qc_failed", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("content", sa.LargeBinary()),
        sa.Column("fingerprint", sa.LargeBinary(length=16)),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_versions")),
    )
    op.create_index(op.f("ix_versions_nct_id"), "versions", ["nct_id", "version"])
