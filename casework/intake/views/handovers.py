"""Shift handover: filled from what is open, signed by who leaves, confirmed by who comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from casework.core import clock
from casework.core.errors import Conflict, Invalid
from casework.intake import queries, service
from casework.intake.forms import HandoverForm
from casework.intake.types import KIND_NAMES, MOST_TRIES, STATE_NAMES
from casework.intake.views.base import UNPROCESSABLE, answer_again, blueprint
from casework.people import queries as people
from casework.security.guard import current_actor, permitted
from casework.security.permissions import Permission
from casework.security.roles import Reach

if TYPE_CHECKING:
    from uuid import UUID

    from flask.typing import ResponseReturnValue

    from casework.security.actor import Actor


@blueprint.get("/calls/handover")
@permitted(Permission.CALLS_CALL_READ)
def handover() -> str:
    """Show what is open now, and the handovers of today."""
    return _page(current_actor())


@blueprint.post("/calls/handover")
@permitted(Permission.CALLS_CALL_LOG)
def sign_handover() -> ResponseReturnValue:
    """Sign, and give the desk to somebody."""
    actor, form = current_actor(), HandoverForm()
    form.offer(service.may_come_in(actor))
    incoming = form.incoming_id() if form.validate() else None
    if incoming is None:
        return answer_again(lambda: _page(actor, form), UNPROCESSABLE)
    try:
        row = service.sign_handover(incoming, form.note.data or "", actor=actor)
    except Invalid as error:
        form.refuse(error)
        return answer_again(lambda: _page(actor, form), error.status)
    flash(_("已签署交班，等待%(who)s确认。", who=people.names_of([incoming]).get(incoming, "")))
    return redirect(url_for("intake.show_handover", handover_id=row.id), 303)


@blueprint.get("/calls/handover/<uuid:handover_id>")
@permitted(Permission.CALLS_CALL_READ)
def show_handover(handover_id: UUID) -> str:
    """Show one: what was open then, as it stands now; its note leaves handover.read."""
    actor = current_actor()
    row = queries.get_handover(actor, handover_id)
    items = queries.items_of(row)
    now = queries.items_now(items)
    return render_template(
        "intake/handover_show.html",
        row=row,
        items=items,
        open=now,
        note=queries.open_note(actor, row),
        names=people.names_of({row.outgoing_id, row.incoming_id} | _people_of(now)),
        is_mine=row.incoming_id == actor.account_id,
        kinds=KIND_NAMES,
        states=STATE_NAMES,
        most_tries=MOST_TRIES,
    )


@blueprint.post("/calls/handover/<uuid:handover_id>/confirm")
@permitted(Permission.CALLS_CALL_READ)
def confirm_handover(handover_id: UUID) -> ResponseReturnValue:
    """Confirm with one press."""
    actor = current_actor()
    row = queries.get_handover(actor, handover_id)
    try:
        service.confirm_handover(row, actor=actor)
    except Conflict as error:
        flash(str(error.message), "warning")
    else:
        flash(_("已确认接班。"))
    return redirect(url_for("intake.show_handover", handover_id=handover_id), 303)


def _page(actor: Actor, form: HandoverForm | None = None) -> str:
    takes_calls = actor.reach(Permission.CALLS_CALL_LOG) is not Reach.NONE
    if form is None:
        form = HandoverForm(formdata=None)
        form.offer(service.may_come_in(actor))
    items = queries.open_items(actor)
    now = queries.items_now(items)
    rows = queries.list_handovers(actor, clock.today())
    involved = {each for row in rows for each in (row.outgoing_id, row.incoming_id)}
    return render_template(
        "intake/handover.html",
        form=form if takes_calls else None,
        items=items,
        open=now,
        rows=rows,
        names=people.names_of(involved | _people_of(now)),
        kinds=KIND_NAMES,
        states=STATE_NAMES,
        most_tries=MOST_TRIES,
    )


def _people_of(now: queries.ItemsNow) -> set[UUID]:
    return {call.author_id for call in now.calls} | {
        each.assignee_id for each in now.followups if each.assignee_id is not None
    }
