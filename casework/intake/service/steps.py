"""Steps taken for somebody in danger: each press is stored at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.events import Action
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Invalid
from casework.core.ids import new_id
from casework.intake import queries
from casework.intake.models import DangerStep
from casework.intake.queries.steps import step_place
from casework.intake.rules import PROTOCOL
from casework.intake.service.keys import key_of
from casework.intake.types import LONGEST_DETAIL, StepCode, StepReason
from casework.vault import service as vault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casework.intake.models import Call
    from casework.security.actor import Actor


def record_step(
    call: Call,
    code: StepCode,
    *,
    actor: Actor,
    done: bool = False,
    reason: StepReason | None = None,
    detail: str | None = None,
) -> DangerStep:
    """Store that a step is done (the first time stays), why it is not, or that the press was a slip; return it.

    ``detail`` is sealed under the key of the call; None leaves it as it is. Its event is step.recorded. Refused
    (Invalid): done and a reason at once, a detail that is too long. The call was obtained within reach.
    """
    if done and reason is not None:
        raise Invalid(_l("已完成的步骤不需要说明未做的原因。"))
    now, row = clock.now(), _row_of(call, code, actor)
    kept = _detail_of(call, row, actor) if detail is None else detail
    row.done_at = (row.done_at or now) if done else None
    row.reason, row.account_id, row.recorded_at = reason, actor.account_id, now
    _store(call, row, kept, actor)
    return row


def keep_notes(call: Call, notes: Mapping[StepCode, str], *, actor: Actor) -> None:
    """Store what was typed beside steps and not pressed yet; how each of them stands, and by whom, does not change.

    Each that is new leaves step.recorded; an empty one takes away what was there. Refused (Invalid): one that is too
    long. The call is held by the caller.
    """
    for code, note in notes.items():
        row = _row_of(call, code, actor)
        if note != _detail_of(call, row, actor):
            _store(call, row, note, actor)


def _row_of(call: Call, code: StepCode, actor: Actor) -> DangerStep:
    """Return a step as it is stored, or a new one that is not."""
    row = queries.find_step(call.id, code)
    if row is not None:
        return row
    now, who = clock.now(), actor.account_id
    return DangerStep(id=new_id(), call_id=call.id, code=code, revision=0, account_id=who, recorded_at=now)


def _detail_of(call: Call, row: DangerStep, actor: Actor) -> str:
    # Compared or sealed again, never shown: no event of reading.
    if row.sealed_detail is None:
        return ""
    return vault.open_text(key_of(call, actor), step_place(row), row.sealed_detail)


def _store(call: Call, row: DangerStep, detail: str, actor: Actor) -> None:
    if len(detail) > LONGEST_DETAIL:
        raise Invalid(_l("步骤说明最多 %(most)s 个字。", most=LONGEST_DETAIL))
    # Each version has a place of its own.
    row.revision, row.version, row.sealed_detail = row.revision + 1, PROTOCOL.version, None
    if detail:
        key = key_of(call, actor)
        row.data_key_id, row.sealed_detail = key.id, vault.seal_text(key, step_place(row), detail)
    session().add(row)
    session().flush()
    state = "done" if row.done_at is not None else "reason" if row.reason is not None else "open"
    details = {"reason": str(row.reason or ""), "state": state, "step": row.code}
    trail.record(Action.STEP_RECORDED, actor=actor, subject_kind="call", subject_id=call.id, details=details)
