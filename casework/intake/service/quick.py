"""Calls that one press logs, and taking such a press back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.events import Action
from casework.cases.types import Population
from casework.core import clock
from casework.core.errors import Conflict, NotFound
from casework.intake import queries
from casework.intake.service import writing
from casework.intake.service.drafts import DraftKey, require_writable
from casework.intake.service.finishing import finish
from casework.intake.service.places import require_open_desk
from casework.intake.types import (
    AgeBand,
    Brief,
    CallStatus,
    CallType,
    Codes,
    Outcome,
    Risk,
    Sex,
    Topic,
    TriageState,
    Words,
    divisions,
)

if TYPE_CHECKING:
    from uuid import UUID

    from casework.intake.models import Call
    from casework.security.actor import Actor

# Ten seconds are promised on screen; the rest is for a slow line.
UNDO_FOR: Final = timedelta(seconds=30)
_TYPES: Final = {
    Brief.SILENT: CallType.SILENT,
    Brief.NUISANCE: CallType.NUISANCE,
    Brief.WRONG_NUMBER: CallType.NUISANCE,
}


def log_brief(brief: Brief, call_id: UUID, *, actor: Actor, line_id: UUID | None = None) -> Call:
    """Finish a call that needs no form; its event is call.finished. Refused as ``finish`` refuses."""
    return finish(DraftKey(call_id, 0, call_id), _codes(brief), Words(), actor=actor, line_id=line_id)


def undo(call_id: UUID, *, actor: Actor) -> Call:
    """Take a press back: the call counts nowhere any more. Its event is call.discarded.

    Refused: somebody else's call (NotFound), one that was logged with the form or too long ago (Conflict).
    """
    require_open_desk(actor, begun=True)
    call = queries.hold_call(call_id)
    if call is None:
        raise NotFound(_l("找不到这通来电，或它不在你的工作范围内。"))
    require_writable(call, actor)
    finished = call.finished_at or call.saved_at
    if call.brief is None or call.status != CallStatus.FINISHED or clock.now() > finished + UNDO_FOR:
        raise Conflict(_l("已超过可撤销的时间。如有误，请打开这通来电更正。"))
    before = queries.counted_of(call)
    call.status, call.triage_state = CallStatus.DISCARDED, TriageState.NONE
    writing.count(before, None)
    trail.record(Action.CALL_DISCARDED, actor=actor, subject_kind="call", subject_id=call.id, details={})
    return call


def _codes(brief: Brief) -> Codes:
    if brief in _TYPES:
        return Codes(call_type=_TYPES[brief], brief=brief)
    return Codes(
        call_type=CallType.INFORMATION,
        brief=brief,
        sex=Sex.UNKNOWN,
        age_band=AgeBand.UNKNOWN,
        division=divisions.UNKNOWN,
        population=(Population.UNKNOWN,),
        topics=(Topic.INFORMATION,),
        risk=Risk.NOT_ASSESSED,
        outcome=Outcome.REFERRED,
    )
