"""Lists of calls from paper, and which calls came from there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "intake_paper_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subproject_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("data_key_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("approximate", sa.Integer(), nullable=False),
        sa.Column("sealed_file", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'checked') = (imported_at IS NULL)", name=op.f("ck_intake_paper_batch_imported_with_time")
        ),
        sa.CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name=op.f("ck_intake_paper_batch_withdrawn_with_time")
        ),
        sa.CheckConstraint(
            "state IN ('checked', 'imported', 'withdrawn')", name=op.f("ck_intake_paper_batch_state_known")
        ),
        sa.CheckConstraint(
            "calls >= 0 AND approximate >= 0 AND lines >= 0", name=op.f("ck_intake_paper_batch_counts_not_negative")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["people_account.id"], name=op.f("fk_intake_paper_batch_account_id")),
        sa.ForeignKeyConstraint(["data_key_id"], ["vault_data_key.id"], name=op.f("fk_intake_paper_batch_data_key_id")),
        sa.ForeignKeyConstraint(
            ["subproject_id"], ["programme_subproject.id"], name=op.f("fk_intake_paper_batch_subproject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_paper_batch")),
    )
    with op.batch_alter_table("intake_paper_batch", schema=None) as batch_op:
        batch_op.create_index("ix_intake_paper_batch_digest", ["subproject_id", "digest"], unique=False)

    op.create_table(
        "intake_paper_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("approximate", sa.String(length=8), nullable=True),
        sa.Column("counted", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.CheckConstraint(
            "approximate IN ('about', 'over', 'nearly', 'many')", name=op.f("ck_intake_paper_line_approximate_known")
        ),
        sa.CheckConstraint(
            "call_id IS NULL OR (count = 1 AND approximate IS NULL)",
            name=op.f("ck_intake_paper_line_one_call_is_exact"),
        ),
        sa.CheckConstraint("count >= 1", name=op.f("ck_intake_paper_line_count_from_one")),
        sa.ForeignKeyConstraint(["batch_id"], ["intake_paper_batch.id"], name=op.f("fk_intake_paper_line_batch_id")),
        sa.ForeignKeyConstraint(["call_id"], ["intake_call.id"], name=op.f("fk_intake_paper_line_call_id")),
        sa.ForeignKeyConstraint(["line_id"], ["programme_hotline.id"], name=op.f("fk_intake_paper_line_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_paper_line")),
        sa.UniqueConstraint("batch_id", "row", name=op.f("uq_intake_paper_line_batch_id_row")),
    )
    with op.batch_alter_table("intake_paper_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_intake_paper_line_call_id"), ["call_id"], unique=False)

    # Not in a batch: making the table anew would lose the index of the triage board, which cannot be reflected.
    op.add_column("intake_call", sa.Column("is_paper", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("intake_call", sa.Column("time_known", sa.Boolean(), server_default=sa.true(), nullable=False))


def downgrade() -> None:
    op.drop_column("intake_call", "time_known")
    op.drop_column("intake_call", "is_paper")
    with op.batch_alter_table("intake_paper_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_intake_paper_line_call_id"))

    op.drop_table("intake_paper_line")
    with op.batch_alter_table("intake_paper_batch", schema=None) as batch_op:
        batch_op.drop_index("ix_intake_paper_batch_digest")

    op.drop_table("intake_paper_batch")
