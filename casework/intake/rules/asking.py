"""What must be answered before a call can be finished. Only what is needed is asked (PIPL art. 6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from casework.cases.types import Population
from casework.intake.rules.danger import asks_to_confirm
from casework.intake.rules.risk import is_high_risk, suggested_level
from casework.intake.types import (
    DISTRESS,
    HOPELESSNESS,
    INTENTION,
    LEVELS,
    MOST_TOPICS,
    AgeBand,
    Brief,
    CallType,
    Codes,
    ForWhom,
    Outcome,
    Risk,
    divisions,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

FARTHEST_FOLLOW_UP: Final = timedelta(days=366)
_HELP: Final = frozenset({CallType.SELF, CallType.THIRD_PARTY, CallType.AGENCY})
_BRIEF: Final = frozenset({CallType.SILENT, CallType.NUISANCE})
_ABOUT_ANOTHER: Final = frozenset({CallType.THIRD_PARTY, CallType.AGENCY})
_PLANS: Final = frozenset({Risk.PLAN, Risk.PLAN_WEEK, Risk.PLAN_72H, Risk.ATTEMPT})
_ALONE: Final = frozenset({Population.NONE, Population.UNKNOWN})
_SCALES: Final = (
    ("distress_before", DISTRESS),
    ("distress_after", DISTRESS),
    ("hopelessness", HOPELESSNESS),
    ("intention", INTENTION),
    ("risk_level", LEVELS),
)


class Problem(StrEnum):
    """What is wrong with an answer."""

    MISSING = "missing"
    TOO_MANY = "too_many"
    OUT_OF_RANGE = "out_of_range"
    PAST = "past"
    TOO_FAR = "too_far"
    CONTRADICTION = "contradiction"
    UNKNOWN = "unknown"


def is_help(call_type: CallType | None) -> bool:
    """Return whether somebody asks for help, so that risk must be asked about or the reason given."""
    return call_type in _HELP


def is_brief_type(call_type: CallType | None) -> bool:
    """Return whether nobody spoke, or nobody in need: then nothing else is asked."""
    return call_type in _BRIEF


def is_about_another(call_type: CallType | None) -> bool:
    """Return whether somebody else than the person in need calls; the record is about the person in need."""
    return call_type in _ABOUT_ANOTHER


def needs_risk_reason(codes: Codes) -> bool:
    """Return whether it must be said why risk was not assessed."""
    return is_help(codes.call_type) and codes.risk is Risk.NOT_ASSESSED and codes.outcome is not Outcome.EMERGENCY


def adjusted(codes: Codes) -> Codes:
    """Return the answers as they are stored: what was not asked for is dropped, what follows by itself is filled in.

    The level is the suggestion of the answer unless the worker chose one. Where the gauge suggests more, the worker has
    to choose: a sum decides nothing. A call of one's own is for oneself.
    """
    if is_brief_type(codes.call_type):
        return Codes(call_type=codes.call_type, brief=codes.brief)
    level = codes.risk_level
    if level is None and (not asks_to_confirm(codes) or codes.outcome is Outcome.EMERGENCY):
        level = suggested_level(codes.risk)
    return replace(
        codes,
        brief=codes.brief if codes.brief is Brief.NUMBER_ENQUIRY else None,
        for_whom=ForWhom.SELF if codes.call_type is CallType.SELF else codes.for_whom,
        risk_level=None if codes.risk is Risk.NOT_ASSESSED else level,
        risk_reason=codes.risk_reason if codes.risk is Risk.NOT_ASSESSED else None,
        followup_on=codes.followup_on if codes.outcome is Outcome.FOLLOW_UP else None,
    )


def problems(codes: Codes, summary: str, today: date) -> list[tuple[str, Problem]]:
    """Return every field that keeps the call from being finished, in the order of the screen; none when it may be.

    In an emergency only type, risk and outcome are asked for. ``today`` is the day of the call.
    """
    if is_brief_type(codes.call_type):
        return []
    return [*_unanswered(codes, summary), *_impossible(codes, today)]


def is_incomplete(codes: Codes) -> bool:
    """Return whether questions are still to be answered (待补录), because nothing was to hold the save up.

    After an emergency that may be any of them; where there is a plan, how hopeless the person is.
    """
    if is_brief_type(codes.call_type):
        return False
    if codes.risk in _PLANS and codes.hopelessness is None:
        return True
    return not all((codes.sex, codes.age_band, codes.division, codes.population, codes.topics))


def next_follow_up(codes: Codes, today: date) -> date | None:
    """Return the day that is offered for a call-back: the next one after high risk, else in a week."""
    if codes.outcome is not Outcome.FOLLOW_UP:
        return None
    return today + timedelta(days=1 if is_high_risk(codes.risk_level) else 7)


def _unanswered(codes: Codes, summary: str) -> Iterator[tuple[str, Problem]]:
    required: dict[str, object] = {}
    if codes.outcome is not Outcome.EMERGENCY:
        required = {
            "for_whom": codes.for_whom if codes.call_type in _ABOUT_ANOTHER else True,
            "sex": codes.sex,
            "age_band": codes.age_band,
            "division": codes.division,
            # R12: silence is no answer; 无 and 未知 are.
            "population": codes.population,
            "topics": codes.topics,
        }
    required["risk"] = codes.risk
    if codes.outcome is not Outcome.EMERGENCY:
        required |= {
            "risk_reason": codes.risk_reason if needs_risk_reason(codes) else True,
            "distress_before": codes.distress_before is not None if codes.risk in _PLANS else True,
            "risk_level": codes.risk_level is not None or not asks_to_confirm(codes),
            "summary": summary.strip() if codes.brief is None else True,
            "followup_on": codes.followup_on if codes.outcome is Outcome.FOLLOW_UP else True,
        }
    required["outcome"] = codes.outcome
    yield from ((name, Problem.MISSING) for name, answer in required.items() if not answer)


def _impossible(codes: Codes, today: date) -> Iterator[tuple[str, Problem]]:
    if len(codes.topics) > MOST_TOPICS:
        yield "topics", Problem.TOO_MANY
    if len(codes.population) > 1 and _ALONE & set(codes.population):
        yield "population", Problem.CONTRADICTION
    if codes.division not in {None, divisions.UNKNOWN} and not divisions.is_division(str(codes.division)):
        yield "division", Problem.UNKNOWN
    if codes.call_type in _ABOUT_ANOTHER and codes.for_whom == ForWhom.SELF:
        yield "for_whom", Problem.CONTRADICTION
    if Population.CHILD in codes.population and codes.age_band in {AgeBand.FROM_60, AgeBand.FROM_80}:
        yield "population", Problem.CONTRADICTION
    for name, scale in _SCALES:
        if getattr(codes, name) is not None and getattr(codes, name) not in scale:
            yield name, Problem.OUT_OF_RANGE
    yield from _impossible_day(codes, today)


def _impossible_day(codes: Codes, today: date) -> Iterator[tuple[str, Problem]]:
    if codes.followup_on is None or codes.outcome is not Outcome.FOLLOW_UP:
        return
    if codes.followup_on < today:
        yield "followup_on", Problem.PAST
    if codes.followup_on > today + FARTHEST_FOLLOW_UP:
        yield "followup_on", Problem.TOO_FAR
