"""Finishing a call: from now on it counts, and a supervisor sees it when there is something to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.events import Action
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict
from casework.intake import queries
from casework.intake.queries.places import digest_of
from casework.intake.rules import adjusted, danger_level, needs_triage, repeat_of, triage_rank
from casework.intake.service import alerts, writing
from casework.intake.service.drafts import insert, new_call, require_current, require_writable
from casework.intake.service.drawing import draw_for_review
from casework.intake.service.keys import key_of
from casework.intake.service.places import line_of, require_open_desk
from casework.intake.service.planning import plan_followups
from casework.intake.types import SCRIPT_VERSION, CallStatus, Outcome, TriageState

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from casework.intake.models import Call
    from casework.intake.service.drafts import DraftKey
    from casework.intake.types import Codes, Words
    from casework.security.actor import Actor


def finish(
    key: DraftKey,
    codes: Codes,
    words: Words,
    *,
    actor: Actor,
    line_id: UUID | None = None,
    started_at: datetime | None = None,
) -> Call:
    """Finish a call and return it: sealed, counted on the day it was answered, and on the board when that is needed.

    Its event is call.finished. Refused: a sub-project without authority (Refused, R20), a missing or impossible answer
    (Invalid with its field; R12 for focus groups), a draft of somebody else (NotFound), one that another page has
    changed or that is finished already (Conflict). Steps that high risk asks for hold nothing up: they stay to be done.
    """
    begun = queries.hold_call(key.call_id)
    require_open_desk(actor, begun=begun is not None)
    codes = adjusted(codes)
    words = writing.only_about_another(codes, words)
    writing.require_complete(codes, words)
    line = line_of(actor, line_id)
    call = _held(begun, key, actor, line, started_at)
    call.line_id, call.status, call.script_version = line, CallStatus.FINISHED, SCRIPT_VERSION
    call.finished_at = call.saved_at = clock.now()
    # Written once, when all is known, and not at every look-up on the way.
    with session().no_autoflush:
        _write(call, codes, words, actor)
    if begun is None and not insert(call):
        raise Conflict(_l("保存未完成，请再试一次。"))
    session().flush()
    writing.count(None, call)
    plan_followups(call, actor=actor, is_first=True)
    draw_for_review(call)
    record_finished(call, actor)
    alerts.raise_alert(call, danger_level(codes.risk, codes.risk_level), actor=actor)
    if begun is not None:
        alerts.end_alert(call)
    return call


def _write(call: Call, codes: Codes, words: Words, actor: Actor) -> None:
    writing.write_codes(call, codes)
    data_key = key_of(call, actor) if writing.has_words(codes, words) else None
    recognise(call, writing.write_words(call, words, data_key))
    call.sealed_draft, call.draft_writer, call.draft_seq, call.rev = None, None, 0, call.rev + 1
    put_on_board(call)


def recognise(call: Call, indexes: list[bytes]) -> None:
    """Store whether the number that is known under these indexes had called before."""
    earlier = queries.contacts_of(call.subproject_id, indexes, call.started_at, without=call.id)
    call.repeat = repeat_of(has_number=bool(indexes), earlier=earlier.count)


def put_on_board(call: Call) -> None:
    """Let the call wait for a supervisor when its outcome or level asks for one; what was decided stays decided."""
    if call.triage_state in {TriageState.ASSIGNED, TriageState.SETTLED}:
        return
    outcome = None if call.outcome is None else Outcome(call.outcome)
    call.triage_state = TriageState.WAITING if needs_triage(outcome, call.risk_level) else TriageState.NONE
    call.triage_rank = triage_rank(call.risk_level)


def record_finished(call: Call, actor: Actor) -> None:
    """Leave the event of a finished call."""
    details = {"line": call.line_id or "", "outcome": str(call.outcome or ""), "risk": str(call.risk or "")}
    trail.record(
        Action.CALL_FINISHED,
        actor=actor,
        subject_kind="call",
        subject_id=call.id,
        details=details,
        digest=digest_of(call),
    )


def _held(begun: Call | None, key: DraftKey, actor: Actor, line: UUID | None, started_at: datetime | None) -> Call:
    if begun is None:
        call = new_call(key.call_id, actor, line, started_at)
        call.triage_state, call.triage_rank = TriageState.NONE, 0
        return call
    require_writable(begun, actor)
    if begun.status != CallStatus.DRAFT:
        at = f"{clock.local(begun.finished_at or begun.saved_at):%H:%M}"
        raise Conflict(_l("这通来电已于 %(at)s 保存。要修改请从值班台重新打开。", at=at))
    require_current(begun, key)
    return begun
