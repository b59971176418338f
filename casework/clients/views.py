"""Pages of alert plans: the list, writing, approving, renewing, withdrawing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from casework.clients import queries, service
from casework.clients.forms import NewPlanForm, PlanForm, VersionForm, version_of
from casework.clients.rules import latest_end, may_approve, shown_state
from casework.clients.types import PLAN_STATE_NAMES, PlanState
from casework.core import clock
from casework.core.db import read_transaction
from casework.core.errors import CaseworkError, NotFound
from casework.people import queries as people
from casework.security.guard import current_actor, permitted
from casework.security.permissions import Permission
from casework.security.roles import Reach, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from flask.typing import ResponseReturnValue

    from casework.clients.models import AlertPlan
    from casework.security.actor import Actor

blueprint = Blueprint("clients", __name__)
SUBMIT = "submit"
# Ends soon enough to think of renewing it.
SOON = timedelta(days=14)
_REFUSED = 422


@blueprint.get("/clients/plans")
@permitted(Permission.CLIENTS_PLAN_WRITE)
def plans() -> str:
    """Show the plans within reach, those that end first before the others."""
    actor = current_actor()
    found = queries.list_plans(actor)
    today = clock.today()
    return render_template(
        "clients/plans.html",
        plans=found,
        states={plan.id: shown_state(PlanState(plan.state), plan.ends_on, today) for plan in found},
        state_names=PLAN_STATE_NAMES,
        persons=queries.masked_identities(actor, {plan.client_id for plan in found}),
        names=_names(found),
        soon=today + SOON,
    )


@blueprint.route("/clients/plans/new", methods=["GET", "POST"])
@permitted(Permission.CLIENTS_PLAN_WRITE)
def new_plan() -> ResponseReturnValue:
    """Write a plan for a number that is typed; the number stands in the body of the form alone."""
    actor = current_actor()
    form = NewPlanForm()
    if request.method == "GET":
        form.ends_on.data = latest_end(clock.today())
        return _form_page(form, actor, url_for("clients.new_plan"))
    valid, phone = form.validate(), form.canonical()
    if not valid or phone is None or actor.subproject_id is None:
        return _again(lambda: _form_page(form, actor, url_for("clients.new_plan")))
    client = service.identify(actor.subproject_id, name=form.name.data or "", phone=phone, actor=actor)
    plan = save_new(form, client.id, actor)
    if plan is None:
        return _again(lambda: _form_page(form, actor, url_for("clients.new_plan")))
    return redirect(url_for("clients.plan", plan_id=plan.id), 303)


@blueprint.get("/clients/plans/<uuid:plan_id>")
@permitted(Permission.CLIENTS_PLAN_WRITE)
def plan(plan_id: UUID) -> str:
    """Show a plan with everything that was decided about it; leaves plan.read."""
    actor = current_actor()
    found = queries.get_plan(actor, plan_id)
    state = shown_state(PlanState(found.state), found.ends_on, clock.today())
    is_approver = actor.reach(Permission.CLIENTS_PLAN_APPROVE) is not Reach.NONE
    version = VersionForm(formdata=None)
    version.version.data = str(found.revision)
    return render_template(
        "clients/plan.html",
        plan=found,
        text=queries.open_plan(actor, found),
        state=state,
        state_name=PLAN_STATE_NAMES[state],
        person=queries.masked_identities(actor, {found.client_id})[found.client_id],
        names=_names([found]),
        version=version,
        may_edit=found.author_id == actor.account_id and state in {PlanState.DRAFT, PlanState.WAITING},
        may_approve=is_approver and state is PlanState.WAITING and may_approve(found.author_id, actor.account_id),
        may_withdraw=is_approver or (found.author_id == actor.account_id and found.approved_at is None),
        is_approver=is_approver,
        is_alone=_is_alone(found.author_id, actor),
    )


@blueprint.route("/clients/plans/<uuid:plan_id>/edit", methods=["GET", "POST"])
@permitted(Permission.CLIENTS_PLAN_WRITE)
def edit_plan(plan_id: UUID) -> ResponseReturnValue:
    """Write a plan of one's own anew before it is approved."""
    actor = current_actor()
    found = queries.get_plan(actor, plan_id)
    form, action = PlanForm(), url_for("clients.edit_plan", plan_id=plan_id)
    if request.method == "GET":
        form.fill(queries.open_plan(actor, found, part="edit"), found.ends_on, found.revision)
        return _form_page(form, actor, action)
    if not form.validate():
        return _again(lambda: _form_page(form, actor, action))
    try:
        service.change_plan(
            found,
            form.text(),
            form.last_day(),
            version=version_of(form.version.data),
            actor=actor,
            submit=_is_submitted(),
        )
    except CaseworkError as error:
        form.refuse(error)
        return _again(lambda: _form_page(form, actor, action), error.status)
    return _saved(plan_id)


@blueprint.route("/clients/plans/<uuid:plan_id>/renew", methods=["GET", "POST"])
@permitted(Permission.CLIENTS_PLAN_WRITE)
def renew_plan(plan_id: UUID) -> ResponseReturnValue:
    """Write the next plan of the same person, beginning with the words of this one; it needs its own approval."""
    actor = current_actor()
    found = queries.get_plan(actor, plan_id)
    form, action = PlanForm(), url_for("clients.renew_plan", plan_id=plan_id)
    if request.method == "GET":
        form.fill(queries.open_plan(actor, found, part="renew"), latest_end(clock.today()))
        return _form_page(form, actor, action)
    renewed = save_new(form, found.client_id, actor) if form.validate() else None
    if renewed is None:
        return _again(lambda: _form_page(form, actor, action))
    return redirect(url_for("clients.plan", plan_id=renewed.id), 303)


@blueprint.post("/clients/plans/<uuid:plan_id>/approve")
@permitted(Permission.CLIENTS_PLAN_APPROVE)
def approve_plan(plan_id: UUID) -> ResponseReturnValue:
    """Let a plan hold, as it was read."""
    actor = current_actor()
    found = queries.get_plan(actor, plan_id)
    service.approve_plan(found, version=VersionForm().read_version(), actor=actor)
    flash(_("已批准。接线员在此号码来电时会看到这份预案。"))
    return redirect(url_for("clients.plan", plan_id=plan_id), 303)


@blueprint.post("/clients/plans/<uuid:plan_id>/return")
@permitted(Permission.CLIENTS_PLAN_APPROVE)
def return_plan(plan_id: UUID) -> ResponseReturnValue:
    """Give a plan back to its author."""
    actor = current_actor()
    found = queries.get_plan(actor, plan_id)
    service.return_plan(found, version=VersionForm().read_version(), actor=actor)
    flash(_("已退回起草人修改。"))
    return redirect(url_for("clients.plan", plan_id=plan_id), 303)


@blueprint.post("/clients/plans/<uuid:plan_id>/withdraw")
@permitted(Permission.CLIENTS_PLAN_WRITE)
def withdraw_plan(plan_id: UUID) -> ResponseReturnValue:
    """End a plan at once."""
    actor = current_actor()
    service.withdraw_plan(queries.get_plan(actor, plan_id), actor=actor)
    flash(_("已撤回。接线员从现在起看不到这份预案。"))
    return redirect(url_for("clients.plans"), 303)


@blueprint.post("/clients/plans/grant")
@permitted(Permission.CLIENTS_PLAN_APPROVE)
def grant_plans() -> ResponseReturnValue:
    """Give call-takers who joined later the plans that hold."""
    given = service.grant_missing(actor=current_actor())
    flash(_("已授权 %(n)s 份来电预案。", n=given))
    return redirect(url_for("vault.awaiting"), 303)


def save_new(form: PlanForm, client_id: UUID, actor: Actor) -> AlertPlan | None:
    """Store a valid form as a new plan; None, with the message in the form, when it was refused."""
    try:
        client = queries.get_client(client_id)
        made = service.write_plan(client, form.text(), form.last_day(), actor=actor, submit=_is_submitted())
    except NotFound:
        raise
    except CaseworkError as error:
        form.refuse(error)
        return None
    _say_saved()
    return made


def _saved(plan_id: UUID) -> ResponseReturnValue:
    _say_saved()
    return redirect(url_for("clients.plan", plan_id=plan_id), 303)


def _say_saved() -> None:
    flash(_("已提交，等待另一位督导审批。") if _is_submitted() else _("草稿已保存，还没有提交审批。"))


def _is_submitted() -> bool:
    return request.form.get("intent") == SUBMIT


def _form_page(form: PlanForm, actor: Actor, action: str) -> str:
    return render_template(
        "clients/plan_form.html", form=form, action=action, is_alone=_is_alone(actor.account_id, actor)
    )


def _is_alone(author_id: UUID, actor: Actor) -> bool:
    """Return whether nobody could approve what this author writes: no supervisor of the sub-project but them."""
    supervisors = people.holders_of_role(Role.SUPERVISOR, actor.subproject_id)
    return not [each for each in supervisors if may_approve(author_id, each)]


def _names(plans: Sequence[AlertPlan]) -> dict[UUID, str]:
    wanted = {each for plan in plans for each in (plan.author_id, plan.approver_id, plan.ended_by) if each is not None}
    return people.names_of(wanted)


def _again(render: Callable[[], str], status: int = _REFUSED) -> ResponseReturnValue:
    """Return the form after a refusal; nothing of the attempt is kept."""
    with read_transaction():
        return make_response(render(), status)
