"""The tables as migration 0004 makes them; never changed when the program's own tables are."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.schema import SchemaItem

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID = BigInteger().with_variant(Integer(), "sqlite")
NCT = BigInteger().with_variant(Integer(), "postgresql")
DAY = Integer()
INSTANT = BigInteger()
STATUS, TYPE_OF_DATE, KIND_OF_CHANGE = SmallInteger(), SmallInteger(), SmallInteger()
BY_WHOM, ORIGIN = SmallInteger(), SmallInteger()
LINK, DIGEST = LargeBinary(4), LargeBinary(32)


def _facts() -> list[Column[Any]]:
    return [
        Column("overall_status", STATUS),
        Column("last_known_status", STATUS),
        Column("status_verified_date", DAY),
        Column("start_date", DAY),
        Column("start_date_type", TYPE_OF_DATE),
        Column("primary_completion_date", DAY),
        Column("primary_completion_date_type", TYPE_OF_DATE),
        Column("completion_date", DAY),
        Column("completion_date_type", TYPE_OF_DATE),
        Column("enrollment", BigInteger),
        Column("enrollment_type", TYPE_OF_DATE),
        Column("sponsor_id", ID),
    ]


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=text("0"))


def _partial(name: str, column: str, where: str) -> Index:
    return Index(name, column, sqlite_where=text(where), postgresql_where=text(where))


def _table(name: str, *parts: SchemaItem) -> None:
    Table(name, metadata, *parts)


_table(
    "dictionaries",
    Column("id", ID, primary_key=True, autoincrement=False),
    Column("content", LargeBinary(), nullable=False),
    Column("made_at", INSTANT, nullable=False),
    Column("chain", LINK, nullable=False),
)
_table(
    "field_names",
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    UniqueConstraint("name"),
)
_table(
    "former_numbers",
    Column("alias", NCT, primary_key=True, autoincrement=False),
    Column("nct_id", NCT, nullable=False),
    Column("seen_at", INSTANT, nullable=False),
    Index("ix_former_numbers_nct_id", "nct_id"),
)
_table(
    "journal",
    Column("id", ID, primary_key=True, autoincrement=False),
    Column("at", INSTANT, nullable=False),
    Column("who", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("chain", DIGEST, nullable=False),
)
_table(
    "manifest",
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("snapshot_id", ID, nullable=False),
    Column("sweep_id", ID, nullable=False),
    Column("data_date", DAY, nullable=False),
    _count("count"),
    Column("proof", LargeBinary(), nullable=False),
    Column("glances", LargeBinary(), nullable=False),
)
_table(
    "sponsors",
    Column("id", ID, primary_key=True),
    Column("name", Text, nullable=False),
    UniqueConstraint("name"),
)
_table(
    "states",
    Column("nct_id", NCT, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("seen_from", INSTANT, nullable=False),
    Column("seen_until", INSTANT),
    Column("registry_from", DAY),
    Column("registry_until", DAY),
    *_facts(),
    Index("ix_states_overall_status", "overall_status", "seen_from", "seen_until"),
)
_table(
    "studies",
    Column("nct_id", NCT, primary_key=True, autoincrement=False),
    Column("aliases", Text, nullable=False, server_default="[]"),
    Column("brief_title", Text),
    Column("why_stopped", Text),
    *_facts(),
    Column("study_type", Text),
    Column("has_results", Boolean, nullable=False),
    Column("is_probably_applicable", Boolean, nullable=False),
    Column("is_certified", Boolean, nullable=False),
    Column("is_partial", Boolean, nullable=False),
    Column("results_first_posted_date", DAY),
    Column("study_first_posted_date", DAY),
    Column("last_update_posted_date", DAY),
    Column("data_date", DAY),
    Column("unknown_due_on", DAY),
    Column("results_due_on", DAY),
    Column("verification_due_on", DAY),
    Column("completion_passed_on", DAY),
    Column("number", Integer, nullable=False),
    Column("fingerprint", LargeBinary(16), nullable=False),
    Column("glance", LargeBinary(16), nullable=False),
    Column("first_seen_at", INSTANT, nullable=False),
    Column("last_seen_at", INSTANT, nullable=False),
    Column("missing_since", INSTANT),
    Column("missing_release", String(27)),
    Column("removed_on", DAY),
    Column("is_absorbed", Boolean),
    Column("row_digest", LargeBinary(16)),
    Column("seen_in", ID),
    Index("ix_studies_completion_passed_on", "completion_passed_on"),
    Index("ix_studies_glance", "glance"),
    _partial("ix_studies_missing_since", "missing_since", "missing_since IS NOT NULL"),
    Index("ix_studies_overall_status", "overall_status", "last_update_posted_date"),
    Index("ix_studies_results_due_on", "results_due_on"),
    Index("ix_studies_sponsor_id", "sponsor_id"),
    Index("ix_studies_unknown_due_on", "unknown_due_on"),
    Index("ix_studies_verification_due_on", "verification_due_on"),
)
_table(
    "subscribers",
    Column("id", ID, primary_key=True),
    Column("address", Text, nullable=False),
    Column("made_at", INSTANT, nullable=False),
    UniqueConstraint("address"),
)
_table(
    "sweeps",
    Column("id", ID, primary_key=True),
    Column("scope", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("state", String(12), nullable=False),
    Column("today", DAY, nullable=False),
    Column("data_timestamp_before", String(27)),
    Column("data_timestamp_after", String(27)),
    Column("expected", Integer),
    *map(_count, ("received", "new", "changed", "unchanged", "missing", "rejected", "older")),
    *map(_count, ("changes", "alerts")),
    Column("is_complete", Boolean, nullable=False),
    Column("gaps", Text, nullable=False, server_default="[]"),
    Column("owner", Text, nullable=False),
    Column("alive_until", INSTANT, nullable=False),
    Column("started_at", INSTANT, nullable=False),
    Column("finished_at", INSTANT),
    Column("way", String(12)),
    Column("certificate", Text, nullable=False, server_default="{}"),
    Column("place", Text),
    Column("continues", ID),
    Column("first_snapshot", ID),
    Column("last_snapshot", ID),
    Column("seen_from", INSTANT),
    Column("seen_until", INSTANT),
    Index("ix_sweeps_scope", "scope", "id"),
    Index("ix_sweeps_state", "state"),
)
_table(
    "versions",
    Column("id", ID, primary_key=True, autoincrement=False),
    Column("nct_id", NCT, nullable=False),
    Column("version", Integer, nullable=False),
    Column("submitted_date", DAY, nullable=False),
    Column("registry_date", DAY, nullable=False),
    Column("overall_status", String(40)),
    Column("module_labels", Text, nullable=False),
    Column("is_qc_failed", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    Column("seen_at", INSTANT, nullable=False),
    Column("content", LargeBinary()),
    Column("fingerprint", LargeBinary(16)),
    Column("chain", LINK, nullable=False),
    Index("ix_versions_nct_id", "nct_id", "version"),
)
_table(
    "watch_lists",
    Column("id", ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("is_all", Boolean, nullable=False),
    Column("question", Text),
    Column("made_at", INSTANT, nullable=False),
    Column("asked_release", String(27)),
    UniqueConstraint("name"),
)
_table(
    "alerts",
    Column("id", ID, primary_key=True, autoincrement=False),
    Column("key", DIGEST, nullable=False),
    Column("rule", String(60), nullable=False),
    Column("severity", String(8), nullable=False),
    Column("nct_id", NCT),
    Column("headline", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("registry_date", DAY),
    Column("raised_at", INSTANT, nullable=False),
    Column("sweep_id", ID, ForeignKey("sweeps.id")),
    Column("summary_id", ID, ForeignKey("alerts.id")),
    Column("chain", LINK, nullable=False),
    UniqueConstraint("key"),
    Index("ix_alerts_nct_id", "nct_id"),
    Index("ix_alerts_raised_at", "raised_at"),
    Index("ix_alerts_rule", "rule", "raised_at"),
    Index("ix_alerts_summary_id", "summary_id"),
)
_table(
    "deliveries",
    Column("id", ID, primary_key=True),
    Column("key", String(64), nullable=False),
    Column("subscriber_id", ID, ForeignKey("subscribers.id"), nullable=False),
    Column("address", Text, nullable=False),
    Column("sweep_id", ID, ForeignKey("sweeps.id")),
    Column("alert_ids", Text, nullable=False),
    Column("lists", Text, nullable=False),
    Column("data_date", DAY),
    Column("chain_head", String(64), nullable=False),
    Column("state", String(12), nullable=False),
    _count("tries"),
    Column("next_try_at", INSTANT, nullable=False),
    _count("claim"),
    Column("claimed_by", Text),
    Column("claimed_until", INSTANT),
    Column("made_at", INSTANT, nullable=False),
    Column("sent_at", INSTANT),
    Column("reason", Text),
    UniqueConstraint("key"),
    _partial("ix_deliveries_owed", "next_try_at", "state IN ('owed', 'claimed')"),
)
_table(
    "members",
    Column("watch_list_id", ID, ForeignKey("watch_lists.id"), primary_key=True),
    Column("nct_id", NCT, primary_key=True, autoincrement=False),
    Column("joined_at", INSTANT, nullable=False),
    Index("ix_members_nct_id", "nct_id"),
)
_table(
    "mutes",
    Column("id", ID, primary_key=True),
    Column("subscriber_id", ID, ForeignKey("subscribers.id"), nullable=False),
    Column("nct_id", NCT),
    Column("rule", String(60)),
    Column("until", DAY, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_at", INSTANT, nullable=False),
    Index("ix_mutes_subscriber_id", "subscriber_id"),
)
_table(
    "pending_alerts",
    Column("id", ID, primary_key=True),
    Column("sweep_id", ID, ForeignKey("sweeps.id"), nullable=False),
    Column("key", DIGEST, nullable=False),
    Column("rule", String(60), nullable=False),
    Column("severity", String(8), nullable=False),
    Column("nct_id", NCT),
    Column("headline", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("registry_date", DAY),
    Column("raised_at", INSTANT, nullable=False),
    Index("ix_pending_alerts_sweep_id", "sweep_id"),
)
_table(
    "rejects",
    Column("id", ID, primary_key=True),
    Column("sweep_id", ID, ForeignKey("sweeps.id"), nullable=False),
    Column("nct_id", NCT),
    Column("source", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("payload", LargeBinary(), nullable=False),
    Column("payload_bytes", BigInteger, nullable=False),
    Column("payload_sha256", String(64), nullable=False),
    Column("seen_at", INSTANT, nullable=False),
    Index("ix_rejects_nct_id", "nct_id"),
    Index("ix_rejects_sweep_id", "sweep_id"),
)
_table(
    "snapshots",
    Column("id", ID, primary_key=True, autoincrement=False),
    Column("nct_id", NCT, nullable=False),
    Column("number", Integer, nullable=False),
    Column("sweep_id", ID, ForeignKey("sweeps.id")),
    Column("origin", ORIGIN, nullable=False),
    Column("seen_at", INSTANT, nullable=False),
    Column("registry_date", DAY),
    Column("data_date", DAY),
    Column("coverage", Text),
    Column("depth", Integer, nullable=False),
    Column("dictionary_id", Integer),
    Column("content", LargeBinary(), nullable=False),
    Column("fingerprint", LargeBinary(16), nullable=False),
    Column("chain", LINK, nullable=False),
    UniqueConstraint("nct_id", "number"),
    Index("ix_snapshots_sweep_id", "sweep_id"),
)
_table(
    "subscriptions",
    Column("id", ID, primary_key=True),
    Column("subscriber_id", ID, ForeignKey("subscribers.id"), nullable=False),
    Column("watch_list_id", ID, ForeignKey("watch_lists.id"), nullable=False),
    Column("rules", Text),
    Column("min_severity", String(8), nullable=False),
    Column("cadence", String(12), nullable=False),
    Column("made_at", INSTANT, nullable=False),
    UniqueConstraint("subscriber_id", "watch_list_id"),
)
_table(
    "attempts",
    Column("id", ID, primary_key=True),
    Column("delivery_id", ID, ForeignKey("deliveries.id"), nullable=False),
    Column("claim", Integer, nullable=False),
    Column("finished_at", INSTANT, nullable=False),
    Column("outcome", String(12), nullable=False),
    Column("why", Text),
    Index("ix_attempts_delivery_id", "delivery_id"),
)
_table(
    "changes",
    Column("id", ID, primary_key=True, autoincrement=False),
    Column("snapshot_id", ID, ForeignKey("snapshots.id"), nullable=False),
    Column("field_id", Integer, ForeignKey("field_names.id"), nullable=False),
    Column("item", Text),
    Column("kind", KIND_OF_CHANGE, nullable=False),
    Column("made_by", BY_WHOM, nullable=False),
    Column("is_noise", Boolean, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("is_cut", Boolean, nullable=False),
    Column("chain", LINK, nullable=False),
    Index("ix_changes_field_id", "field_id", "snapshot_id"),
    Index("ix_changes_snapshot_id", "snapshot_id"),
)
_table(
    "marks",
    Column("id", ID, primary_key=True),
    Column("alert_id", ID, ForeignKey("alerts.id"), nullable=False),
    Column("act", String(12), nullable=False),
    Column("by", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("note", Text),
    Index("ix_marks_alert_id", "alert_id"),
)
