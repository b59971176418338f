"""Values of follow-up calls: why one is due, where it stands, how its list is narrowed."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext as _l

if TYPE_CHECKING:
    from datetime import date

    from casework.intake.types.codes import CallType, Outcome, Risk, RiskReason

# Three tries on three days, then a person counts as not reached (domain-standards §17).
MOST_TRIES: Final = 3
NO_STEP: Final = ""
LONGEST_STEP: Final = 4


class FollowupKind(StrEnum):
    """Why somebody is called: it was promised, the call was of high risk, or nobody had answered."""

    BOOKED = "booked"
    SERIES = "series"
    MISSED = "missed"


class FollowupState(StrEnum):
    """Where a follow-up stands. One of a case is still to be made: its counselor makes it."""

    OPEN = "open"
    WITH_CASE = "with_case"
    REACHED = "reached"
    LOST = "lost"
    CANCELLED = "cancelled"


class FollowupStep(StrEnum):
    """What may happen to a follow-up."""

    REACH = "reach"
    TRY = "try"
    MOVE = "move"
    HAND = "hand"
    JOIN_CASE = "join_case"
    CANCEL = "cancel"
    PLAN = "plan"


class CancelReason(StrEnum):
    """Why a follow-up is not made. The first three follow from something else and are never chosen."""

    CORRECTED = "corrected"
    RENEWED = "renewed"
    CALLED_AGAIN = "called_again"
    DECLINED = "declined"
    NO_NUMBER = "no_number"
    DUPLICATE = "duplicate"


class FollowupCount(StrEnum):
    """What ``FollowupDay`` counts, on the day a follow-up was first due."""

    DUE = "due"
    ON_TIME = "on_time"
    LATE = "late"
    LOST = "lost"


PENDING: Final = frozenset({FollowupState.OPEN, FollowupState.WITH_CASE})
BY_ITSELF: Final = frozenset({CancelReason.CORRECTED, CancelReason.RENEWED, CancelReason.CALLED_AGAIN})
KIND_NAMES: Final = {
    FollowupKind.BOOKED: _l("约定回访"),
    FollowupKind.SERIES: _l("高危随访"),
    FollowupKind.MISSED: _l("未接来电"),
}
STATE_NAMES: Final = {
    FollowupState.OPEN: _l("待回访"),
    FollowupState.WITH_CASE: _l("随个案"),
    FollowupState.REACHED: _l("已联系"),
    FollowupState.LOST: _l("联系不上"),
    FollowupState.CANCELLED: _l("已取消"),
}
CANCEL_NAMES: Final = {
    CancelReason.CORRECTED: _l("来电更正后不再需要"),
    CancelReason.RENEWED: _l("已按新的风险重新安排"),
    CancelReason.CALLED_AGAIN: _l("对方已再次来电"),
    CancelReason.DECLINED: _l("本人不愿再被联系"),
    CancelReason.NO_NUMBER: _l("没有可用的号码"),
    CancelReason.DUPLICATE: _l("与另一条回访重复"),
}


@dataclass(frozen=True, slots=True)
class Interval:
    """A length of time after a call, as configuration spells it: ``1d``, ``2w``, ``3m``."""

    count: int
    unit: str

    @property
    def code(self) -> str:
        """The spelling, by which a step of the series is stored and counted."""
        return f"{self.count}{self.unit}"


@dataclass(frozen=True, slots=True)
class Planned:
    """A follow-up that a call asks for. ``own``: whoever took the call promised it and makes it."""

    kind: FollowupKind
    step: str
    due_on: date
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What is asked when somebody was reached. ``call_type`` only where nothing is known of an earlier call."""

    risk: Risk | None
    outcome: Outcome | None
    summary: str = field(default="", repr=False)
    call_type: CallType | None = None
    risk_reason: RiskReason | None = None
    distress_before: int | None = None
    distress_after: int | None = None
    followup_on: date | None = None


@dataclass(frozen=True, slots=True)
class OnTime:
    """How a step of the series was kept: how many were due, made in time, made late, and lost."""

    step: str
    due: int
    on_time: int
    late: int
    lost: int
