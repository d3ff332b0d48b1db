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

_IS_WAITING = "state IN ('owed', 'held', 'retrying', 'claimed')"

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

# One way out to one person or system: in which zone it lives, when it is to be quiet there and from
# which severity on not even then; after how many days open alerts are told again, and to whom they
# are told after how many hours without a mark.
subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("address", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("zone", Text),
    Column("quiet", Text),
    Column("breaks_quiet", String(8)),
    Column("repeat_days", Integer),
    Column("escalate_hours", Integer),
    Column("escalate_to", Text),
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
    Column("at_time", String(5)),
    Column("weekday", Integer),
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
# `about` says of one that is no first telling what it is.
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
    Column("about", Text),
    UniqueConstraint("key"),
    Index(
        "ix_deliveries_waiting",
        "next_try_at",
        sqlite_where=text(_IS_WAITING),
        postgresql_where=text(_IS_WAITING),
    ),
    Index("ix_deliveries_subscriber_id", "subscriber_id", "next_try_at"),
)

# A way out that does not work now: paused until an instant, or for good.
destinations = Table(
    "destinations",
    metadata,
    Column("address", Text, primary_key=True),
    Column("state", String(12), nullable=False),
    number("failures"),
    Column("why", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
)

# What is to be done about an alert if nobody has marked it by then: tell it again, or another.
follow_ups = Table(
    "follow_ups",
    metadata,
    Column("id", Id, primary_key=True),
    Column("alert_id", Id, ForeignKey("alerts.id"), nullable=False),
    Column("subscriber_id", Id, ForeignKey("subscribers.id"), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("nth", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_follow_ups_at", "at"),
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
