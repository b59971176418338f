"""The call screen: log a call while it is going on, and correct it afterwards."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from wtforms import SelectField, SelectMultipleField

from casework.clients.rules import holds_id_number
from casework.core import clock
from casework.core.errors import Conflict, Invalid, NotFound
from casework.directory.rules import is_stale
from casework.intake import queries, service
from casework.intake.forms.call import CONTENT, FINISH, KEEP, TO_CASE, parsed_id
from casework.intake.rules import is_high_risk, suggested_level
from casework.intake.types import PLAN_STEPS, STEP_REASON_NAMES, CallStatus, Outcome, Risk, TriageState
from casework.intake.views.base import (
    CONFLICT,
    UNPROCESSABLE,
    answer_again,
    blueprint,
    call_form,
    draft_key,
    fresh,
    from_ringing,
    page_name,
)
from casework.intake.views.panel import StepLine, alert_facts, gauge_text, notes_in, step_lines
from casework.options import queries as options
from casework.options.types import OptionList
from casework.security.guard import current_actor, permitted
from casework.security.permissions import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from flask.typing import ResponseReturnValue
    from werkzeug.wrappers import Response

    from casework.directory.models import Resource
    from casework.intake.forms import CallForm
    from casework.intake.models import Call
    from casework.programme.models import Subproject
    from casework.security.actor import Actor


@blueprint.route("/calls/new", methods=["GET", "POST"])
@permitted(Permission.CALLS_CALL_LOG)
def new_call() -> ResponseReturnValue:
    """Show an empty form, or store what was sent: as a draft, or as a finished call."""
    actor = current_actor()
    subproject = service.require_open_desk(actor, begun=_is_begun(actor))
    form = call_form(actor, subproject)
    if request.method == "GET":
        return _begin(form, actor, subproject)
    if request.form.get("intent") == KEEP:
        return _keep(form, actor)
    return _send(form, actor, request.form.get("intent", FINISH))


@blueprint.route("/calls/<uuid:call_id>/correct", methods=["GET", "POST"])
@permitted(Permission.CALLS_CALL_LOG)
def correct(call_id: UUID) -> ResponseReturnValue:
    """Re-open a finished call of one's own; the old words are kept."""
    actor = current_actor()
    call = queries.get_own(actor, call_id)
    form = call_form(actor, service.require_open_desk(actor, begun=True))
    if request.method == "GET":
        if call.status == CallStatus.DRAFT:
            return redirect(url_for("intake.draft", call_id=call.id), 303)
        return page(refill(form, actor, call), call=call, stored=call)
    if request.form.get("intent") == KEEP:
        return _keep(form, actor)
    return _correct(form, actor, call)


def page(
    form: CallForm,
    *,
    call: Call | None = None,
    stored: Call | None = None,
    restored: bool = False,
    other: dict[str, Any] | None = None,
) -> str:
    """Return the call screen. ``other``: what another window saved meanwhile, field by field.

    ``stored`` is the call as it is shown: the page tells by it whether the browser's own copy is older.
    """
    return render_template(
        "intake/call.html",
        **shown(form),
        call=call,
        stored=stored,
        copy_keys=_copy_keys(form),
        restored=restored,
        other=[] if other is None else _readable(form, other),
        steps=_steps(parsed_id(form.draft.data)),
        alert=_alert(parsed_id(form.draft.data)),
        urls=_addresses(form, call),
        tried=(),
    )


def shown(form: CallForm) -> dict[str, Any]:
    """Return what the call screen shows of a form, whether a real call or a practice call stands in it."""
    # Whether these must be answered depends on other answers, so only their labels say it, and no validator.
    form.summary.flags.required = form.division.flags.required = True
    risk = form.risk.data if form.risk.data in set(Risk) else None
    return {
        "form": form,
        "is_high": is_high_risk(suggested_level(Risk(risk))) if risk else False,
        "gauge": gauge_text(form.codes()) if risk else "",
        "step_reasons": list(STEP_REASON_NAMES.items()),
        "ask_after": current_app.extensions["casework.settings"].risk_prompt_minutes,
        "started_at": form.begun() or clock.now(),
        "resources": _resources(form),
        "plan_steps": PLAN_STEPS,
        "find_topics": options.catalogue().search.get(OptionList.TOPIC, {}),
    }


def _addresses(form: CallForm, call: Call | None) -> dict[str, str]:
    """Return where the page sends what; a practice call has addresses of its own."""
    draft = form.draft.data
    found = {
        "form": url_for("intake.correct", call_id=call.id) if call else url_for("intake.new_call"),
        "page": "" if call else url_for("intake.new_call", draft=draft),
        "repeat": url_for("intake.repeat"),
    }
    if not draft:
        return found | dict.fromkeys(("draft", "help", "cancel", "state"), "")
    return found | {
        "draft": url_for("intake.save_draft", call_id=draft),
        "help": url_for("intake.call_for_help", call_id=draft),
        "cancel": url_for("intake.cancel_help", call_id=draft),
        "state": url_for("intake.alert_state", call_id=draft),
    }


def _steps(call_id: UUID | None) -> list[StepLine]:
    """Return the steps of the call on the screen; opened, and a read event, only when some detail was written."""
    call = None if call_id is None else queries.find_own(current_actor(), call_id)
    return step_lines({} if call is None else queries.open_steps(current_actor(), call))


def _alert(call_id: UUID | None) -> dict[str, Any]:
    call = None if call_id is None else queries.find_own(current_actor(), call_id)
    return alert_facts(None if call is None else queries.latest_alert(call.id))


def _resources(form: CallForm) -> list[tuple[Resource, Any, bool]]:
    """Return the resources that can be told, each with its box and whether nobody has verified it lately."""
    boxes = {str(box.data): box for box in form.told}
    offered = [row for row in form.resources if str(row.id) in boxes]
    return [(row, boxes[str(row.id)], is_stale(row.verified_on, clock.today())) for row in offered]


def refill(form: CallForm, actor: Actor, call: Call) -> CallForm:
    """Fill the form with what a call says, or with what was typed about it and not saved; both are read events."""
    if call.sealed_draft is not None:
        form.restore(queries.open_draft(actor, call))
    else:
        opened = queries.open_call(actor, call, part="correct")
        form.fill(queries.codes_of(call), opened.words, call.line_id)
    return continue_draft(form, call)


def version_of(actor: Actor, call: Call) -> dict[str, Any]:
    """Return what a call says at present, field by field: what was typed last, or else what was saved for good."""
    typed = queries.open_draft(actor, call) if call.sealed_draft is not None else {}
    if typed or call.status != CallStatus.FINISHED:
        return typed
    saved = call_form(actor, service.require_open_desk(actor, begun=True))
    saved.fill(queries.codes_of(call), queries.open_call(actor, call).words, call.line_id)
    return {name: saved[name].data for name in CONTENT}


def continue_draft(form: CallForm, call: Call) -> CallForm:
    """Let the form continue a stored call, as a page of its own."""
    form.draft.data, form.rev.data, form.writer.data = str(call.id), str(call.rev), page_name()
    form.started_at.data = call.started_at.isoformat(timespec="seconds")
    return form


def _is_begun(actor: Actor) -> bool:
    """Return whether the page goes on with a call of one's own: it is sent even when being let to calls has ended."""
    named = parsed_id(request.values.get("draft"))
    call = None if named is None else queries.find_call(named)
    return call is not None and call.author_id == actor.account_id


def _begin(form: CallForm, actor: Actor, subproject: Subproject) -> ResponseReturnValue:
    """Show an empty form. The address may name the draft, so that coming back, reloading or a crash finds it again.

    Or it names a call that was taken from the desk, whose draft has the same id.
    """
    named, ringing = parsed_id(request.args.get("draft")), parsed_id(request.args.get("ringing"))
    known = named or ringing
    if known is not None:
        with suppress(NotFound):
            return redirect(url_for("intake.draft", call_id=queries.get_own(actor, known).id), 303)
    form = fresh(form, actor, subproject, named)
    return page(form if ringing is None else from_ringing(form, ringing, actor))


def _copy_keys(form: CallForm) -> str:
    call_id = parsed_id(form.draft.data)
    return "" if call_id is None else " ".join(queries.copy_keys(current_actor(), call_id))


def _keep(form: CallForm, actor: Actor) -> ResponseReturnValue:
    """Store what was typed, right or not; the page shows it again."""
    key = draft_key(form)
    if key is None:
        raise NotFound(_("找不到这份草稿。"))
    try:
        call = service.save_draft(
            key,
            form.content(),
            actor=actor,
            notes=notes_in(request.form),
            line_id=form.line_id(),
            started_at=form.begun(),
        )
    except Conflict as error:
        form.refuse(error)
        return answer_again(lambda: _with_other(form, actor, key.call_id), error.status)
    flash(_("草稿已保存，还没有成为来电记录。"))
    return redirect(url_for("intake.draft", call_id=call.id), 303)


def _send(form: CallForm, actor: Actor, intent: str) -> ResponseReturnValue:
    if intent == TO_CASE:
        form.outcome.data = str(Outcome.TO_CASE)
    key, status = draft_key(form), UNPROCESSABLE
    if form.complete(clock.today()) and key is not None:
        try:
            call = service.finish(
                key, form.codes(), form.words(), actor=actor, line_id=form.line_id(), started_at=form.begun()
            )
            service.keep_notes(call, notes_in(request.form), actor=actor)
        except (Invalid, Conflict) as error:
            form.refuse(error)
            status = error.status
        else:
            return _saved(call, form)
    if status == CONFLICT and key is not None:
        return answer_again(lambda: _with_other(form, actor, key.call_id), status)
    return answer_again(lambda: page(form), status)


def _correct(form: CallForm, actor: Actor, call: Call) -> ResponseReturnValue:
    key, status = draft_key(form), UNPROCESSABLE
    call_id = call.id
    if form.complete(clock.today()) and key is not None and key.call_id == call_id:
        try:
            service.correct(key, form.codes(), form.words(), actor=actor, line_id=form.line_id())
            service.keep_notes(call, notes_in(request.form), actor=actor)
        except (Invalid, Conflict) as error:
            form.refuse(error)
            status = error.status
        else:
            flash(_("已更正，原来的内容保留。"))
            return redirect(url_for("intake.show", call_id=call_id), 303)
    if status == CONFLICT:
        return answer_again(lambda: _with_other(form, actor, call_id), status)
    return answer_again(lambda: page(form, call=queries.get_own(actor, call_id)), status)


def _saved(call: Call, form: CallForm) -> Response:
    missing = queries.with_missing_steps([call])
    flash(_("已保存。督导会在督导台看到这通来电。") if call.triage_state == TriageState.WAITING else _("已保存。"))
    if holds_id_number(form.summary.data or ""):
        flash(_("摘要里有身份证号码。这里不需要证件号，请打开来电更正删去。"), "warning")
    if missing:
        flash(_("高危来电还有步骤没有记录，请现在补上，或说明没有做的原因。"), "warning")
        return redirect(url_for("intake.show", call_id=call.id) + "#steps-record", 303)
    return redirect(url_for("intake.desk"), 303)


def _with_other(form: CallForm, actor: Actor, call_id: UUID) -> str:
    """Return the page with both versions: what was typed here stays in the form, the other one stands beside it."""
    call = queries.get_own(actor, call_id)
    other = version_of(actor, call)
    # Pressing the button again is an explicit choice for what stands in the form.
    form.rev.data = str(call.rev)
    return page(form, call=call if call.status == CallStatus.FINISHED else None, other=other)


def _readable(form: CallForm, other: dict[str, Any]) -> list[tuple[str, str]]:
    """Return label and words of each answer that differs from the form."""
    found = []
    for name in CONTENT:
        theirs, ours = other.get(name), form[name].data
        listed = theirs if isinstance(theirs, list) else [theirs]
        same = {str(each) for each in listed if each not in (None, "")}
        mine = {str(each) for each in (ours if isinstance(ours, list) else [ours]) if each not in (None, "")}
        if same != mine:
            found.append((str(form[name].label.text), _labels(form, name, listed) or _("未填写")))
    return found


def _labels(form: CallForm, name: str, values: list[Any]) -> str:
    field = form[name]
    names = {}
    if isinstance(field, (SelectField, SelectMultipleField)):
        names = {str(value): str(label) for value, label, *_rest in field.iter_choices()}
    return "、".join(names.get(str(each), str(each)) for each in values if each not in (None, ""))
