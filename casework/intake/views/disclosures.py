"""What was told to others: recorded from the call, reviewed by month."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from casework.core import clock
from casework.core.errors import Conflict, Invalid, NotFound
from casework.intake import queries, service
from casework.intake.forms import DisclosureForm, ToldForm
from casework.intake.types import (
    CLAUSES,
    CONSULTED_NAMES,
    GROUND_NAMES,
    NOT_TOLD_NAMES,
    RECEIVER_NAMES,
    TOLD_NAMES,
)
from casework.intake.views.base import UNPROCESSABLE, answer_again, blueprint
from casework.people import queries as people
from casework.security.guard import current_actor, permitted
from casework.security.permissions import Permission
from casework.security.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from flask.typing import ResponseReturnValue

    from casework.intake.models import Call, Disclosure
    from casework.security.actor import Actor

MONTH_FORMAT = "%Y-%m"


@blueprint.route("/calls/<uuid:call_id>/disclosures", methods=["GET", "POST"])
@permitted(Permission.CALLS_CALL_READ)
def disclose(call_id: UUID) -> ResponseReturnValue:
    """Record what was told to whom about a call, and by which exception."""
    actor = current_actor()
    call = queries.get_call(actor, call_id)
    if not service.may_disclose(call, actor):
        raise NotFound(_("找不到这通来电，或它不在你的工作范围内。"))
    form = DisclosureForm()
    form.offer(_supervisors(actor))
    if request.method == "GET":
        return _form(call, form)
    if not form.validate():
        return answer_again(lambda: _form(queries.get_call(actor, call_id), form), UNPROCESSABLE)
    try:
        service.record_disclosure(call, form.disclosed(), actor=actor)
    except Invalid as error:
        form.refuse(error)
        return answer_again(lambda: _form(queries.get_call(actor, call_id), form), error.status)
    flash(_("已登记对外披露。"))
    return redirect(url_for("intake.show", call_id=call_id), 303)


@blueprint.get("/calls/disclosures")
@permitted(Permission.DISCLOSURES_REPORT_DECIDE)
def disclosures() -> str:
    """Show the disclosures of a month, and those the person has not been told of."""
    return _list(current_actor())


@blueprint.post("/calls/disclosures/<uuid:disclosure_id>/told")
@permitted(Permission.DISCLOSURES_REPORT_DECIDE)
def disclosure_told(disclosure_id: UUID) -> ResponseReturnValue:
    """Note that the person was told."""
    actor, form = current_actor(), ToldForm()
    row = queries.get_disclosure(actor, disclosure_id)
    try:
        if form.validate():
            service.note_told(row, form.moment(), actor=actor)
            flash(_("已登记事后告知。"))
            return redirect(url_for("intake.disclosures"), 303)
    except (Invalid, Conflict) as error:
        form.refuse(error)
        return answer_again(lambda: _list(actor, {disclosure_id: form}), error.status)
    return answer_again(lambda: _list(actor, {disclosure_id: form}), UNPROCESSABLE)


def names_of_disclosures() -> dict[str, Any]:
    """Return how the codes of a disclosure are called, for every page that shows one."""
    return {
        "grounds": GROUND_NAMES,
        "receivers": RECEIVER_NAMES,
        "told_names": TOLD_NAMES,
        "consulted_names": CONSULTED_NAMES,
        "not_told_names": NOT_TOLD_NAMES,
    }


def people_of_disclosures(rows: Iterable[Disclosure]) -> dict[UUID, str]:
    """Return the names of whoever recorded these, was asked, or told the person."""
    involved = {each for row in rows for each in (row.recorded_by, row.consulted_id, row.told_by)}
    return people.names_of(each for each in involved if each is not None)


def _form(call: Call, form: DisclosureForm) -> str:
    return render_template("intake/disclose.html", call=call, form=form, clauses=CLAUSES, grounds=GROUND_NAMES)


def _list(actor: Actor, refused: dict[UUID, ToldForm] | None = None) -> str:
    month = _month()
    found, untold = queries.list_disclosures(actor, month, request.args.get("cursor")), queries.list_untold(actor)
    return render_template(
        "intake/disclosures.html",
        page=found,
        untold=untold,
        month=month.strftime(MONTH_FORMAT),
        forms={row.id: ToldForm(formdata=None) for row in untold} | (refused or {}),
        refused=[form for form in (refused or {}).values() if form.errors or form.form_errors],
        names=people_of_disclosures([*found.items, *untold]),
        **names_of_disclosures(),
    )


def _month() -> date:
    """Return the first day of the month that was asked for, this month otherwise."""
    with suppress(ValueError):
        return datetime.strptime(request.args.get("month", ""), MONTH_FORMAT).date()  # noqa: DTZ007 - a month has no zone
    return clock.today().replace(day=1)


def _supervisors(actor: Actor) -> list[tuple[UUID, str]]:
    ids = people.holders_of_role(Role.SUPERVISOR, actor.subproject_id)
    names = people.names_of(ids)
    return [(each, names[each]) for each in ids]
