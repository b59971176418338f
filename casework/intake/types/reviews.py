"""Reviews of calls: which are drawn, on what they are scored, and how a review ends.

Rules of drawing and lists of items are data with a version (``data/reviews.json``): a change is a new version beside
the older ones, which stay, because every review says by which it was drawn and scored.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from flask_babel import lazy_gettext as _l


class SampleReason(StrEnum):
    """Why a call is reviewed."""

    HIGH_RISK = "high_risk"
    FIRST_CALLS = "first_calls"
    SHARE = "share"


class ReviewState(StrEnum):
    """A drawn call waits until a supervisor has reviewed it."""

    WAITING = "waiting"
    DONE = "done"


class ReviewResult(StrEnum):
    """How a review ended."""

    PASSED = "passed"
    RETURNED = "returned"


class ReturnReason(StrEnum):
    """What the call-taker is asked to put right."""

    INCOMPLETE = "incomplete"
    RISK = "risk"
    MIXED = "mixed"
    IDENTITY = "identity"
    FOLLOW_UP = "follow_up"


class When(StrEnum):
    """When an item applies to a call; what is not always asked may be scored whenever it came up."""

    ALWAYS = "always"
    HELP = "help"
    RISK = "risk"
    REPEAT = "repeat"
    THIRD_PARTY = "third_party"
    MINOR = "minor"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class SampleRule:
    """Which calls are drawn: a share of everybody's, the first of a new call-taker, every high-risk call."""

    version: int
    share_percent: int
    first_calls: int
    every_high_risk: bool


@dataclass(frozen=True, slots=True)
class RubricItem:
    """One thing that is scored, in both languages."""

    code: str
    when: When
    names: dict[str, str]
    hints: dict[str, str]


@dataclass(frozen=True, slots=True)
class Rubric:
    """A version of the list of items, and what each score from 0 upwards means."""

    version: int
    anchors: tuple[dict[str, str], ...]
    items: tuple[RubricItem, ...]


@dataclass(frozen=True, slots=True)
class MonthScore:
    """What was reviewed of one call-taker in one month; ``mean`` is None when nothing was scored."""

    month: str
    reviews: int
    returned: int
    mean: float | None


REASON_NAMES: Final = {
    SampleReason.HIGH_RISK: _l("高危来电"),
    SampleReason.FIRST_CALLS: _l("新接线员"),
    SampleReason.SHARE: _l("按比例抽取"),
}
RESULT_NAMES: Final = {ReviewResult.PASSED: _l("通过"), ReviewResult.RETURNED: _l("退回")}
RETURN_NAMES: Final = {
    ReturnReason.INCOMPLETE: _l("登记不完整"),
    ReturnReason.RISK: _l("风险询问或等级需要补充"),
    ReturnReason.MIXED: _l("事实与判断没有分开写"),
    ReturnReason.IDENTITY: _l("写入了不该写的身份信息"),
    ReturnReason.FOLLOW_UP: _l("约定的回访或转介没有登记"),
}
SCORES: Final = range(5)
NOT_APPLICABLE: Final = "na"
LONGEST_COMMENT: Final = 4000
LANGUAGES: Final = ("zh", "en")


def _item(entry: dict[str, str]) -> RubricItem:
    return RubricItem(
        code=entry["code"],
        when=When(entry.get("when", When.ALWAYS)),
        names={each: entry[each] for each in LANGUAGES},
        hints={each: entry[f"{each}_hint"] for each in LANGUAGES},
    )


def _rubric(entry: dict[str, Any]) -> Rubric:
    return Rubric(entry["version"], tuple(entry["anchors"]), tuple(_item(each) for each in entry["items"]))


_DATA: Final = json.loads((Path(__file__).parent.parent / "data" / "reviews.json").read_text(encoding="utf-8"))
RULES: Final = {entry["version"]: SampleRule(**entry) for entry in _DATA["rules"]}
RUBRICS: Final = {entry["version"]: _rubric(entry) for entry in _DATA["rubrics"]}
# What is drawn and scored from now on is drawn and scored by the newest.
RULE: Final = RULES[max(RULES)]
RUBRIC: Final = RUBRICS[max(RUBRICS)]
