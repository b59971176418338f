"""Follow-up calls: what is due, what was said before, and what came of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from casework.clients.rules import mask, mask_name
from casework.core import clock
from casework.core.errors import Conflict, Invalid
from casework.intake import queries, service
from casework.intake.forms import CancelForm, ContactForm, HandForm, MoveForm
from casework.intake.rules import next_try
from casework.intake.types import (
    KIND_NAMES,
    MOST_TRIES,
    OUTCOME_NAMES,
    PENDING,
    RISK_NAMES,
    STATE_NAMES,
    TOPIC_NAMES,
    FollowupKind,
    FollowupState,
    TriageState,
)
from casework.intake.views.base import UNPROCESSABLE, answer_again, blueprint
from casework.intake.views.keeping import kept
from casework.people import queries as people
from casework.security.guard import current_actor, permitted
from casework.security.permissions import Permission

if TYPE_CHECKING:
    from typing import Any
    from uuid import UUID

    from flask.typing import ResponseReturnValue
    from werkzeug.wrappers import Response

    from casework.intake.models import Followup
    from casework.security.actor import Actor

LATER, LOST = "later", "lost"


@blueprint.get("/calls/follow-ups")
@permitted(Permission.CALLS_CALL_READ)
def followups() -> str:
    """Show what is due, the earliest first; nothing that anybody said."""
    actor = current_actor()
    show, cursor = request.args.get("show", ""), request.args.get("cursor")
    found = queries.list_lost(actor, cursor) if show == LOST else queries.list_due(actor, cursor, later=show == LATER)
    return render_template(
        "intake/followups.html",
        page=found,
        show=show if show in {LATER, LOST} else "",
        due=queries.count_due(actor),
        calls=queries.calls_of_followups(found.items),
        names=people.names_of({each.assignee_id for each in found.items if each.assignee_id is not None}),
        kept=kept(actor),
        **_words(),
    )


@blueprint.get("/calls/follow-ups/<uuid:followup_id>")
@permitted(Permission.CALLS_CALL_READ)
def followup(followup_id: UUID) -> str:
    """Show one, with what was said before: each contact leaves call.read."""
    actor = current_actor()
    return _page(actor, queries.get_followup(actor, followup_id))


@blueprint.post("/calls/follow-ups/<uuid:followup_id>/reached")
@permitted(Permission.CALLS_CALL_READ)
def followup_reached(followup_id: UUID) -> ResponseReturnValue:
    """Record that the person was reached."""
    actor = current_actor()
    found, form = queries.get_followup(actor, followup_id), ContactForm()
    codes = service.codes_after(next(iter(queries.calls_of_followups([found]).values()), None), form.answers())
    gaps = service.contact_problems(codes, form.answers().summary)
    if not form.complete(gaps, asks_type=found.kind == FollowupKind.MISSED):
        return answer_again(lambda: _page(actor, queries.get_followup(actor, followup_id), form), UNPROCESSABLE)
    try:
        call = service.record_contact(found, form.answers(), actor=actor)
    except Conflict as error:
        return _over(error, form)
    flash(_("已记录。督导会在督导台看到。") if call.triage_state == TriageState.WAITING else _("已记录，回访完成。"))
    return redirect(url_for("intake.followups"), 303)


@blueprint.post("/calls/follow-ups/<uuid:followup_id>/tried")
@permitted(Permission.CALLS_CALL_READ)
def followup_tried(followup_id: UUID) -> ResponseReturnValue:
    """Note that nobody answered."""
    actor = current_actor()
    try:
        row = service.try_followup(queries.get_followup(actor, followup_id), actor=actor)
    except Conflict as error:
        return _over(error)
    if row.state == FollowupState.LOST:
        flash(_("已登记第 %(n)s 天未接通，按联系不上处理，督导会看到。", n=row.tries), "warning")
        return redirect(url_for("intake.followups"), 303)
    flash(_("已登记未接通（%(n)s/%(most)s）。次数按天计，建议改到明天再打。", n=row.tries, most=MOST_TRIES))
    return redirect(url_for("intake.followup", followup_id=followup_id), 303)


@blueprint.post("/calls/follow-ups/<uuid:followup_id>/moved")
@permitted(Permission.CALLS_CALL_READ)
def followup_moved(followup_id: UUID) -> ResponseReturnValue:
    """Put it on another day."""
    actor, form = current_actor(), MoveForm()
    found = queries.get_followup(actor, followup_id)
    try:
        if form.validate() and form.day.data is not None:
            service.move_followup(found, form.day.data, actor=actor)
            flash(_("已改期。"))
            return redirect(url_for("intake.followups"), 303)
    except Invalid as error:
        form.refuse(error)
    except Conflict as error:
        return _over(error)
    return _again(actor, followup_id, move=form)


@blueprint.post("/calls/follow-ups/<uuid:followup_id>/handed")
@permitted(Permission.CALLS_CALL_READ)
def followup_handed(followup_id: UUID) -> ResponseReturnValue:
    """Give it to a colleague, or back to the supervisors."""
    actor = current_actor()
    found = queries.get_followup(actor, followup_id)
    form = HandForm().offer(service.may_take(found, actor))
    try:
        if form.validate():
            service.hand_followup(found, form.receiver(), actor=actor)
            flash(_("已转交。"))
            return redirect(url_for("intake.followups"), 303)
    except Conflict as error:
        return _over(error)
    return _again(actor, followup_id, hand=form)


@blueprint.post("/calls/follow-ups/<uuid:followup_id>/cancelled")
@permitted(Permission.CALLS_CALL_READ)
def followup_cancelled(followup_id: UUID) -> ResponseReturnValue:
    """Decide that it is not made."""
    actor, form = current_actor(), CancelForm().offer()
    found = queries.get_followup(actor, followup_id)
    try:
        if form.validate():
            service.cancel_followup(found, form.cancel_reason(), actor=actor)
            flash(_("已取消回访。"))
            return redirect(url_for("intake.followups"), 303)
    except Conflict as error:
        return _over(error)
    return _again(actor, followup_id, cancel=form)


@blueprint.post("/calls/follow-ups/<uuid:followup_id>/number")
@permitted(Permission.CALLS_CALL_READ)
def followup_number(followup_id: UUID) -> ResponseReturnValue:
    """Show the number in full, once, on this answer; leaves number.unmasked."""
    actor = current_actor()
    found = queries.get_followup(actor, followup_id)
    try:
        number = service.reveal_number(found, actor=actor)
    except Conflict as error:
        return _over(error)
    return render_template("intake/followup_number.html", followup=found, number=number)


def _again(actor: Actor, followup_id: UUID, **forms: Any) -> ResponseReturnValue:  # noqa: ANN401 - forms by name
    return answer_again(lambda: _page(actor, queries.get_followup(actor, followup_id), **forms), UNPROCESSABLE)


def _page(
    actor: Actor,
    found: Followup,
    form: ContactForm | None = None,
    *,
    move: MoveForm | None = None,
    hand: HandForm | None = None,
    cancel: CancelForm | None = None,
) -> str:
    is_pending = found.state in PENDING
    call = next(iter(queries.calls_of_followups([found]).values()), None)
    may_open = is_pending and queries.can_open_followup(actor, found)
    contacts = queries.open_followup(actor, found).contacts if may_open else []
    latest = contacts[0].words if contacts else None
    form = form or ContactForm(formdata=None)
    # In an emergency it need not be written at once, so only its label says that it is asked for.
    form.summary.flags.required = True
    return render_template(
        "intake/followup.html",
        followup=found,
        is_pending=is_pending,
        may_show_call=call is not None and queries.may_read(actor, call),
        may_open=may_open,
        contacts=contacts,
        alias=mask_name(latest.caller_name) if latest else "",
        phone=mask(latest.caller_phone) if latest else "",
        ending=service.ending_of(found),
        form=form,
        move=move or MoveForm(formdata=None).suggest(max(clock.local_day(found.due_at), next_try(clock.today()))),
        hand=hand or HandForm(formdata=None).offer(service.may_take(found, actor)),
        cancel=cancel or CancelForm(formdata=None).offer(),
        days=[clock.today() + timedelta(days=days) for days in (1, 7, 30)],
        names=people.names_of(_people_of(found, contacts)),
        **_words(),
    )


def _people_of(found: Followup, contacts: list[queries.OpenedCall]) -> set[UUID]:
    involved = {each.call.author_id for each in contacts}
    return involved if found.assignee_id is None else involved | {found.assignee_id}


def _words() -> dict[str, Any]:
    return {
        "kinds": KIND_NAMES,
        "states": STATE_NAMES,
        "risks": RISK_NAMES,
        "outcomes": OUTCOME_NAMES,
        "topics": TOPIC_NAMES,
        "most_tries": MOST_TRIES,
        "now": clock.now(),
    }


def _over(error: Conflict, form: ContactForm | None = None) -> Response:
    """Say who was faster; what was typed meanwhile is shown once more, to be copied."""
    message, typed = str(error.message), "" if form is None else form.summary.data or ""
    return answer_again(
        lambda: render_template("intake/followup_over.html", message=message, typed=typed), error.status
    )
