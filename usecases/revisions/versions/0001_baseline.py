"""The system database as it was when versions began. Frozen: a later change is a revision of its own.

A database from before versions is brought here as well: missing tables, columns and indexes are added. A column that
must not be NULL gets 0, false or an empty text in the rows that are there.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy import event

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BEFORE = sa.MetaData()
#: SQLite only counts up by itself on INTEGER PRIMARY KEY.
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

sa.Table(
    "api_key", BEFORE,
    sa.Column("id", sa.String(length=16), primary_key=True),
    sa.Column("name", sa.String(length=64), nullable=False),
    sa.Column("role", sa.String(length=32), nullable=False),
    sa.Column("salt", sa.String(length=64), nullable=False),
    sa.Column("secret_hmac", sa.String(length=64), nullable=False),
    sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("created_by", sa.String(length=64), nullable=False),
    sa.Column("expires_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("revoked_at_ms", sa.BigInteger()),
    sa.Column("last_used_ms", sa.BigInteger()),
)  # fmt: skip
sa.Table(
    "app_user", BEFORE,
    sa.Column("id", sa.String(length=40), primary_key=True),
    sa.Column("name", sa.String(length=64), nullable=False),
    sa.Column("folded", sa.String(length=128), nullable=False),
    sa.Column("full_name", sa.String(length=200), nullable=False),
    sa.Column("password_hash", sa.String(length=255), nullable=False),
    sa.Column("must_change_password", sa.Boolean(), nullable=False),
    sa.Column("is_enabled", sa.Boolean(), nullable=False),
    sa.Column("failed_sign_ins", sa.Integer(), nullable=False),
    sa.Column("locked_until_ms", sa.BigInteger(), nullable=False),
    sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("last_sign_in_ms", sa.BigInteger()),
    sa.Column("language", sa.String(length=8), nullable=False),
    sa.Column("theme", sa.String(length=8), nullable=False),
    sa.UniqueConstraint("folded"),
)  # fmt: skip
sa.Table(
    "audit_log", BEFORE,
    sa.Column("seq", SERIAL, primary_key=True, autoincrement=True),
    sa.Column("at_ms", sa.BigInteger(), nullable=False),
    sa.Column("actor_id", sa.String(length=40), nullable=False),
    sa.Column("actor_name", sa.String(length=64), nullable=False),
    sa.Column("roles", sa.String(length=200), nullable=False),
    sa.Column("action", sa.String(length=64), nullable=False),
    sa.Column("target", sa.String(length=512), nullable=False),
    sa.Column("outcome", sa.String(length=32), nullable=False),
    sa.Column("detail", sa.Text(), nullable=False),
    sa.Column("origin", sa.String(length=64), nullable=False),
    sa.Index("ix_audit_log_actor_at", "actor_name", "at_ms"),
    sa.Index("ix_audit_log_at_ms", "at_ms"),
    sa.Index("ix_audit_log_target", "target"),
)  # fmt: skip
sa.Table(
    "bank_webhook", BEFORE,
    sa.Column("key_id", sa.String(length=40), primary_key=True),
    sa.Column("endpoint", sa.String(length=64), nullable=False),
)  # fmt: skip
sa.Table(
    "case_event", BEFORE,
    sa.Column("seq", SERIAL, primary_key=True, autoincrement=True),
    sa.Column("case_id", sa.String(length=40), nullable=False),
    sa.Column("at_ms", sa.BigInteger(), nullable=False),
    sa.Column("what", sa.String(length=48), nullable=False),
    sa.Column("target", sa.String(length=64), nullable=False),
    sa.Column("text", sa.Text(), nullable=False),
    sa.Column("by_name", sa.String(length=64), nullable=False),
    sa.Index("ix_case_event_case", "case_id", "seq"),
)  # fmt: skip
sa.Table(
    "case_evidence", BEFORE,
    sa.Column("id", sa.String(length=40), primary_key=True),
    sa.Column("case_id", sa.String(length=40)),
    sa.Column("lead_id", sa.String(length=40)),
    sa.Column("name", sa.String(length=255), nullable=False),
    sa.Column("media_type", sa.String(length=64), nullable=False),
    sa.Column("size_bytes", sa.BigInteger(), nullable=False),
    sa.Column("sha256", sa.String(length=64), nullable=False),
    sa.Column("scan", sa.String(length=200), nullable=False),
    sa.Column("by_name", sa.String(length=64), nullable=False),
    sa.Column("at_ms", sa.BigInteger(), nullable=False),
    sa.Index("ix_case_evidence_case", "case_id"),
    sa.Index("ix_case_evidence_lead", "lead_id"),
)  # fmt: skip
sa.Table(
    "case_file", BEFORE,
    sa.Column("id", sa.String(length=40), primary_key=True),
    sa.Column("title", sa.String(length=300), nullable=False),
    sa.Column("state", sa.String(length=16), nullable=False),
    sa.Column("typology", sa.String(length=64), nullable=False),
    sa.Column("region", sa.String(length=64), nullable=False),
    sa.Column("currency", sa.String(length=8), nullable=False),
    sa.Column("owner_id", sa.String(length=40)),
    sa.Column("owner_name", sa.String(length=64), nullable=False),
    sa.Column("merged_into", sa.String(length=40)),
    sa.Column("opened_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("closed_at_ms", sa.BigInteger()),
    sa.Column("outcome", sa.Text(), nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Index("ix_case_file_newest", "opened_at_ms", "id"),
    sa.Index("ix_case_file_owner", "owner_id", "opened_at_ms", "id"),
    sa.Index("ix_case_file_queue", "state", "opened_at_ms", "id"),
)  # fmt: skip
sa.Table(
    "case_link", BEFORE,
    sa.Column("seq", SERIAL, primary_key=True, autoincrement=True),
    sa.Column("case_id", sa.String(length=40), nullable=False),
    sa.Column("kind", sa.String(length=16), nullable=False),
    sa.Column("target", sa.String(length=64), nullable=False),
    sa.Column("reason", sa.Text(), nullable=False),
    sa.Column("by_name", sa.String(length=64), nullable=False),
    sa.Column("at_ms", sa.BigInteger(), nullable=False),
    sa.UniqueConstraint("case_id", "kind", "target", name="uq_case_link"),
    sa.Index("ix_case_link_target", "kind", "target"),
)  # fmt: skip
sa.Table(
    "case_task", BEFORE,
    sa.Column("id", sa.String(length=40), primary_key=True),
    sa.Column("case_id", sa.String(length=40), nullable=False),
    sa.Column("title", sa.String(length=300), nullable=False),
    sa.Column("state", sa.String(length=16), nullable=False),
    sa.Column("owner_id", sa.String(length=40)),
    sa.Column("owner_name", sa.String(length=64), nullable=False),
    sa.Column("due_at_ms", sa.BigInteger()),
    sa.Column("made_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("done_at_ms", sa.BigInteger()),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Index("ix_case_task_case", "case_id"),
    sa.Index("ix_case_task_owner", "owner_id", "state"),
)  # fmt: skip
sa.Table(
    "case_victim", BEFORE,
    sa.Column("id", sa.String(length=40), primary_key=True),
    sa.Column("case_id", sa.String(length=40), nullable=False),
    sa.Column("lead_id", sa.String(length=40)),
    sa.Column("name", sa.String(length=200), nullable=False),
    sa.Column("account", sa.String(length=128), nullable=False),
    sa.Column("bank", sa.String(length=64), nullable=False),
    sa.Column("loss_minor", sa.BigInteger(), nullable=False),
    sa.Column("returned_minor", sa.BigInteger(), nullable=False),
    sa.Column("currency", sa.String(length=8), nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.UniqueConstraint("lead_id"),
    sa.Index("ix_case_victim_case", "case_id"),
)  # fmt: skip
sa.Table(
    "case_view", BEFORE,
    sa.Column("case_id", sa.String(length=40), primary_key=True),
    sa.Column("user_id", sa.String(length=40), primary_key=True),
    sa.Column("user_name", sa.String(length=64), nullable=False),
    sa.Column("first_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("last_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("times", sa.Integer(), nullable=False),
)  # fmt: skip
sa.Table(
    "detector_version", BEFORE,
    sa.Column("id", sa.String(length=40), primary_key=True),
    sa.Column("name", sa.String(length=64), nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Column("title", sa.String(length=200), nullable=False),
    sa.Column("cypher", sa.Text(), nullable=False),
    sa.Column("score", sa.Float(), nullable=False),
    sa.Column("reason", sa.Text(), nullable=False),
    sa.Column("proposed_by_id", sa.String(length=40), nullable=False),
    sa.Column("proposed_by", sa.String(length=64), nullable=False),
    sa.Column("proposed_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("state", sa.String(length=16), nullable=False),
    sa.Column("decided_by", sa.String(length=64), nullable=False),
    sa.Column("decided_at_ms", sa.BigInteger()),
    sa.Column("decision_note", sa.Text(), nullable=False),
    sa.UniqueConstraint("name", "version"),
    sa.Index("ix_detector_version_name", "name"),
)  # fmt: skip
sa.Table(
    "evaluation_report", BEFORE,
    sa.Column("id", sa.String(length=40), primary_key=True),
    sa.Column("title", sa.String(length=200), nullable=False),
    sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("created_by", sa.String(length=64), nullable=False),
    sa.Column("form", sa.Integer(), nullable=False),
    sa.Column("summary", sa.Text(), nullable=False),
    sa.Column("sha256", sa.String(length=64), nullable=False),
    sa.Column("content", sa.Text(), nullable=False),
    sa.Index("ix_evaluation_report_created_at_ms", "created_at_ms"),
)  # fmt: skip
sa.Table(
    "finding_verdict", BEFORE,
    sa.Column("seq", SERIAL, primary_key=True, autoincrement=True),
    sa.Column("finding_id", sa.String(length=64), nullable=False),
    sa.Column("step", sa.Integer(), nullable=False),
    sa.Column("kind", sa.String(length=64), nullable=False),
    sa.Column("algorithm_version", sa.String(length=32), nullable=False),
    sa.Column("run_id", sa.String(length=64), nullable=False),
    sa.Column("data_seq", sa.BigInteger(), nullable=False),
    sa.Column("score", sa.Float(), nullable=False),
    sa.Column("content", sa.String(length=64), nullable=False),
    sa.Column("verb", sa.String(length=16), nullable=False),
    sa.Column("status", sa.String(length=16), nullable=False),
    sa.Column("grounds", sa.Text(), nullable=False),
    sa.Column("by_id", sa.String(length=40), nullable=False),
    sa.Column("by_name", sa.String(length=64), nullable=False),
    sa.Column("at_ms", sa.BigInteger(), nullable=False),
    sa.UniqueConstraint("finding_id", "step", name="uq_finding_verdict_step"),
    sa.Index("ix_finding_verdict_at_ms", "at_ms"),
    sa.Index("ix_finding_verdict_by_id", "by_id"),
    sa.Index("ix_finding_verdict_content", "content"),
    sa.Index("ix_finding_verdict_finding_id", "finding_id"),
    sa.Index("ix_finding_verdict_kind", "kind", "algorithm_version"),
)  # fmt: skip
sa.Table(
    "freeze_entry", BEFORE,
    sa.Column("seq", SERIAL, primary_key=True, autoincrement=True),
    sa.Column("order_id", sa.String(length=40), nullable=False),
    sa.Column("step", sa.Integer(), nullable=False),
    sa.Column("verb", sa.String(length=24), nullable=False),
    sa.Column("amount_minor", sa.BigInteger(), nullable=False),
    sa.Column("at_ms", sa.BigInteger(), nullable=False),
    sa.Column("until_ms", sa.BigInteger()),
    sa.Column("by_name", sa.String(length=64), nullable=False),
    sa.Column("reference", sa.String(length=200), nullable=False),
    sa.UniqueConstraint("order_id", "step", name="uq_freeze_entry_step"),
)  # fmt: skip
sa.Table(
    "hold_challenge", BEFORE,
    sa.Column("id", sa.String(length=40), primary_key=True),
    sa.Column("hold_id", sa.String(length=40), nullable=False),
    sa.Column("verifier", sa.String(length=32), nullable=False),
    sa.Column("expected", sa.String(length=200), nullable=False),
    sa.Column("tries", sa.Integer(), nullable=False),
    sa.Column("until_ms", sa.BigInteger(), nullable=False),
    sa.Column("state", sa.String(length=12), nullable=False),
    sa.Index("ix_hold_challenge_hold_id", "hold_id"),
)  # fmt: skip
sa.Table(
    "journal_mark", BEFORE,
    sa.Column("name", sa.String(length=32), primary_key=True),
    sa.Column("number", sa.BigInteger(), nullable=False),
)  # fmt: skip
sa.Table(
    "lead", BEFORE,
    sa.Column("id", sa.String(length=40), primary_key=True),
    sa.Column("source", sa.String(length=16), nullable=False),
    sa.Column("channel", sa.String(length=8), nullable=False),
    sa.Column("outside_id", sa.String(length=128)),
    sa.Column("outside_sha256", sa.String(length=64), nullable=False),
    sa.Column("state", sa.String(length=16), nullable=False),
    sa.Column("text", sa.Text(), nullable=False),
    sa.Column("claimed_type", sa.String(length=64), nullable=False),
    sa.Column("typology", sa.String(length=64), nullable=False),
    sa.Column("typology_why", sa.Text(), nullable=False),
    sa.Column("amount_minor", sa.BigInteger()),
    sa.Column("currency", sa.String(length=8), nullable=False),
    sa.Column("region", sa.String(length=64), nullable=False),
    sa.Column("occurred_at_ms", sa.BigInteger()),
    sa.Column("received_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("answer_due_ms", sa.BigInteger(), nullable=False),
    sa.Column("report_due_ms", sa.BigInteger(), nullable=False),
    sa.Column("answered_at_ms", sa.BigInteger()),
    sa.Column("reported_at_ms", sa.BigInteger()),
    sa.Column("case_id", sa.String(length=40)),
    sa.Column("assignee_id", sa.String(length=40)),
    sa.Column("assignee_name", sa.String(length=64), nullable=False),
    sa.Column("reporter_sealed", sa.Text(), nullable=False),
    sa.Column("code_mac", sa.String(length=64)),
    sa.Column("persons", sa.Text(), nullable=False),
    sa.Column("grounds", sa.Text(), nullable=False),
    sa.Column("is_fraud", sa.Boolean()),
    sa.Column("determined_by", sa.String(length=40)),
    sa.Column("determined_by_name", sa.String(length=64), nullable=False),
    sa.Column("determined_at_ms", sa.BigInteger()),
    sa.Column("confirmed_by_name", sa.String(length=64), nullable=False),
    sa.Column("confirmed_at_ms", sa.BigInteger()),
    sa.Column("reject_reason", sa.Text(), nullable=False),
    sa.Column("feedback", sa.Text(), nullable=False),
    sa.Column("reward_minor", sa.BigInteger()),
    sa.Column("reward_grade", sa.String(length=32), nullable=False),
    sa.Column("trace_json", sa.Text(), nullable=False),
    sa.Column("traced_at_ms", sa.BigInteger()),
    sa.Column("trace_failed", sa.String(length=300), nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.UniqueConstraint("outside_id"),
    sa.UniqueConstraint("code_mac"),
    sa.Index("ix_lead_assignee", "assignee_id", "received_at_ms", "id"),
    sa.Index("ix_lead_case", "case_id"),
    sa.Index("ix_lead_newest", "received_at_ms", "id"),
    sa.Index("ix_lead_queue", "state", "received_at_ms", "id"),
)  # fmt: skip
sa.Table(
    "lead_item", BEFORE,
    sa.Column("seq", SERIAL, primary_key=True, autoincrement=True),
    sa.Column("lead_id", sa.String(length=40), nullable=False),
    sa.Column("kind", sa.String(length=16), nullable=False),
    sa.Column("value", sa.String(length=200), nullable=False),
    sa.Column("raw", sa.String(length=300), nullable=False),
    sa.Column("starts", sa.Integer(), nullable=False),
    sa.Column("note", sa.String(length=200), nullable=False),
    sa.Column("state", sa.String(length=16), nullable=False),
    sa.Column("checked_by_name", sa.String(length=64), nullable=False),
    sa.Index("ix_lead_item_lead", "lead_id"),
    sa.Index("ix_lead_item_value", "kind", "value"),
)  # fmt: skip
sa.Table(
    "ledger_batch", BEFORE,
    sa.Column("seq", sa.BigInteger(), primary_key=True, autoincrement=False),
    sa.Column("source", sa.String(length=1024), nullable=False),
    sa.Column("format", sa.String(length=64), nullable=False),
    sa.Column("fingerprint", sa.String(length=128), nullable=False),
    sa.Column("options", sa.JSON(), nullable=False),
    sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("created_by", sa.String(length=200), nullable=False),
    sa.Column("rows_read", sa.BigInteger(), nullable=False),
    sa.Column("rows_loaded", sa.BigInteger(), nullable=False),
    sa.Column("rows_duplicate", sa.BigInteger(), nullable=False),
    sa.Column("rows_rejected", sa.BigInteger(), nullable=False),
    sa.Column("manifest", sa.JSON(), nullable=False),
    sa.Column("warnings", sa.JSON(), nullable=False),
    sa.UniqueConstraint("fingerprint"),
)  # fmt: skip
sa.Table(
    "list_entry", BEFORE,
    sa.Column("id", sa.String(length=40), primary_key=True),
    sa.Column("list", sa.String(length=16), nullable=False),
    sa.Column("kind", sa.String(length=8), nullable=False),
    sa.Column("value", sa.String(length=128), nullable=False),
    sa.Column("reason", sa.String(length=500), nullable=False),
    sa.Column("added_by", sa.String(length=64), nullable=False),
    sa.Column("added_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("expires_at_ms", sa.BigInteger()),
    sa.Column("removed_at_ms", sa.BigInteger()),
    sa.Column("removed_by", sa.String(length=64), nullable=False),
    sa.Column("close_state", sa.String(length=12), nullable=False),
    sa.Column("close_institution", sa.String(length=128), nullable=False),
    sa.Column("close_asked_ms", sa.BigInteger()),
    sa.Column("close_ended_ms", sa.BigInteger()),
    sa.Column("close_note", sa.String(length=500), nullable=False),
    sa.UniqueConstraint("list", "kind", "value", name="uq_list_entry"),
    sa.Index("ix_list_entry_list", "list"),
    sa.Index("ix_list_entry_value", "value"),
)  # fmt: skip
sa.Table(
    "money_return", BEFORE,
    sa.Column("id", sa.String(length=40), primary_key=True),
    sa.Column("case_id", sa.String(length=40), nullable=False),
    sa.Column("state", sa.String(length=16), nullable=False),
    sa.Column("currency", sa.String(length=8), nullable=False),
    sa.Column("money_minor", sa.BigInteger(), nullable=False),
    sa.Column("police_minor", sa.BigInteger(), nullable=False),
    sa.Column("arithmetic", sa.Text(), nullable=False),
    sa.Column("drafted_by", sa.String(length=40), nullable=False),
    sa.Column("drafted_by_name", sa.String(length=64), nullable=False),
    sa.Column("drafted_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("approved_by_name", sa.String(length=64), nullable=False),
    sa.Column("approved_at_ms", sa.BigInteger()),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Index("ix_money_return_case", "case_id"),
)  # fmt: skip
sa.Table(
    "money_return_line", BEFORE,
    sa.Column("id", sa.String(length=40), primary_key=True),
    sa.Column("return_id", sa.String(length=40), nullable=False),
    sa.Column("order_id", sa.String(length=40), nullable=False),
    sa.Column("victim_id", sa.String(length=40), nullable=False),
    sa.Column("amount_minor", sa.BigInteger(), nullable=False),
    sa.Column("delivery_id", sa.String(length=40)),
    sa.Column("returned_at_ms", sa.BigInteger()),
    sa.Index("ix_money_return_line_plan", "return_id"),
)  # fmt: skip
sa.Table(
    "outbox_delivery", BEFORE,
    sa.Column("id", sa.String(length=40), primary_key=True),
    sa.Column("endpoint", sa.String(length=64), nullable=False),
    sa.Column("kind", sa.String(length=32), nullable=False),
    sa.Column("subject", sa.String(length=64), nullable=False),
    sa.Column("idempotency_key", sa.String(length=128), nullable=False),
    sa.Column("body", sa.Text(), nullable=False),
    sa.Column("state", sa.String(length=16), nullable=False),
    sa.Column("attempts", sa.Integer(), nullable=False),
    sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("due_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("give_up_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("said", sa.Text(), nullable=False),
    sa.UniqueConstraint("endpoint", "idempotency_key", name="uq_outbox_delivery_key"),
    sa.Index("ix_outbox_delivery_due", "state", "due_at_ms"),
    sa.Index("ix_outbox_delivery_subject", "kind", "subject"),
)  # fmt: skip
sa.Table(
    "outbox_endpoint", BEFORE,
    sa.Column("name", sa.String(length=64), primary_key=True),
    sa.Column("title", sa.String(length=200), nullable=False),
    sa.Column("channel", sa.String(length=16), nullable=False),
    sa.Column("address", sa.String(length=500), nullable=False),
    sa.Column("key_version", sa.Integer(), nullable=False),
    sa.Column("is_enabled", sa.Boolean(), nullable=False),
    sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
)  # fmt: skip
sa.Table(
    "outbox_endpoint_change", BEFORE,
    sa.Column("id", sa.String(length=40), primary_key=True),
    sa.Column("endpoint", sa.String(length=64), nullable=False),
    sa.Column("action", sa.String(length=16), nullable=False),
    sa.Column("title", sa.String(length=200), nullable=False),
    sa.Column("channel", sa.String(length=16), nullable=False),
    sa.Column("address", sa.String(length=500), nullable=False),
    sa.Column("why", sa.Text(), nullable=False),
    sa.Column("was_title", sa.String(length=200), nullable=False),
    sa.Column("was_channel", sa.String(length=16), nullable=False),
    sa.Column("was_address", sa.String(length=500), nullable=False),
    sa.Column("was_key_version", sa.Integer(), nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Column("state", sa.String(length=16), nullable=False),
    sa.Column("proposed_by_id", sa.String(length=40), nullable=False),
    sa.Column("proposed_by", sa.String(length=64), nullable=False),
    sa.Column("proposed_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("expires_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("decided_by_id", sa.String(length=40), nullable=False),
    sa.Column("decided_by", sa.String(length=64), nullable=False),
    sa.Column("decided_at_ms", sa.BigInteger()),
    sa.Column("decision_note", sa.Text(), nullable=False),
    sa.Column("key_version", sa.Integer(), nullable=False),
    sa.Column("shown_out_at_ms", sa.BigInteger()),
    sa.Column("shown_in_at_ms", sa.BigInteger()),
    sa.Index("ix_outbox_endpoint_change_endpoint", "endpoint"),
    sa.Index("uq_outbox_change_waiting", "endpoint", unique=True, sqlite_where=sa.text("state = 'proposed'"), postgresql_where=sa.text("state = 'proposed'")),
)  # fmt: skip
sa.Table(
    "outbox_received", BEFORE,
    sa.Column("endpoint", sa.String(length=64), primary_key=True),
    sa.Column("message_id", sa.String(length=128), primary_key=True),
    sa.Column("at_ms", sa.BigInteger(), nullable=False),
    sa.Column("body_sha256", sa.String(length=64), nullable=False),
    sa.Column("outcome", sa.String(length=64), nullable=False),
)  # fmt: skip
sa.Table(
    "rule_set", BEFORE,
    sa.Column("version", SERIAL, primary_key=True, autoincrement=True),
    sa.Column("text", sa.Text(), nullable=False),
    sa.Column("digest", sa.String(length=12), nullable=False),
    sa.Column("note", sa.String(length=500), nullable=False),
    sa.Column("state", sa.String(length=12), nullable=False),
    sa.Column("proposed_by_id", sa.String(length=40), nullable=False),
    sa.Column("proposed_by", sa.String(length=64), nullable=False),
    sa.Column("proposed_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("decided_by", sa.String(length=64), nullable=False),
    sa.Column("decided_at_ms", sa.BigInteger()),
    sa.Column("backtest", sa.Text(), nullable=False),
    sa.Index("ix_rule_set_state", "state"),
)  # fmt: skip
sa.Table(
    "saved_view", BEFORE,
    sa.Column("id", sa.String(length=40), primary_key=True),
    sa.Column("owner_id", sa.String(length=40), nullable=False),
    sa.Column("owner_name", sa.String(length=64), nullable=False),
    sa.Column("title", sa.String(length=200), nullable=False),
    sa.Column("document", sa.Text(), nullable=False),
    sa.Column("nodes", sa.Integer(), nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Column("is_draft", sa.Boolean(), nullable=False),
    sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("updated_at_ms", sa.BigInteger(), nullable=False),
    sa.Index("ix_saved_view_owner_id", "owner_id"),
)  # fmt: skip
sa.Table(
    "score_override", BEFORE,
    sa.Column("id", sa.String(length=40), primary_key=True),
    sa.Column("payer", sa.String(length=128), nullable=False),
    sa.Column("payee", sa.String(length=128), nullable=False),
    sa.Column("reason", sa.String(length=500), nullable=False),
    sa.Column("proposed_by_id", sa.String(length=40), nullable=False),
    sa.Column("proposed_by", sa.String(length=64), nullable=False),
    sa.Column("proposed_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("approved_by", sa.String(length=64), nullable=False),
    sa.Column("approved_at_ms", sa.BigInteger()),
    sa.Column("expires_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("ended_at_ms", sa.BigInteger()),
)  # fmt: skip
sa.Table(
    "scored_transfer", BEFORE,
    sa.Column("id", sa.String(length=64), primary_key=True),
    sa.Column("number", sa.BigInteger(), nullable=False),
    sa.Column("decision_id", sa.String(length=40), nullable=False),
    sa.Column("key_id", sa.String(length=40), nullable=False),
    sa.Column("payer", sa.String(length=128), nullable=False),
    sa.Column("payee", sa.String(length=128), nullable=False),
    sa.Column("at_ms", sa.BigInteger(), nullable=False),
    sa.Column("scored_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("answer", sa.String(length=12), nullable=False),
    sa.Column("score", sa.Float(), nullable=False),
    sa.Column("final", sa.String(length=12), nullable=False),
    sa.Column("rule_set", sa.String(length=32), nullable=False),
    sa.Column("transfer", sa.Text(), nullable=False),
    sa.Column("said", sa.Text(), nullable=False),
    sa.Column("alert_state", sa.String(length=12), nullable=False),
    sa.Column("alert_by", sa.String(length=64), nullable=False),
    sa.Column("alert_note", sa.String(length=500), nullable=False),
    sa.Index("ix_scored_transfer_alert", "alert_state", "scored_at_ms"),
    sa.Index("ix_scored_transfer_number", "number"),
    sa.Index("ix_scored_transfer_payee", "payee", "at_ms"),
    sa.Index("ix_scored_transfer_payer", "payer", "at_ms"),
)  # fmt: skip
sa.Table(
    "share", BEFORE,
    sa.Column("kind", sa.String(length=16), primary_key=True),
    sa.Column("object_id", sa.String(length=40), primary_key=True),
    sa.Column("to_kind", sa.String(length=8), primary_key=True),
    sa.Column("to_id", sa.String(length=40), primary_key=True),
)  # fmt: skip
sa.Table(
    "stop_answer", BEFORE,
    sa.Column("seq", SERIAL, primary_key=True, autoincrement=True),
    sa.Column("order_id", sa.String(length=40), nullable=False),
    sa.Column("endpoint", sa.String(length=64), nullable=False),
    sa.Column("answer", sa.String(length=16), nullable=False),
    sa.Column("amount_minor", sa.BigInteger(), nullable=False),
    sa.Column("at_ms", sa.BigInteger(), nullable=False),
    sa.Column("received_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("reason", sa.Text(), nullable=False),
    sa.Column("effect", sa.String(length=32), nullable=False),
    sa.Index("ix_stop_answer_order", "order_id", "seq"),
)  # fmt: skip
sa.Table(
    "stop_next_hop", BEFORE,
    sa.Column("seq", SERIAL, primary_key=True, autoincrement=True),
    sa.Column("order_id", sa.String(length=40), nullable=False),
    sa.Column("transfer_id", sa.String(length=128), nullable=False),
    sa.Column("bank", sa.String(length=64), nullable=False),
    sa.Column("account", sa.String(length=128), nullable=False),
    sa.Column("holder", sa.String(length=200), nullable=False),
    sa.Column("amount_minor", sa.BigInteger(), nullable=False),
    sa.Column("at_ms", sa.BigInteger(), nullable=False),
    sa.Column("next_order_id", sa.String(length=40)),
    sa.UniqueConstraint("order_id", "transfer_id", name="uq_stop_next_hop"),
)  # fmt: skip
sa.Table(
    "stop_order", BEFORE,
    sa.Column("id", sa.String(length=40), primary_key=True),
    sa.Column("case_id", sa.String(length=40), nullable=False),
    sa.Column("lead_id", sa.String(length=40)),
    sa.Column("parent_id", sa.String(length=40)),
    sa.Column("layer", sa.Integer(), nullable=False),
    sa.Column("bank", sa.String(length=64), nullable=False),
    sa.Column("account", sa.String(length=128), nullable=False),
    sa.Column("holder", sa.String(length=200), nullable=False),
    sa.Column("amount_minor", sa.BigInteger(), nullable=False),
    sa.Column("currency", sa.String(length=8), nullable=False),
    sa.Column("transfer_id", sa.String(length=128), nullable=False),
    sa.Column("transfer_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("grounds", sa.Text(), nullable=False),
    sa.Column("state", sa.String(length=16), nullable=False),
    sa.Column("drafted_by", sa.String(length=40), nullable=False),
    sa.Column("drafted_by_name", sa.String(length=64), nullable=False),
    sa.Column("drafted_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("draft_until_ms", sa.BigInteger(), nullable=False),
    sa.Column("approved_by", sa.String(length=40)),
    sa.Column("approved_by_name", sa.String(length=64), nullable=False),
    sa.Column("approved_at_ms", sa.BigInteger()),
    sa.Column("stop_number", sa.Integer()),
    sa.Column("due_at_ms", sa.BigInteger()),
    sa.Column("reminded_at_ms", sa.BigInteger()),
    sa.Column("escalated_at_ms", sa.BigInteger()),
    sa.Column("answered_at_ms", sa.BigInteger()),
    sa.Column("reason", sa.Text(), nullable=False),
    sa.Column("delivery_id", sa.String(length=40)),
    sa.Column("freeze_state", sa.String(length=16), nullable=False),
    sa.Column("frozen_minor", sa.BigInteger(), nullable=False),
    sa.Column("held_minor", sa.BigInteger(), nullable=False),
    sa.Column("for_return_minor", sa.BigInteger(), nullable=False),
    sa.Column("returned_minor", sa.BigInteger(), nullable=False),
    sa.Column("let_go_minor", sa.BigInteger(), nullable=False),
    sa.Column("frozen_at_ms", sa.BigInteger()),
    sa.Column("frozen_until_ms", sa.BigInteger()),
    sa.Column("wrong_hold", sa.Boolean(), nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Index("ix_stop_order_account", "bank", "account"),
    sa.Index("ix_stop_order_case", "case_id"),
    sa.Index("ix_stop_order_newest", "drafted_at_ms", "id"),
    sa.Index("ix_stop_order_queue", "state", "drafted_at_ms", "id"),
)  # fmt: skip
sa.Table(
    "stop_slot", BEFORE,
    sa.Column("bank", sa.String(length=64), primary_key=True),
    sa.Column("account", sa.String(length=128), primary_key=True),
    sa.Column("number", sa.Integer(), primary_key=True),
    sa.Column("order_id", sa.String(length=48), nullable=False),
    sa.UniqueConstraint("order_id"),
)  # fmt: skip
sa.Table(
    "transfer_hold", BEFORE,
    sa.Column("id", sa.String(length=40), primary_key=True),
    sa.Column("transfer_id", sa.String(length=64), nullable=False),
    sa.Column("kind", sa.String(length=12), nullable=False),
    sa.Column("payer", sa.String(length=128), nullable=False),
    sa.Column("payee", sa.String(length=128), nullable=False),
    sa.Column("amount_minor", sa.BigInteger(), nullable=False),
    sa.Column("currency", sa.String(length=4), nullable=False),
    sa.Column("reason", sa.Text(), nullable=False),
    sa.Column("state", sa.String(length=12), nullable=False),
    sa.Column("started_ms", sa.BigInteger(), nullable=False),
    sa.Column("until_ms", sa.BigInteger(), nullable=False),
    sa.Column("owner", sa.String(length=64), nullable=False),
    sa.Column("failures", sa.Integer(), nullable=False),
    sa.Column("appeal", sa.String(length=8), nullable=False),
    sa.Column("key_id", sa.String(length=40), nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
    sa.UniqueConstraint("transfer_id"),
    sa.Index("ix_transfer_hold_open", "state", "until_ms"),
    sa.Index("ix_transfer_hold_payer", "payer"),
)  # fmt: skip
sa.Table(
    "transfer_hold_step", BEFORE,
    sa.Column("seq", SERIAL, primary_key=True, autoincrement=True),
    sa.Column("hold_id", sa.String(length=40), nullable=False),
    sa.Column("verb", sa.String(length=16), nullable=False),
    sa.Column("by", sa.String(length=64), nullable=False),
    sa.Column("at_ms", sa.BigInteger(), nullable=False),
    sa.Column("note", sa.String(length=500), nullable=False),
    sa.Index("ix_transfer_hold_step_hold_id", "hold_id"),
)  # fmt: skip
sa.Table(
    "warning_list", BEFORE,
    sa.Column("id", sa.String(length=40), primary_key=True),
    sa.Column("title", sa.String(length=200), nullable=False),
    sa.Column("reason", sa.String(length=500), nullable=False),
    sa.Column("region", sa.String(length=64), nullable=False),
    sa.Column("finding_id", sa.String(length=128), nullable=False),
    sa.Column("accounts", sa.Text(), nullable=False),
    sa.Column("size", sa.Integer(), nullable=False),
    sa.Column("opted_out", sa.Integer(), nullable=False),
    sa.Column("made_by", sa.String(length=64), nullable=False),
    sa.Column("made_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("sent_to", sa.String(length=64), nullable=False),
)  # fmt: skip
sa.Table(
    "warning_opt_out", BEFORE,
    sa.Column("account", sa.String(length=128), primary_key=True),
    sa.Column("at_ms", sa.BigInteger(), nullable=False),
    sa.Column("by", sa.String(length=64), nullable=False),
)  # fmt: skip
sa.Table(
    "app_session", BEFORE,
    sa.Column("token_sha256", sa.String(length=64), primary_key=True),
    sa.Column("user_id", sa.String(length=40), sa.ForeignKey("app_user.id", ondelete="CASCADE"), nullable=False),
    sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("seen_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("origin", sa.String(length=64), nullable=False),
    sa.Index("ix_app_session_user_id", "user_id"),
)  # fmt: skip
sa.Table(
    "app_user_role", BEFORE,
    sa.Column("user_id", sa.String(length=40), sa.ForeignKey("app_user.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("role", sa.String(length=32), primary_key=True),
)  # fmt: skip
sa.Table(
    "evaluation_rate", BEFORE,
    sa.Column("algorithm", sa.String(length=64), primary_key=True),
    sa.Column("version", sa.String(length=32), primary_key=True),
    sa.Column("setting", sa.String(length=200), primary_key=True),
    sa.Column("low", sa.Float(), primary_key=True),
    sa.Column("high", sa.Float(), nullable=False),
    sa.Column("n_right", sa.Integer(), nullable=False),
    sa.Column("n_judged", sa.Integer(), nullable=False),
    sa.Column("measured_at_ms", sa.BigInteger(), nullable=False),
    sa.Column("report_id", sa.String(length=40), sa.ForeignKey("evaluation_report.id"), nullable=False),
    sa.Index("ix_evaluation_rate_report_id", "report_id"),
)  # fmt: skip
sa.Table(
    "saved_query", BEFORE,
    sa.Column("id", sa.String(length=40), primary_key=True),
    sa.Column("user_id", sa.String(length=40), sa.ForeignKey("app_user.id", ondelete="CASCADE"), nullable=False),
    sa.Column("title", sa.String(length=120), nullable=False),
    sa.Column("cypher", sa.Text(), nullable=False),
    sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
    sa.Index("ix_saved_query_user_id", "user_id"),
)  # fmt: skip
sa.Table(
    "saved_query_card", BEFORE,
    sa.Column("query_id", sa.String(length=40), sa.ForeignKey("saved_query.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("tags", sa.String(length=400), nullable=False),
    sa.Column("menu_label", sa.String(length=32), nullable=False),
    sa.Column("menu_parameter", sa.String(length=64), nullable=False),
)  # fmt: skip

#: Tables whose rows are added, never changed or removed: what the refusal says.
APPEND_ONLY = {"audit_log": "the audit log is append-only", "finding_verdict": "verdicts are append-only"}


def _append_only(table: str, refusal: str) -> None:
    """Triggers that refuse UPDATE and DELETE, made right after the table."""
    statements = [
        (
            "sqlite",
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
        )
        for verb in ("UPDATE", "DELETE")
    ] + [
        (
            "postgresql",
            f"CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{refusal}'; END $$",
        ),
        (
            "postgresql",
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()",
        ),
    ]
    for dialect, statement in statements:
        ddl = sa.DDL(statement).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
        event.listen(BEFORE.tables[table], "after_create", ddl)


for _table, _refusal in APPEND_ONLY.items():
    _append_only(_table, _refusal)


def upgrade() -> None:
    """Make what is missing; what is there stays as it is."""
    connection = op.get_bind()
    there = sa.inspect(connection)
    tables = set(there.get_table_names())
    for table in BEFORE.sorted_tables:
        if table.name not in tables:
            table.create(connection)
            continue
        columns = {column["name"] for column in there.get_columns(table.name)}
        for column in table.columns:
            if column.name not in columns:
                _add(table.name, column)
        indexes = {index["name"] for index in there.get_indexes(table.name)}
        for index in table.indexes:
            if index.name not in indexes:
                index.create(connection)


def _add(table: str, column: sa.Column[Any]) -> None:
    filled = None
    if not column.nullable:
        texts = isinstance(column.type, (sa.String, sa.Text, sa.JSON))
        filled = sa.text("''" if texts else "false" if isinstance(column.type, sa.Boolean) else "0")
    op.add_column(table, sa.Column(column.name, column.type, nullable=column.nullable, server_default=filled))
    if filled is not None and op.get_bind().dialect.name != "sqlite":  # SQLite has no way to take a default away
        op.alter_column(table, column.name, server_default=None)
