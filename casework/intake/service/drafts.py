"""Drafts: what was typed is on the server within two seconds, sealed like the record it will be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError

from casework.audit import trail
from casework.audit.events import Action
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict, NotFound
from casework.intake import queries
from casework.intake.models import Call, DangerStep
from casework.intake.service import alerts, steps
from casework.intake.service.keys import key_of
from casework.intake.service.places import author_until, plausible_start, require_open_desk
from casework.intake.types import CallStatus
from casework.programme import queries as programme
from casework.vault import service as vault

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from casework.intake.types import StepCode
    from casework.security.actor import Actor


@dataclass(frozen=True, slots=True)
class DraftKey:
    """Which draft is written, on which version of it, by which page, as which of that page's saves.

    ``writer`` tells pages apart: a page never conflicts with itself, and its own save that arrives late is dropped.
    """

    call_id: UUID
    rev: int
    writer: UUID
    seq: int = 0


def save_draft(
    key: DraftKey,
    content: Mapping[str, Any],
    *,
    actor: Actor,
    notes: Mapping[StepCode, str] | None = None,
    line_id: UUID | None = None,
    started_at: datetime | None = None,
) -> Call:
    """Store what was typed so far and return the call; the first save begins it.

    ``notes`` are those typed beside steps; a step that is not named keeps its own. Its event is call.draft_started or
    call.draft_saved, and step.recorded for each note that is new. Refused: a sub-project without authority (Refused,
    R20), a draft of somebody else (NotFound), one that another page has changed or that was discarded (Conflict).
    """
    call = queries.hold_call(key.call_id)
    require_open_desk(actor, begun=call is not None)
    if call is None:
        call, is_mine = _begin(key, actor, line_id, started_at)
        if is_mine:
            _store(call, key, content, actor, Action.CALL_DRAFT_STARTED)
            steps.keep_notes(call, notes or {}, actor=actor)
            return call
    require_writable(call, actor)
    if call.draft_writer == key.writer and key.seq and key.seq <= call.draft_seq:
        return call
    require_current(call, key)
    call.rev += 1
    if line_id is not None and call.status == CallStatus.DRAFT:
        call.line_id = _known_line(actor, line_id) or call.line_id
    _store(call, key, content, actor, Action.CALL_DRAFT_SAVED)
    steps.keep_notes(call, notes or {}, actor=actor)
    return call


def begin_draft(
    key: DraftKey, *, actor: Actor, line_id: UUID | None = None, started_at: datetime | None = None
) -> Call:
    """Return a call of one's own, held: a draft is begun when nothing was saved yet, what was typed stays as it is.

    Refused as ``save_draft`` refuses. A later save of the same page goes on with it.
    """
    call = queries.hold_call(key.call_id)
    require_open_desk(actor, begun=call is not None)
    if call is None:
        return save_draft(key, {}, actor=actor, line_id=line_id, started_at=started_at)
    require_writable(call, actor)
    return call


def discard_draft(call_id: UUID, *, actor: Actor) -> Call:
    """Throw away what was typed: a draft and its key are gone for good, an unsaved correction changes nothing.

    Its event is call.discarded. Refused (NotFound): a draft of somebody else.
    """
    require_open_desk(actor, begun=True)
    call = queries.hold_call(call_id)
    if call is None:
        raise NotFound(_l("找不到这份草稿。"))
    require_writable(call, actor)
    call.sealed_draft = None
    call.rev += 1
    alerts.end_alert(call, discarded=call.status == CallStatus.DRAFT)
    if call.status == CallStatus.DRAFT:
        call.status = CallStatus.DISCARDED
        session().execute(sa.update(DangerStep).where(DangerStep.call_id == call.id).values(sealed_detail=None))
        if call.data_key_id is not None:
            vault.shred(call.data_key_id, actor=actor)
    trail.record(Action.CALL_DISCARDED, actor=actor, subject_kind="call", subject_id=call.id, details={})
    return call


def require_writable(call: Call, actor: Actor) -> None:
    """Refuse (NotFound) a call that is somebody else's or whose time is over; (Conflict) one that was discarded."""
    is_own = call.author_id == actor.account_id and call.subproject_id == actor.subproject_id
    if not is_own or call.reopen_until <= clock.now():
        raise NotFound(_l("找不到这通来电，或它不在你的工作范围内。"))
    if call.status == CallStatus.DISCARDED:
        raise Conflict(_l("这份草稿已经放弃，不能再保存。"))


def require_current(call: Call, key: DraftKey) -> None:
    """Refuse (Conflict) to write over what another page has saved meanwhile."""
    if call.rev != key.rev and call.draft_writer != key.writer:
        raise Conflict(
            _l(
                "这份登记已在另一个窗口改动（%(at)s）。两份内容都在，请核对后再保存。",
                at=f"{clock.local(call.saved_at):%H:%M:%S}",
            )
        )


def new_call(call_id: UUID, actor: Actor, line_id: UUID | None, started_at: datetime | None) -> Call:
    """Return a call of the actor that is not stored yet."""
    begun = plausible_start(started_at)
    return Call(
        id=call_id,
        subproject_id=actor.subproject_id,
        line_id=line_id,
        author_id=actor.account_id,
        status=CallStatus.DRAFT,
        started_at=begun,
        saved_at=clock.now(),
        reopen_until=author_until(begun),
        revision=1,
        rev=1,
        population=[],
        topics=[],
        services=[],
        signs=[],
        consent=[],
        told=[],
    )


def insert(call: Call) -> bool:
    """Store a new call and return True; False when the same draft was begun this very moment."""
    try:
        with session().begin_nested():
            session().add(call)
            session().flush()
    except IntegrityError:
        if queries.hold_call(call.id) is None:
            raise
        return False
    return True


def _begin(key: DraftKey, actor: Actor, line_id: UUID | None, started_at: datetime | None) -> tuple[Call, bool]:
    call = new_call(key.call_id, actor, _known_line(actor, line_id), started_at)
    if insert(call):
        return call, True
    held = queries.hold_call(key.call_id)
    if held is None:
        raise Conflict(_l("保存未完成，请再试一次。"))
    return held, False


def _store(call: Call, key: DraftKey, content: Mapping[str, Any], actor: Actor, action: Action) -> None:
    data_key = key_of(call, actor)
    call.sealed_draft = vault.seal_json(data_key, queries.draft_place(call.id, call.rev), dict(content))
    # A form sent whole has no number of its own. What its page saved before stays counted: a save or a local copy of
    # that page that is older than the form must not pass for a newer one.
    reached = call.draft_seq if call.draft_writer == key.writer else 0
    call.draft_writer, call.draft_seq, call.saved_at = key.writer, key.seq or reached, clock.now()
    session().flush()
    details = {"line": call.line_id or ""} if action is Action.CALL_DRAFT_STARTED else {"rev": call.rev}
    trail.record(action, actor=actor, subject_kind="call", subject_id=call.id, details=details)
    # Danger is told as soon as it is chosen, not when the record is complete.
    alerts.raise_alert(call, alerts.level_typed(content), actor=actor)


def _known_line(actor: Actor, line_id: UUID | None) -> UUID | None:
    """Return the line of a draft; while something is only typed, a wrong line must not stop it from being saved."""
    lines = [line.id for line in programme.list_lines(actor, actor.subproject_id)]
    return line_id if line_id in lines else next(iter(lines), None)
