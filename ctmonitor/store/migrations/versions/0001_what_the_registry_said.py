"""What the registry said, what changed and what was told: kept, chained and guarded."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from ctmonitor.store.guards import statements

revision = "0001"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.String(length=27)
DAY = sa.String(length=10)
NCT = sa.String(length=11)
GUARDED = ("snapshots", "changes", "alerts", "journal")


def upgrade() -> None:
    """Make the tables."""
    _chain_heads()
    _journal()
    _states()
    _studies()
    _sweeps()
    _alerts()
    _pending_alerts()
    _rejects()
    _snapshots()
    _changes()
    _marks()

    for statement in statements(op.get_bind().dialect.name, GUARDED):
        op.execute(statement)
    heads = sa.table("chain_heads", sa.column("name"), sa.column("count"), sa.column("head"))
    op.bulk_insert(heads, [{"name": name, "count": 0, "head": "0" * 64} for name in GUARDED])


def _chain_heads() -> None:
    op.create_table(
        "chain_heads",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_chain_heads")),
    )


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )


def _states() -> None:
    op.create_table(
        "states",
        sa.Column("nct_id", NCT, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seen_from", INSTANT, nullable=False),
        sa.Column("seen_until", INSTANT),
        sa.Column("registry_from", DAY),
        sa.Column("registry_until", DAY),
        *_facts(),
        sa.PrimaryKeyConstraint("nct_id", "number", name=op.f("pk_states")),
    )
    op.create_index("ix_states_overall_status", "states", ["overall_status", "seen_from"])
    op.create_index("ix_states_seen_from", "states", ["seen_from"])


def _studies() -> None:
    op.create_table(
        "studies",
        sa.Column("nct_id", NCT, nullable=False),
        sa.Column("aliases", sa.Text(), server_default="[]", nullable=False),
        sa.Column("brief_title", sa.Text()),
        sa.Column("why_stopped", sa.Text()),
        *_facts(),
        sa.Column("study_type", sa.Text()),
        sa.Column("has_results", sa.Boolean(), nullable=False),
        sa.Column("is_probably_applicable", sa.Boolean(), nullable=False),
        sa.Column("is_certified", sa.Boolean(), nullable=False),
        sa.Column("is_partial", sa.Boolean(), nullable=False),
        sa.Column("results_first_posted_date", DAY),
        sa.Column("study_first_posted_date", DAY),
        sa.Column("last_update_posted_date", DAY),
        sa.Column("data_date", DAY),
        sa.Column("unknown_due_on", DAY),
        sa.Column("results_due_on", DAY),
        sa.Column("verification_due_on", DAY),
        sa.Column("completion_passed_on", DAY),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=16), nullable=False),
        sa.Column("glance", sa.LargeBinary(length=16), nullable=False),
        sa.Column("first_seen_at", INSTANT, nullable=False),
        sa.Column("last_seen_at", INSTANT, nullable=False),
        sa.Column("missing_since", INSTANT),
        sa.PrimaryKeyConstraint("nct_id", name=op.f("pk_studies")),
    )
    op.create_index("ix_studies_completion_passed_on", "studies", ["completion_passed_on"])
    op.create_index("ix_studies_glance", "studies", ["glance"])
    op.create_index(
        "ix_studies_overall_status", "studies", ["overall_status", "last_update_posted_date"]
    )
    op.create_index("ix_studies_results_due_on", "studies", ["results_due_on"])
    op.create_index("ix_studies_unknown_due_on", "studies", ["unknown_due_on"])
    op.create_index("ix_studies_verification_due_on", "studies", ["verification_due_on"])


def _sweeps() -> None:
    op.create_table(
        "sweeps",
        sa.Column("id", ID, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("today", DAY, nullable=False),
        sa.Column("data_timestamp_before", INSTANT),
        sa.Column("data_timestamp_after", INSTANT),
        sa.Column("expected", sa.Integer()),
        sa.Column("received", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("new", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("changed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("unchanged", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("missing", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("rejected", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("older", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("changes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("alerts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("is_complete", sa.Boolean(), nullable=False),
        sa.Column("gaps", sa.Text(), server_default="[]", nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("alive_until", INSTANT, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sweeps")),
    )
    op.create_index("ix_sweeps_state", "sweeps", ["state"])


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("nct_id", NCT),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("registry_date", DAY),
        sa.Column("raised_at", INSTANT, nullable=False),
        sa.Column("sweep_id", ID),
        sa.Column("summary_id", ID),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["summary_id"], ["alerts.id"], name=op.f("fk_alerts_summary_id")),
        sa.ForeignKeyConstraint(["sweep_id"], ["sweeps.id"], name=op.f("fk_alerts_sweep_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("key", name=op.f("uq_alerts_key")),
    )
    op.create_index("ix_alerts_nct_id", "alerts", ["nct_id"])
    op.create_index("ix_alerts_raised_at", "alerts", ["raised_at"])
    op.create_index("ix_alerts_rule", "alerts", ["rule", "raised_at"])
    op.create_index("ix_alerts_summary_id", "alerts", ["summary_id"])


def _pending_alerts() -> None:
    op.create_table(
        "pending_alerts",
        sa.Column("id", ID, nullable=False),
        sa.Column("sweep_id", ID, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("nct_id", NCT),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("registry_date", DAY),
        sa.Column("raised_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["sweep_id"], ["sweeps.id"], name=op.f("fk_pending_alerts_sweep_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_alerts")),
    )
    op.create_index("ix_pending_alerts_sweep_id", "pending_alerts", ["sweep_id"])


def _rejects() -> None:
    op.create_table(
        "rejects",
        sa.Column("id", ID, nullable=False),
        sa.Column("sweep_id", ID, nullable=False),
        sa.Column("nct_id", NCT),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("payload_bytes", sa.BigInteger(), nullable=False),
        sa.Column("payload_sha256", sa.String(length=64), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["sweep_id"], ["sweeps.id"], name=op.f("fk_rejects_sweep_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rejects")),
    )
    op.create_index("ix_rejects_nct_id", "rejects", ["nct_id"])
    op.create_index("ix_rejects_sweep_id", "rejects", ["sweep_id"])


def _snapshots() -> None:
    op.create_table(
        "snapshots",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("nct_id", NCT, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sweep_id", ID),
        sa.Column("origin", sa.String(length=8), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("registry_date", DAY),
        sa.Column("data_date", DAY),
        sa.Column("coverage", sa.Text()),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("dictionary_id", sa.Integer()),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=16), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["sweep_id"], ["sweeps.id"], name=op.f("fk_snapshots_sweep_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshots")),
        sa.UniqueConstraint("nct_id", "number", name=op.f("uq_snapshots_nct_id_number")),
    )
    op.create_index("ix_snapshots_sweep_id", "snapshots", ["sweep_id"])


def _changes() -> None:
    op.create_table(
        "changes",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("snapshot_id", ID, nullable=False),
        sa.Column("nct_id", NCT, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("item", sa.Text()),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("made_by", sa.String(length=8), nullable=False),
        sa.Column("is_noise", sa.Boolean(), nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text()),
        sa.Column("is_cut", sa.Boolean(), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("registry_date", DAY),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["snapshots.id"], name=op.f("fk_changes_snapshot_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
    )
    op.create_index("ix_changes_field", "changes", ["field", "seen_at"])
    op.create_index("ix_changes_nct_id", "changes", ["nct_id", "field"])
    op.create_index("ix_changes_seen_at", "changes", ["seen_at"])


def _marks() -> None:
    op.create_table(
        "marks",
        sa.Column("id", ID, nullable=False),
        sa.Column("alert_id", ID, nullable=False),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("note", sa.Text()),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name=op.f("fk_marks_alert_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marks")),
    )
    op.create_index("ix_marks_alert_id", "marks", ["alert_id"])


def _facts() -> list[sa.Column[Any]]:
    return [
        sa.Column("overall_status", sa.String(length=40)),
        sa.Column("last_known_status", sa.String(length=40)),
        sa.Column("status_verified_date", DAY),
        sa.Column("start_date", DAY),
        sa.Column("start_date_type", DAY),
        sa.Column("primary_completion_date", DAY),
        sa.Column("primary_completion_date_type", DAY),
        sa.Column("completion_date", DAY),
        sa.Column("completion_date_type", DAY),
        sa.Column("enrollment", sa.BigInteger()),
        sa.Column("enrollment_type", DAY),
        sa.Column("lead_sponsor", sa.Text()),
    ]
