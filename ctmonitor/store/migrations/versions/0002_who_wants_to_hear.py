"""Who wants to hear of what, and what is owed to whom."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.String(length=27)
DAY = sa.String(length=10)
NCT = sa.String(length=11)


def upgrade() -> None:
    """Make the tables."""
    _subscribers()
    _watch_lists()
    _deliveries()
    _members()
    _mutes()
    _subscriptions()
    _attempts()


def _subscribers() -> None:
    op.create_table(
        "subscribers",
        sa.Column("id", ID, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscribers")),
        sa.UniqueConstraint("address", name=op.f("uq_subscribers_address")),
    )


def _watch_lists() -> None:
    op.create_table(
        "watch_lists",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_all", sa.Boolean(), nullable=False),
        sa.Column("question", sa.Text()),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_lists")),
        sa.UniqueConstraint("name", name=op.f("uq_watch_lists_name")),
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("subscriber_id", ID, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("sweep_id", ID),
        sa.Column("alert_ids", sa.Text(), nullable=False),
        sa.Column("lists", sa.Text(), nullable=False),
        sa.Column("data_date", DAY),
        sa.Column("chain_head", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_try_at", INSTANT, nullable=False),
        sa.Column("claim", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("claimed_by", sa.Text()),
        sa.Column("claimed_until", INSTANT),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT),
        sa.Column("reason", sa.Text()),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_deliveries_subscriber_id")
        ),
        sa.ForeignKeyConstraint(["sweep_id"], ["sweeps.id"], name=op.f("fk_deliveries_sweep_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("key", name=op.f("uq_deliveries_key")),
    )
    op.create_index(
        "ix_deliveries_owed",
        "deliveries",
        ["next_try_at"],
        sqlite_where=sa.text("state IN ('owed', 'claimed')"),
        postgresql_where=sa.text("state IN ('owed', 'claimed')"),
    )


def _members() -> None:
    op.create_table(
        "members",
        sa.Column("watch_list_id", ID, nullable=False),
        sa.Column("nct_id", NCT, nullable=False),
        sa.Column("joined_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["watch_list_id"], ["watch_lists.id"], name=op.f("fk_members_watch_list_id")
        ),
        sa.PrimaryKeyConstraint("watch_list_id", "nct_id", name=op.f("pk_members")),
    )
    op.create_index("ix_members_nct_id", "members", ["nct_id"])


def _mutes() -> None:
    op.create_table(
        "mutes",
        sa.Column("id", ID, nullable=False),
        sa.Column("subscriber_id", ID, nullable=False),
        sa.Column("nct_id", NCT),
        sa.Column("rule", sa.String(length=60)),
        sa.Column("until", DAY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_mutes_subscriber_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mutes")),
    )
    op.create_index("ix_mutes_subscriber_id", "mutes", ["subscriber_id"])


def _subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", ID, nullable=False),
        sa.Column("subscriber_id", ID, nullable=False),
        sa.Column("watch_list_id", ID, nullable=False),
        sa.Column("rules", sa.Text()),
        sa.Column("min_severity", sa.String(length=8), nullable=False),
        sa.Column("cadence", sa.String(length=12), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_subscriptions_subscriber_id")
        ),
        sa.ForeignKeyConstraint(
            ["watch_list_id"], ["watch_lists.id"], name=op.f("fk_subscriptions_watch_list_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint(
            "subscriber_id",
            "watch_list_id",
            name=op.f("uq_subscriptions_subscriber_id_watch_list_id"),
        ),
    )


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", ID, nullable=False),
        sa.Column("delivery_id", ID, nullable=False),
        sa.Column("claim", sa.Integer(), nullable=False),
        sa.Column("finished_at", INSTANT, nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("why", sa.Text()),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_attempts_delivery_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    op.create_index("ix_attempts_delivery_id", "attempts", ["delivery_id"])
