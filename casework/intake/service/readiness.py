"""Steps before the first real call, and letting somebody in. Of a practice call only that it was done is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError

from casework.audit import trail
from casework.audit.events import Action
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict, Invalid, Refused
from casework.core.ids import new_id
from casework.intake import queries
from casework.intake.models import Admission, ReadinessStep
from casework.intake.types.readiness import CHECKLIST, CONFIRMED, AdmissionBasis, ReadyStep
from casework.programme import queries as programme
from casework.security.guard import require
from casework.security.permissions import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from casework.programme.models import Subproject
    from casework.security.actor import Actor


def require_practice(actor: Actor) -> Subproject:
    """Return the sub-project in whose name the actor practises; refused (R23, R1) for whoever takes no calls there.

    Being let to real calls is not asked for, and neither is the sub-project's authority: nobody is served.
    """
    require(actor, Permission.CALLS_CALL_LOG)
    if actor.subproject_id is None:
        raise Refused(_l("来电须登记在一个子项目下，请先切换到相应角色。"), rule="R1")
    return programme.get_subproject(actor, actor.subproject_id)


def complete_step(code: ReadyStep, *, actor: Actor) -> ReadinessStep:
    """Keep that the actor did a step of their own; the first time stays. Its event is readiness.done.

    Refused: a step that a supervisor confirms (Refused, R25), a role that takes no calls (Refused, R23).
    """
    subproject = require_practice(actor)
    if code in CONFIRMED:
        raise Refused(_l("这一步由督导确认。"), rule="R25")
    known = queries.standing_steps(actor.account_id, subproject.id, code)
    row = known[0] if known else _new(actor.account_id, subproject.id, code, 1)
    _insert(row)
    details = {"step": str(code)}
    trail.record(
        Action.READINESS_DONE, actor=actor, subject_kind="account", subject_id=actor.account_id, details=details
    )
    return row


def confirm_step(account_id: UUID, code: ReadyStep, *, actor: Actor) -> ReadinessStep:
    """Confirm a step of a volunteer once more and return the row; its event is readiness.confirmed.

    Refused: out of reach or oneself (NotFound), a step that the volunteer does alone (Invalid), one that was confirmed
    as often as it is asked for (Conflict).
    """
    queries.get_standing(actor, account_id)
    _require_confirmed(code)
    times = {each.code: each.times for each in CHECKLIST.steps}.get(code, 0)
    known = queries.standing_steps(account_id, actor.subproject_id, code)
    if len(known) >= times:
        raise Conflict(_l("这一步已经确认过了。"))
    free = next(number for number in range(1, times + 1) if number not in {row.number for row in known})
    row = _new(account_id, actor.subproject_id, code, free)
    row.confirmed_by = actor.account_id
    _insert(row)
    _record(Action.READINESS_CONFIRMED, row, actor)
    return row


def withdraw_step(account_id: UUID, code: ReadyStep, *, actor: Actor) -> ReadinessStep:
    """Withdraw the last confirmation of a step and return its row; its event is readiness.withdrawn.

    Whoever was let in stays so: that is ended by a verb of its own. Refused as ``confirm_step`` refuses, and
    (Conflict) when nothing was confirmed.
    """
    queries.get_standing(actor, account_id)
    _require_confirmed(code)
    known = queries.standing_steps(account_id, actor.subproject_id, code)
    if not known:
        raise Conflict(_l("这一步还没有确认。"))
    row = known[-1]
    row.withdrawn_at, row.withdrawn_by = clock.now(), actor.account_id
    session().flush()
    _record(Action.READINESS_WITHDRAWN, row, actor)
    return row


def admit(account_id: UUID, *, actor: Actor) -> Admission:
    """Let a volunteer to real calls and return the admission; its event is readiness.admitted.

    Refused: out of reach or oneself (NotFound), a required step that is missing (Invalid), somebody who was let in
    already (Conflict).
    """
    standing = queries.get_standing(actor, account_id)
    if standing.is_admitted:
        raise Conflict(_l("已经准许接听真实来电。"))
    if standing.missing:
        raise Invalid(_l("必做的步骤还没有全部完成，不能准许。"))
    row = Admission(
        id=new_id(),
        account_id=account_id,
        subproject_id=actor.subproject_id,
        basis=AdmissionBasis.CHECKLIST,
        version=CHECKLIST.version,
        admitted_at=clock.now(),
        admitted_by=actor.account_id,
    )
    _insert(row)
    _record_admission(row, actor)
    return row


def admit_existing(account_id: UUID, subproject_id: UUID, *, actor: Actor) -> Admission:
    """Let in who took calls before there was a checklist; its event is readiness.admitted. For commands only.

    Refused (Refused, R25) to every role: a person's word stands behind ``admit``.
    """
    if actor != actor.system():
        raise Refused(_l("请由督导准许。"), rule="R25")
    row = Admission(
        id=new_id(),
        account_id=account_id,
        subproject_id=subproject_id,
        basis=AdmissionBasis.EXISTING,
        admitted_at=clock.now(),
    )
    _insert(row)
    _record_admission(row, actor)
    return row


def end_admission(account_id: UUID, *, actor: Actor) -> Admission:
    """Take real calls from a volunteer, who may finish what was begun; its event is readiness.ended.

    Refused: out of reach or oneself (NotFound), somebody whom nobody let in (Conflict).
    """
    queries.get_standing(actor, account_id)
    row = queries.find_admission(account_id, actor.subproject_id)
    if row is None:
        raise Conflict(_l("还没有准许接听真实来电。"))
    row.withdrawn_at, row.withdrawn_by = clock.now(), actor.account_id
    session().flush()
    trail.record(Action.READINESS_ENDED, actor=actor, subject_kind="account", subject_id=account_id, details={})
    return row


def _new(account_id: UUID, subproject_id: UUID | None, code: ReadyStep, number: int) -> ReadinessStep:
    return ReadinessStep(
        id=new_id(),
        account_id=account_id,
        subproject_id=subproject_id,
        code=code,
        number=number,
        version=CHECKLIST.version,
        done_at=clock.now(),
    )


def _insert(row: ReadinessStep | Admission) -> None:
    """Store a row; refused (Conflict) when the same was stored this very moment by somebody else."""
    try:
        with session().begin_nested():
            session().add(row)
            session().flush()
    except IntegrityError as error:
        raise Conflict(_l("刚刚已由他人登记，请刷新页面。")) from error


def _require_confirmed(code: ReadyStep) -> None:
    if code not in CONFIRMED:
        raise Invalid(_l("这一步由接线员自己完成，不能代为确认。"))


def _record(action: Action, row: ReadinessStep, actor: Actor) -> None:
    details = {"number": row.number, "step": str(row.code)}
    trail.record(action, actor=actor, subject_kind="account", subject_id=row.account_id, details=details)


def _record_admission(row: Admission, actor: Actor) -> None:
    details = {"basis": str(row.basis), "version": row.version or 0}
    trail.record(
        Action.READINESS_ADMITTED, actor=actor, subject_kind="account", subject_id=row.account_id, details=details
    )
