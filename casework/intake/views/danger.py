"""Danger during a call: steps with one press each, the call for a supervisor, what the answers together suggest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, jsonify, redirect, request, url_for
from flask_babel import gettext as _

from casework.core.errors import Invalid, NotFound
from casework.intake import queries, service
from casework.intake.forms.call import CallForm, kept, parsed_id
from casework.intake.rules import clean_line
from casework.intake.service import DraftKey
from casework.intake.types import STEP_NAMES, CallStatus, StepCode, StepReason
from casework.intake.views.base import blueprint, draft_key
from casework.intake.views.drafts import begun_at, writer_of
from casework.intake.views.panel import DONE, OPEN, REASON, alert_facts, gauge_text, said_of, state_of
from casework.options import queries as options
from casework.security.guard import current_actor, permitted
from casework.security.permissions import Permission
from casework.web.bodies import sent_json

if TYPE_CHECKING:
    from uuid import UUID

    from flask.typing import ResponseReturnValue

    from casework.intake.models import Call
    from casework.security.actor import Actor


@blueprint.post("/calls/<uuid:call_id>/steps/<code>")
@permitted(Permission.CALLS_CALL_READ)
def record_step(call_id: UUID, code: str) -> ResponseReturnValue:
    """Store one step at once: pressed on the call screen (JSON, or with the whole form), or on the page of a call."""
    actor = current_actor()
    if code not in set(StepCode):
        raise NotFound(_("找不到这个步骤。"))
    sent = sent_json() if request.is_json else _typed(code)
    state, reason = str(sent.get("step", DONE)), str(sent.get("reason", ""))
    if state not in {DONE, REASON, OPEN} or (state == REASON and reason not in set(StepReason)):
        raise Invalid(_("请选择没有完成的原因。"))
    call = _call_for_step(actor, call_id, sent)
    detail = sent.get("detail")
    row = service.record_step(
        call,
        StepCode(code),
        actor=actor,
        done=state == DONE,
        reason=StepReason(reason) if state == REASON else None,
        detail=clean_line(detail) if isinstance(detail, str) else None,
    )
    if request.is_json:
        return jsonify(state=state_of(row), said=said_of(row, actor.display_name), rev=call.rev)
    flash(_("已记录“%(step)s”。", step=STEP_NAMES[StepCode(code)]))
    return redirect(_page_of(call, actor), 303)


@blueprint.post("/calls/drafts/<uuid:call_id>/help")
@permitted(Permission.CALLS_CALL_LOG)
def call_for_help(call_id: UUID) -> ResponseReturnValue:
    """Tell the supervisors that one is needed, whatever is typed already; the page stays as it is."""
    actor = current_actor()
    sent = sent_json() if request.is_json else {}
    call = _own_draft(actor, call_id, sent)
    service.raise_alert(call, service.level_stored(call), actor=actor, help_wanted=True)
    if request.is_json:
        return jsonify(**alert_facts(queries.latest_alert(call.id)))
    flash(str(alert_facts(queries.latest_alert(call.id))["text"]))
    return redirect(_page_of(call, actor), 303)


@blueprint.post("/calls/drafts/<uuid:call_id>/help/cancel")
@permitted(Permission.CALLS_CALL_LOG)
def cancel_help(call_id: UUID) -> ResponseReturnValue:
    """Take a call for help back within ten seconds."""
    actor = current_actor()
    call = _own_draft(actor, call_id, sent_json() if request.is_json else {})
    service.cancel_help(call, actor=actor)
    if request.is_json:
        return jsonify(**alert_facts(queries.latest_alert(call.id)))
    flash(_("已取消呼叫。"))
    return redirect(_page_of(call, actor), 303)


@blueprint.get("/calls/drafts/<uuid:call_id>/alert")
@permitted(Permission.CALLS_CALL_LOG)
def alert_state(call_id: UUID) -> ResponseReturnValue:
    """Answer how the call for a supervisor stands (JSON); asked every other second while it waits."""
    call = queries.get_own(current_actor(), call_id)
    return jsonify(**alert_facts(queries.latest_alert(call.id)))


@blueprint.post("/calls/gauge")
@permitted(Permission.CALLS_CALL_LOG)
def gauge() -> ResponseReturnValue:
    """Answer which level the answers together suggest and why (JSON). Nothing is stored, and nothing decided."""
    fields = sent_json().get("fields")
    form = CallForm(formdata=None)
    form.offer(lines=[], home=None, services=[], lists=options.catalogue())
    form.restore(kept(fields if isinstance(fields, dict) else {}))
    return jsonify(text=gauge_text(form.codes()))


def _typed(code: str) -> dict[str, Any]:
    """Return what a form says about one step; names carry the code because one form may hold all steps."""
    return {
        "step": request.form.get("step", DONE),
        "reason": request.form.get(f"reason-{code}", ""),
        "detail": request.form.get(f"detail-{code}"),
    }


def _call_for_step(actor: Actor, call_id: UUID, sent: dict[str, Any]) -> Call:
    """Return the call of a step: one's own, begun when need be, or a finished one within a supervisor's reach."""
    if "writer" in request.form or "writer" in sent:
        return _own_draft(actor, call_id, sent)
    held = queries.hold_call(call_id)
    if held is not None and held.status == CallStatus.FINISHED:
        return queries.get_call(actor, call_id)
    return queries.get_own(actor, call_id)


def _own_draft(actor: Actor, call_id: UUID, sent: dict[str, Any]) -> Call:
    """Return one's own call; what was typed comes with the form when there are no scripts, and is stored first."""
    if request.is_json:
        key = DraftKey(call_id, 0, writer_of(sent))
        line = parsed_id(str(sent.get("line", "")))
        return service.begin_draft(key, actor=actor, line_id=line, started_at=begun_at(sent))
    form = CallForm()
    form.offer(lines=[], home=None, services=[], lists=options.catalogue())
    key_typed = draft_key(form)
    if key_typed is None or key_typed.call_id != call_id:
        raise NotFound(_("找不到这份草稿。"))
    return service.save_draft(key_typed, form.content(), actor=actor, line_id=form.line_id(), started_at=form.begun())


def _page_of(call: Call, actor: Actor) -> str:
    """Return where a press without scripts leads back to."""
    if call.status == CallStatus.FINISHED and ("writer" not in request.form or call.author_id != actor.account_id):
        return url_for("intake.show", call_id=call.id) + "#steps-record"
    return url_for("intake.draft", call_id=call.id) + "#steps"
