"""A finished call: read by its author while the grant lasts, by whoever works on its case, and by the supervisor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import render_template
from flask_babel import gettext as _

from casework.cases import queries as cases
from casework.clients import queries as clients
from casework.clients.rules import mask, mask_name
from casework.core import clock
from casework.directory import queries as directory
from casework.intake import queries, service
from casework.intake.forms import CallForm
from casework.intake.rules import asks_to_confirm, danger_level, is_brief_type, steps_of
from casework.intake.types import (
    LEVEL_NAMES,
    PLAN_STEPS,
    REPEAT_NAMES,
    SIGN_NAMES,
    STEP_REASON_NAMES,
    Codes,
    TriageState,
    Words,
    divisions,
)
from casework.intake.views.base import blueprint, contacts_text
from casework.intake.views.disclosures import names_of_disclosures, people_of_disclosures
from casework.intake.views.panel import StepLine, gauge_text, step_lines
from casework.intake.views.triage import triage_forms
from casework.options import queries as options
from casework.options.types import OptionList
from casework.people import queries as people
from casework.programme import queries as programme
from casework.security.guard import current_actor, permitted
from casework.security.permissions import Permission
from casework.security.roles import Reach

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from casework.intake.models import Call
    from casework.security.actor import Actor


@blueprint.get("/calls/<uuid:call_id>")
@permitted(Permission.CALLS_CALL_READ)
def show(call_id: UUID) -> str:
    """Show a call, name and number masked; leaves call.read."""
    actor = current_actor()
    return _page(actor, queries.get_call(actor, call_id))


@blueprint.post("/calls/<uuid:call_id>/number")
@permitted(Permission.CALLS_CALL_READ)
def show_number(call_id: UUID) -> str:
    """Show the number in full, once, on this answer; leaves number.unmasked."""
    actor = current_actor()
    call = queries.get_call(actor, call_id)
    return render_template("intake/number.html", call=call, numbers=service.unmask_number(call, actor=actor))


def _page(actor: Actor, call: Call) -> str:
    opened = queries.open_call(actor, call)
    codes = queries.codes_of(call)
    case = _case(actor, call)
    told = queries.open_disclosures(actor, call)
    is_supervising = actor.reach(Permission.CALLS_CALL_ASSIGN) is not Reach.NONE
    return render_template(
        "intake/show.html",
        call=call,
        title=_("回访") if call.is_outgoing else options.names(OptionList.CALL_TYPE)[codes.call_type],
        words=opened.words,
        phone=mask(opened.words.caller_phone) if call.number_index else _hidden(opened.words.caller_phone),
        name=mask_name(opened.words.caller_name),
        has_number=bool(opened.words.caller_phone or opened.words.person_phone),
        facts=[] if is_brief_type(codes.call_type) else _person(call, opened.words) + facts_of(codes),
        plan=_plan(opened.words),
        lines={line.id: line.name for line in programme.list_all_lines(actor, call.subproject_id)},
        repeat=REPEAT_NAMES[call.repeat],
        steps=_steps(actor, call, codes),
        step_reasons=list(STEP_REASON_NAMES.items()),
        may_step=is_supervising or _is_author_still(actor, call),
        author=people.names_of([call.author_id]).get(call.author_id, ""),
        revisions=[(row, queries.open_revision(actor, row)) for row in queries.list_revisions(call.id)],
        may_correct=_is_author_still(actor, call),
        case=case,
        forms=triage_forms(actor, call) if is_supervising and call.triage_state == TriageState.WAITING else None,
        may_plan=actor.reach(Permission.CLIENTS_PLAN_WRITE) is not Reach.NONE,
        may_join=actor.reach(Permission.CLIENTS_NUMBER_JOIN) is not Reach.NONE,
        contacts=_contacts(call),
        decided=service.triage.decision(call) if call.triaged_at else None,
        may_disclose=service.may_disclose(call, actor),
        disclosures=told,
        disclosure_people=people_of_disclosures(each.row for each in told),
        **names_of_disclosures(),
    )


def _steps(actor: Actor, call: Call, codes: Codes) -> list[StepLine]:
    """Return the steps its level asks for and whatever else was recorded; none for a call without danger."""
    level = danger_level(codes.risk, codes.risk_level)
    recorded = queries.open_steps(actor, call)
    shown = {step.code for step in steps_of(level)} | recorded.keys()
    return [line for line in step_lines(recorded) if line.code in shown]


def _is_author_still(actor: Actor, call: Call) -> bool:
    return call.author_id == actor.account_id and call.reopen_until > clock.now()


def _contacts(call: Call) -> str:
    indexes = [] if call.number_index is None else clients.indexes_like(call.number_index)
    return contacts_text(queries.contacts_of(call.subproject_id, indexes, clock.now()))


def _case(actor: Actor, call: Call) -> Any:  # noqa: ANN401 - a case of the package below
    if call.case_id is None or actor.reach(Permission.CASES_CASE_READ) is Reach.NONE:
        return None
    return cases.get_case_by_id(actor, call.case_id)


def _hidden(phone: str) -> str:
    """Return what is shown of something that is no number: that there is something."""
    return "****" if phone else ""


def _person(call: Call, words: Words) -> list[tuple[str, str, None]]:
    """Return who the call is about, masked, where somebody else called."""
    phone = mask(words.person_phone) if call.person_index else _hidden(words.person_phone)
    rows = [(_("当事人称呼"), mask_name(words.person_name)), (_("当事人电话"), phone)]
    return [(label, value, None) for label, value in rows if value]


def _plan(words: Words) -> list[tuple[str, str, None]]:
    """Return the steps of the safety plan that were agreed on."""
    form = CallForm(formdata=None)
    return [(str(form[step].label.text), words.plan[step], None) for step in PLAN_STEPS if step in words.plan]


def facts_of(codes: Codes) -> list[tuple[str, str, None]]:
    """Return the answers of a call as label and words; those that were not given are left out."""
    place = codes.division or ""
    rows = [
        (_("求助者是"), _name(OptionList.FOR_WHOM, codes.for_whom)),
        (_("性别"), _name(OptionList.SEX, codes.sex)),
        (_("年龄段"), _name(OptionList.AGE_BAND, codes.age_band)),
        (_("地区"), _("未知") if place == divisions.UNKNOWN else divisions.name_of(place)),
        (_("人员类别"), _name(OptionList.CATEGORY, codes.category)),
        (_("重点人群"), _names(OptionList.POPULATION, codes.population)),
        (_("主要问题"), _names(OptionList.TOPIC, codes.topics)),
        (_("自杀自伤风险"), _name(OptionList.RISK, codes.risk)),
        (_("未评估原因"), _name(OptionList.RISK_REASON, codes.risk_reason)),
        (_("困扰程度"), _distress(codes)),
        (_("绝望感"), _rating(codes.hopelessness)),
        (_("自杀意念强度"), _rating(codes.intention)),
        (_("危险因素"), "、".join(str(SIGN_NAMES[each]) for each in codes.signs)),
        (_("风险等级"), _level(codes)),
        (_("服务内容"), _names(OptionList.SERVICE, codes.services)),
        (_("处理结果"), _name(OptionList.OUTCOME, codes.outcome)),
        (_("回访日期"), "" if codes.followup_on is None else codes.followup_on.isoformat()),
        (_("知情同意"), _names(OptionList.CONSENT, codes.consent)),
        (_("已告知的资源"), "、".join(directory.names_of(codes.told).values())),
    ]
    return [(label, value, None) for label, value in rows if value]


def _distress(codes: Codes) -> str:
    if codes.distress_before is None:
        return ""
    if codes.distress_after is None:
        return _("求助前 %(before)s", before=codes.distress_before)
    return _("求助前 %(before)s，求助后 %(after)s", before=codes.distress_before, after=codes.distress_after)


def _rating(value: int | None) -> str:
    return "" if value is None else f"{value} / 10"


def _level(codes: Codes) -> str:
    """Return the level in the record, which is the worker's, beside what the answers together suggest."""
    if codes.risk_level is None or not asks_to_confirm(codes):
        return ""
    return f"{LEVEL_NAMES[codes.risk_level]}。{gauge_text(codes)}"


def _name(option_list: OptionList, code: str | None) -> str:
    return "" if code is None else options.names(option_list)[code]


def _names(option_list: OptionList, codes: Iterable[str]) -> str:
    names = options.names(option_list)
    return "、".join(names[each] for each in codes)
