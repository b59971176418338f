"""Which calls are reviewed, on which items, and what the scores of a person say over time.

Drawing is pure: from the same call, the same secret and the same rule always the same answer, so that neither the
call-taker nor the supervisor can choose, and an auditor can draw again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casework.intake.rules.asking import is_brief_type, is_help
from casework.intake.rules.risk import is_high_risk
from casework.intake.types import AgeBand, CallType, Repeat
from casework.intake.types.reviews import NOT_APPLICABLE, SCORES, MonthScore, ReviewResult, SampleReason, When

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from casework.intake.types import Codes
    from casework.intake.types.reviews import Rubric, RubricItem, SampleRule

PARTS: Final = 1_000_000
_PER_CENT: Final = PARTS // 100
_DRAWN: Final = 8
# From level 2 on a whole appraisal and a response are expected.
_APPRAISED_FROM: Final = 2
_MINORS: Final = frozenset({AgeBand.UNDER_14, AgeBand.FROM_14})


def may_be_reviewed(codes: Codes) -> bool:
    """Return whether there is anything to review: a silent call or one logged by a press has no words."""
    return codes.brief is None and not is_brief_type(codes.call_type)


def drawn(tag: bytes) -> int:
    """Return a number from 0 to ``PARTS`` - 1 for the authentication tag of a call, every one equally likely."""
    return int.from_bytes(tag[:_DRAWN], "big") * PARTS >> (8 * _DRAWN)


def sample(rule: SampleRule, *, level: int | None, earlier: int, draw: int) -> SampleReason | None:
    """Return why a call is reviewed, None when it is not. ``earlier``: real calls of the same call-taker before it."""
    if rule.every_high_risk and is_high_risk(level):
        return SampleReason.HIGH_RISK
    if earlier < rule.first_calls:
        return SampleReason.FIRST_CALLS
    return SampleReason.SHARE if draw < rule.share_percent * _PER_CENT else None


def review_rank(rule: SampleRule, *, level: int | None, earlier: int) -> int:
    """Return the place in the queue, higher first: new call-takers, among them and after them high risk."""
    return 2 * (earlier < rule.first_calls) + is_high_risk(level)


def applies(item: RubricItem, codes: Codes, repeat: str) -> bool:
    """Return whether an item is expected to be scored for a call; any other may be, when it came up."""
    found = {
        When.ALWAYS: True,
        When.HELP: is_help(codes.call_type),
        When.RISK: (codes.risk_level or 0) >= _APPRAISED_FROM,
        When.REPEAT: repeat == Repeat.REPEAT,
        When.THIRD_PARTY: codes.call_type is CallType.THIRD_PARTY,
        When.MINOR: codes.age_band in _MINORS,
    }
    return found.get(item.when, False)


def missing_scores(rubric: Rubric, codes: Codes, repeat: str, scores: Mapping[str, str]) -> list[str]:
    """Return the codes of items that must be answered and are not, or are answered with something else.

    Not applicable is an answer. An unknown item is a fault too: nothing is stored that no list explains.
    """
    allowed = {str(each) for each in SCORES} | {NOT_APPLICABLE}
    known = {item.code: item for item in rubric.items}
    wanted = [item.code for item in rubric.items if applies(item, codes, repeat)]
    missing = [code for code in wanted if scores.get(code) not in allowed]
    return missing + [code for code, score in scores.items() if code not in known or score not in allowed | {""}]


def mean_score(scores: Mapping[str, object]) -> float | None:
    """Return the mean of what was scored, to one place; None when nothing was."""
    given = [score for score in scores.values() if isinstance(score, int)]
    return round(sum(given) / len(given), 1) if given else None


def trend(reviews: Iterable[tuple[str, Mapping[str, object], str | None]]) -> list[MonthScore]:
    """Return what (month, scores, result) of one person come to by month, the earliest first."""
    months: dict[str, list[tuple[Mapping[str, object], str | None]]] = {}
    for month, scores, result in reviews:
        months.setdefault(month, []).append((scores, result))
    return [_month(month, rows) for month, rows in sorted(months.items())]


def _month(month: str, rows: list[tuple[Mapping[str, object], str | None]]) -> MonthScore:
    everything = {
        f"{number}/{code}": score for number, (scores, _) in enumerate(rows) for code, score in scores.items()
    }
    returned = sum(result == ReviewResult.RETURNED for _, result in rows)
    return MonthScore(month, len(rows), returned, mean_score(everything))
