"""What the registry said, what changed, what was told, and who did what."""

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
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from ctmonitor.store.schema.columns import (
    ByWhom,
    Coded,
    Day,
    Hex,
    Id,
    Instant,
    KindOfChange,
    Nct,
    Status,
    TypeOfDate,
    metadata,
    number,
)

LINK_BYTES = 4
"""Of its link in the chain, a row keeps so many bytes; the journal's seals hold whole ones."""


def _facts() -> list[Column[Any]]:
    """The tracked fields, as `studies` holds them now and `states` over time."""
    return [
        Column("overall_status", Status),
        Column("last_known_status", Status),
        Column("status_verified_date", Day),
        Column("start_date", Day),
        Column("start_date_type", TypeOfDate),
        Column("primary_completion_date", Day),
        Column("primary_completion_date_type", TypeOfDate),
        Column("completion_date", Day),
        Column("completion_date_type", TypeOfDate),
        Column("enrollment", BigInteger),
        Column("enrollment_type", TypeOfDate),
        Column("sponsor_id", Id),
    ]


def _index_where_said(column: str) -> Index:
    """An index of the studies of which a column says something: few do."""
    said = text(f"{column} IS NOT NULL")
    return Index(f"ix_studies_{column}", column, sqlite_where=said, postgresql_where=said)


# One look over a scope: what was expected, what came, and how it ended; `place` is where the
# next look goes on when this one was cut off. What it kept are snapshots between two of them, seen
# between two instants of the clock that it went by.
sweeps = Table(
    "sweeps",
    metadata,
    Column("id", Id, primary_key=True),
    Column("scope", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("state", String(12), nullable=False),
    Column("today", Day, nullable=False),
    Column("data_timestamp_before", String(27)),
    Column("data_timestamp_after", String(27)),
    Column("expected", Integer),
    number("received"),
    number("new"),
    number("changed"),
    number("unchanged"),
    number("missing"),
    number("rejected"),
    number("older"),
    number("changes"),
    number("alerts"),
    Column("is_complete", Boolean, nullable=False),
    Column("gaps", Text, nullable=False, server_default="[]"),
    Column("owner", Text, nullable=False),
    Column("alive_until", Instant, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("way", String(12)),
    Column("certificate", Text, nullable=False, server_default="{}"),
    Column("place", Text),
    Column("continues", Id),
    Column("first_snapshot", Id),
    Column("last_snapshot", Id),
    Column("seen_from", Instant),
    Column("seen_until", Instant),
    Index("ix_sweeps_state", "state"),
    Index("ix_sweeps_scope", "scope", "id"),
)

# One name of a lead sponsor, as studies and states refer to it.
sponsors = Table(
    "sponsors",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    UniqueConstraint("name"),
)

# One name of a field, as changes refer to it.
field_names = Table(
    "field_names",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    UniqueConstraint("name"),
)

# One study as it stands now, with the days that will make it due. `row_digest` is of the row
# that a listing of a few fields has when it says the same, `seen_in` the last look that saw it;
# of one that `is_absorbed` nobody is told that it is gone.
studies = Table(
    "studies",
    metadata,
    Column("nct_id", Nct, primary_key=True, autoincrement=False),
    Column("aliases", Text, nullable=False, server_default="[]"),
    Column("brief_title", Text),
    Column("why_stopped", Text),
    *_facts(),
    Column("study_type", Text),
    Column("has_results", Boolean, nullable=False),
    Column("is_probably_applicable", Boolean, nullable=False),
    Column("is_certified", Boolean, nullable=False),
    Column("is_results_pending", Boolean, nullable=False, server_default=false()),
    Column("is_eu_trial", Boolean, nullable=False, server_default=false()),
    Column("is_partial", Boolean, nullable=False),
    Column("results_first_posted_date", Day),
    Column("study_first_posted_date", Day),
    Column("last_update_posted_date", Day),
    Column("data_date", Day),
    Column("unknown_due_on", Day),
    Column("results_due_on", Day),
    Column("verification_due_on", Day),
    Column("completion_passed_on", Day),
    Column("eu_results_due_on", Day),
    Column("start_passed_on", Day),
    Column("primary_completion_passed_on", Day),
    Column("number", Integer, nullable=False),
    Column("fingerprint", LargeBinary(16), nullable=False),
    Column("glance", LargeBinary(16), nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("missing_since", Instant),
    Column("missing_release", String(27)),
    Column("removed_on", Day),
    Column("is_absorbed", Boolean),
    Column("row_digest", LargeBinary(16)),
    Column("seen_in", Id),
    Index("ix_studies_glance", "glance"),
    Index("ix_studies_sponsor_id", "sponsor_id"),
    Index("ix_studies_overall_status", "overall_status", "last_update_posted_date"),
    Index("ix_studies_unknown_due_on", "unknown_due_on"),
    Index("ix_studies_results_due_on", "results_due_on"),
    Index("ix_studies_verification_due_on", "verification_due_on"),
    Index("ix_studies_completion_passed_on", "completion_passed_on"),
    _index_where_said("missing_since"),
    _index_where_said("eu_results_due_on"),
    _index_where_said("start_passed_on"),
    _index_where_said("primary_completion_passed_on"),
)

# The last day on which the calendar rules were asked, how they were tuned, and up to which snapshot
# studies were known then; `passed_over` are those that were due and missing.
due_runs = Table(
    "due_runs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("today", Day, nullable=False),
    Column("snapshot_id", Id, nullable=False),
    Column("tuning", String(64), nullable=False),
    Column("passed_over", Text, nullable=False),
)

# A number that a study had before: records were merged, and their histories are read as one.
former_numbers = Table(
    "former_numbers",
    metadata,
    Column("alias", Nct, primary_key=True, autoincrement=False),
    Column("nct_id", Nct, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Index("ix_former_numbers_nct_id", "nct_id"),
)

# One content of one study as we hold it, on both clocks; `depth` counts the deltas to rebuild it.
snapshots = Table(
    "snapshots",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("nct_id", Nct, nullable=False),
    Column("number", Integer, nullable=False),
    Column("sweep_id", Id, ForeignKey("sweeps.id")),
    Column("origin", Coded("sweep"), nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("registry_date", Day),
    Column("data_date", Day),
    Column("coverage", Text),
    Column("depth", Integer, nullable=False),
    Column("dictionary_id", Integer),
    Column("content", LargeBinary, nullable=False),
    Column("fingerprint", LargeBinary(16), nullable=False),
    Column("chain", Hex(LINK_BYTES), nullable=False),
    UniqueConstraint("nct_id", "number"),
    Index("ix_snapshots_sweep_id", "sweep_id"),
)

# One dictionary that contents are compressed with: without it they cannot be read again.
dictionaries = Table(
    "dictionaries",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("chain", Hex(LINK_BYTES), nullable=False),
)

# What the last archive of the registry looked like, packed: one row. What it says of a study holds
# for what was held at snapshot `snapshot_id`; a study changed since is looked at again.
manifest = Table(
    "manifest",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("snapshot_id", Id, nullable=False),
    Column("sweep_id", Id, nullable=False),
    Column("data_date", Day, nullable=False),
    number("count"),
    Column("proof", LargeBinary, nullable=False),
    Column("glances", LargeBinary, nullable=False),
)

# One state of one study as the registry numbers it, back-filled; its content where it was given.
versions = Table(
    "versions",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("nct_id", Nct, nullable=False),
    Column("version", Integer, nullable=False),
    Column("submitted_date", Day, nullable=False),
    Column("registry_date", Day, nullable=False),
    Column("overall_status", String(40)),
    Column("module_labels", Text, nullable=False),
    Column("is_qc_failed", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("content", LargeBinary),
    Column("fingerprint", LargeBinary(16)),
    Column("chain", Hex(LINK_BYTES), nullable=False),
    Index("ix_versions_nct_id", "nct_id", "version"),
)

# The tracked fields of one study over one span of time; answers as-of questions over many.
states = Table(
    "states",
    metadata,
    Column("nct_id", Nct, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("seen_from", Instant, nullable=False),
    Column("seen_until", Instant),
    Column("registry_from", Day),
    Column("registry_until", Day),
    *_facts(),
    Index("ix_states_overall_status", "overall_status", "seen_from", "seen_until"),
)

# One field of one study, before and after, with the snapshot that it made; values too long to
# repeat are cut and rebuilt.
changes = Table(
    "changes",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("snapshot_id", Id, ForeignKey("snapshots.id"), nullable=False),
    Column("field_id", Integer, ForeignKey("field_names.id"), nullable=False),
    Column("item", Text),
    Column("kind", KindOfChange, nullable=False),
    Column("made_by", ByWhom, nullable=False),
    Column("is_noise", Boolean, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("is_cut", Boolean, nullable=False),
    Column("chain", Hex(LINK_BYTES), nullable=False),
    Index("ix_changes_snapshot_id", "snapshot_id"),
    Index("ix_changes_field_id", "field_id", "snapshot_id"),
)

# One thing worth telling; members of a summary point to it and are not told one by one.
alerts = Table(
    "alerts",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("key", Hex(32), nullable=False),
    Column("rule", String(60), nullable=False),
    Column("severity", String(8), nullable=False),
    Column("nct_id", Nct),
    Column("headline", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("registry_date", Day),
    Column("raised_at", Instant, nullable=False),
    Column("sweep_id", Id, ForeignKey("sweeps.id")),
    Column("summary_id", Id, ForeignKey("alerts.id")),
    Column("chain", Hex(LINK_BYTES), nullable=False),
    UniqueConstraint("key"),
    Index("ix_alerts_nct_id", "nct_id"),
    Index("ix_alerts_rule", "rule", "raised_at"),
    Index("ix_alerts_raised_at", "raised_at"),
    Index("ix_alerts_summary_id", "summary_id"),
)

# One alert that a sweep found and has not settled yet; it becomes an alert when the sweep ends.
pending_alerts = Table(
    "pending_alerts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("sweep_id", Id, ForeignKey("sweeps.id"), nullable=False),
    Column("key", Hex(32), nullable=False),
    Column("rule", String(60), nullable=False),
    Column("severity", String(8), nullable=False),
    Column("nct_id", Nct),
    Column("headline", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("registry_date", Day),
    Column("raised_at", Instant, nullable=False),
    Index("ix_pending_alerts_sweep_id", "sweep_id"),
)

# One act of a person on an alert: seen, snoozed, assigned, commented.
marks = Table(
    "marks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("alert_id", Id, ForeignKey("alerts.id"), nullable=False),
    Column("act", String(12), nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("note", Text),
    Index("ix_marks_alert_id", "alert_id"),
)

# One input that could not be read, with its reason and its first bytes.
rejects = Table(
    "rejects",
    metadata,
    Column("id", Id, primary_key=True),
    Column("sweep_id", Id, ForeignKey("sweeps.id"), nullable=False),
    Column("nct_id", Nct),
    Column("source", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("payload_bytes", BigInteger, nullable=False),
    Column("payload_sha256", String(64), nullable=False),
    Column("seen_at", Instant, nullable=False),
    Index("ix_rejects_sweep_id", "sweep_id"),
    Index("ix_rejects_nct_id", "nct_id"),
)

# One act by an operator or a job.
journal = Table(
    "journal",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("who", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("chain", Hex(32), nullable=False),
)

# The last link of each append-only table's chain, and how many links there are.
chain_heads = Table(
    "chain_heads",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("head", String(64), nullable=False),
)
