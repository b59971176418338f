"""The supervisor's board: what is urgent, who takes it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from flask import current_app, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _

from casework.cases import queries as cases
from casework.core import clock
from casework.core.errors import Conflict, Invalid
from casework.intake import queries, service
from casework.intake.forms import AssignForm, SettleForm
from casework.intake.rules import is_high_risk
from casework.intake.types import Repeat
from casework.intake.views.alerts import alert_cards
from casework.intake.views.base import UNPROCESSABLE, answer_again, blueprint
from casework.options import queries as options
from casework.options.types import OptionList
from casework.people import queries as people
from casework.programme import queries as programme
from casework.security.guard import current_actor, permitted
from casework.security.permissions import Permission

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from casework.intake.models import Call
    from casework.security.actor import Actor


@dataclass(frozen=True, slots=True)
class Forms:
    """What a supervisor can do with one call."""

    assign: AssignForm
    settle: SettleForm


@blueprint.get("/triage")
@permitted(Permission.CALLS_CALL_ASSIGN)
def triage() -> str:
    """Show what waits: high risk first, then the longest waiting."""
    return _board(current_actor())


@blueprint.post("/triage/<uuid:call_id>/assign")
@permitted(Permission.CALLS_CALL_ASSIGN)
def assign_call(call_id: UUID) -> ResponseReturnValue:
    """Give a call to a counselor: a case is opened or joined, and the keys move."""
    actor = current_actor()
    call = queries.get_waiting(actor, call_id)
    form = _assign_form(actor)
    if not form.validate():
        return answer_again(lambda: _board(actor, {call_id: form}), UNPROCESSABLE)
    try:
        case = service.assign(call, UUID(form.counselor.data), actor=actor)
    except Invalid as error:
        form.refuse(error)
        return answer_again(lambda: _board(actor, {call_id: form}), error.status)
    except Conflict as error:
        return _stale(error, actor, call_id)
    names = people.names_of([UUID(form.counselor.data)])
    flash(_("已指派给%(who)s，个案 %(number)s。", who=next(iter(names.values()), ""), number=case.number))
    return redirect(url_for("intake.triage"), 303)


@blueprint.post("/triage/<uuid:call_id>/settle")
@permitted(Permission.CALLS_CALL_ASSIGN)
def settle_call(call_id: UUID) -> ResponseReturnValue:
    """Decide that a call becomes no case."""
    actor = current_actor()
    call = queries.get_waiting(actor, call_id)
    form = SettleForm()
    form.offer()
    if not form.validate():
        flash(_("请选择处理说明。"), "warning")
        return redirect(url_for("intake.show", call_id=call_id), 303)
    try:
        service.settle(call, form.settle_reason(), actor=actor)
    except Conflict as error:
        return _stale(error, actor, call_id)
    flash(_("已处理完毕，不转个案。"))
    return redirect(url_for("intake.triage"), 303)


@blueprint.get("/triage/new")
@permitted(Permission.CALLS_CALL_ASSIGN)
def triage_news() -> ResponseReturnValue:
    """Answer how many calls have begun to wait since the page was made (JSON); nothing is moved under anybody."""
    since = clock.now()
    with suppress(ValueError):
        asked = datetime.fromisoformat(request.args.get("since", ""))
        since = asked if asked.tzinfo is not None else since
    return jsonify(count=queries.newest_waiting(current_actor(), since))


def triage_forms(actor: Actor, call: Call) -> Forms:
    """Return the forms for one call."""
    settle = SettleForm(formdata=None)
    settle.offer()
    return Forms(_assign_form(actor, queries.known_cases([call]).get(call.id)), settle)


def _board(actor: Actor, refused: dict[UUID, AssignForm] | None = None) -> str:
    found = queries.list_waiting(actor, request.args.get("cursor"))
    known = queries.known_cases(found.items)
    forms = {call.id: _assign_form(actor, known.get(call.id)) for call in found.items} | (refused or {})
    return render_template(
        "intake/triage.html",
        page=found,
        board=queries.board(actor),
        overdue=queries.count_overdue(actor),
        unconfirmed=queries.count_unconfirmed(actor),
        forms=forms,
        known=known,
        refused=list((refused or {}).values()),
        authors=people.names_of({call.author_id for call in found.items}),
        lines={line.id: line.name for line in programme.list_all_lines(actor, actor.subproject_id)},
        call_types=options.names(OptionList.CALL_TYPE),
        topics=options.names(OptionList.TOPIC),
        outcomes=options.names(OptionList.OUTCOME),
        repeat=Repeat.REPEAT,
        is_high=is_high_risk,
        made_at=clock.now(),
        alerts=alert_cards(actor),
        push=current_app.extensions["casework.settings"].push_streams > 0,
    )


def _assign_form(actor: Actor, known: queries.Known | None = None) -> AssignForm:
    form = AssignForm()
    counselors = people.counselors_of(actor.subproject_id) if actor.subproject_id is not None else []
    loads = cases.caseload_of([each.account_id for each in counselors])
    form.offer(
        [
            (each.account_id, f"{each.display_name} ({loads[each.account_id]}/{each.caseload_limit})")
            for each in counselors
            if each.account_id != actor.account_id
        ]
    )
    if known is not None and known.counselor_id is not None and not form.is_submitted():
        form.counselor.data = str(known.counselor_id)
    return form


def _stale(error: Conflict, actor: Actor, call_id: UUID) -> ResponseReturnValue:
    message = str(error.message)

    def render() -> str:
        # Whoever still wants somebody else changes it where it stands: at the case.
        call = queries.get_waiting(actor, call_id)
        case = cases.get_case_by_id(actor, call.case_id) if call.case_id is not None else None
        return render_template("intake/stale.html", message=message, case=case)

    return answer_again(render, error.status)
