"""Add follow-up calls, shift handovers and disclosures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "intake_followup_day",
        sa.Column("subproject_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("dimension", sa.String(length=30), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subproject_id"], ["programme_subproject.id"], name=op.f("fk_intake_followup_day_subproject_id")
        ),
        sa.PrimaryKeyConstraint(
            "subproject_id", "day", "dimension", "value", "slot", name=op.f("pk_intake_followup_day")
        ),
    )
    op.create_table(
        "intake_handover",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subproject_id", sa.Uuid(), nullable=False),
        sa.Column("outgoing_id", sa.Uuid(), nullable=False),
        sa.Column("incoming_id", sa.Uuid(), nullable=False),
        sa.Column("items", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("data_key_id", sa.Uuid(), nullable=True),
        sa.Column("sealed_note", sa.LargeBinary(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(sealed_note IS NULL) = (data_key_id IS NULL)", name=op.f("ck_intake_handover_note_with_key")
        ),
        sa.CheckConstraint("confirmed_at >= signed_at", name=op.f("ck_intake_handover_confirmed_after_signing")),
        sa.CheckConstraint("incoming_id <> outgoing_id", name=op.f("ck_intake_handover_to_another")),
        sa.ForeignKeyConstraint(["data_key_id"], ["vault_data_key.id"], name=op.f("fk_intake_handover_data_key_id")),
        sa.ForeignKeyConstraint(["incoming_id"], ["people_account.id"], name=op.f("fk_intake_handover_incoming_id")),
        sa.ForeignKeyConstraint(["outgoing_id"], ["people_account.id"], name=op.f("fk_intake_handover_outgoing_id")),
        sa.ForeignKeyConstraint(
            ["subproject_id"], ["programme_subproject.id"], name=op.f("fk_intake_handover_subproject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_handover")),
    )
    with op.batch_alter_table("intake_handover", schema=None) as batch_op:
        batch_op.create_index("ix_intake_handover_day", ["subproject_id", "signed_at", "id"], unique=False)
        batch_op.create_index("ix_intake_handover_incoming", ["incoming_id", "signed_at"], unique=False)

    op.create_table(
        "intake_disclosure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subproject_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("data_key_id", sa.Uuid(), nullable=False),
        sa.Column("ground", sa.String(length=2), nullable=False),
        sa.Column("receiver", sa.String(length=14), nullable=False),
        sa.Column("fields", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("disclosed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("consulted", sa.String(length=10), nullable=False),
        sa.Column("consulted_id", sa.Uuid(), nullable=True),
        sa.Column("sealed_facts", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_document", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_outcome", sa.LargeBinary(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_by", sa.Uuid(), nullable=True),
        sa.Column("not_told", sa.String(length=14), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(consulted = 'not_yet') = (consulted_id IS NULL)", name=op.f("ck_intake_disclosure_consulted_with_whom")
        ),
        sa.CheckConstraint(
            "consulted IN ('before', 'afterwards', 'not_yet')", name=op.f("ck_intake_disclosure_consulted_known")
        ),
        sa.CheckConstraint(
            "ground <> 'E4' OR sealed_document IS NOT NULL", name=op.f("ck_intake_disclosure_document_for_legal_order")
        ),
        sa.CheckConstraint(
            "ground IN ('E1', 'E2', 'E3', 'E4', 'E5', 'E6')", name=op.f("ck_intake_disclosure_ground_known")
        ),
        sa.CheckConstraint(
            "not_told IN ('danger', 'unreachable', 'unable', 'investigation')",
            name=op.f("ck_intake_disclosure_not_told_known"),
        ),
        sa.CheckConstraint(
            "receiver IN ('police', 'ambulance', 'guardian', 'civil_affairs', 'education', 'hospital', 'employer', 'other')",
            name=op.f("ck_intake_disclosure_receiver_known"),
        ),
        sa.CheckConstraint("(told_at IS NULL) = (told_by IS NULL)", name=op.f("ck_intake_disclosure_told_by_somebody")),
        sa.CheckConstraint("disclosed_at <= recorded_at", name=op.f("ck_intake_disclosure_not_in_future")),
        sa.CheckConstraint("told_at >= disclosed_at", name=op.f("ck_intake_disclosure_told_after")),
        sa.CheckConstraint(
            "told_at IS NOT NULL OR not_told IS NOT NULL", name=op.f("ck_intake_disclosure_told_or_why_not")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["intake_call.id"], name=op.f("fk_intake_disclosure_call_id")),
        sa.ForeignKeyConstraint(
            ["consulted_id"], ["people_account.id"], name=op.f("fk_intake_disclosure_consulted_id")
        ),
        sa.ForeignKeyConstraint(["data_key_id"], ["vault_data_key.id"], name=op.f("fk_intake_disclosure_data_key_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["people_account.id"], name=op.f("fk_intake_disclosure_recorded_by")),
        sa.ForeignKeyConstraint(
            ["subproject_id"], ["programme_subproject.id"], name=op.f("fk_intake_disclosure_subproject_id")
        ),
        sa.ForeignKeyConstraint(["told_by"], ["people_account.id"], name=op.f("fk_intake_disclosure_told_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_disclosure")),
    )
    with op.batch_alter_table("intake_disclosure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_intake_disclosure_call_id"), ["call_id"], unique=False)
        batch_op.create_index("ix_intake_disclosure_month", ["subproject_id", "disclosed_at", "id"], unique=False)
        batch_op.create_index(
            "ix_intake_disclosure_untold",
            ["subproject_id"],
            unique=False,
            sqlite_where=sa.text("told_at IS NULL"),
            postgresql_where=sa.text("told_at IS NULL"),
        )

    op.create_table(
        "intake_followup",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subproject_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=True),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("data_key_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("step", sa.String(length=4), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("cancel_reason", sa.String(length=12), nullable=True),
        sa.Column("risk_level", sa.Integer(), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_try_on", sa.Date(), nullable=True),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("number_index", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_number", sa.LargeBinary(), nullable=True),
        sa.Column("missed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(kind = 'missed') = (call_id IS NULL)", name=op.f("ck_intake_followup_call_unless_missed")),
        sa.CheckConstraint(
            "(kind = 'missed') = (number_index IS NOT NULL)", name=op.f("ck_intake_followup_index_of_missed")
        ),
        sa.CheckConstraint(
            "(kind = 'missed') = (sealed_number IS NOT NULL)", name=op.f("ck_intake_followup_number_of_missed")
        ),
        sa.CheckConstraint("(kind = 'series') = (step <> '')", name=op.f("ck_intake_followup_step_of_series")),
        sa.CheckConstraint(
            "(state = 'cancelled') = (cancel_reason IS NOT NULL)", name=op.f("ck_intake_followup_cancelled_with_reason")
        ),
        sa.CheckConstraint(
            "(state = 'reached') = (contact_id IS NOT NULL)", name=op.f("ck_intake_followup_reached_with_contact")
        ),
        sa.CheckConstraint(
            "(state IN ('open', 'with_case')) = (ended_at IS NULL AND ended_by IS NULL)",
            name=op.f("ck_intake_followup_ended_with_time"),
        ),
        sa.CheckConstraint(
            "cancel_reason IN ('corrected', 'renewed', 'called_again', 'declined', 'no_number', 'duplicate')",
            name=op.f("ck_intake_followup_cancel_reason_known"),
        ),
        sa.CheckConstraint("kind IN ('booked', 'series', 'missed')", name=op.f("ck_intake_followup_kind_known")),
        sa.CheckConstraint("state <> 'lost' OR tries = 3", name=op.f("ck_intake_followup_lost_after_tries")),
        sa.CheckConstraint(
            "state <> 'with_case' OR (case_id IS NOT NULL AND assignee_id IS NULL)",
            name=op.f("ck_intake_followup_with_case_of_counselor"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'with_case', 'reached', 'lost', 'cancelled')",
            name=op.f("ck_intake_followup_state_known"),
        ),
        sa.CheckConstraint("(tries > 0) = (last_try_on IS NOT NULL)", name=op.f("ck_intake_followup_tries_with_day")),
        sa.CheckConstraint("risk_level BETWEEN 0 AND 4", name=op.f("ck_intake_followup_risk_level_range")),
        sa.CheckConstraint("tries BETWEEN 0 AND 3", name=op.f("ck_intake_followup_tries_range")),
        sa.ForeignKeyConstraint(["assignee_id"], ["people_account.id"], name=op.f("fk_intake_followup_assignee_id")),
        sa.ForeignKeyConstraint(["call_id"], ["intake_call.id"], name=op.f("fk_intake_followup_call_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases_case.id"], name=op.f("fk_intake_followup_case_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["intake_call.id"], name=op.f("fk_intake_followup_contact_id")),
        sa.ForeignKeyConstraint(["data_key_id"], ["vault_data_key.id"], name=op.f("fk_intake_followup_data_key_id")),
        sa.ForeignKeyConstraint(["line_id"], ["programme_hotline.id"], name=op.f("fk_intake_followup_line_id")),
        sa.ForeignKeyConstraint(
            ["subproject_id"], ["programme_subproject.id"], name=op.f("fk_intake_followup_subproject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_followup")),
        sa.UniqueConstraint("call_id", "kind", "step", name=op.f("uq_intake_followup_call_id_kind_step")),
    )
    with op.batch_alter_table("intake_followup", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_intake_followup_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_intake_followup_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_intake_followup_data_key_id"), ["data_key_id"], unique=False)
        batch_op.create_index(
            "ix_intake_followup_due",
            ["subproject_id", "due_at", "id"],
            unique=False,
            sqlite_where=sa.text("state IN ('open', 'with_case')"),
            postgresql_where=sa.text("state IN ('open', 'with_case')"),
        )
        batch_op.create_index(
            "ix_intake_followup_lost",
            ["subproject_id", "due_at", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'lost'"),
            postgresql_where=sa.text("state = 'lost'"),
        )
        batch_op.create_index(
            "ix_intake_followup_mine",
            ["assignee_id", "due_at"],
            unique=False,
            sqlite_where=sa.text("state IN ('open', 'with_case')"),
            postgresql_where=sa.text("state IN ('open', 'with_case')"),
        )
        batch_op.create_index(
            "ix_intake_followup_one_missed",
            ["subproject_id", "number_index"],
            unique=True,
            sqlite_where=sa.text("kind = 'missed' AND state = 'open'"),
            postgresql_where=sa.text("kind = 'missed' AND state = 'open'"),
        )

    # Without a batch: it would make the table anew, and on SQLite the new one would lack its check constraints.
    op.add_column("intake_call", sa.Column("is_outgoing", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("intake_call", "is_outgoing")
    with op.batch_alter_table("intake_followup", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_intake_followup_one_missed",
            sqlite_where=sa.text("kind = 'missed' AND state = 'open'"),
            postgresql_where=sa.text("kind = 'missed' AND state = 'open'"),
        )
        batch_op.drop_index(
            "ix_intake_followup_lost",
            sqlite_where=sa.text("state = 'lost'"),
            postgresql_where=sa.text("state = 'lost'"),
        )
        batch_op.drop_index(
            "ix_intake_followup_mine",
            sqlite_where=sa.text("state IN ('open', 'with_case')"),
            postgresql_where=sa.text("state IN ('open', 'with_case')"),
        )
        batch_op.drop_index(
            "ix_intake_followup_due",
            sqlite_where=sa.text("state IN ('open', 'with_case')"),
            postgresql_where=sa.text("state IN ('open', 'with_case')"),
        )
        batch_op.drop_index(batch_op.f("ix_intake_followup_data_key_id"))
        batch_op.drop_index(batch_op.f("ix_intake_followup_contact_id"))
        batch_op.drop_index(batch_op.f("ix_intake_followup_case_id"))

    op.drop_table("intake_followup")
    with op.batch_alter_table("intake_disclosure", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_intake_disclosure_untold",
            sqlite_where=sa.text("told_at IS NULL"),
            postgresql_where=sa.text("told_at IS NULL"),
        )
        batch_op.drop_index("ix_intake_disclosure_month")
        batch_op.drop_index(batch_op.f("ix_intake_disclosure_call_id"))

    op.drop_table("intake_disclosure")
    with op.batch_alter_table("intake_handover", schema=None) as batch_op:
        batch_op.drop_index("ix_intake_handover_incoming")
        batch_op.drop_index("ix_intake_handover_day")

    op.drop_table("intake_handover")
    op.drop_table("intake_followup_day")
