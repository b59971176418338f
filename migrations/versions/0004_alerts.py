"""Danger to life: duty, steps, ratings and signs, alerts and whose turn it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
LIVE = sa.text("ended_at IS NULL")
ON_DUTY = sa.text("duty = 'online'")
# As statements, which both engines understand: a batch would copy the table of calls on SQLite and lose the index over
# an expression that no copy knows.
COLUMNS = (
    (
        "intake_call",
        "hopelessness",
        "INTEGER CONSTRAINT ck_intake_call_hopelessness_range CHECK (hopelessness BETWEEN 0 AND 10)",
    ),
    (
        "intake_call",
        "intention",
        "INTEGER CONSTRAINT ck_intake_call_intention_range CHECK (intention BETWEEN 0 AND 10)",
    ),
    (
        "intake_call",
        "gauge_level",
        "INTEGER CONSTRAINT ck_intake_call_gauge_level_range CHECK (gauge_level BETWEEN 0 AND 4)",
    ),
    (
        "people_session",
        "duty",
        "VARCHAR(10) CONSTRAINT ck_people_session_duty_known CHECK (duty IN ('online', 'break', 'offline'))",
    ),
)


def upgrade() -> None:
    for table, column, kind in COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
    op.add_column("intake_call", sa.Column("signs", JSON, server_default="[]", nullable=False))
    op.add_column("intake_call", sa.Column("gauge_version", sa.String(length=20), nullable=True))
    op.add_column("people_session", sa.Column("duty_since", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_people_session_duty",
        "people_session",
        ["role_grant_id", "duty_since"],
        unique=False,
        sqlite_where=ON_DUTY,
        postgresql_where=ON_DUTY,
    )
    op.create_table(
        "intake_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=14), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("data_key_id", sa.Uuid(), nullable=True),
        sa.Column("sealed_detail", sa.LargeBinary(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "code IN ('supervisor_told', 'location', 'means_safe', 'safety_plan', 'call_back_consent', 'contact_told', 'emergency_called', 'stayed_on_line', 'disclosure_recorded', 'arrival_confirmed', 'handed_over', 'debrief_offered')",
            name=op.f("ck_intake_step_code_known"),
        ),
        sa.CheckConstraint(
            "reason IN ('hung_up', 'declined', 'unreachable', 'by_supervisor', 'not_applicable')",
            name=op.f("ck_intake_step_reason_known"),
        ),
        sa.CheckConstraint("done_at IS NULL OR reason IS NULL", name=op.f("ck_intake_step_done_or_reason")),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_intake_step_revision_from_one")),
        sa.ForeignKeyConstraint(["account_id"], ["people_account.id"], name=op.f("fk_intake_step_account_id")),
        sa.ForeignKeyConstraint(["call_id"], ["intake_call.id"], name=op.f("fk_intake_step_call_id")),
        sa.ForeignKeyConstraint(["data_key_id"], ["vault_data_key.id"], name=op.f("fk_intake_step_data_key_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_step")),
        sa.UniqueConstraint("call_id", "code", name=op.f("uq_intake_step_call_id_code")),
    )
    op.create_table(
        "intake_alert",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("subproject_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("help_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'acknowledged', 'cancelled', 'closed')", name=op.f("ck_intake_alert_state_known")
        ),
        sa.CheckConstraint("level BETWEEN 0 AND 4", name=op.f("ck_intake_alert_level_range")),
        sa.CheckConstraint(
            "help_at IS NOT NULL OR level >= 3 OR state = 'cancelled'", name=op.f("ck_intake_alert_has_cause")
        ),
        sa.CheckConstraint(
            "(state = 'acknowledged') = (acknowledged_at IS NOT NULL AND acknowledged_by IS NOT NULL)",
            name=op.f("ck_intake_alert_acknowledged_with_time"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'acknowledged') OR ended_at IS NOT NULL", name=op.f("ck_intake_alert_ended_with_time")
        ),
        sa.ForeignKeyConstraint(
            ["acknowledged_by"], ["people_account.id"], name=op.f("fk_intake_alert_acknowledged_by")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["intake_call.id"], name=op.f("fk_intake_alert_call_id")),
        sa.ForeignKeyConstraint(
            ["subproject_id"], ["programme_subproject.id"], name=op.f("fk_intake_alert_subproject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_alert")),
    )
    with op.batch_alter_table("intake_alert", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_intake_alert_call_id"), ["call_id"], unique=False)
        batch_op.create_index(
            "ix_intake_alert_live_call", ["call_id"], unique=True, sqlite_where=LIVE, postgresql_where=LIVE
        )
        batch_op.create_index(
            "ix_intake_alert_live",
            ["subproject_id", "raised_at"],
            unique=False,
            sqlite_where=LIVE,
            postgresql_where=LIVE,
        )
    op.create_table(
        "intake_alert_turn",
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["people_account.id"], name=op.f("fk_intake_alert_turn_account_id")),
        sa.ForeignKeyConstraint(["alert_id"], ["intake_alert.id"], name=op.f("fk_intake_alert_turn_alert_id")),
        sa.PrimaryKeyConstraint("alert_id", "number", name=op.f("pk_intake_alert_turn")),
    )


def downgrade() -> None:
    for table in ("intake_alert_turn", "intake_alert", "intake_step"):
        op.drop_table(table)
    op.drop_index("ix_people_session_duty", table_name="people_session")
    for table, column in (
        ("people_session", "duty_since"),
        ("intake_call", "gauge_version"),
        ("intake_call", "signs"),
        *((table, column) for table, column, _kind in reversed(COLUMNS)),
    ):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
