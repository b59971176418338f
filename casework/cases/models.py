"""Tables of cases. What was said stands in sealed columns only; the rest is codes, counts and times."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.cases.types import LONGEST_SESSION, Channel, ClosingReason, NoteKind, Stage
from casework.core.db import Base, Versioned
from casework.core.ids import new_id
from casework.core.tally import DailyTally


def _one_of(column: str, values: type[Stage | NoteKind | Channel | ClosingReason]) -> str:
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({listed})"


_CURRENT: Final = sa.text("until_at IS NULL")
_OPEN: Final = sa.text("closed_at IS NULL")


class Case(Versioned, Base):
    """The work with one person in one sub-project, from 接案 to 结案. A person has one open case there at most.

    ``risk_level`` 0–4, None when not assessed. ``last_contact_at`` is the latest session. ``populations`` holds the
    answers to R12's question.
    """

    __tablename__ = "cases_case"
    __table_args__ = (
        sa.CheckConstraint(_one_of("stage", Stage), name="stage_known"),
        sa.CheckConstraint("risk_level BETWEEN 0 AND 4", name="risk_level_range"),
        sa.CheckConstraint("(closed_at IS NOT NULL) = (stage IN ('closed', 'transferred'))", name="ended_with_time"),
        sa.CheckConstraint("(closed_at IS NULL) = (closing_reason IS NULL)", name="ended_with_reason"),
        sa.CheckConstraint(_one_of("closing_reason", ClosingReason), name="closing_reason_known"),
        sa.CheckConstraint(
            "(stage = 'transferred') = (closing_reason IS NOT NULL AND closing_reason = 'transferred')",
            name="transferred_with_reason",
        ),
        sa.CheckConstraint("closed_at >= opened_at", name="closed_after_opened"),
        sa.Index(
            "ix_cases_case_one_open",
            "client_id",
            "subproject_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        sa.Index("ix_cases_case_list", "subproject_id", "updated_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(sa.String(24), unique=True)
    subproject_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme_subproject.id"))
    client_id: Mapped[UUID] = mapped_column(sa.ForeignKey("clients_client.id"))
    data_key_id: Mapped[UUID] = mapped_column(sa.ForeignKey("vault_data_key.id"))
    stage: Mapped[Stage] = mapped_column(sa.String(16), default=Stage.INTAKE)
    risk_level: Mapped[int | None]
    populations: Mapped[list[str]]
    opened_at: Mapped[datetime]
    opened_by: Mapped[UUID]
    # Whatever last happened to the case: the order of lists.
    updated_at: Mapped[datetime]
    last_contact_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closing_reason: Mapped[ClosingReason | None] = mapped_column(sa.String(20))


class CaseNumberCounter(Base):
    """The last number given in a sub-project and year. Its row is locked until the case is there, so none is lost."""

    __tablename__ = "cases_number_counter"

    subproject_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme_subproject.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class CaseAssignment(Base):
    """Who works on a case from when until when. Assignment is the approval to read it; one is current at most."""

    __tablename__ = "cases_assignment"
    __table_args__ = (
        sa.CheckConstraint("until_at >= from_at", name="until_after_from"),
        sa.Index(
            "ix_cases_assignment_current", "case_id", unique=True, sqlite_where=_CURRENT, postgresql_where=_CURRENT
        ),
        sa.Index("ix_cases_assignment_load", "account_id", sqlite_where=_CURRENT, postgresql_where=_CURRENT),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(sa.ForeignKey("cases_case.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people_account.id"))
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]
    assigned_by: Mapped[UUID]


class CaseStageChange(Base):
    """One step of a case. The first has no stage before it."""

    __tablename__ = "cases_stage_change"
    __table_args__ = (sa.CheckConstraint(_one_of("after", Stage), name="after_known"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(sa.ForeignKey("cases_case.id"), index=True)
    before: Mapped[Stage | None] = mapped_column(sa.String(16))
    after: Mapped[Stage] = mapped_column(sa.String(16))
    at: Mapped[datetime]
    account_id: Mapped[UUID]


class CaseNote(Versioned, Base):
    """A note. It is never overwritten: a correction is a note of its own that names the one it corrects.

    ``corrected_at`` is set on the note that was corrected, which raises its ``row_version``: a second correction of
    the same note finds a stale version. ``minutes`` is the length of a session.
    """

    __tablename__ = "cases_note"
    __table_args__ = (
        sa.CheckConstraint(_one_of("kind", NoteKind), name="kind_known"),
        sa.CheckConstraint(_one_of("channel", Channel), name="channel_known"),
        # R16: a session says how it took place; nothing else has a channel.
        sa.CheckConstraint("(kind = 'session') = (channel IS NOT NULL)", name="session_has_channel"),
        sa.CheckConstraint("minutes IS NULL OR kind = 'session'", name="minutes_of_session"),
        sa.CheckConstraint(f"minutes BETWEEN 1 AND {LONGEST_SESSION}", name="minutes_range"),
        sa.CheckConstraint("occurred_at <= written_at", name="not_in_future"),
        sa.CheckConstraint("corrects_id <> id", name="corrects_another"),
        sa.Index("ix_cases_note_timeline", "case_id", "occurred_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(sa.ForeignKey("cases_case.id"))
    data_key_id: Mapped[UUID] = mapped_column(sa.ForeignKey("vault_data_key.id"))
    author_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people_account.id"), index=True)
    kind: Mapped[NoteKind] = mapped_column(sa.String(12))
    channel: Mapped[Channel | None] = mapped_column(sa.String(16))
    services: Mapped[list[str]]
    occurred_at: Mapped[datetime]
    minutes: Mapped[int | None]
    sealed_text: Mapped[bytes]
    written_at: Mapped[datetime]
    corrects_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("cases_note.id"), unique=True)
    corrected_at: Mapped[datetime | None]


class CaseNoteDraft(Base):
    """What an author has typed and not yet saved, sealed like the note it will be. ``rev`` rises with every save."""

    __tablename__ = "cases_note_draft"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "author_id"),
        sa.CheckConstraint("rev >= 1", name="rev_from_one"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(sa.ForeignKey("cases_case.id"))
    author_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people_account.id"), index=True)
    data_key_id: Mapped[UUID] = mapped_column(sa.ForeignKey("vault_data_key.id"))
    rev: Mapped[int]
    sealed_draft: Mapped[bytes]
    updated_at: Mapped[datetime]


class CaseDay(DailyTally, Base):
    """What happened in cases on one day (Asia/Shanghai), by sub-project: the only source of case statistics."""

    __tablename__ = "cases_day"
    __table_args__ = (sa.Index("ix_cases_day_read", "subproject_id", "dimension", "day"),)

    subproject_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme_subproject.id"), primary_key=True)
