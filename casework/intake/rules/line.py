"""Pure decisions about calls on the line: one call out of several reports, what it counts as, who is called back.

Definitions after ``domain-standards`` §17: offered is every call that reached the line, answered is connected to a
person, a short abandon hung up within five seconds, wait is answer minus arrival.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from casework.intake.types.telephony import Ending, LegFacts, LineCounted, LineDimension, LineState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

SHORT_SECONDS: Final = 5
# Reports about one call lie together in time; further apart, an id was given twice.
TOGETHER: Final = timedelta(hours=1)
LONGEST_CALL: Final = timedelta(hours=24)
# Whoever reached nobody longer ago than this is not called any more: nobody would know why.
CALL_BACK_WITHIN: Final = timedelta(hours=72)
# Numbers are kept with call records as long as somebody may have to call back or compare, and no longer.
NUMBERS_KEPT: Final = timedelta(days=90)
_STRENGTH: Final = {ending: rank for rank, ending in enumerate(Ending)}
_ALL: Final = "all"


def merged(one: LegFacts, other: LegFacts) -> LegFacts:
    """Return the call that two reports describe together.

    The order of the reports does not matter and a repeated one changes nothing: the earliest arrival, the earliest
    answer, the latest end, and of two endings the stronger. Once answered, a call is answered: a queue that rang at
    four seats reports three of them as unanswered.
    """
    answered = _earliest(one.answered_at, other.answered_at)
    return LegFacts(
        started_at=min(one.started_at, other.started_at),
        answered_at=answered,
        ended_at=_latest(one.ended_at, other.ended_at),
        ending=None if answered else _stronger(one.ending, other.ending),
    )


def belong_together(one: LegFacts, other: LegFacts) -> bool:
    """Return whether two reports under one id can be about one call: their times touch within an hour."""
    first, second = sorted((one, other), key=lambda facts: facts.started_at)
    return second.started_at - _last(first) <= TOGETHER


def state_of(facts: LegFacts) -> LineState | None:
    """Return what a call counts as; None while it is not decided."""
    if facts.answered_at is not None:
        return LineState.ANSWERED
    if facts.ending is None:
        return None
    if facts.ending is Ending.BLOCKED:
        return LineState.BLOCKED
    waited = None if facts.ended_at is None else facts.ended_at - facts.started_at
    hung_up = facts.ending is Ending.ABANDONED and waited is not None
    return LineState.SHORT if hung_up and _seconds(waited) < SHORT_SECONDS else LineState.LOST


def wait_seconds(facts: LegFacts) -> int:
    """Return how long an answered call waited, in whole seconds; zero for any other."""
    return 0 if facts.answered_at is None else _seconds(facts.answered_at - facts.started_at)


def end_of(facts: LegFacts) -> datetime | None:
    """Return when the call ended, or None while it is not known.

    An end before the answer is that of a seat which rang in vain before another one answered.
    """
    if facts.answered_at is not None and facts.ended_at is not None and facts.ended_at < facts.answered_at:
        return None
    return facts.ended_at


def talk_seconds(facts: LegFacts) -> int | None:
    """Return how long was talked, or None while it is not known."""
    end = end_of(facts)
    return None if facts.answered_at is None or end is None else _seconds(end - facts.answered_at)


def line_changes(before: LineCounted | None, after: LineCounted | None) -> list[dict[str, Any]]:
    """Return the rows to add to the daily counts when a call becomes another: nothing for what stays the same."""
    sums: Counter[tuple[object, ...]] = Counter()
    for call, sign in ((before, -1), (after, 1)):
        if call is not None:
            for dimension, value, count in _values(call):
                sums[call.day, call.subproject_id, call.line_id, str(dimension), value] += sign * count
    names = ("day", "subproject_id", "line_id", "dimension", "value")
    return [{**dict(zip(names, key, strict=True)), "count": count} for key, count in sums.items() if count]


def needs_call_back(
    facts: LegFacts, *, identifies: bool, is_pending: bool, answered_since: datetime | None, now: datetime
) -> bool:
    """Return whether somebody who reached nobody is to be called back.

    Not without a number of a person; not when the same number is already waiting for a call-back; not when it got
    through afterwards; not after a short abandon, because whoever hangs up at once may not be alone, and most of these
    are wrong numbers; and not when it is too long ago.
    """
    if not identifies or is_pending or state_of(facts) not in {LineState.LOST, LineState.BLOCKED}:
        return False
    if answered_since is not None and answered_since >= facts.started_at:
        return False
    return now - CALL_BACK_WITHIN <= facts.started_at <= now


def keeps_number(started_at: datetime, now: datetime) -> bool:
    """Return whether the number of a call may still be kept with its record (domain-standards §11)."""
    return started_at > now - NUMBERS_KEPT


def _values(call: LineCounted) -> Iterator[tuple[LineDimension, str, int]]:
    yield LineDimension.STATE, str(call.state), 1
    yield LineDimension.HOUR, call.weekday_hour, 1
    if call.state is LineState.ANSWERED:
        yield LineDimension.WAIT, str(call.wait), 1
        if call.talk is not None:
            yield LineDimension.TALK, _ALL, call.talk
            yield LineDimension.TALKED, _ALL, 1


def _last(facts: LegFacts) -> datetime:
    return end_of(facts) or facts.answered_at or facts.started_at


def _earliest(one: datetime | None, other: datetime | None) -> datetime | None:
    known = [each for each in (one, other) if each is not None]
    return min(known) if known else None


def _latest(one: datetime | None, other: datetime | None) -> datetime | None:
    known = [each for each in (one, other) if each is not None]
    return max(known) if known else None


def _stronger(one: Ending | None, other: Ending | None) -> Ending | None:
    known = [each for each in (one, other) if each is not None]
    return max(known, key=_STRENGTH.__getitem__) if known else None


def _seconds(length: timedelta | None) -> int:
    return 0 if length is None else int(length.total_seconds())
