"""The volunteer's home: start a call, log one with a press, go on with what is unfinished."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from casework.core import clock
from casework.core.errors import Invalid
from casework.core.ids import new_id
from casework.intake import queries, service
from casework.intake.forms import QuickForm
from casework.intake.forms.call import parsed_id
from casework.intake.rules import is_incomplete
from casework.intake.service.quick import UNDO_FOR
from casework.intake.types import BRIEF_NAMES, MOST_TRIES, Brief
from casework.intake.types import KIND_NAMES as FOLLOWUP_NAMES
from casework.intake.types.readiness import PRACTICES, READY_STEP_NAMES
from casework.intake.views.base import blueprint, lines_of, shown_ringing
from casework.options import queries as options
from casework.options.types import OptionList
from casework.people import queries as people
from casework.security.guard import current_actor, permitted
from casework.security.permissions import Permission
from casework.security.roles import Reach

if TYPE_CHECKING:
    from uuid import UUID

    from flask.typing import ResponseReturnValue

    from casework.security.actor import Actor


@blueprint.get("/calls")
@permitted(Permission.CALLS_CALL_LOG)
def desk() -> str:
    """Show where the shift's work stands. Of earlier calls only their number is left."""
    actor = current_actor()
    shift = queries.list_shift(actor, request.args.get("cursor"))
    handovers = queries.list_to_confirm(actor)
    return render_template(
        "intake/desk.html",
        ringing=shown_ringing(actor),
        standing=queries.own_standing(actor),
        step_names=READY_STEP_NAMES,
        practices=PRACTICES,
        quick=_quick_form(actor),
        briefs=list(BRIEF_NAMES.items()),
        undoable=queries.latest_brief(actor, clock.now() - UNDO_FOR),
        brief_names=BRIEF_NAMES,
        drafts=queries.list_unfinished(actor),
        shift=shift,
        incomplete={call.id for call in shift.items if is_incomplete(queries.codes_of(call))}
        | queries.with_missing_steps(shift.items),
        total=queries.count_mine(actor),
        feedback=queries.list_feedback(actor),
        returned=queries.returned_calls(actor),
        call_types=options.names(OptionList.CALL_TYPE),
        topics=options.names(OptionList.TOPIC),
        outcomes=options.names(OptionList.OUTCOME),
        lines=dict(lines_of(actor)),
        followups=queries.list_my_due(actor),
        followup_kinds=FOLLOWUP_NAMES,
        most_tries=MOST_TRIES,
        handovers=handovers,
        may_plan=actor.reach(Permission.CLIENTS_PLAN_WRITE) is not Reach.NONE,
        outgoing=people.names_of({each.outgoing_id for each in handovers}),
        now=clock.now(),
    )


@blueprint.post("/calls/quick")
@permitted(Permission.CALLS_CALL_LOG)
def quick() -> ResponseReturnValue:
    """Log a call that needs no form."""
    actor = current_actor()
    brief = QuickForm.brief_of(request.form.get("brief", ""))
    if brief is None:
        raise Invalid(_("请选择来电是哪一种。"))
    service.log_brief(brief, new_id(), actor=actor, line_id=parsed_id(request.form.get("line")))
    return redirect(url_for("intake.desk"), 303)


@blueprint.post("/calls/<uuid:call_id>/undo")
@permitted(Permission.CALLS_CALL_LOG)
def undo(call_id: UUID) -> ResponseReturnValue:
    """Take a press back."""
    call = service.undo(call_id, actor=current_actor())
    flash(_("已撤销“%(what)s”。", what=BRIEF_NAMES[Brief(str(call.brief))]))
    return redirect(url_for("intake.desk"), 303)


def _quick_form(actor: Actor) -> QuickForm:
    form = QuickForm(formdata=None)
    form.offer(lines_of(actor), queries.last_line(actor))
    return form
