"""The first tables, their guards against change, and the first link of each chain."""

import sqlalchemy as sa
from alembic import op

from ctmonitor.store.guards import UNIQUE, statements

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "chain_heads",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_chain_heads")),
    )
    op.create_table(
        "journal",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    op.create_table(
        "states",
        sa.Column("nct_id", sa.String(length=11), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seen_from", sa.String(length=27), nullable=False),
        sa.Column("seen_until", sa.String(length=27), nullable=True),
        sa.Column("registry_from", sa.String(length=10), nullable=True),
        sa.Column("registry_until", sa.String(length=10), nullable=True),
        sa.Column("overall_status", sa.String(length=40), nullable=True),
        sa.Column("last_known_status", sa.String(length=40), nullable=True),
        sa.Column("status_verified_date", sa.String(length=10), nullable=True),
        sa.Column("start_date", sa.String(length=10), nullable=True),
        sa.Column("start_date_type", sa.String(length=10), nullable=True),
        sa.Column("primary_completion_date", sa.String(length=10), nullable=True),
        sa.Column("primary_completion_date_type", sa.String(length=10), nullable=True),
        sa.Column("completion_date", sa.String(length=10), nullable=True),
        sa.Column("completion_date_type", sa.String(length=10), nullable=True),
        sa.Column("enrollment", sa.BigInteger(), nullable=True),
        sa.Column("enrollment_type", sa.String(length=10), nullable=True),
        sa.Column("lead_sponsor", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("nct_id", "number", name=op.f("pk_states")),
    )
    op.create_index(
        "ix_states_overall_status", "states", ["overall_status", "seen_from"], unique=False
    )
    op.create_index("ix_states_seen_from", "states", ["seen_from"], unique=False)
    op.create_table(
        "studies",
        sa.Column("nct_id", sa.String(length=11), nullable=False),
        sa.Column("aliases", sa.Text(), server_default="[]", nullable=False),
        sa.Column("brief_title", sa.Text(), nullable=True),
        sa.Column("why_stopped", sa.Text(), nullable=True),
        sa.Column("overall_status", sa.String(length=40), nullable=True),
        sa.Column("last_known_status", sa.String(length=40), nullable=True),
        sa.Column("status_verified_date", sa.String(length=10), nullable=True),
        sa.Column("start_date", sa.String(length=10), nullable=True),
        sa.Column("start_date_type", sa.String(length=10), nullable=True),
        sa.Column("primary_completion_date", sa.String(length=10), nullable=True),
        sa.Column("primary_completion_date_type", sa.String(length=10), nullable=True),
        sa.Column("completion_date", sa.String(length=10), nullable=True),
        sa.Column("completion_date_type", sa.String(length=10), nullable=True),
        sa.Column("enrollment", sa.BigInteger(), nullable=True),
        sa.Column("enrollment_type", sa.String(length=10), nullable=True),
        sa.Column("lead_sponsor", sa.Text(), nullable=True),
        sa.Column("study_type", sa.Text(), nullable=True),
        sa.Column("has_results", sa.Boolean(), nullable=False),
        sa.Column("is_probably_applicable", sa.Boolean(), nullable=False),
        sa.Column("is_certified", sa.Boolean(), nullable=False),
        sa.Column("is_partial", sa.Boolean(), nullable=False),
        sa.Column("results_first_posted_date", sa.String(length=10), nullable=True),
        sa.Column("study_first_posted_date", sa.String(length=10), nullable=True),
        sa.Column("last_update_posted_date", sa.String(length=10), nullable=True),
        sa.Column("data_date", sa.String(length=10), nullable=True),
        sa.Column("unknown_due_on", sa.String(length=10), nullable=True),
        sa.Column("results_due_on", sa.String(length=10), nullable=True),
        sa.Column("verification_due_on", sa.String(length=10), nullable=True),
        sa.Column("completion_passed_on", sa.String(length=10), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=16), nullable=False),
        sa.Column("glance", sa.LargeBinary(length=16), nullable=False),
        sa.Column("first_seen_at", sa.String(length=27), nullable=False),
        sa.Column("last_seen_at", sa.String(length=27), nullable=False),
        sa.Column("missing_since", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("nct_id", name=op.f("pk_studies")),
    )
    op.create_index(
        "ix_studies_completion_passed_on", "studies", ["completion_passed_on"], unique=False
    )
    op.create_index("ix_studies_glance", "studies", ["glance"], unique=False)
    op.create_index(
        "ix_studies_overall_status",
        "studies",
        ["overall_status", "last_update_posted_date"],
        unique=False,
    )
    op.create_index("ix_studies_results_due_on", "studies", ["results_due_on"], unique=False)
    op.create_index("ix_studies_unknown_due_on", "studies", ["unknown_due_on"], unique=False)
    op.create_index(
        "ix_studies_verification_due_on", "studies", ["verification_due_on"], unique=False
    )
    op.create_table(
        "subscribers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscribers")),
        sa.UniqueConstraint("address", name=op.f("uq_subscribers_address")),
    )
    op.create_table(
        "sweeps",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("today", sa.String(length=10), nullable=False),
        sa.Column("data_timestamp_before", sa.String(length=27), nullable=True),
        sa.Column("data_timestamp_after", sa.String(length=27), nullable=True),
        sa.Column("expected", sa.Integer(), nullable=True),
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
        sa.Column("alive_until", sa.String(length=27), nullable=False),
        sa.Column("started_at", sa.String(length=27), nullable=False),
        sa.Column("finished_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sweeps")),
    )
    op.create_index("ix_sweeps_state", "sweeps", ["state"], unique=False)
    op.create_table(
        "watch_lists",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_all", sa.Boolean(), nullable=False),
        sa.Column("question", sa.Text(), nullable=True),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_lists")),
        sa.UniqueConstraint("name", name=op.f("uq_watch_lists_name")),
    )
    op.create_table(
        "alerts",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("nct_id", sa.String(length=11), nullable=True),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("registry_date", sa.String(length=10), nullable=True),
        sa.Column("raised_at", sa.String(length=27), nullable=False),
        sa.Column("sweep_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "summary_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["summary_id"], ["alerts.id"], name=op.f("fk_alerts_summary_id")),
        sa.ForeignKeyConstraint(["sweep_id"], ["sweeps.id"], name=op.f("fk_alerts_sweep_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("key", name=op.f("uq_alerts_key")),
    )
    op.create_index("ix_alerts_nct_id", "alerts", ["nct_id"], unique=False)
    op.create_index("ix_alerts_raised_at", "alerts", ["raised_at"], unique=False)
    op.create_index("ix_alerts_rule", "alerts", ["rule", "raised_at"], unique=False)
    op.create_index("ix_alerts_summary_id", "alerts", ["summary_id"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column(
            "subscriber_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("sweep_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("alert_ids", sa.Text(), nullable=False),
        sa.Column("lists", sa.Text(), nullable=False),
        sa.Column("data_date", sa.String(length=10), nullable=True),
        sa.Column("chain_head", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_try_at", sa.String(length=27), nullable=False),
        sa.Column("claim", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("claimed_until", sa.String(length=27), nullable=True),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("sent_at", sa.String(length=27), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
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
        unique=False,
        sqlite_where=sa.text("state IN ('owed', 'claimed')"),
        postgresql_where=sa.text("state IN ('owed', 'claimed')"),
    )
    op.create_table(
        "members",
        sa.Column(
            "watch_list_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("nct_id", sa.String(length=11), nullable=False),
        sa.Column("joined_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["watch_list_id"], ["watch_lists.id"], name=op.f("fk_members_watch_list_id")
        ),
        sa.PrimaryKeyConstraint("watch_list_id", "nct_id", name=op.f("pk_members")),
    )
    op.create_index("ix_members_nct_id", "members", ["nct_id"], unique=False)
    op.create_table(
        "mutes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "subscriber_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("nct_id", sa.String(length=11), nullable=True),
        sa.Column("rule", sa.String(length=60), nullable=True),
        sa.Column("until", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_mutes_subscriber_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mutes")),
    )
    op.create_index("ix_mutes_subscriber_id", "mutes", ["subscriber_id"], unique=False)
    op.create_table(
        "pending_alerts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sweep_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("nct_id", sa.String(length=11), nullable=True),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("registry_date", sa.String(length=10), nullable=True),
        sa.Column("raised_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["sweep_id"], ["sweeps.id"], name=op.f("fk_pending_alerts_sweep_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_alerts")),
    )
    op.create_index("ix_pending_alerts_sweep_id", "pending_alerts", ["sweep_id"], unique=False)
    op.create_table(
        "rejects",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sweep_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("nct_id", sa.String(length=11), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("payload_bytes", sa.BigInteger(), nullable=False),
        sa.Column("payload_sha256", sa.String(length=64), nullable=False),
        sa.Column("seen_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(["sweep_id"], ["sweeps.id"], name=op.f("fk_rejects_sweep_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rejects")),
    )
    op.create_index("ix_rejects_nct_id", "rejects", ["nct_id"], unique=False)
    op.create_index("ix_rejects_sweep_id", "rejects", ["sweep_id"], unique=False)
    op.create_table(
        "snapshots",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("nct_id", sa.String(length=11), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sweep_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("origin", sa.String(length=8), nullable=False),
        sa.Column("seen_at", sa.String(length=27), nullable=False),
        sa.Column("registry_date", sa.String(length=10), nullable=True),
        sa.Column("data_date", sa.String(length=10), nullable=True),
        sa.Column("coverage", sa.Text(), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("dictionary_id", sa.Integer(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=16), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["sweep_id"], ["sweeps.id"], name=op.f("fk_snapshots_sweep_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshots")),
        sa.UniqueConstraint("nct_id", "number", name=op.f("uq_snapshots_nct_id_number")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "subscriber_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "watch_list_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("rules", sa.Text(), nullable=True),
        sa.Column("min_severity", sa.String(length=8), nullable=False),
        sa.Column("cadence", sa.String(length=12), nullable=False),
        sa.Column("made_at", sa.String(length=27), nullable=False),
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
    op.create_table(
        "attempts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("claim", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.String(length=27), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_attempts_delivery_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    op.create_index("ix_attempts_delivery_id", "attempts", ["delivery_id"], unique=False)
    op.create_table(
        "changes",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "snapshot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("nct_id", sa.String(length=11), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("made_by", sa.String(length=8), nullable=False),
        sa.Column("is_noise", sa.Boolean(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("is_cut", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.String(length=27), nullable=False),
        sa.Column("registry_date", sa.String(length=10), nullable=True),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["snapshots.id"], name=op.f("fk_changes_snapshot_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
    )
    op.create_index("ix_changes_field", "changes", ["field", "seen_at"], unique=False)
    op.create_index("ix_changes_nct_id", "changes", ["nct_id", "field"], unique=False)
    op.create_index("ix_changes_seen_at", "changes", ["seen_at"], unique=False)
    op.create_table(
        "marks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("alert_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name=op.f("fk_marks_alert_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marks")),
    )
    op.create_index("ix_marks_alert_id", "marks", ["alert_id"], unique=False)
    for statement in statements(op.get_bind().dialect.name):
        op.execute(statement)
    heads = sa.table("chain_heads", sa.column("name"), sa.column("count"), sa.column("head"))
    op.bulk_insert(heads, [{"name": name, "count": 0, "head": "0" * 64} for name in UNIQUE])
