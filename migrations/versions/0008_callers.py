"""Add alert plans, joined numbers and reviews of calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "clients_number_join",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subproject_id", sa.Uuid(), nullable=False),
        sa.Column("first_index", sa.LargeBinary(), nullable=False),
        sa.Column("second_index", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("joined_by", sa.Uuid(), nullable=False),
        sa.Column("parted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("parted_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "reason IN ('told', 'recognised', 'casework', 'agency')", name=op.f("ck_clients_number_join_reason_known")
        ),
        sa.CheckConstraint(
            "(parted_at IS NULL) = (parted_by IS NULL)", name=op.f("ck_clients_number_join_parted_with_who")
        ),
        sa.CheckConstraint("first_index <> second_index", name=op.f("ck_clients_number_join_two_numbers")),
        sa.ForeignKeyConstraint(["joined_by"], ["people_account.id"], name=op.f("fk_clients_number_join_joined_by")),
        sa.ForeignKeyConstraint(["parted_by"], ["people_account.id"], name=op.f("fk_clients_number_join_parted_by")),
        sa.ForeignKeyConstraint(
            ["subproject_id"], ["programme_subproject.id"], name=op.f("fk_clients_number_join_subproject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clients_number_join")),
    )
    with op.batch_alter_table("clients_number_join", schema=None) as batch_op:
        batch_op.create_index(
            "ix_clients_number_join_first_index",
            ["subproject_id", "first_index"],
            unique=False,
            sqlite_where=sa.text("parted_at IS NULL"),
            postgresql_where=sa.text("parted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_clients_number_join_second_index",
            ["subproject_id", "second_index"],
            unique=False,
            sqlite_where=sa.text("parted_at IS NULL"),
            postgresql_where=sa.text("parted_at IS NULL"),
        )

    op.create_table(
        "clients_alert_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subproject_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("data_key_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("sealed_plan", sa.LargeBinary(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approver_id", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("end_reason", sa.String(length=10), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'ended') = (ended_at IS NOT NULL AND ended_by IS NOT NULL AND end_reason IS NOT NULL)",
            name=op.f("ck_clients_alert_plan_ended_with_reason"),
        ),
        sa.CheckConstraint(
            "end_reason IN ('withdrawn', 'replaced')", name=op.f("ck_clients_alert_plan_end_reason_known")
        ),
        sa.CheckConstraint(
            "state <> 'active' OR approved_at IS NOT NULL", name=op.f("ck_clients_alert_plan_active_is_approved")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'waiting', 'active', 'ended')", name=op.f("ck_clients_alert_plan_state_known")
        ),
        sa.CheckConstraint(
            "(approver_id IS NULL) = (approved_at IS NULL)", name=op.f("ck_clients_alert_plan_approved_with_who")
        ),
        sa.CheckConstraint(
            "approver_id IS NULL OR approver_id <> author_id", name=op.f("ck_clients_alert_plan_four_eyes")
        ),
        sa.ForeignKeyConstraint(["approver_id"], ["people_account.id"], name=op.f("fk_clients_alert_plan_approver_id")),
        sa.ForeignKeyConstraint(["author_id"], ["people_account.id"], name=op.f("fk_clients_alert_plan_author_id")),
        sa.ForeignKeyConstraint(["client_id"], ["clients_client.id"], name=op.f("fk_clients_alert_plan_client_id")),
        sa.ForeignKeyConstraint(["data_key_id"], ["vault_data_key.id"], name=op.f("fk_clients_alert_plan_data_key_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["people_account.id"], name=op.f("fk_clients_alert_plan_ended_by")),
        sa.ForeignKeyConstraint(
            ["subproject_id"], ["programme_subproject.id"], name=op.f("fk_clients_alert_plan_subproject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clients_alert_plan")),
    )
    with op.batch_alter_table("clients_alert_plan", schema=None) as batch_op:
        batch_op.create_index(
            "ix_clients_alert_plan_active",
            ["client_id"],
            unique=True,
            sqlite_where=sa.text("state = 'active'"),
            postgresql_where=sa.text("state = 'active'"),
        )
        batch_op.create_index("ix_clients_alert_plan_list", ["subproject_id", "state", "ends_on", "id"], unique=False)

    op.create_table(
        "intake_review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("subproject_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("drawn_with", sa.String(length=8), nullable=False),
        sa.Column("sampled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewer_id", sa.Uuid(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rubric_version", sa.Integer(), nullable=True),
        sa.Column("scores", _JSON, nullable=False),
        sa.Column("result", sa.String(length=10), nullable=True),
        sa.Column("return_reason", sa.String(length=12), nullable=True),
        sa.Column("data_key_id", sa.Uuid(), nullable=True),
        sa.Column("sealed_comment", sa.LargeBinary(), nullable=True),
        sa.Column("readable_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(return_reason IS NOT NULL) = (result IS NOT NULL AND result = 'returned')",
            name=op.f("ck_intake_review_return_reason"),
        ),
        sa.CheckConstraint(
            "(state = 'done') = (result IS NOT NULL AND reviewer_id IS NOT NULL AND reviewed_at IS NOT NULL AND rubric_version IS NOT NULL)",
            name=op.f("ck_intake_review_done_with_result"),
        ),
        sa.CheckConstraint(
            "acknowledged_at IS NULL OR state = 'done'", name=op.f("ck_intake_review_acknowledged_when_done")
        ),
        sa.CheckConstraint(
            "reason IN ('high_risk', 'first_calls', 'share')", name=op.f("ck_intake_review_reason_known")
        ),
        sa.CheckConstraint("result IN ('passed', 'returned')", name=op.f("ck_intake_review_result_known")),
        sa.CheckConstraint(
            "return_reason IN ('incomplete', 'risk', 'mixed', 'identity', 'follow_up')",
            name=op.f("ck_intake_review_return_reason_known"),
        ),
        sa.CheckConstraint("state IN ('waiting', 'done')", name=op.f("ck_intake_review_state_known")),
        sa.CheckConstraint(
            "reviewer_id IS NULL OR reviewer_id <> author_id", name=op.f("ck_intake_review_not_by_oneself")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["people_account.id"], name=op.f("fk_intake_review_author_id")),
        sa.ForeignKeyConstraint(["call_id"], ["intake_call.id"], name=op.f("fk_intake_review_call_id")),
        sa.ForeignKeyConstraint(["data_key_id"], ["vault_data_key.id"], name=op.f("fk_intake_review_data_key_id")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["people_account.id"], name=op.f("fk_intake_review_reviewer_id")),
        sa.ForeignKeyConstraint(
            ["subproject_id"], ["programme_subproject.id"], name=op.f("fk_intake_review_subproject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_review")),
        sa.UniqueConstraint("call_id", name=op.f("uq_intake_review_call_id")),
    )
    with op.batch_alter_table("intake_review", schema=None) as batch_op:
        batch_op.create_index(
            "ix_intake_review_waiting",
            ["subproject_id", sa.text("rank DESC"), "sampled_at", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.create_index(
            "ix_intake_review_author", ["author_id", "subproject_id", "reviewed_at", "id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("intake_review", schema=None) as batch_op:
        batch_op.drop_index("ix_intake_review_author")
        batch_op.drop_index(
            "ix_intake_review_waiting",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    op.drop_table("intake_review")
    with op.batch_alter_table("clients_alert_plan", schema=None) as batch_op:
        batch_op.drop_index("ix_clients_alert_plan_list")
        batch_op.drop_index(
            "ix_clients_alert_plan_active",
            sqlite_where=sa.text("state = 'active'"),
            postgresql_where=sa.text("state = 'active'"),
        )

    op.drop_table("clients_alert_plan")
    with op.batch_alter_table("clients_number_join", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_clients_number_join_second_index",
            sqlite_where=sa.text("parted_at IS NULL"),
            postgresql_where=sa.text("parted_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_clients_number_join_first_index",
            sqlite_where=sa.text("parted_at IS NULL"),
            postgresql_where=sa.text("parted_at IS NULL"),
        )

    op.drop_table("clients_number_join")
