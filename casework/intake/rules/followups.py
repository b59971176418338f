"""When somebody is to be called again, and what may happen to a follow-up: a table, so that it can be read whole."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from casework.intake.rules.risk import is_high_risk
from casework.intake.types import (
    MOST_TRIES,
    NO_STEP,
    CancelReason,
    Codes,
    FollowupKind,
    FollowupState,
    FollowupStep,
    Interval,
    Outcome,
    Planned,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_OPEN, _WITH_CASE = FollowupState.OPEN, FollowupState.WITH_CASE
# What is not in the table cannot happen. A try leads to LOST instead when it was the last; see ``next_state``.
_TABLE: Final[dict[tuple[FollowupState, FollowupStep], FollowupState]] = {
    (_OPEN, FollowupStep.REACH): FollowupState.REACHED,
    (_OPEN, FollowupStep.TRY): _OPEN,
    (_OPEN, FollowupStep.MOVE): _OPEN,
    (_OPEN, FollowupStep.HAND): _OPEN,
    (_OPEN, FollowupStep.JOIN_CASE): _WITH_CASE,
    (_OPEN, FollowupStep.CANCEL): FollowupState.CANCELLED,
    (_OPEN, FollowupStep.PLAN): _OPEN,
    (_WITH_CASE, FollowupStep.REACH): FollowupState.REACHED,
    (_WITH_CASE, FollowupStep.TRY): _WITH_CASE,
    (_WITH_CASE, FollowupStep.MOVE): _WITH_CASE,
    (_WITH_CASE, FollowupStep.CANCEL): FollowupState.CANCELLED,
    (_WITH_CASE, FollowupStep.PLAN): _WITH_CASE,
    # Only what a correction took back; see ``may_plan_again``.
    (FollowupState.CANCELLED, FollowupStep.PLAN): _OPEN,
}


def next_state(state: FollowupState, step: FollowupStep, *, tries: int = 0) -> FollowupState | None:
    """Return where a follow-up stands after a step, None when the step is not possible there.

    ``tries``: on how many days nobody answered, this one included.
    """
    after = _TABLE.get((state, step))
    if after is not None and step is FollowupStep.TRY and tries >= MOST_TRIES:
        return FollowupState.LOST
    return after


def may_plan_again(reason: CancelReason | None) -> bool:
    """Return whether a cancelled follow-up comes back when its call asks for it again: never against a decision."""
    return reason is CancelReason.CORRECTED


def after_try(tries: int, last_on: date | None, today: date) -> int:
    """Return on how many days nobody has answered after a try of today; several on one day are one."""
    return tries if last_on == today else tries + 1


def intervals(text: str) -> tuple[Interval, ...]:
    """Return the steps that configuration spells, such as ``1d,1w,3m``."""
    return tuple(Interval(int(each[:-1]), each[-1]) for each in text.split(","))


def shifted(day: date, interval: Interval) -> date:
    """Return the day so long after another; a month from the 31st ends on the last day that the month has."""
    if interval.unit != "m":
        return day + timedelta(days=interval.count * (7 if interval.unit == "w" else 1))
    months = day.year * 12 + day.month - 1 + interval.count
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def planned(codes: Codes, day: date, steps: Sequence[Interval]) -> tuple[Planned, ...]:
    """Return every follow-up that a call of this day asks for.

    High risk asks for the whole series. A promised call on the day of one of its steps is that step: nobody is to be
    called twice on one day.
    """
    promised = codes.followup_on if codes.outcome is Outcome.FOLLOW_UP else None
    days = [(each.code, shifted(day, each)) for each in steps] if is_high_risk(codes.risk_level) else []
    series = tuple(Planned(FollowupKind.SERIES, code, due, due == promised) for code, due in days)
    if promised is None or any(each.own for each in series):
        return series
    return (Planned(FollowupKind.BOOKED, NO_STEP, promised, own=True), *series)


def is_on_time(ended_at: datetime, planned_at: datetime) -> bool:
    """Return whether a follow-up was made in time: by the moment it was first due, however often it was moved."""
    return ended_at <= planned_at


def next_try(today: date) -> date:
    """Return the day that is offered for the next try: tries count on different days."""
    return today + timedelta(days=1)
