"""A row of a call as the values that rules decide about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.cases.types import ServiceType
from casework.core import clock
from casework.intake.types import (
    NO_LINE,
    AgeBand,
    Brief,
    CallType,
    Codes,
    Counted,
    Outcome,
    PaperKind,
    Risk,
    Sex,
    Sign,
)

if TYPE_CHECKING:
    from datetime import timedelta
    from enum import StrEnum
    from typing import TypeVar

    from casework.intake.models import Call

    Code = TypeVar("Code", bound=StrEnum)


def codes_of(call: Call) -> Codes:
    """Return the answers of a finished call."""
    return Codes(
        call_type=CallType(str(call.call_type)),
        brief=_one(Brief, call.brief),
        for_whom=call.for_whom,
        sex=_one(Sex, call.sex),
        age_band=_one(AgeBand, call.age_band),
        division=call.division,
        category=call.category,
        population=tuple(call.population),
        topics=tuple(call.topics),
        risk=_one(Risk, call.risk),
        risk_reason=call.risk_reason,
        risk_level=call.risk_level,
        distress_before=call.distress_before,
        distress_after=call.distress_after,
        hopelessness=call.hopelessness,
        intention=call.intention,
        signs=tuple(Sign(each) for each in call.signs),
        services=tuple(ServiceType(each) for each in call.services),
        outcome=_one(Outcome, call.outcome),
        followup_on=call.followup_on,
        consent=tuple(call.consent),
        told=tuple(call.told),
    )


def counted_of(call: Call) -> Counted:
    """Return what the daily counts know of a finished call. It belongs to the day it was answered."""
    answered = clock.local(call.started_at)
    finished = call.finished_at or call.started_at
    return Counted(
        day=answered.date(),
        weekday_hour=f"{answered.weekday()}-{answered.hour:02d}" if call.time_known else None,
        subproject_id=call.subproject_id,
        line_id=call.line_id or NO_LINE,
        codes=codes_of(call),
        repeat=str(call.repeat),
        minutes=None if call.is_paper and finished == call.started_at else _minutes(finished - call.started_at),
        paper=str(PaperKind.SINGLE) if call.is_paper else None,
    )


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds() // 60)


def _one(kind: type[Code], value: str | None) -> Code | None:
    return None if value is None else kind(value)
