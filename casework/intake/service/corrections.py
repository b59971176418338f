"""Correcting a finished call: the old words stay sealed beside the new ones, the counts move by the difference."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.events import Action
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict, NotFound
from casework.core.ids import new_id
from casework.intake import queries
from casework.intake.models import CallRevision
from casework.intake.queries.places import caller_place, digest_of, plan_place, revision_places, summary_place
from casework.intake.rules import adjusted, danger_level
from casework.intake.service import alerts, writing
from casework.intake.service.drafts import require_current, require_writable
from casework.intake.service.drawing import note_correction
from casework.intake.service.finishing import put_on_board, recognise
from casework.intake.service.keys import key_of
from casework.intake.service.places import line_of, require_open_desk
from casework.intake.service.planning import plan_followups
from casework.intake.types import CallStatus, Codes
from casework.vault import service as vault

if TYPE_CHECKING:
    from uuid import UUID

    from casework.intake.models import Call
    from casework.intake.service.drafts import DraftKey
    from casework.intake.types import Words
    from casework.security.actor import Actor
    from casework.vault.types import DataKey


def correct(key: DraftKey, codes: Codes, words: Words, *, actor: Actor, line_id: UUID | None = None) -> Call:
    """Correct a finished call of one's own while it may be re-opened, and return it.

    Its event is call.reopened. Refused as ``finish`` refuses, and (Conflict) while it is still a draft.
    """
    require_open_desk(actor, begun=True)
    codes = adjusted(codes)
    words = writing.only_about_another(codes, words)
    writing.require_complete(codes, words)
    call = _held(key, actor)
    before = queries.counted_of(call)
    data_key = key_of(call, actor)
    session().add(_kept(call, data_key, actor))
    call.revision += 1
    call.rev += 1
    call.line_id = line_of(actor, line_id) if line_id != call.line_id else call.line_id
    writing.write_codes(call, codes)
    recognise(call, writing.write_words(call, words, data_key if writing.has_words(codes, words) else None))
    call.sealed_draft, call.draft_writer, call.draft_seq, call.saved_at = None, None, 0, clock.now()
    put_on_board(call)
    session().flush()
    writing.count(before, call)
    plan_followups(call, actor=actor)
    note_correction(call)
    trail.record(
        Action.CALL_REOPENED,
        actor=actor,
        subject_kind="call",
        subject_id=call.id,
        details={"rev": call.revision},
        digest=digest_of(call),
    )
    alerts.raise_alert(call, danger_level(codes.risk, codes.risk_level), actor=actor)
    alerts.end_alert(call)
    return call


def _held(key: DraftKey, actor: Actor) -> Call:
    call = queries.hold_call(key.call_id)
    if call is None:
        raise NotFound(_l("找不到这通来电，或它不在你的工作范围内。"))
    require_writable(call, actor)
    if call.status != CallStatus.FINISHED:
        raise Conflict(_l("这通来电还没有保存，请先完成登记。"))
    require_current(call, key)
    return call


def _kept(call: Call, key: DataKey, actor: Actor) -> CallRevision:
    """Return what the call says now, sealed for a place of its own."""
    kept = CallRevision(
        id=new_id(),
        call_id=call.id,
        revision=call.revision,
        data_key_id=key.id,
        codes=_plain(queries.codes_of(call)),
        account_id=actor.account_id,
        revised_at=clock.now(),
    )
    caller, summary, plan = revision_places(kept)
    if call.sealed_caller is not None:
        kept.sealed_caller = vault.seal_json(key, caller, vault.open_json(key, caller_place(call), call.sealed_caller))
    if call.sealed_summary is not None:
        text = vault.open_text(key, summary_place(call), call.sealed_summary)
        kept.sealed_summary = vault.seal_text(key, summary, text)
    if call.sealed_plan is not None:
        kept.sealed_plan = vault.seal_json(key, plan, vault.open_json(key, plan_place(call), call.sealed_plan))
    return kept


def _plain(codes: Codes) -> dict[str, Any]:
    return {name: _json(value) for name, value in asdict(codes).items() if value not in (None, ())}


def _json(value: object) -> object:
    if isinstance(value, tuple):
        return [str(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, int) else str(value)
