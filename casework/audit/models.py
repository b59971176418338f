"""Tables of the audit trail: entries that are only ever added, and the head of each chain.

The database itself refuses to change or delete an entry (triggers on both engines); whoever owns the database can
drop them, which is what the chains and the checkpoints are for.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.core.db import Base


class AuditEntry(Base):
    """One event in its place. The primary key orders a chain; the other indexes serve the viewer."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        sa.CheckConstraint("seq >= 1", name="seq_from_one"),
        sa.Index("ix_audit_entry_at", "at", "chain", "seq"),
        sa.Index("ix_audit_entry_actor_id_at", "actor_id", "at"),
        sa.Index("ix_audit_entry_subject_id_at", "subject_id", "at"),
    )

    chain: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor_id: Mapped[UUID]
    role: Mapped[str] = mapped_column(sa.String(20))
    session_id: Mapped[UUID | None]
    action: Mapped[str] = mapped_column(sa.String(40))
    subject_kind: Mapped[str] = mapped_column(sa.String(80))
    subject_id: Mapped[UUID | None]
    details: Mapped[dict[str, Any]]
    outcome: Mapped[str] = mapped_column(sa.String(10))
    rule: Mapped[str | None] = mapped_column(sa.String(10))
    digest: Mapped[bytes | None]
    previous_mac: Mapped[bytes]
    kid: Mapped[str] = mapped_column(sa.String(32))
    mac: Mapped[bytes]


class AuditHead(Base):
    """Where a chain ends. Locking this row is what orders its writers."""

    __tablename__ = "audit_head"

    chain: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(sa.BigInteger)
    mac: Mapped[bytes]


ENTRY: Final = cast("sa.Table", AuditEntry.__table__)
HEAD: Final = cast("sa.Table", AuditHead.__table__)

# Run by the migration that creates the table, and here for tables made without one.
APPEND_ONLY: Final = {
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


def _protect(_table: object, connection: sa.Connection, **_: object) -> None:
    for statement in APPEND_ONLY[connection.dialect.name]:
        connection.exec_driver_sql(statement)


sa.event.listen(ENTRY, "after_create", _protect)
