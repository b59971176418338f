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
from casework.intake.service.drafts import key_of
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
    if detail is not None and len(detail) > LONGEST_DETAIL:
        raise Invalid(_l("步骤说明最多 %(most)s 个字。", most=LONGEST_DETAIL))
    now = clock.now()
    row = queries.find_step(call.id, code)
    if row is None:
        row = DangerStep(id=new_id(), call_id=call.id, code=code, revision=0)
    row.revision, row.version = row.revision + 1, PROTOCOL.version
    row.done_at = (row.done_at or now) if done else None
    row.reason, row.account_id, row.recorded_at = reason, actor.account_id, now
    _seal(call, row, detail, actor)
    session().add(row)
    session().flush()
    state = "done" if done else "reason" if reason is not None else "open"
    details = {"reason": str(reason or ""), "state": state, "step": str(code)}
    trail.record(Action.STEP_RECORDED, actor=actor, subject_kind="call", subject_id=call.id, details=details)
    return row


def keep_notes(call: Call, notes: Mapping[StepCode, str], *, actor: Actor) -> None:
    """Store what was typed beside steps and not pressed yet; how each of them stands does not change.

    Each that is new leaves step.recorded. Refused (Invalid): one that is too long. The call is held by the caller.
    """
    if not notes:
        return
    known = queries.open_steps(actor, call)
    for code, note in notes.items():
        step = known.get(code)
        if step is None or step.detail != note:
            reason = None if step is None or step.row.reason is None else StepReason(step.row.reason)
            done = step is not None and step.row.done_at is not None
            record_step(call, code, actor=actor, done=done, reason=reason, detail=note)


def _seal(call: Call, row: DangerStep, detail: str | None, actor: Actor) -> None:
    if detail is None and row.sealed_detail is None:
        return
    key = key_of(call, actor)
    if detail is None and row.sealed_detail is not None:
        # Each version has a place of its own.
        former = step_place(row)
        former = type(former)(former.table, former.column, former.row_id, row.revision - 1)
        detail = vault.open_text(key, former, row.sealed_detail)
    row.data_key_id = key.id
    row.sealed_detail = vault.seal_text(key, step_place(row), detail) if detail else None
