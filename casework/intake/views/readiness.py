"""Who is let to real calls: the supervisor's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from casework.core.errors import Invalid, NotFound
from casework.intake import queries, service
from casework.intake.types.readiness import CHECKLIST, CONFIRMED, READY_STEP_NAMES, ReadyStep
from casework.intake.views.base import blueprint
from casework.people import queries as people
from casework.security.guard import current_actor, permitted
from casework.security.permissions import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from flask.typing import ResponseReturnValue


@blueprint.get("/calls/readiness")
@permitted(Permission.CALLS_READINESS_CONFIRM)
def readiness() -> str:
    """Show the volunteers of the sub-project with every step of the checklist."""
    standings = queries.list_standings(current_actor())
    return render_template(
        "intake/readiness.html",
        standings=standings,
        names=people.names_of(each.account_id for each in standings),
        step_names=READY_STEP_NAMES,
        confirmed=CONFIRMED,
        version=CHECKLIST.version,
    )


@blueprint.post("/calls/readiness/<uuid:account_id>/steps/<code>")
@permitted(Permission.CALLS_READINESS_CONFIRM)
def confirm_ready_step(account_id: UUID, code: str) -> ResponseReturnValue:
    """Confirm a step once, or withdraw the last confirmation."""
    if code not in set(ReadyStep):
        raise NotFound(_("找不到这个步骤。"))
    step, state = ReadyStep(code), request.form.get("state", "")
    if state == "done":
        service.confirm_step(account_id, step, actor=current_actor())
        flash(_("已确认“%(step)s”。", step=READY_STEP_NAMES[step]))
    elif state == "open":
        service.withdraw_step(account_id, step, actor=current_actor())
        flash(_("已撤回“%(step)s”的确认。", step=READY_STEP_NAMES[step]))
    else:
        raise Invalid(_("提交的内容不完整。"))
    return redirect(url_for("intake.readiness"), 303)


@blueprint.post("/calls/readiness/<uuid:account_id>/admission")
@permitted(Permission.CALLS_READINESS_CONFIRM)
def admit_taker(account_id: UUID) -> ResponseReturnValue:
    """Let somebody to real calls, or end that."""
    state = request.form.get("state", "")
    if state == "admit":
        service.admit(account_id, actor=current_actor())
        flash(_("已准许接听真实来电。"))
    elif state == "end":
        service.end_admission(account_id, actor=current_actor())
        flash(_("已收回准许。"))
    else:
        raise Invalid(_("提交的内容不完整。"))
    return redirect(url_for("intake.readiness"), 303)
