"""Create all tables, and keep the audit trail append-only in the database itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Whoever edits the trail must first remove these, which needs more than the rights of the application.
APPEND_ONLY = {
    "sqlite": tuple(
        f"CREATE TRIGGER audit_entry_no_{verb} BEFORE {verb.upper()} ON audit_entry "
        "BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END"
        for verb in ("update", "delete")
    ),
    "postgresql": (
        """CREATE OR REPLACE FUNCTION audit_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'audit_entry is append-only'; END $$""",
        """CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON audit_entry
        FOR EACH ROW EXECUTE FUNCTION audit_entry_append_only()""",
    ),
}


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("chain", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject_kind", sa.String(length=80), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("details", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("rule", sa.String(length=10), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("previous_mac", sa.LargeBinary(), nullable=False),
        sa.Column("kid", sa.String(length=32), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_audit_entry_seq_from_one")),
        sa.PrimaryKeyConstraint("chain", "seq", name=op.f("pk_audit_entry")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index("ix_audit_entry_actor_id_at", ["actor_id", "at"], unique=False)
        batch_op.create_index("ix_audit_entry_at", ["at", "chain", "seq"], unique=False)
        batch_op.create_index("ix_audit_entry_subject_id_at", ["subject_id", "at"], unique=False)

    op.create_table(
        "audit_head",
        sa.Column("chain", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "core_idempotency_key",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("body_mac", sa.LargeBinary(), nullable=False),
        sa.Column("location", sa.String(length=400), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "key", name=op.f("pk_core_idempotency_key")),
    )
    with op.batch_alter_table("core_idempotency_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_core_idempotency_key_created_at"), ["created_at"], unique=False)

    op.create_table(
        "people_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.String(length=40), nullable=False),
        sa.Column("display_name", sa.String(length=60), nullable=False),
        sa.Column("locale", sa.String(length=5), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_account")),
        sa.UniqueConstraint("login", name=op.f("uq_people_account_login")),
    )
    op.create_table(
        "people_pledge_text",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body_zh", sa.Text(), nullable=False),
        sa.Column("body_en", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_pledge_text")),
        sa.UniqueConstraint("role", "version", name=op.f("uq_people_pledge_text_role_version")),
    )
    op.create_table(
        "people_sign_in_throttle",
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_people_sign_in_throttle")),
    )
    with op.batch_alter_table("people_sign_in_throttle", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_people_sign_in_throttle_updated_at"), ["updated_at"], unique=False)

    op.create_table(
        "programme_programme",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("guided_by", sa.String(length=200), nullable=False),
        sa.Column("steering", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("budget_fen", sa.BigInteger(), nullable=False),
        sa.Column("outputs", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("budget_fen >= 0", name=op.f("ck_programme_programme_budget_not_negative")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_programme_programme_starts_before_end")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_programme")),
    )
    op.create_table(
        "vault_recovery_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("public_key_tag", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vault_recovery_key")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_vault_recovery_key_fingerprint")),
    )
    op.create_table(
        "people_key_pair",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("public_key_tag", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_private_key", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("memory_kib", sa.Integer(), nullable=False),
        sa.Column("passes", sa.Integer(), nullable=False),
        sa.Column("lanes", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("password_set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["people_account.id"], name=op.f("fk_people_key_pair_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_key_pair")),
    )
    with op.batch_alter_table("people_key_pair", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_people_key_pair_account_id"), ["account_id"], unique=False)
        batch_op.create_index(
            "ix_people_key_pair_current",
            ["account_id"],
            unique=True,
            sqlite_where=sa.text("retired_at IS NULL"),
            postgresql_where=sa.text("retired_at IS NULL"),
        )

    op.create_table(
        "people_pledge_signature",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["people_account.id"], name=op.f("fk_people_pledge_signature_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["pledge_id"], ["people_pledge_text.id"], name=op.f("fk_people_pledge_signature_pledge_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_pledge_signature")),
        sa.UniqueConstraint("account_id", "pledge_id", name=op.f("uq_people_pledge_signature_account_id_pledge_id")),
    )
    with op.batch_alter_table("people_pledge_signature", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_people_pledge_signature_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_people_pledge_signature_pledge_id"), ["pledge_id"], unique=False)

    op.create_table(
        "people_recovery_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code_mac", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["people_account.id"], name=op.f("fk_people_recovery_code_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_recovery_code")),
    )
    with op.batch_alter_table("people_recovery_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_people_recovery_code_account_id"), ["account_id"], unique=False)

    op.create_table(
        "people_second_factor",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped_seed", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["people_account.id"], name=op.f("fk_people_second_factor_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_people_second_factor")),
    )
    op.create_table(
        "programme_subproject",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("fund", sa.String(length=200), nullable=False),
        sa.Column("partner", sa.String(length=300), nullable=False),
        sa.Column("region", sa.String(length=100), nullable=False),
        sa.Column("division", sa.String(length=9), nullable=True),
        sa.Column("targets", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("responsible", sa.String(length=100), nullable=False),
        sa.Column("authorised_by", sa.String(length=200), nullable=False),
        sa.Column("authorised_on", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(authorised_by = '') = (authorised_on IS NULL)",
            name=op.f("ck_programme_subproject_authorisation_complete"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme_programme.id"], name=op.f("fk_programme_subproject_programme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_subproject")),
        sa.UniqueConstraint("code", name=op.f("uq_programme_subproject_code")),
    )
    with op.batch_alter_table("programme_subproject", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_programme_subproject_programme_id"), ["programme_id"], unique=False)

    op.create_table(
        "cases_day",
        sa.Column("subproject_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("dimension", sa.String(length=30), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subproject_id"], ["programme_subproject.id"], name=op.f("fk_cases_day_subproject_id")
        ),
        sa.PrimaryKeyConstraint("subproject_id", "day", "dimension", "value", "slot", name=op.f("pk_cases_day")),
    )
    with op.batch_alter_table("cases_day", schema=None) as batch_op:
        batch_op.create_index("ix_cases_day_read", ["subproject_id", "dimension", "day"], unique=False)

    op.create_table(
        "cases_number_counter",
        sa.Column("subproject_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subproject_id"], ["programme_subproject.id"], name=op.f("fk_cases_number_counter_subproject_id")
        ),
        sa.PrimaryKeyConstraint("subproject_id", "year", name=op.f("pk_cases_number_counter")),
    )
    op.create_table(
        "intake_call_day",
        sa.Column("subproject_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("dimension", sa.String(length=30), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subproject_id"], ["programme_subproject.id"], name=op.f("fk_intake_call_day_subproject_id")
        ),
        sa.PrimaryKeyConstraint(
            "subproject_id", "line_id", "day", "dimension", "value", "slot", name=op.f("pk_intake_call_day")
        ),
    )
    with op.batch_alter_table("intake_call_day", schema=None) as batch_op:
        batch_op.create_index("ix_intake_call_day_read", ["subproject_id", "dimension", "day"], unique=False)

    op.create_table(
        "people_role_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("subproject_id", sa.Uuid(), nullable=True),
        sa.Column("caseload_limit", sa.Integer(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "caseload_limit BETWEEN 0 AND 200", name=op.f("ck_people_role_grant_caseload_limit_in_range")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["people_account.id"], name=op.f("fk_people_role_grant_account_id")),
        sa.ForeignKeyConstraint(
            ["subproject_id"], ["programme_subproject.id"], name=op.f("fk_people_role_grant_subproject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_role_grant")),
    )
    with op.batch_alter_table("people_role_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_people_role_grant_account_id"), ["account_id"], unique=False)
        batch_op.create_index(
            "ix_people_role_grant_live",
            ["account_id", "role", "subproject_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_people_role_grant_subproject_id"), ["subproject_id"], unique=False)

    op.create_table(
        "programme_hotline",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subproject_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("numbers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("hours", sa.String(length=100), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "closed_on IS NULL OR closed_on >= opened_on", name=op.f("ck_programme_hotline_closed_after_open")
        ),
        sa.CheckConstraint("seats >= 1", name=op.f("ck_programme_hotline_seats_at_least_one")),
        sa.ForeignKeyConstraint(
            ["subproject_id"], ["programme_subproject.id"], name=op.f("fk_programme_hotline_subproject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_hotline")),
        sa.UniqueConstraint("subproject_id", "name", name=op.f("uq_programme_hotline_subproject_id_name")),
    )
    with op.batch_alter_table("programme_hotline", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_programme_hotline_subproject_id"), ["subproject_id"], unique=False)

    op.create_table(
        "vault_circle",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subproject_id", sa.Uuid(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("public_key_tag", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rotation_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("generation >= 1", name=op.f("ck_vault_circle_generation_from_one")),
        sa.ForeignKeyConstraint(
            ["subproject_id"], ["programme_subproject.id"], name=op.f("fk_vault_circle_subproject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vault_circle")),
        sa.UniqueConstraint("subproject_id", name=op.f("uq_vault_circle_subproject_id")),
    )
    op.create_table(
        "vault_data_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("subproject_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["subproject_id"], ["programme_subproject.id"], name=op.f("fk_vault_data_key_subproject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vault_data_key")),
    )
    op.create_table(
        "clients_client",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subproject_id", sa.Uuid(), nullable=False),
        sa.Column("data_key_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_identity", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["data_key_id"], ["vault_data_key.id"], name=op.f("fk_clients_client_data_key_id")),
        sa.ForeignKeyConstraint(
            ["subproject_id"], ["programme_subproject.id"], name=op.f("fk_clients_client_subproject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clients_client")),
    )
    with op.batch_alter_table("clients_client", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_clients_client_subproject_id"), ["subproject_id"], unique=False)

    op.create_table(
        "people_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role_grant_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_private_key", sa.LargeBinary(), nullable=False),
        sa.Column("second_factor_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["people_account.id"], name=op.f("fk_people_session_account_id")),
        sa.ForeignKeyConstraint(
            ["role_grant_id"], ["people_role_grant.id"], name=op.f("fk_people_session_role_grant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_session")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_people_session_token_digest")),
    )
    with op.batch_alter_table("people_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_people_session_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_people_session_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_people_session_role_grant_id"), ["role_grant_id"], unique=False)

    op.create_table(
        "vault_circle_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("circle_id", sa.Uuid(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("key_pair_id", sa.Uuid(), nullable=True),
        sa.Column("recovery_key_id", sa.Uuid(), nullable=True),
        sa.Column("sealed_private_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(account_id IS NULL) <> (recovery_key_id IS NULL)", name=op.f("ck_vault_circle_member_one_holder")
        ),
        sa.CheckConstraint(
            "(account_id IS NULL) = (key_pair_id IS NULL)", name=op.f("ck_vault_circle_member_account_with_key_pair")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["people_account.id"], name=op.f("fk_vault_circle_member_account_id")),
        sa.ForeignKeyConstraint(["circle_id"], ["vault_circle.id"], name=op.f("fk_vault_circle_member_circle_id")),
        sa.ForeignKeyConstraint(
            ["key_pair_id"], ["people_key_pair.id"], name=op.f("fk_vault_circle_member_key_pair_id")
        ),
        sa.ForeignKeyConstraint(
            ["recovery_key_id"], ["vault_recovery_key.id"], name=op.f("fk_vault_circle_member_recovery_key_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vault_circle_member")),
        sa.UniqueConstraint("circle_id", "account_id", name=op.f("uq_vault_circle_member_circle_id_account_id")),
        sa.UniqueConstraint(
            "circle_id", "recovery_key_id", name=op.f("uq_vault_circle_member_circle_id_recovery_key_id")
        ),
    )
    with op.batch_alter_table("vault_circle_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_vault_circle_member_account_id"), ["account_id"], unique=False)

    op.create_table(
        "vault_key_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("data_key_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("key_pair_id", sa.Uuid(), nullable=True),
        sa.Column("circle_id", sa.Uuid(), nullable=True),
        sa.Column("circle_generation", sa.Integer(), nullable=True),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("granted_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(account_id IS NULL) <> (circle_id IS NULL)", name=op.f("ck_vault_key_grant_one_holder")),
        sa.CheckConstraint(
            "(account_id IS NULL) = (key_pair_id IS NULL)", name=op.f("ck_vault_key_grant_account_with_key_pair")
        ),
        sa.CheckConstraint(
            "(circle_id IS NULL) = (circle_generation IS NULL)", name=op.f("ck_vault_key_grant_circle_with_generation")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["people_account.id"], name=op.f("fk_vault_key_grant_account_id")),
        sa.ForeignKeyConstraint(["circle_id"], ["vault_circle.id"], name=op.f("fk_vault_key_grant_circle_id")),
        sa.ForeignKeyConstraint(["data_key_id"], ["vault_data_key.id"], name=op.f("fk_vault_key_grant_data_key_id")),
        sa.ForeignKeyConstraint(["key_pair_id"], ["people_key_pair.id"], name=op.f("fk_vault_key_grant_key_pair_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vault_key_grant")),
        sa.UniqueConstraint("circle_id", "data_key_id", name=op.f("uq_vault_key_grant_circle_id_data_key_id")),
        sa.UniqueConstraint(
            "data_key_id", "account_id", "reason", name=op.f("uq_vault_key_grant_data_key_id_account_id_reason")
        ),
    )
    with op.batch_alter_table("vault_key_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_vault_key_grant_account_id"), ["account_id"], unique=False)
        batch_op.create_index(
            "ix_vault_key_grant_expiring",
            ["expires_at"],
            unique=False,
            sqlite_where=sa.text("expires_at IS NOT NULL"),
            postgresql_where=sa.text("expires_at IS NOT NULL"),
        )

    op.create_table(
        "cases_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("subproject_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("data_key_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("risk_level", sa.Integer(), nullable=True),
        sa.Column("populations", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_contact_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closing_reason", sa.String(length=20), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(closed_at IS NOT NULL) = (stage IN ('closed', 'transferred'))", name=op.f("ck_cases_case_ended_with_time")
        ),
        sa.CheckConstraint(
            "(stage = 'transferred') = (closing_reason IS NOT NULL AND closing_reason = 'transferred')",
            name=op.f("ck_cases_case_transferred_with_reason"),
        ),
        sa.CheckConstraint(
            "closing_reason IN ('goal_met', 'client_wish', 'out_of_contact', 'transferred', 'death', 'beyond_scope')",
            name=op.f("ck_cases_case_closing_reason_known"),
        ),
        sa.CheckConstraint(
            "stage IN ('intake', 'assessing', 'planned', 'intervening', 'evaluating', 'closed', 'transferred')",
            name=op.f("ck_cases_case_stage_known"),
        ),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closing_reason IS NULL)", name=op.f("ck_cases_case_ended_with_reason")
        ),
        sa.CheckConstraint("closed_at >= opened_at", name=op.f("ck_cases_case_closed_after_opened")),
        sa.CheckConstraint("risk_level BETWEEN 0 AND 4", name=op.f("ck_cases_case_risk_level_range")),
        sa.ForeignKeyConstraint(["client_id"], ["clients_client.id"], name=op.f("fk_cases_case_client_id")),
        sa.ForeignKeyConstraint(["data_key_id"], ["vault_data_key.id"], name=op.f("fk_cases_case_data_key_id")),
        sa.ForeignKeyConstraint(
            ["subproject_id"], ["programme_subproject.id"], name=op.f("fk_cases_case_subproject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases_case")),
        sa.UniqueConstraint("number", name=op.f("uq_cases_case_number")),
    )
    with op.batch_alter_table("cases_case", schema=None) as batch_op:
        batch_op.create_index("ix_cases_case_list", ["subproject_id", "updated_at", "id"], unique=False)
        batch_op.create_index(
            "ix_cases_case_one_open",
            ["client_id", "subproject_id"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "clients_number",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("subproject_id", sa.Uuid(), nullable=False),
        sa.Column("number_index", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients_client.id"], name=op.f("fk_clients_number_client_id")),
        sa.ForeignKeyConstraint(
            ["subproject_id"], ["programme_subproject.id"], name=op.f("fk_clients_number_subproject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clients_number")),
        sa.UniqueConstraint("subproject_id", "number_index", name=op.f("uq_clients_number_subproject_id_number_index")),
    )
    with op.batch_alter_table("clients_number", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_clients_number_client_id"), ["client_id"], unique=False)

    op.create_table(
        "assessments_measure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("data_key_id", sa.Uuid(), nullable=False),
        sa.Column("scale", sa.String(length=20), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("sealed_answers", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases_case.id"], name=op.f("fk_assessments_measure_case_id")),
        sa.ForeignKeyConstraint(
            ["data_key_id"], ["vault_data_key.id"], name=op.f("fk_assessments_measure_data_key_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["people_account.id"], name=op.f("fk_assessments_measure_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessments_measure")),
    )
    with op.batch_alter_table("assessments_measure", schema=None) as batch_op:
        batch_op.create_index("ix_assessments_measure_case", ["case_id", "scale", "taken_at"], unique=False)

    op.create_table(
        "cases_assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("assigned_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("until_at >= from_at", name=op.f("ck_cases_assignment_until_after_from")),
        sa.ForeignKeyConstraint(["account_id"], ["people_account.id"], name=op.f("fk_cases_assignment_account_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases_case.id"], name=op.f("fk_cases_assignment_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases_assignment")),
    )
    with op.batch_alter_table("cases_assignment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cases_assignment_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            "ix_cases_assignment_current",
            ["case_id"],
            unique=True,
            sqlite_where=sa.text("until_at IS NULL"),
            postgresql_where=sa.text("until_at IS NULL"),
        )
        batch_op.create_index(
            "ix_cases_assignment_load",
            ["account_id"],
            unique=False,
            sqlite_where=sa.text("until_at IS NULL"),
            postgresql_where=sa.text("until_at IS NULL"),
        )

    op.create_table(
        "cases_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("data_key_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=True),
        sa.Column("services", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'session') = (channel IS NOT NULL)", name=op.f("ck_cases_note_session_has_channel")
        ),
        sa.CheckConstraint(
            "channel IN ('phone', 'wechat', 'video', 'face_to_face', 'home_visit', 'ward', 'isolation_site')",
            name=op.f("ck_cases_note_channel_known"),
        ),
        sa.CheckConstraint("kind IN ('session', 'internal', 'supervision')", name=op.f("ck_cases_note_kind_known")),
        sa.CheckConstraint("minutes IS NULL OR kind = 'session'", name=op.f("ck_cases_note_minutes_of_session")),
        sa.CheckConstraint("corrects_id <> id", name=op.f("ck_cases_note_corrects_another")),
        sa.CheckConstraint("minutes BETWEEN 1 AND 600", name=op.f("ck_cases_note_minutes_range")),
        sa.CheckConstraint("occurred_at <= written_at", name=op.f("ck_cases_note_not_in_future")),
        sa.ForeignKeyConstraint(["author_id"], ["people_account.id"], name=op.f("fk_cases_note_author_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases_case.id"], name=op.f("fk_cases_note_case_id")),
        sa.ForeignKeyConstraint(["corrects_id"], ["cases_note.id"], name=op.f("fk_cases_note_corrects_id")),
        sa.ForeignKeyConstraint(["data_key_id"], ["vault_data_key.id"], name=op.f("fk_cases_note_data_key_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases_note")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_cases_note_corrects_id")),
    )
    with op.batch_alter_table("cases_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cases_note_author_id"), ["author_id"], unique=False)
        batch_op.create_index("ix_cases_note_timeline", ["case_id", "occurred_at", "id"], unique=False)

    op.create_table(
        "cases_note_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("data_key_id", sa.Uuid(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("sealed_draft", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("rev >= 1", name=op.f("ck_cases_note_draft_rev_from_one")),
        sa.ForeignKeyConstraint(["author_id"], ["people_account.id"], name=op.f("fk_cases_note_draft_author_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases_case.id"], name=op.f("fk_cases_note_draft_case_id")),
        sa.ForeignKeyConstraint(["data_key_id"], ["vault_data_key.id"], name=op.f("fk_cases_note_draft_data_key_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases_note_draft")),
        sa.UniqueConstraint("case_id", "author_id", name=op.f("uq_cases_note_draft_case_id_author_id")),
    )
    with op.batch_alter_table("cases_note_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cases_note_draft_author_id"), ["author_id"], unique=False)

    op.create_table(
        "cases_stage_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("before", sa.String(length=16), nullable=True),
        sa.Column("after", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "after IN ('intake', 'assessing', 'planned', 'intervening', 'evaluating', 'closed', 'transferred')",
            name=op.f("ck_cases_stage_change_after_known"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases_case.id"], name=op.f("fk_cases_stage_change_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases_stage_change")),
    )
    with op.batch_alter_table("cases_stage_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cases_stage_change_case_id"), ["case_id"], unique=False)

    op.create_table(
        "intake_call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subproject_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("data_key_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reopen_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("call_type", sa.String(length=12), nullable=True),
        sa.Column("brief", sa.String(length=16), nullable=True),
        sa.Column("for_whom", sa.String(length=10), nullable=True),
        sa.Column("sex", sa.String(length=8), nullable=True),
        sa.Column("age_band", sa.String(length=8), nullable=True),
        sa.Column("division", sa.String(length=9), nullable=True),
        sa.Column("category", sa.String(length=24), nullable=True),
        sa.Column("population", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("topics", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("risk", sa.String(length=12), nullable=True),
        sa.Column("risk_reason", sa.String(length=12), nullable=True),
        sa.Column("risk_level", sa.Integer(), nullable=True),
        sa.Column("distress_before", sa.Integer(), nullable=True),
        sa.Column("distress_after", sa.Integer(), nullable=True),
        sa.Column("services", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("followup_on", sa.Date(), nullable=True),
        sa.Column("consent", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("repeat", sa.String(length=8), nullable=False),
        sa.Column("number_index", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_caller", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_summary", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_draft", sa.LargeBinary(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("draft_writer", sa.Uuid(), nullable=True),
        sa.Column("draft_seq", sa.Integer(), nullable=False),
        sa.Column("triage_state", sa.String(length=10), nullable=False),
        sa.Column("triage_rank", sa.SmallInteger(), nullable=False),
        sa.Column("triaged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("triaged_by", sa.Uuid(), nullable=True),
        sa.Column("assigned_to", sa.Uuid(), nullable=True),
        sa.Column("settle_reason", sa.String(length=14), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(triage_state = 'settled') = (settle_reason IS NOT NULL)", name=op.f("ck_intake_call_settled_with_reason")
        ),
        sa.CheckConstraint(
            "(triage_state IN ('assigned', 'settled')) = (triaged_at IS NOT NULL AND triaged_by IS NOT NULL)",
            name=op.f("ck_intake_call_triaged_with_time"),
        ),
        sa.CheckConstraint(
            "age_band IN ('under_14', '14_17', '18_25', '26_35', '36_59', '60_79', '80_plus', 'unknown')",
            name=op.f("ck_intake_call_age_band_known"),
        ),
        sa.CheckConstraint(
            "brief IN ('silent', 'nuisance', 'wrong_number', 'number_enquiry')", name=op.f("ck_intake_call_brief_known")
        ),
        sa.CheckConstraint(
            "call_type IN ('self', 'third_party', 'information', 'silent', 'nuisance', 'agency')",
            name=op.f("ck_intake_call_call_type_known"),
        ),
        sa.CheckConstraint(
            "category IN ('infected', 'isolated_site', 'isolated_home', 'recovered', 'close_contact', 'bereaved_family', 'fallen_worker_family', 'patient_family', 'medical', 'disease_control', 'police', 'transport', 'community', 'frontline_family', 'volunteer', 'hardship', 'public', 'inbound')",
            name=op.f("ck_intake_call_category_known"),
        ),
        sa.CheckConstraint(
            "for_whom IN ('self', 'child', 'partner', 'parent', 'relative', 'friend', 'served', 'other')",
            name=op.f("ck_intake_call_for_whom_known"),
        ),
        sa.CheckConstraint(
            "outcome IN ('supported', 'referred', 'follow_up', 'to_case', 'emergency')",
            name=op.f("ck_intake_call_outcome_known"),
        ),
        sa.CheckConstraint("repeat IN ('first', 'repeat', 'unknown')", name=op.f("ck_intake_call_repeat_known")),
        sa.CheckConstraint(
            "risk IN ('none', 'ideation', 'plan', 'plan_week', 'plan_72h', 'attempt', 'not_assessed')",
            name=op.f("ck_intake_call_risk_known"),
        ),
        sa.CheckConstraint(
            "risk_reason IN ('ended_early', 'declined', 'not_known', 'unable')",
            name=op.f("ck_intake_call_risk_reason_known"),
        ),
        sa.CheckConstraint(
            "settle_reason IN ('supported', 'referred', 'called_back', 'declined', 'unreachable', 'beyond_scope')",
            name=op.f("ck_intake_call_settle_reason_known"),
        ),
        sa.CheckConstraint("sex IN ('female', 'male', 'other', 'unknown')", name=op.f("ck_intake_call_sex_known")),
        sa.CheckConstraint(
            "status <> 'finished' OR (call_type IS NOT NULL AND finished_at IS NOT NULL)",
            name=op.f("ck_intake_call_finished_with_type"),
        ),
        sa.CheckConstraint(
            "status <> 'finished' OR call_type IN ('silent', 'nuisance') OR (risk IS NOT NULL AND outcome IS NOT NULL)",
            name=op.f("ck_intake_call_finished_with_risk_and_outcome"),
        ),
        sa.CheckConstraint("status IN ('draft', 'finished', 'discarded')", name=op.f("ck_intake_call_status_known")),
        sa.CheckConstraint(
            "triage_state <> 'assigned' OR (case_id IS NOT NULL AND assigned_to IS NOT NULL)",
            name=op.f("ck_intake_call_assigned_with_case"),
        ),
        sa.CheckConstraint(
            "triage_state = 'none' OR status = 'finished'", name=op.f("ck_intake_call_triage_of_finished")
        ),
        sa.CheckConstraint(
            "triage_state IN ('none', 'waiting', 'assigned', 'settled')", name=op.f("ck_intake_call_triage_state_known")
        ),
        sa.CheckConstraint("distress_after BETWEEN 0 AND 10", name=op.f("ck_intake_call_distress_after_range")),
        sa.CheckConstraint("distress_before BETWEEN 0 AND 10", name=op.f("ck_intake_call_distress_before_range")),
        sa.CheckConstraint(
            "finished_at IS NULL OR finished_at >= started_at", name=op.f("ck_intake_call_finished_after_start")
        ),
        sa.CheckConstraint("reopen_until >= started_at", name=op.f("ck_intake_call_reopen_after_start")),
        sa.CheckConstraint("rev >= 1 AND revision >= 1", name=op.f("ck_intake_call_versions_from_one")),
        sa.CheckConstraint("risk_level BETWEEN 0 AND 4", name=op.f("ck_intake_call_risk_level_range")),
        sa.ForeignKeyConstraint(["assigned_to"], ["people_account.id"], name=op.f("fk_intake_call_assigned_to")),
        sa.ForeignKeyConstraint(["author_id"], ["people_account.id"], name=op.f("fk_intake_call_author_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases_case.id"], name=op.f("fk_intake_call_case_id")),
        sa.ForeignKeyConstraint(["data_key_id"], ["vault_data_key.id"], name=op.f("fk_intake_call_data_key_id")),
        sa.ForeignKeyConstraint(["line_id"], ["programme_hotline.id"], name=op.f("fk_intake_call_line_id")),
        sa.ForeignKeyConstraint(
            ["subproject_id"], ["programme_subproject.id"], name=op.f("fk_intake_call_subproject_id")
        ),
        sa.ForeignKeyConstraint(["triaged_by"], ["people_account.id"], name=op.f("fk_intake_call_triaged_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_call")),
    )
    with op.batch_alter_table("intake_call", schema=None) as batch_op:
        batch_op.create_index("ix_intake_call_author", ["author_id", "subproject_id", "started_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_intake_call_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_intake_call_number", ["subproject_id", "number_index", "started_at"], unique=False)
        batch_op.create_index(
            "ix_intake_call_unsaved",
            ["author_id"],
            unique=False,
            sqlite_where=sa.text("sealed_draft IS NOT NULL"),
            postgresql_where=sa.text("sealed_draft IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_intake_call_triage",
            ["subproject_id", sa.text("triage_rank DESC"), "finished_at", "id"],
            unique=False,
            sqlite_where=sa.text("triage_state = 'waiting'"),
            postgresql_where=sa.text("triage_state = 'waiting'"),
        )

    op.create_table(
        "intake_call_revision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("data_key_id", sa.Uuid(), nullable=False),
        sa.Column("codes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("sealed_caller", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_summary", sa.LargeBinary(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("revised_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["people_account.id"], name=op.f("fk_intake_call_revision_account_id")),
        sa.ForeignKeyConstraint(["call_id"], ["intake_call.id"], name=op.f("fk_intake_call_revision_call_id")),
        sa.ForeignKeyConstraint(
            ["data_key_id"], ["vault_data_key.id"], name=op.f("fk_intake_call_revision_data_key_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_call_revision")),
        sa.UniqueConstraint("call_id", "revision", name=op.f("uq_intake_call_revision_call_id_revision")),
    )
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("intake_call_revision")
    with op.batch_alter_table("intake_call", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_intake_call_triage",
            sqlite_where=sa.text("triage_state = 'waiting'"),
            postgresql_where=sa.text("triage_state = 'waiting'"),
        )
        batch_op.drop_index(
            "ix_intake_call_unsaved",
            sqlite_where=sa.text("sealed_draft IS NOT NULL"),
            postgresql_where=sa.text("sealed_draft IS NOT NULL"),
        )
        batch_op.drop_index("ix_intake_call_number")
        batch_op.drop_index(batch_op.f("ix_intake_call_case_id"))
        batch_op.drop_index("ix_intake_call_author")

    op.drop_table("intake_call")
    with op.batch_alter_table("cases_stage_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cases_stage_change_case_id"))

    op.drop_table("cases_stage_change")
    with op.batch_alter_table("cases_note_draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cases_note_draft_author_id"))

    op.drop_table("cases_note_draft")
    with op.batch_alter_table("cases_note", schema=None) as batch_op:
        batch_op.drop_index("ix_cases_note_timeline")
        batch_op.drop_index(batch_op.f("ix_cases_note_author_id"))

    op.drop_table("cases_note")
    with op.batch_alter_table("cases_assignment", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_cases_assignment_load",
            sqlite_where=sa.text("until_at IS NULL"),
            postgresql_where=sa.text("until_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_cases_assignment_current",
            sqlite_where=sa.text("until_at IS NULL"),
            postgresql_where=sa.text("until_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_cases_assignment_case_id"))

    op.drop_table("cases_assignment")
    with op.batch_alter_table("assessments_measure", schema=None) as batch_op:
        batch_op.drop_index("ix_assessments_measure_case")

    op.drop_table("assessments_measure")
    with op.batch_alter_table("clients_number", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_clients_number_client_id"))

    op.drop_table("clients_number")
    with op.batch_alter_table("cases_case", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_cases_case_one_open",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.drop_index("ix_cases_case_list")

    op.drop_table("cases_case")
    with op.batch_alter_table("vault_key_grant", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_vault_key_grant_expiring",
            sqlite_where=sa.text("expires_at IS NOT NULL"),
            postgresql_where=sa.text("expires_at IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_vault_key_grant_account_id"))

    op.drop_table("vault_key_grant")
    with op.batch_alter_table("vault_circle_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_vault_circle_member_account_id"))

    op.drop_table("vault_circle_member")
    with op.batch_alter_table("people_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_people_session_role_grant_id"))
        batch_op.drop_index(batch_op.f("ix_people_session_expires_at"))
        batch_op.drop_index(batch_op.f("ix_people_session_account_id"))

    op.drop_table("people_session")
    with op.batch_alter_table("clients_client", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_clients_client_subproject_id"))

    op.drop_table("clients_client")
    op.drop_table("vault_data_key")
    op.drop_table("vault_circle")
    with op.batch_alter_table("programme_hotline", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_programme_hotline_subproject_id"))

    op.drop_table("programme_hotline")
    with op.batch_alter_table("people_role_grant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_people_role_grant_subproject_id"))
        batch_op.drop_index(
            "ix_people_role_grant_live",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_people_role_grant_account_id"))

    op.drop_table("people_role_grant")
    with op.batch_alter_table("intake_call_day", schema=None) as batch_op:
        batch_op.drop_index("ix_intake_call_day_read")

    op.drop_table("intake_call_day")
    op.drop_table("cases_number_counter")
    with op.batch_alter_table("cases_day", schema=None) as batch_op:
        batch_op.drop_index("ix_cases_day_read")

    op.drop_table("cases_day")
    with op.batch_alter_table("programme_subproject", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_programme_subproject_programme_id"))

    op.drop_table("programme_subproject")
    op.drop_table("people_second_factor")
    with op.batch_alter_table("people_recovery_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_people_recovery_code_account_id"))

    op.drop_table("people_recovery_code")
    with op.batch_alter_table("people_pledge_signature", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_people_pledge_signature_pledge_id"))
        batch_op.drop_index(batch_op.f("ix_people_pledge_signature_account_id"))

    op.drop_table("people_pledge_signature")
    with op.batch_alter_table("people_key_pair", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_people_key_pair_current",
            sqlite_where=sa.text("retired_at IS NULL"),
            postgresql_where=sa.text("retired_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_people_key_pair_account_id"))

    op.drop_table("people_key_pair")
    op.drop_table("vault_recovery_key")
    op.drop_table("programme_programme")
    with op.batch_alter_table("people_sign_in_throttle", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_people_sign_in_throttle_updated_at"))

    op.drop_table("people_sign_in_throttle")
    op.drop_table("people_pledge_text")
    op.drop_table("people_account")
    with op.batch_alter_table("core_idempotency_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_core_idempotency_key_created_at"))

    op.drop_table("core_idempotency_key")
    op.drop_table("audit_head")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_entry_subject_id_at")
        batch_op.drop_index("ix_audit_entry_at")
        batch_op.drop_index("ix_audit_entry_actor_id_at")

    op.drop_table("audit_entry")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_entry_append_only()")
