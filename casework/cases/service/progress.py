"""Moving a case through its stages, measuring, and closing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l

from casework.assessments import queries as assessments
from casework.assessments import service as assessing
from casework.audit import trail
from casework.audit.events import Action
from casework.cases.models import CaseStageChange
from casework.cases.queries import hold_case, may
from casework.cases.rules import closed_stage, is_open, lacks_assessment, may_close, may_move
from casework.cases.service.opening import end_assignment
from casework.cases.service.tallies import count_closed, count_measure, count_step
from casework.cases.types import STAGE_NAMES, ClosingReason, Stage
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict, Invalid, NotFound
from casework.security.guard import require
from casework.security.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from casework.assessments.models import CaseMeasure
    from casework.cases.models import Case
    from casework.security.actor import Actor


def move_stage(case: Case, after: Stage, *, actor: Actor, version: int | None = None) -> None:
    """Move a case one step on or back.

    Refused: anybody but its counselor (NotFound), a step the stage table does not have (Invalid), a case that has
    changed since ``version`` or has ended (Conflict).
    """
    case = _held(case, actor, Permission.CASES_NOTE_WRITE, version)
    before = Stage(case.stage)
    if not may_move(before, after, case.risk_level):
        raise Invalid(
            _l("不能从“%(before)s”直接进入“%(after)s”。", before=STAGE_NAMES[before], after=STAGE_NAMES[after]),
            field="stage",
        )
    _step(case, after, actor)
    count_step(case, after, case.updated_at)
    _record(Action.CASE_STAGE_CHANGED, case, actor, {"before": str(before), "after": str(after)})


def close_case(case: Case, reason: ClosingReason, *, actor: Actor, version: int | None = None) -> None:
    """End a case: stage 结案 or 转介, the assignment is over, and the counselor's keys are gone.

    Refused: somebody out of reach (NotFound), a focus group without any assessment (Invalid, R14), goals met without
    the stage 评估 (Invalid), a case that has changed since ``version`` or has ended (Conflict).
    """
    case = _held(case, actor, Permission.CASES_CASE_CLOSE, version)
    if not may_close(Stage(case.stage), reason):
        raise Invalid(_l("以“目标达成”结案前，请先进入“评估”阶段。"), field="reason")
    if lacks_assessment(case.populations, assessments.count_measures(case.id), reason, actor.role):
        raise Invalid(
            _l("服务对象属于重点人群，还没有做过评估，不能结案。请先完成一次评估。"), field="reason", rule="R14"
        )
    _step(case, closed_stage(reason), actor)
    case.closed_at, case.closing_reason = case.updated_at, reason
    count_closed(case, reason, case.closed_at)
    end_assignment(case, actor=actor)
    _record(Action.CASE_CLOSED, case, actor, {"reason": str(reason)})


def record_measure(
    case: Case, scale: str, answers: Mapping[str, int], *, actor: Actor, taken_at: datetime | None = None
) -> CaseMeasure:
    """Store one scale taken with the person, now unless ``taken_at`` says when; its event is measure.recorded.

    Refused: anybody but the case's counselor (NotFound), a case that has ended (Conflict), and as in
    ``assessments.service.record_measure``.
    """
    case = _held(case, actor, Permission.CASES_MEASURE_RECORD, None)
    measure = assessing.record_measure(
        case.id, case.data_key_id, scale, answers, taken_at=taken_at or clock.now(), actor=actor
    )
    count_measure(case, scale, measure.taken_at)
    return measure


def _held(case: Case, actor: Actor, permission: Permission, version: int | None) -> Case:
    require(actor, permission)
    case = hold_case(case.id)
    if not may(actor, permission, case):
        raise NotFound(_l("找不到这个个案，或它不在你的工作范围内。"))
    if not is_open(case.stage):
        raise Conflict(_l("这个个案已经结束，不能再改动。"))
    if version is not None and version != case.row_version:
        raise Conflict(
            _l("这个个案刚刚有改动，现在处于“%(stage)s”。请核对后再操作。", stage=STAGE_NAMES[Stage(case.stage)])
        )
    return case


def _step(case: Case, after: Stage, actor: Actor) -> None:
    moment = clock.now()
    change = CaseStageChange(case_id=case.id, before=case.stage, after=after, at=moment, account_id=actor.account_id)
    session().add(change)
    case.stage, case.updated_at = after, moment


def _record(action: Action, case: Case, actor: Actor, details: dict[str, object]) -> None:
    trail.record(action, actor=actor, subject_kind="case", subject_id=case.id, details=details)
