"""Keep what the switchboard knows of calls: records, what rings, reports that were taken, and daily counts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "intake_line_leg",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subproject_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("record_key", sa.LargeBinary(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ending", sa.String(length=10), nullable=True),
        sa.Column("call_back", sa.String(length=8), nullable=True),
        sa.Column("data_key_id", sa.Uuid(), nullable=True),
        sa.Column("sealed_number", sa.LargeBinary(), nullable=True),
        sa.Column("number_index", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "ending IN ('blocked', 'missed', 'abandoned')", name=op.f("ck_intake_line_leg_ending_known")
        ),
        sa.CheckConstraint("call_back IN ('due', 'reached')", name=op.f("ck_intake_line_leg_call_back_known")),
        sa.CheckConstraint("answered_at >= started_at", name=op.f("ck_intake_line_leg_answered_after_start")),
        sa.CheckConstraint("ended_at >= started_at", name=op.f("ck_intake_line_leg_ended_after_start")),
        sa.CheckConstraint(
            "answered_at IS NULL OR ending IS NULL", name=op.f("ck_intake_line_leg_answered_or_unanswered")
        ),
        sa.ForeignKeyConstraint(
            ["subproject_id"], ["programme_subproject.id"], name=op.f("fk_intake_line_leg_subproject_id")
        ),
        sa.ForeignKeyConstraint(["line_id"], ["programme_hotline.id"], name=op.f("fk_intake_line_leg_line_id")),
        sa.ForeignKeyConstraint(["data_key_id"], ["vault_data_key.id"], name=op.f("fk_intake_line_leg_data_key_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_line_leg")),
        sa.UniqueConstraint("subproject_id", "record_key", name=op.f("uq_intake_line_leg_subproject_id_record_key")),
    )
    with op.batch_alter_table("intake_line_leg", schema=None) as batch_op:
        batch_op.create_index(
            "ix_intake_line_leg_number", ["subproject_id", "number_index", "started_at"], unique=False
        )
        batch_op.create_index(
            "ix_intake_line_leg_kept",
            ["started_at"],
            unique=False,
            sqlite_where=sa.text("sealed_number IS NOT NULL"),
            postgresql_where=sa.text("sealed_number IS NOT NULL"),
        )
    op.create_table(
        "intake_ringing",
        sa.Column("leg_id", sa.Uuid(), nullable=False),
        sa.Column("subproject_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("wrapped_number", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["leg_id"], ["intake_line_leg.id"], name=op.f("fk_intake_ringing_leg_id")),
        sa.ForeignKeyConstraint(
            ["subproject_id"], ["programme_subproject.id"], name=op.f("fk_intake_ringing_subproject_id")
        ),
        sa.ForeignKeyConstraint(["line_id"], ["programme_hotline.id"], name=op.f("fk_intake_ringing_line_id")),
        sa.ForeignKeyConstraint(["taken_by"], ["people_account.id"], name=op.f("fk_intake_ringing_taken_by")),
        sa.PrimaryKeyConstraint("leg_id", name=op.f("pk_intake_ringing")),
    )
    with op.batch_alter_table("intake_ringing", schema=None) as batch_op:
        batch_op.create_index("ix_intake_ringing_desk", ["subproject_id", "until"], unique=False)
    op.create_table(
        "intake_line_event",
        sa.Column("event_key", sa.LargeBinary(), nullable=False),
        sa.Column("body_mac", sa.LargeBinary(), nullable=False),
        sa.Column("leg_id", sa.Uuid(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("event_key", name=op.f("pk_intake_line_event")),
    )
    with op.batch_alter_table("intake_line_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_intake_line_event_seen_at"), ["seen_at"], unique=False)
    op.create_table(
        "intake_line_day",
        sa.Column("subproject_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("dimension", sa.String(length=30), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subproject_id"], ["programme_subproject.id"], name=op.f("fk_intake_line_day_subproject_id")
        ),
        sa.PrimaryKeyConstraint(
            "subproject_id", "line_id", "day", "dimension", "value", "slot", name=op.f("pk_intake_line_day")
        ),
    )
    with op.batch_alter_table("intake_line_day", schema=None) as batch_op:
        batch_op.create_index("ix_intake_line_day_read", ["subproject_id", "dimension", "day"], unique=False)


def downgrade() -> None:
    op.drop_table("intake_line_day")
    op.drop_table("intake_line_event")
    op.drop_table("intake_ringing")
    op.drop_table("intake_line_leg")
