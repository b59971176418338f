"""What a finished call adds to the daily counts. A correction is a difference of two calls, a recount their sum."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from casework.intake.rules.asking import is_brief_type
from casework.intake.types import ALL, MISSING, CallType, Codes, Dimension, Repeat, divisions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casework.intake.types import Counted

# Upper bounds of the bands of a call's length, in minutes.
_LENGTHS: Final = (5, 10, 20, 30, 50)
_LONGER: Final = "50+"


def repeat_of(*, has_number: bool, earlier: int) -> Repeat:
    """Return whether the number had called before; callers without a number are never guessed to be anybody."""
    if not has_number:
        return Repeat.UNKNOWN
    return Repeat.REPEAT if earlier else Repeat.FIRST


def contributions(call: Counted) -> Counter[tuple[Dimension, str]]:
    """Return how often the call counts for which value of which dimension. Several answers count once each."""
    return Counter(_values(call))


def changes(before: Counted | None, after: Counted | None) -> list[dict[str, object]]:
    """Return the rows to add to the counts when a call becomes another: nothing for what stays the same."""
    sums: Counter[tuple[object, ...]] = Counter()
    for call, sign in ((before, -1), (after, 1)):
        if call is None:
            continue
        for (dimension, value), count in contributions(call).items():
            sums[(call.day, call.subproject_id, call.line_id, str(dimension), value)] += sign * count
    names = ("day", "subproject_id", "line_id", "dimension", "value")
    return [{**dict(zip(names, key, strict=True)), "count": count} for key, count in sums.items() if count]


def _values(call: Counted) -> Iterator[tuple[Dimension, str]]:
    codes = call.codes
    yield Dimension.TOTAL, ALL
    yield Dimension.CALL_TYPE, str(codes.call_type)
    if call.weekday_hour is not None:
        yield Dimension.HOUR, call.weekday_hour
    if call.paper is not None:
        yield Dimension.PAPER, call.paper
    yield Dimension.REPEAT, call.repeat
    if codes.brief is not None:
        yield Dimension.BRIEF, str(codes.brief)
    if not is_brief_type(codes.call_type):
        yield from _about_the_person(codes)
        if call.minutes is not None:
            yield Dimension.MINUTES, _length(call.minutes)


def _about_the_person(codes: Codes) -> Iterator[tuple[Dimension, str]]:
    for dimension, answer in (
        (Dimension.SEX, codes.sex),
        (Dimension.AGE_BAND, codes.age_band),
        (Dimension.RISK, codes.risk),
        (Dimension.LEVEL, codes.risk_level),
        (Dimension.OUTCOME, codes.outcome),
    ):
        yield dimension, MISSING if answer is None else str(answer)
    if codes.call_type is not CallType.INFORMATION:
        yield Dimension.FOR_WHOM, MISSING if codes.for_whom is None else str(codes.for_whom)
    if codes.category is not None:
        yield Dimension.CATEGORY, str(codes.category)
    yield from _each(Dimension.POPULATION, codes.population)
    yield from _each(Dimension.TOPIC, codes.topics)
    yield from ((Dimension.SERVICE, str(each)) for each in codes.services)
    yield from ((Dimension.TOLD, each) for each in codes.told)
    yield Dimension.PROVINCE, MISSING if codes.division is None else divisions.province_of(codes.division)
    yield Dimension.CITY, MISSING if codes.division is None else divisions.city_of(codes.division)
    yield Dimension.DISTRESS, _change(codes.distress_before, codes.distress_after)
    if codes.hopelessness is not None:
        yield Dimension.HOPELESSNESS, str(codes.hopelessness)


def _each(dimension: Dimension, answers: Iterable[str]) -> Iterator[tuple[Dimension, str]]:
    yield from ((dimension, str(each)) for each in (tuple(answers) or (MISSING,)))


def _change(before: int | None, after: int | None) -> str:
    """Return after minus before: below zero is relief. Only pairs count."""
    return MISSING if before is None or after is None else str(after - before)


def _length(minutes: int) -> str:
    return next((f"<{bound}" for bound in _LENGTHS if minutes < bound), _LONGER)
