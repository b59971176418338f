"""A role of the whole programme is held once; a throttle remembers where a login name signed in before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ONE_LIVE = sa.text("ended_at IS NULL AND subproject_id IS NULL")


def upgrade() -> None:
    _end_all_but_the_oldest()
    op.create_index(
        "ix_people_role_grant_live_everywhere",
        "people_role_grant",
        ["account_id", "role"],
        unique=True,
        sqlite_where=ONE_LIVE,
        postgresql_where=ONE_LIVE,
    )
    with op.batch_alter_table("people_sign_in_throttle", schema=None) as batch_op:
        batch_op.add_column(sa.Column("known_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("people_sign_in_throttle", schema=None) as batch_op:
        batch_op.drop_column("known_until")
    op.drop_index("ix_people_role_grant_live_everywhere", table_name="people_role_grant")


def _end_all_but_the_oldest() -> None:
    # A role given twice is one role: ending the younger grants takes nothing from anybody.
    op.execute(
        sa.text(
            """
            UPDATE people_role_grant SET ended_at = granted_at
            WHERE ended_at IS NULL AND subproject_id IS NULL AND EXISTS (
                SELECT 1 FROM people_role_grant AS older
                WHERE older.account_id = people_role_grant.account_id AND older.role = people_role_grant.role
                AND older.subproject_id IS NULL AND older.ended_at IS NULL
                AND (older.granted_at < people_role_grant.granted_at
                     OR (older.granted_at = people_role_grant.granted_at AND older.id < people_role_grant.id))
            )
            """
        )
    )
