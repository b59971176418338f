"""Tables of calls. Codes stand in columns and can be counted; every word somebody said is sealed."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.core.db import Base, Versioned
from casework.core.ids import new_id
from casework.core.tally import DailyTally
from casework.intake.types import (
    AgeBand,
    Brief,
    CallStatus,
    CallType,
    Outcome,
    Repeat,
    Risk,
    SettleReason,
    Sex,
    TriageState,
)

if TYPE_CHECKING:
    from enum import StrEnum


def known(column: str, codes: type[StrEnum]) -> sa.CheckConstraint:
    """Return the constraint that a column holds one of these codes."""
    listed = ", ".join(f"'{code}'" for code in codes)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


_WAITING: Final = sa.text("triage_state = 'waiting'")
_UNSAVED: Final = sa.text("sealed_draft IS NOT NULL")
# Where nobody is helped, nothing about a person is asked.
_SAID: Final = "call_type IN ('silent', 'nuisance')"
_CODES: Final = (
    ("status", CallStatus),
    ("triage_state", TriageState),
    ("call_type", CallType),
    ("brief", Brief),
    ("sex", Sex),
    ("age_band", AgeBand),
    ("risk", Risk),
    ("outcome", Outcome),
    ("repeat", Repeat),
    ("settle_reason", SettleReason),
)
# Lists to which the administrator may add codes; which there are is asked of the lists, not of the database.
_OPEN: Final = ("for_whom", "category", "risk_reason")


class Call(Versioned, Base):
    """A call: a draft from its first key stroke, finished when the call-taker says so.

    ``rev`` counts the versions of what was typed, ``draft_writer`` and ``draft_seq`` tell which page wrote the last one
    and in which order, so that a page never conflicts with itself. ``reopen_until``: until then the author's grant
    opens it. ``repeat`` is fixed when the call is finished, so that a recount gives what was counted. ``is_outgoing``:
    a contact that was made for a follow-up; it is worked like a call and not counted among them.
    """

    __tablename__ = "intake_call"
    __table_args__ = (
        *(known(column, codes) for column, codes in _CODES),
        *(sa.CheckConstraint(f"{column} <> ''", name=f"{column}_given") for column in _OPEN),
        sa.CheckConstraint(
            "status <> 'finished' OR (call_type IS NOT NULL AND finished_at IS NOT NULL)", name="finished_with_type"
        ),
        sa.CheckConstraint(
            f"status <> 'finished' OR {_SAID} OR (risk IS NOT NULL AND outcome IS NOT NULL)",
            name="finished_with_risk_and_outcome",
        ),
        sa.CheckConstraint("risk_level BETWEEN 0 AND 4", name="risk_level_range"),
        sa.CheckConstraint("distress_before BETWEEN 0 AND 10", name="distress_before_range"),
        sa.CheckConstraint("distress_after BETWEEN 0 AND 10", name="distress_after_range"),
        sa.CheckConstraint("hopelessness BETWEEN 0 AND 10", name="hopelessness_range"),
        sa.CheckConstraint("intention BETWEEN 0 AND 10", name="intention_range"),
        sa.CheckConstraint("gauge_level BETWEEN 0 AND 4", name="gauge_level_range"),
        sa.CheckConstraint("finished_at IS NULL OR finished_at >= started_at", name="finished_after_start"),
        sa.CheckConstraint("reopen_until >= started_at", name="reopen_after_start"),
        sa.CheckConstraint("rev >= 1 AND revision >= 1", name="versions_from_one"),
        sa.CheckConstraint("triage_state = 'none' OR status = 'finished'", name="triage_of_finished"),
        sa.CheckConstraint(
            "(triage_state IN ('assigned', 'settled')) = (triaged_at IS NOT NULL AND triaged_by IS NOT NULL)",
            name="triaged_with_time",
        ),
        sa.CheckConstraint(
            "triage_state <> 'assigned' OR (case_id IS NOT NULL AND assigned_to IS NOT NULL)", name="assigned_with_case"
        ),
        sa.CheckConstraint("(triage_state = 'settled') = (settle_reason IS NOT NULL)", name="settled_with_reason"),
        # The triage board: what waits in one sub-project, highest risk first, then longest waiting.
        sa.Index(
            "ix_intake_call_triage",
            "subproject_id",
            sa.text("triage_rank DESC"),
            "finished_at",
            "id",
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        sa.Index("ix_intake_call_author", "author_id", "subproject_id", "started_at", "id"),
        sa.Index("ix_intake_call_unsaved", "author_id", sqlite_where=_UNSAVED, postgresql_where=_UNSAVED),
        sa.Index("ix_intake_call_number", "subproject_id", "number_index", "started_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    subproject_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme_subproject.id"))
    line_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("programme_hotline.id"))
    author_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people_account.id"))
    data_key_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("vault_data_key.id"))
    status: Mapped[CallStatus] = mapped_column(sa.String(10))
    is_outgoing: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    saved_at: Mapped[datetime]
    reopen_until: Mapped[datetime]

    call_type: Mapped[CallType | None] = mapped_column(sa.String(12))
    brief: Mapped[Brief | None] = mapped_column(sa.String(16))
    for_whom: Mapped[str | None] = mapped_column(sa.String(24))
    sex: Mapped[Sex | None] = mapped_column(sa.String(8))
    age_band: Mapped[AgeBand | None] = mapped_column(sa.String(8))
    division: Mapped[str | None] = mapped_column(sa.String(9))
    category: Mapped[str | None] = mapped_column(sa.String(24))
    population: Mapped[list[str]] = mapped_column(default=list)
    topics: Mapped[list[str]] = mapped_column(default=list)
    risk: Mapped[Risk | None] = mapped_column(sa.String(12))
    risk_reason: Mapped[str | None] = mapped_column(sa.String(24))
    risk_level: Mapped[int | None]
    distress_before: Mapped[int | None]
    distress_after: Mapped[int | None]
    hopelessness: Mapped[int | None]
    intention: Mapped[int | None]
    signs: Mapped[list[str]] = mapped_column(default=list)
    # What was suggested, and by which version of the gauge: only a suggestion, kept so that it can be looked at again.
    gauge_level: Mapped[int | None]
    gauge_version: Mapped[str | None] = mapped_column(sa.String(20))
    services: Mapped[list[str]] = mapped_column(default=list)
    outcome: Mapped[Outcome | None] = mapped_column(sa.String(10))
    followup_on: Mapped[date | None]
    consent: Mapped[list[str]] = mapped_column(default=list)
    told: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    # Of the words beside the form that the author had before them; none for older calls.
    script_version: Mapped[int | None]
    repeat: Mapped[Repeat] = mapped_column(sa.String(8), default=Repeat.UNKNOWN)

    number_index: Mapped[bytes | None]
    # Of the person in need, where somebody else called for them; ``number_index`` is the caller's.
    person_index: Mapped[bytes | None]
    sealed_caller: Mapped[bytes | None]
    sealed_summary: Mapped[bytes | None]
    sealed_plan: Mapped[bytes | None]
    sealed_draft: Mapped[bytes | None]
    # Counts what was saved for good; each version of the words has a place of its own, so an older one does not open.
    revision: Mapped[int] = mapped_column(default=1)
    rev: Mapped[int] = mapped_column(default=1)
    draft_writer: Mapped[UUID | None]
    draft_seq: Mapped[int] = mapped_column(default=0)

    triage_state: Mapped[TriageState] = mapped_column(sa.String(10), default=TriageState.NONE)
    # risk_level with "not assessed" between 中 and 高危; a column, so that the order has an index.
    triage_rank: Mapped[int] = mapped_column(sa.SmallInteger, default=0)
    triaged_at: Mapped[datetime | None]
    triaged_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people_account.id"))
    assigned_to: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people_account.id"))
    settle_reason: Mapped[SettleReason | None] = mapped_column(sa.String(14))
    case_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("cases_case.id"), index=True)
    # Taken over from paper, which may give a day only.
    is_paper: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    time_known: Mapped[bool] = mapped_column(default=True, server_default=sa.true())

    @property
    def has_safety_plan(self) -> bool:
        """Whether a safety plan was made in this call."""
        return self.sealed_plan is not None


class CallRevision(Base):
    """What a finished call said before it was corrected. The old words stay sealed under the key of the call."""

    __tablename__ = "intake_call_revision"
    __table_args__ = (sa.UniqueConstraint("call_id", "revision"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[UUID] = mapped_column(sa.ForeignKey("intake_call.id"))
    revision: Mapped[int]
    data_key_id: Mapped[UUID] = mapped_column(sa.ForeignKey("vault_data_key.id"))
    codes: Mapped[dict[str, Any]]
    sealed_caller: Mapped[bytes | None]
    sealed_summary: Mapped[bytes | None]
    sealed_plan: Mapped[bytes | None]
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people_account.id"))
    revised_at: Mapped[datetime]


class CallDay(DailyTally, Base):
    """How many calls on one day (Asia/Shanghai), by sub-project and line: the only source of call statistics."""

    __tablename__ = "intake_call_day"
    __table_args__ = (sa.Index("ix_intake_call_day_read", "subproject_id", "dimension", "day"),)

    subproject_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme_subproject.id"), primary_key=True)
    # NO_LINE where the sub-project has none; therefore no foreign key.
    line_id: Mapped[UUID] = mapped_column(primary_key=True)
