"""More days on which something falls due, and the last day on which we asked.

What the new columns say is read from the contents once all migrations are done (`upgrade`).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

DUE = ("eu_results_due_on", "start_passed_on", "primary_completion_passed_on")


def upgrade() -> None:
    """Add the columns to `studies`, and the table of due runs."""
    for name in ("is_results_pending", "is_eu_trial"):
        op.add_column(
            "studies", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
        )
    for name in DUE:
        op.add_column("studies", sa.Column(name, sa.Integer()))
        said = sa.text(f"{name} IS NOT NULL")
        op.create_index(
            op.f(f"ix_studies_{name}"),
            "studies",
            [name],
            sqlite_where=said,
            postgresql_where=said,
        )
    op.create_table(
        "due_runs",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("today", sa.Integer(), nullable=False),
        sa.Column(
            "snapshot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("tuning", sa.String(length=64), nullable=False),
        sa.Column("passed_over", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due_runs")),
    )
