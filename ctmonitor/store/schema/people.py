"""Who wants to hear of what, and what is owed to whom."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from ctmonitor.store.schema.columns import Day, Id, Instant, Nct, metadata, number

# A named set of studies: numbers, everything, or the answer to a question (its parameters as
# JSON), with the release that last answered it in full.
watch_lists = Table(
    "watch_lists",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("is_all", Boolean, nullable=False),
    Column("question", Text),
    Column("made_at", Instant, nullable=False),
    Column("asked_release", String(27)),
    UniqueConstraint("name"),
)

# One study on one watch list.
members = Table(
    "members",
    metadata,
    Column("watch_list_id", Id, ForeignKey("watch_lists.id"), primary_key=True),
    Column("nct_id", Nct, primary_key=True),
    Column("joined_at", Instant, nullable=False),
    Index("ix_members_nct_id", "nct_id"),
)

# One way out to one person or system.
subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("address", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    UniqueConstraint("address"),
)

# The wish of one subscriber to hear about one watch list.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("subscriber_id", Id, ForeignKey("subscribers.id"), nullable=False),
    Column("watch_list_id", Id, ForeignKey("watch_lists.id"), nullable=False),
    Column("rules", Text),
    Column("min_severity", String(8), nullable=False),
    Column("cadence", String(12), nullable=False),
    Column("made_at", Instant, nullable=False),
    UniqueConstraint("subscriber_id", "watch_list_id"),
)

# What a subscriber does not want to hear for a while: a study, a rule, or both.
mutes = Table(
    "mutes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("subscriber_id", Id, ForeignKey("subscribers.id"), nullable=False),
    Column("nct_id", Nct),
    Column("rule", String(60)),
    Column("until", Day, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Index("ix_mutes_subscriber_id", "subscriber_id"),
)

# One digest owed to one subscriber: the outbox, written with its alerts, claimed with a lease.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(64), nullable=False),
    Column("subscriber_id", Id, ForeignKey("subscribers.id"), nullable=False),
    Column("address", Text, nullable=False),
    Column("sweep_id", Id, ForeignKey("sweeps.id")),
    Column("alert_ids", Text, nullable=False),
    Column("lists", Text, nullable=False),
    Column("data_date", Day),
    Column("chain_head", String(64), nullable=False),
    Column("state", String(12), nullable=False),
    number("tries"),
    Column("next_try_at", Instant, nullable=False),
    number("claim"),
    Column("claimed_by", Text),
    Column("claimed_until", Instant),
    Column("made_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("reason", Text),
    UniqueConstraint("key"),
    Index(
        "ix_deliveries_owed",
        "next_try_at",
        sqlite_where=text("state IN ('owed', 'claimed')"),
        postgresql_where=text("state IN ('owed', 'claimed')"),
    ),
)

# One try to send one digest.
attempts = Table(
    "attempts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("delivery_id", Id, ForeignKey("deliveries.id"), nullable=False),
    Column("claim", Integer, nullable=False),
    Column("finished_at", Instant, nullable=False),
    Column("outcome", String(12), nullable=False),
    Column("why", Text),
    Index("ix_attempts_delivery_id", "delivery_id"),
)
