"""Cadences, hours of quiet, ways out that do not work, and what follows where nobody acts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.BigInteger()
IS_WAITING = "state IN ('owed', 'held', 'retrying', 'claimed')"


def upgrade() -> None:
    """Add the columns and the tables."""
    for column in (
        sa.Column("zone", sa.Text()),
        sa.Column("quiet", sa.Text()),
        sa.Column("breaks_quiet", sa.String(length=8)),
        sa.Column("repeat_days", sa.Integer()),
        sa.Column("escalate_hours", sa.Integer()),
        sa.Column("escalate_to", sa.Text()),
    ):
        op.add_column("subscribers", column)
    op.add_column("subscriptions", sa.Column("at_time", sa.String(length=5)))
    op.add_column("subscriptions", sa.Column("weekday", sa.Integer()))
    _deliveries()
    _destinations()
    _follow_ups()


def _deliveries() -> None:
    op.add_column("deliveries", sa.Column("about", sa.Text()))
    op.drop_index("ix_deliveries_owed", "deliveries")
    waiting = sa.text(IS_WAITING)
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["next_try_at"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index("ix_deliveries_subscriber_id", "deliveries", ["subscriber_id", "next_try_at"])


def _destinations() -> None:
    op.create_table(
        "destinations",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_destinations")),
    )


def _follow_ups() -> None:
    op.create_table(
        "follow_ups",
        sa.Column("id", ID, nullable=False),
        sa.Column("alert_id", ID, nullable=False),
        sa.Column("subscriber_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name=op.f("fk_follow_ups_alert_id")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_follow_ups_subscriber_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_ups")),
    )
    op.create_index("ix_follow_ups_at", "follow_ups", ["at"])
