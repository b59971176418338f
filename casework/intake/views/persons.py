"""From a call to the person: write an alert plan for its number, join it with another number, part them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from casework.clients import queries as clients
from casework.clients import service as persons
from casework.clients.forms import PlanForm
from casework.clients.rules import latest_end
from casework.clients.types import JOIN_REASON_NAMES, JoinReason
from casework.core import clock
from casework.core.errors import Conflict, Invalid, NotFound
from casework.intake import queries, service
from casework.intake.forms.persons import JoinForm
from casework.intake.views.base import UNPROCESSABLE, answer_again, blueprint, contacts_text
from casework.people import queries as people
from casework.security.guard import current_actor, permitted
from casework.security.permissions import Permission
from casework.security.roles import Role

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from flask.typing import ResponseReturnValue

    from casework.clients.models import NumberJoin
    from casework.intake.models import Call
    from casework.security.actor import Actor


@blueprint.route("/calls/<uuid:call_id>/plan", methods=["GET", "POST"])
@permitted(Permission.CLIENTS_PLAN_WRITE)
def plan_for_call(call_id: UUID) -> ResponseReturnValue:
    """Write an alert plan for the number of a call; the number is not shown."""
    actor = current_actor()
    call = queries.get_call(actor, call_id)
    form = PlanForm()
    if request.method == "GET":
        form.ends_on.data = latest_end(clock.today())
        return _plan_page(form, call, actor)
    if not form.validate():
        return answer_again(lambda: _plan_page(form, call, actor), UNPROCESSABLE)
    submitted = request.form.get("intent") == "submit"
    try:
        client = service.person_of_call(call, actor=actor)
        plan = persons.write_plan(client, form.text(), form.last_day(), actor=actor, submit=submitted)
    except Invalid as error:
        form.refuse(error)
        return answer_again(lambda: _plan_page(form, call, actor), error.status)
    flash(_("已提交，等待另一位督导审批。") if submitted else _("草稿已保存，还没有提交审批。"))
    return redirect(url_for("clients.plan", plan_id=plan.id), 303)


@blueprint.route("/calls/<uuid:call_id>/person", methods=["GET", "POST"])
@permitted(Permission.CLIENTS_NUMBER_JOIN)
def person(call_id: UUID) -> ResponseReturnValue:
    """Show which numbers are one person with the number of a call, and join another."""
    actor = current_actor()
    call = queries.get_call(actor, call_id)
    form = JoinForm()
    form.offer()
    if request.method == "GET":
        return _person_page(form, call, actor)
    if not form.validate():
        return answer_again(lambda: _person_page(form, call, actor), UNPROCESSABLE)
    try:
        other = _other(form, actor)
        if other:
            service.join_person(call, other, form.join_reason(), actor=actor)
    except (Conflict, Invalid, NotFound) as error:
        form.refuse(error)
        return answer_again(lambda: _person_page(form, call, actor), error.status)
    if not other:
        return answer_again(lambda: _person_page(form, call, actor), UNPROCESSABLE)
    flash(_("已合并为同一人。两个号码的来电记录都原样保留。"))
    return redirect(url_for("intake.person", call_id=call_id), 303)


@blueprint.post("/calls/<uuid:call_id>/person/<uuid:join_id>/part")
@permitted(Permission.CLIENTS_NUMBER_JOIN)
def part(call_id: UUID, join_id: UUID) -> ResponseReturnValue:
    """Part two numbers that were joined."""
    actor = current_actor()
    call = queries.get_call(actor, call_id)
    if join_id not in {join.id for join in _joins(call, actor)}:
        raise NotFound(_("找不到这次合并，可能已由其他督导拆分。"))
    persons.part_numbers(join_id, actor=actor)
    flash(_("已拆分，恢复为合并以前的样子。"))
    return redirect(url_for("intake.person", call_id=call_id), 303)


def _plan_page(form: PlanForm, call: Call, actor: Actor) -> str:
    supervisors = people.holders_of_role(Role.SUPERVISOR, actor.subproject_id)
    return render_template(
        "clients/plan_form.html",
        form=form,
        action=url_for("intake.plan_for_call", call_id=call.id),
        is_alone=not [each for each in supervisors if each != actor.account_id],
    )


def _person_page(form: JoinForm, call: Call, actor: Actor) -> str:
    joins = _joins(call, actor)
    own = [] if call.number_index is None else clients.indexes_like(call.number_index)
    before = clock.now()
    return render_template(
        "intake/person.html",
        call=call,
        form=form,
        joins=joins,
        histories={join.id: _histories(call, join, own) for join in joins},
        names=people.names_of({join.joined_by for join in joins}),
        reasons={join.id: JOIN_REASON_NAMES[JoinReason(join.reason)] for join in joins},
        together=contacts_text(queries.contacts_of(call.subproject_id, own, before)) if own else "",
    )


def _histories(call: Call, join: NumberJoin, own: Sequence[bytes]) -> list[str]:
    """Return in words what each half of a join says about calls; the number of this call is named as such."""
    said = []
    for half in (join.first_index, join.second_index):
        likes = clients.indexes_like(half)
        found = contacts_text(queries.contacts_of_number(call.subproject_id, likes, clock.now()))
        said.append(_("本通来电的号码：%(found)s", found=found) if set(likes) & set(own) else found)
    return said


def _joins(call: Call, actor: Actor) -> Sequence[NumberJoin]:
    return clients.joins_of(actor, [] if call.number_index is None else [call.number_index])


def _other(form: JoinForm, actor: Actor) -> list[bytes]:
    """Return the indexes of the other number; empty, with the message in the form, when there is none."""
    call_id = form.call_id()
    if call_id is None:
        phone = form.canonical()
        return [] if phone is None else clients.number_indexes(phone)
    other = queries.get_call(actor, call_id)
    if other.number_index is None:
        raise Invalid(_("那通来电没有号码，不能合并。"), field="other")
    return clients.indexes_like(other.number_index)
