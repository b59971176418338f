"""The list of cases, and above it what a counselor should look at today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import render_template, request
from flask_babel import lazy_gettext as _l

from casework.cases import queries
from casework.cases.forms import ENDED, HIGH, NOBODY, OPEN, FilterForm
from casework.cases.types import STAGE_NAMES, CaseFilters, Stage
from casework.cases.views.base import blueprint
from casework.clients import queries as clients
from casework.options import queries as options
from casework.options.types import OptionList
from casework.people import queries as people
from casework.security.guard import current_actor, permitted
from casework.security.permissions import Permission
from casework.security.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from flask_babel import LazyString

    from casework.cases.models import Case
    from casework.security.actor import Actor

ATTENTION: Final = 5
# Words of a view -> the address that is the view; the first whose arguments are those of the page is the current one.
_SAVED: Final[dict[Role, list[tuple[LazyString, dict[str, str]]]]] = {
    Role.COUNSELOR: [
        (_l("我的"), {}),
        (_l("高危"), {"risk": HIGH}),
        (_l("待结案"), {"stage": str(Stage.EVALUATING)}),
    ],
    Role.SUPERVISOR: [
        (_l("在办"), {}),
        (_l("高危"), {"risk": HIGH}),
        (_l("尚未指派"), {"counselor": NOBODY}),
        (_l("待结案"), {"stage": str(Stage.EVALUATING)}),
        (_l("已结束"), {"state": ENDED}),
    ],
}


@blueprint.get("/cases")
@permitted(Permission.CASES_CASE_READ)
def index() -> str:
    """Show the cases within reach, narrowed by the address."""
    actor = current_actor()
    form = _filter_form(actor)
    filters = form.filters()
    page = queries.list_cases(actor, filters, request.args.get("cursor"))
    attention = queries.list_attention(actor, ATTENTION) if actor.role is Role.COUNSELOR else []
    return render_template(
        "cases/index.html",
        form=form,
        page=page,
        total=queries.count_cases(actor, filters),
        capped_at=queries.COUNTED,
        lines=_lines(actor, page.items),
        attention=_lines(actor, attention),
        saved=_saved_views(actor.role),
        active=_active(form),
        work=_work(actor),
        role=actor.role,
    )


def _filter_form(actor: Actor) -> FilterForm:
    form = FilterForm(request.args)
    colleagues = _colleagues(actor) if actor.role is Role.SUPERVISOR else []
    form.offer(colleagues, options.names(OptionList.POPULATION))
    if actor.role is not Role.SUPERVISOR:
        form.offer_open_only()
    form.validate()
    return form


def _colleagues(actor: Actor) -> list[tuple[UUID, str]]:
    holders = people.holders_of_role(Role.COUNSELOR, actor.subproject_id)
    names = people.names_of(holders)
    return sorted(names.items(), key=lambda item: item[1])


def _lines(actor: Actor, cases: Iterable[Case]) -> list[dict[str, Any]]:
    """Return what a row shows of each case: masked names, and who works on it."""
    cases = list(cases)
    counselors = queries.counselors_of_cases([case.id for case in cases])
    names = people.names_of(set(counselors.values()))
    masked = clients.masked_identities(actor, [case.client_id for case in cases])
    populations = options.names(OptionList.POPULATION)
    return [
        {
            "case": case,
            "name": masked[case.client_id].name,
            "stage": STAGE_NAMES[Stage(case.stage)],
            "populations": [populations[each] for each in case.populations],
            "counselor": names.get(counselors[case.id], "") if case.id in counselors else None,
        }
        for case in cases
    ]


def _saved_views(role: Role) -> list[tuple[LazyString, dict[str, str], bool]]:
    given = {name: value for name, value in request.args.items() if value and name not in {"cursor", "lang"}}
    return [(words, arguments, arguments == given) for words, arguments in _SAVED.get(role, [])]


def _active(form: FilterForm) -> list[tuple[str, str, str]]:
    """Return (argument, label, chosen words) of each filter that narrows the list."""
    found = []
    for field in form:
        value = field.data or ""
        if not value or (field.name == "state" and value == OPEN):
            continue
        words = {choice.value: choice.label for choice in getattr(field, "choices", None) or ()}.get(value, value)
        found.append((field.name, str(field.label.text), str(words)))
    return found


def _work(actor: Actor) -> dict[str, Any] | None:
    """Return how much a counselor carries and what they have begun to write."""
    if actor.role is not Role.COUNSELOR:
        return None
    limit = people.caseload_limit(actor.account_id, actor.subproject_id)
    return {
        "load": queries.caseload_of([actor.account_id])[actor.account_id],
        "limit": limit,
        "high_risk": queries.count_cases(actor, CaseFilters(high_risk=True)),
        "ready": queries.count_cases(actor, CaseFilters(stage=Stage.EVALUATING)),
        "drafts": queries.list_drafts(actor),
    }
