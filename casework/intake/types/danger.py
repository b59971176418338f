"""Values about danger to life: steps and why one was not taken, signs, the protocol, alerts and whose turn it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext as _l

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from flask_babel import LazyString


class StepCode(StrEnum):
    """What is done when a life is at risk. Order and level stand in the protocol, codes are never renamed."""

    SUPERVISOR_TOLD = "supervisor_told"
    LOCATION = "location"
    MEANS_SAFE = "means_safe"
    SAFETY_PLAN = "safety_plan"
    CALL_BACK_CONSENT = "call_back_consent"
    CONTACT_TOLD = "contact_told"
    EMERGENCY_CALLED = "emergency_called"
    STAYED_ON_LINE = "stayed_on_line"
    DISCLOSURE_RECORDED = "disclosure_recorded"
    ARRIVAL_CONFIRMED = "arrival_confirmed"
    HANDED_OVER = "handed_over"
    DEBRIEF_OFFERED = "debrief_offered"


class StepReason(StrEnum):
    """Why a step was not taken."""

    HUNG_UP = "hung_up"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    BY_SUPERVISOR = "by_supervisor"
    NOT_APPLICABLE = "not_applicable"


class Sign(StrEnum):
    """What makes danger greater, asked only when there is some."""

    MEANS = "means"
    ALONE = "alone"
    SUBSTANCES = "substances"
    EARLIER_ATTEMPT = "earlier_attempt"
    NO_SUPPORT = "no_support"


class AlertState(StrEnum):
    """An open alert waits for an answer; a cancelled one was a slip; a closed one went with its draft."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CANCELLED = "cancelled"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the protocol: shown from a level on, and required from another (None: never)."""

    code: StepCode
    from_level: int
    required_from: int | None


@dataclass(frozen=True, slots=True)
class Gauge:
    """Weights by answer or by the least value of a rating, and the least sum of each level."""

    version: str
    risk: Mapping[str, int]
    ratings: Mapping[str, Mapping[int, int]]
    signs: Mapping[str, int]
    levels: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Protocol:
    """The steps in order, with their version, and the gauge."""

    version: str
    steps: tuple[Step, ...]
    gauge: Gauge


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A level that answers suggest, what speaks for it (names of items), and by which version of the gauge."""

    level: int
    reasons: tuple[str, ...]
    version: str


@dataclass(frozen=True, slots=True)
class Turn:
    """Whom an alert addresses from a moment on; None is the programme office, where it stays."""

    account_id: UUID | None
    since: datetime


LONGEST_DETAIL: Final = 500
INTENTION: Final = range(11)
HOPELESSNESS: Final = range(11)
STEP_NAMES: Final = {
    StepCode.SUPERVISOR_TOLD: _l("告知督导"),
    StepCode.LOCATION: _l("确认位置与身边人"),
    StepCode.MEANS_SAFE: _l("移开危险物品"),
    StepCode.SAFETY_PLAN: _l("一起做安全计划"),
    StepCode.CALL_BACK_CONSENT: _l("约定回访"),
    StepCode.CONTACT_TOLD: _l("告知监护人或联系人"),
    StepCode.EMERGENCY_CALLED: _l("联系 110 / 120"),
    StepCode.STAYED_ON_LINE: _l("保持通话"),
    StepCode.DISCLOSURE_RECORDED: _l("记下告知了谁、哪些内容"),
    StepCode.ARRIVAL_CONFIRMED: _l("确认救援到场"),
    StepCode.HANDED_OVER: _l("交接给到场人员"),
    StepCode.DEBRIEF_OFFERED: _l("约接线员支持谈话"),
}
STEP_HINTS: Final = {
    StepCode.SUPERVISOR_TOLD: _l("请值班督导加入通话，不要独自处理。"),
    StepCode.LOCATION: _l("现在在哪里，身边有谁。"),
    StepCode.MEANS_SAFE: _l("手边有没有危险物品，请人收走或离开。"),
    StepCode.CONTACT_TOLD: _l("未满 18 岁先联系监护人。"),
    StepCode.EMERGENCY_CALLED: _l("谁打的、几点、出警或派车编号。正在实施时不必征得同意。"),
    StepCode.STAYED_ON_LINE: _l("直到有人到场。"),
    StepCode.DISCLOSURE_RECORDED: _l("只说救人需要的内容。"),
}
STEP_REASON_NAMES: Final = {
    StepReason.HUNG_UP: _l("来电者已挂断"),
    StepReason.DECLINED: _l("对方拒绝"),
    StepReason.UNREACHABLE: _l("无法联系"),
    StepReason.BY_SUPERVISOR: _l("由督导接手"),
    StepReason.NOT_APPLICABLE: _l("不适用"),
}
SIGN_NAMES: Final = {
    Sign.MEANS: _l("手边有工具"),
    Sign.ALONE: _l("现在独处"),
    Sign.SUBSTANCES: _l("饮酒或用药"),
    Sign.EARLIER_ATTEMPT: _l("以前实施过"),
    Sign.NO_SUPPORT: _l("没有可依靠的人"),
}
ITEM_NAMES: Final[dict[str, LazyString]] = {
    "risk": _l("风险回答"),
    "intention": _l("自杀意念强度"),
    "hopelessness": _l("绝望感"),
    "distress": _l("困扰程度"),
    **{str(sign): name for sign, name in SIGN_NAMES.items()},
}
