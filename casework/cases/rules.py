"""Decisions about cases: stages, closing, channels, who gives which service. Pure tables, tested over all of them."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from casework.cases.types import Channel, ClosingReason, Mode, NoteKind, Population, ServiceType, Stage
from casework.security.roles import Role

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

HIGH_RISK: Final = 3
RISK_LEVELS: Final = range(5)
ENDED: Final = frozenset({Stage.CLOSED, Stage.TRANSFERRED})
OPEN: Final = frozenset(Stage) - ENDED

# MZ/T 094-2017: 接案 → 预估 → 计划 → 介入 → 评估; a step back is part of the method. Ending goes through ``may_close``.
MOVES: Final[dict[Stage, frozenset[Stage]]] = {
    Stage.INTAKE: frozenset({Stage.ASSESSING}),
    Stage.ASSESSING: frozenset({Stage.INTAKE, Stage.PLANNED}),
    Stage.PLANNED: frozenset({Stage.ASSESSING, Stage.INTERVENING}),
    Stage.INTERVENING: frozenset({Stage.ASSESSING, Stage.PLANNED, Stage.EVALUATING}),
    Stage.EVALUATING: frozenset({Stage.PLANNED, Stage.INTERVENING}),
    Stage.CLOSED: frozenset(),
    Stage.TRANSFERRED: frozenset(),
}
# A crisis does not wait for a plan on paper.
_CRISIS_MOVES: Final[dict[Stage, frozenset[Stage]]] = {
    Stage.INTAKE: frozenset({Stage.INTERVENING}),
    Stage.ASSESSING: frozenset({Stage.INTERVENING}),
}
_NO_FOCUS: Final = frozenset({Population.NONE, Population.UNKNOWN})
# Where nobody can be assessed any more, a supervisor may end the case all the same.
_BEYOND_ASSESSMENT: Final = frozenset({ClosingReason.DEATH, ClosingReason.OUT_OF_CONTACT})
_MODES: Final[dict[Channel, Mode]] = {
    Channel.PHONE: Mode.ONLINE,
    Channel.WECHAT: Mode.ONLINE,
    Channel.VIDEO: Mode.ONLINE,
    Channel.FACE_TO_FACE: Mode.OFFLINE,
    Channel.HOME_VISIT: Mode.OFFLINE,
    Channel.WARD: Mode.OFFLINE,
    Channel.ISOLATION_SITE: Mode.OFFLINE,
}
# R5: psychological support and crisis intervention are for qualified roles. R6: a psychiatric consultation is the
# consultant's alone.
_PROFESSIONAL: Final = frozenset(
    {
        ServiceType.PSYCHOLOGICAL_SUPPORT,
        ServiceType.CRISIS_INTERVENTION,
        ServiceType.CRISIS_ASSESSMENT,
        ServiceType.PSYCHOLOGICAL_COUNSELING,
        ServiceType.BEREAVEMENT_COUNSELING,
        ServiceType.STAFF_DECOMPRESSION,
    }
)
_PSYCHIATRIC: Final = frozenset({ServiceType.PSYCHIATRIC_CONSULTATION})
_GENERAL: Final = frozenset(ServiceType) - _PROFESSIONAL - _PSYCHIATRIC
_SERVICES: Final[dict[Role, frozenset[ServiceType]]] = {
    # R17 lets volunteers give 心理疏导 and 情绪支持; what follows a crisis is left to those who are trained for it.
    Role.VOLUNTEER: _GENERAL | {ServiceType.PSYCHOLOGICAL_COUNSELING},
    Role.COUNSELOR: _GENERAL | _PROFESSIONAL,
    Role.SUPERVISOR: _GENERAL | _PROFESSIONAL,
    Role.CONSULTANT: _PSYCHIATRIC | {ServiceType.CRISIS_ASSESSMENT},
}
_ID_NUMBER: Final = re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])")
_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS: Final = "10X98765432"


def is_open(stage: Stage) -> bool:
    """Return whether work on the case goes on."""
    return stage in OPEN


def is_high_risk(level: int | None) -> bool:
    """Return whether a risk level is 高 (3) or 紧急 (4). Not assessed (None) is neither high nor low."""
    return level is not None and level >= HIGH_RISK


def next_stages(stage: Stage, risk_level: int | None) -> frozenset[Stage]:
    """Return where a case may be moved from here; at high risk, intervening may begin at once."""
    crisis = _CRISIS_MOVES.get(stage, frozenset()) if is_high_risk(risk_level) else frozenset()
    return MOVES[stage] | crisis


def may_move(before: Stage, after: Stage, risk_level: int | None) -> bool:
    """Return whether a case may be moved from one stage to another."""
    return after in next_stages(before, risk_level)


def closed_stage(reason: ClosingReason) -> Stage:
    """Return the stage a case ends in: 转介 when another body goes on with it, else 结案."""
    return Stage.TRANSFERRED if reason == ClosingReason.TRANSFERRED else Stage.CLOSED


def may_close(stage: Stage, reason: ClosingReason) -> bool:
    """Return whether a case may end from here for this reason. That goals were met is known after evaluating only."""
    if not is_open(stage):
        return False
    return reason != ClosingReason.GOAL_MET or stage == Stage.EVALUATING


def is_focus_group(populations: Iterable[str]) -> bool:
    """Return whether one of the answers is a focus group of R12."""
    return any(Population(each) not in _NO_FOCUS for each in populations)


def lacks_assessment(populations: Iterable[str], measures: int, reason: ClosingReason, role: Role) -> bool:
    """Return whether closing must wait for an assessment (R14): a focus group, and none was made.

    A case that is handed over goes on elsewhere and does not wait. After a death, or when contact is lost for good,
    nobody can be assessed: then a supervisor may close, the worker alone may not.
    """
    if measures > 0 or reason == ClosingReason.TRANSFERRED or not is_focus_group(populations):
        return False
    return not (reason in _BEYOND_ASSESSMENT and role is Role.SUPERVISOR)


def populations_answered(populations: Collection[str]) -> bool:
    """Return whether the question of R12 has an answer that makes sense: one at least, none and unknown alone."""
    if not populations or not set(populations) <= {str(each) for each in Population}:
        return False
    return len(populations) == 1 or not any(str(each) in populations for each in _NO_FOCUS)


def mode_of(channel: Channel) -> Mode:
    """Return whether a channel is 线上 or 线下 (R16)."""
    return _MODES[channel]


def needs_channel(kind: NoteKind) -> bool:
    """Return whether a note of this kind has a channel: sessions must (R16), others must not."""
    return kind == NoteKind.SESSION


def services_of(role: Role) -> tuple[ServiceType, ...]:
    """Return the services a role may give (R5, R6), in the order of the code table."""
    allowed = _SERVICES.get(role, frozenset())
    return tuple(service for service in ServiceType if service in allowed)


def may_provide(role: Role, services: Iterable[ServiceType]) -> bool:
    """Return whether a role may give all of these services (R5, R6)."""
    return set(services) <= _SERVICES.get(role, frozenset())


def case_number(code: str, year: int, count: int) -> str:
    """Return the number of a case: sub-project, year, and a count of at least four digits."""
    return f"{code}-{year}-{count:04d}"


def holds_id_number(text: str) -> bool:
    """Return whether a text holds a valid citizen identity number (GB 11643), full-width digits included."""
    plain = unicodedata.normalize("NFKC", text)
    return any(_is_id_number(match.group()) for match in _ID_NUMBER.finditer(plain))


def _is_id_number(digits: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(digits, _ID_WEIGHTS, strict=False))
    return digits[-1].upper() == _ID_CHECKS[total % 11]
