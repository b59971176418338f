"""Add the steps before the first real call, and who was let in; who takes calls already goes on taking them."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "intake_readiness_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("subproject_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "code IN ('practice_routine', 'practice_silent', 'practice_high_risk', 'guide_read', 'observed', "
            "'risk_training')",
            name=op.f("ck_intake_readiness_step_code_known"),
        ),
        sa.CheckConstraint("number BETWEEN 1 AND 50", name=op.f("ck_intake_readiness_step_number_in_range")),
        sa.CheckConstraint(
            "confirmed_by IS NULL OR confirmed_by <> account_id", name=op.f("ck_intake_readiness_step_not_by_oneself")
        ),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name=op.f("ck_intake_readiness_step_withdrawn_with_who")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["people_account.id"], name=op.f("fk_intake_readiness_step_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["people_account.id"], name=op.f("fk_intake_readiness_step_confirmed_by")
        ),
        sa.ForeignKeyConstraint(
            ["subproject_id"], ["programme_subproject.id"], name=op.f("fk_intake_readiness_step_subproject_id")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by"], ["people_account.id"], name=op.f("fk_intake_readiness_step_withdrawn_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_readiness_step")),
    )
    with op.batch_alter_table("intake_readiness_step", schema=None) as batch_op:
        batch_op.create_index(
            "ix_intake_readiness_step_stands",
            ["subproject_id", "account_id", "code", "number"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )
    admission = _create_admission()
    _admit_present_volunteers(admission)


def downgrade() -> None:
    for table in ("intake_admission", "intake_readiness_step"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_index(
                f"ix_{table}_stands",
                sqlite_where=sa.text("withdrawn_at IS NULL"),
                postgresql_where=sa.text("withdrawn_at IS NULL"),
            )
        op.drop_table(table)


def _create_admission() -> sa.Table:
    table = op.create_table(
        "intake_admission",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("subproject_id", sa.Uuid(), nullable=False),
        sa.Column("basis", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("admitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("admitted_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("basis IN ('checklist', 'existing')", name=op.f("ck_intake_admission_basis_known")),
        sa.CheckConstraint(
            "(basis = 'checklist') = (admitted_by IS NOT NULL AND version IS NOT NULL)",
            name=op.f("ck_intake_admission_checklist_with_who"),
        ),
        sa.CheckConstraint(
            "admitted_by IS NULL OR admitted_by <> account_id", name=op.f("ck_intake_admission_not_by_oneself")
        ),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name=op.f("ck_intake_admission_withdrawn_with_who")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["people_account.id"], name=op.f("fk_intake_admission_account_id")),
        sa.ForeignKeyConstraint(["admitted_by"], ["people_account.id"], name=op.f("fk_intake_admission_admitted_by")),
        sa.ForeignKeyConstraint(
            ["subproject_id"], ["programme_subproject.id"], name=op.f("fk_intake_admission_subproject_id")
        ),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["people_account.id"], name=op.f("fk_intake_admission_withdrawn_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_admission")),
    )
    with op.batch_alter_table("intake_admission", schema=None) as batch_op:
        batch_op.create_index(
            "ix_intake_admission_stands",
            ["subproject_id", "account_id"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )
    return table


def _admit_present_volunteers(admission: sa.Table) -> None:
    """Let in whoever holds the role today: an upgrade must not take a line off the air."""
    grants = sa.table(
        "people_role_grant",
        sa.column("account_id", sa.Uuid()),
        sa.column("subproject_id", sa.Uuid()),
        sa.column("role", sa.String()),
        sa.column("ended_at", sa.DateTime(timezone=True)),
    )
    held = sa.select(grants.c.account_id, grants.c.subproject_id).where(
        grants.c.role == "volunteer", grants.c.ended_at.is_(None), grants.c.subproject_id.is_not(None)
    )
    rows = [
        {
            "id": uuid4(),
            "account_id": account_id,
            "subproject_id": subproject_id,
            "basis": "existing",
            "admitted_at": datetime.now(UTC),
        }
        for account_id, subproject_id in op.get_bind().execute(held.distinct())
    ]
    if rows:
        op.bulk_insert(admission, rows)
