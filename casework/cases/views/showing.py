"""The page of a case: identity bar, composer, timeline, and beside it stage, assessment and assignment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import render_template, request, url_for
from flask_babel import gettext as _

from casework.assessments import queries as assessments
from casework.assessments import rules as scoring
from casework.assessments.types import DISTRESS
from casework.cases import queries
from casework.cases.forms import AssignForm, DistressForm, NoteForm, StageForm
from casework.cases.rules import is_open, next_stages, services_of
from casework.cases.types import (
    CHANNEL_NAMES,
    KIND_NAMES,
    STAGE_NAMES,
    ItemKind,
    Stage,
)
from casework.cases.views.base import blueprint, page_number
from casework.clients import queries as clients
from casework.clients import service as identities
from casework.core import clock
from casework.options import queries as options
from casework.options.types import OptionList
from casework.people import queries as people
from casework.security.guard import current_actor, permitted
from casework.security.permissions import Permission
from casework.security.roles import Role

if TYPE_CHECKING:
    from casework.cases.models import Case
    from casework.security.actor import Actor

_TIMELINE_PAGES: Final = frozenset({"cases.show", "cases.write_note", "cases.move_stage", "cases.assign"})
_MEASURE_PAGES: Final = frozenset({"cases.measures", "cases.record_measure"})


@blueprint.get("/cases/<number>")
@permitted(Permission.CASES_CASE_READ)
def show(number: str) -> str:
    """Show a case; each text on the page leaves one read event."""
    actor = current_actor()
    return render_case(actor, queries.read_case(actor, number))


@blueprint.get("/cases/<number>/measures")
@permitted(Permission.CASES_CASE_READ)
def measures(number: str) -> str:
    """Show the scores of a case and how they change; each score leaves one read event."""
    actor = current_actor()
    case = queries.get_case(actor, number, Permission.CASES_NOTE_READ)
    return render_measures(actor, case)


@blueprint.post("/cases/<number>/identity")
@permitted(Permission.CASES_IDENTITY_READ)
def identity(number: str) -> str:
    """Show name and number in full, once, on this answer; leaves identity.unmasked."""
    actor = current_actor()
    case = queries.get_case(actor, number, Permission.CASES_IDENTITY_READ)
    found = identities.unmask(case.client_id, case_id=case.id, actor=actor)
    return render_template("cases/identity.html", case=case, identity=found)


def render_case(actor: Actor, case: Case, **forms: Any) -> str:  # noqa: ANN401 - forms by their place on the page
    """Return the page of a case, with the forms given (those that were refused) or fresh ones."""
    kind = request.args.get("kind", "")
    shown = ItemKind(kind) if kind in set(ItemKind) else None
    may_write = queries.may(actor, Permission.CASES_NOTE_WRITE, case) and is_open(case.stage)
    note_form, draft = _note_form(actor, case, forms.get("note")) if may_write else (None, None)
    return render_template(
        "cases/show.html",
        **frame(actor, case),
        form=note_form,
        draft=draft,
        timeline=queries.timeline(actor, case, kind=shown, page=page_number()),
        shown=shown,
        kinds=_kinds(),
        stage_form=_stage_form(case, forms.get("stage")) if may_write else None,
        assign_form=_assign_form(actor, case, forms.get("assign")),
        assignments=queries.list_assignments(case.id),
        taken=assessments.list_taken(case.id),
        may_write=may_write,
        may_close=queries.may(actor, Permission.CASES_CASE_CLOSE, case) and is_open(case.stage),
        stages=[(stage, STAGE_NAMES[stage]) for stage in Stage if is_open(stage)],
    )


def render_measures(actor: Actor, case: Case, form: DistressForm | None = None) -> str:
    """Return the page of scores."""
    found = assessments.open_measures(actor, case.id)
    may_record = queries.may(actor, Permission.CASES_MEASURE_RECORD, case) and is_open(case.stage)
    return render_template(
        "cases/measures.html",
        **frame(actor, case),
        form=(form or DistressForm(formdata=None)) if may_record else None,
        scale=DISTRESS,
        measures=list(reversed(found)),
        names=people.names_of({each.recorded_by for each in found}),
        change=scoring.change(found),
        points=scoring.line_points(found),
        width=scoring.LINE_WIDTH,
        highest=scoring.highest_score(DISTRESS),
        height=scoring.LINE_HEIGHT,
    )


def frame(actor: Actor, case: Case) -> dict[str, Any]:
    """Return what the top of every page of a case shows."""
    counselor = queries.counselor_of(case.id)
    masked = clients.masked_identities(actor, [case.client_id])[case.client_id]
    return {
        "case": case,
        "masked": masked,
        "stage_name": STAGE_NAMES[Stage(case.stage)],
        "counselor": people.names_of([counselor]).get(counselor, "") if counselor else None,
        "populations": [options.names(OptionList.POPULATION)[each] for each in case.populations],
        "is_open": is_open(case.stage),
        "may_unmask": queries.may(actor, Permission.CASES_IDENTITY_READ, case),
        "channel_names": CHANNEL_NAMES,
        "kind_names": KIND_NAMES,
        "sections": _sections(case),
    }


def _sections(case: Case) -> list[tuple[str, str, int | None, bool]]:
    here = request.endpoint or ""
    count = assessments.count_measures(case.id)
    return [
        (_("时间线"), url_for("cases.show", number=case.number), None, here in _TIMELINE_PAGES),
        (_("评估与量表"), url_for("cases.measures", number=case.number), count, here in _MEASURE_PAGES),
    ]


def _kinds() -> list[tuple[ItemKind, str]]:
    return [
        (ItemKind.CALL, _("来电")),
        (ItemKind.NOTE, _("记录")),
        (ItemKind.ASSIGNMENT, _("指派记录")),
        (ItemKind.STAGE, _("阶段变化")),
        (ItemKind.MEASURE, _("量表")),
    ]


def _note_form(actor: Actor, case: Case, refused: NoteForm | None) -> tuple[NoteForm, Any]:
    """Return the composer: what was refused, else the restored draft, else an empty one whose time is now."""
    if refused is not None:
        return refused, None
    form = NoteForm(formdata=None)
    form.occurred_at.data = clock.local(clock.now()).replace(tzinfo=None, second=0, microsecond=0)
    draft = queries.find_draft(actor, case.id)
    if draft is not None:
        form.restore(queries.open_draft(actor, draft), draft.rev)
    form.offer(services_of(actor.role), options.catalogue())
    return form, draft


def _stage_form(case: Case, refused: StageForm | None) -> StageForm | None:
    stages = next_stages(Stage(case.stage), case.risk_level)
    if refused is not None or not stages:
        return refused
    form = StageForm(formdata=None)
    form.offer(stages)
    # The step forward stands ready; a step back has to be chosen.
    ordered = list(Stage)
    forward = [each for each in ordered[ordered.index(Stage(case.stage)) :] if each in stages]
    form.stage.data = str(forward[0]) if forward else None
    form.version.data = str(case.row_version)
    return form


def _assign_form(actor: Actor, case: Case, refused: AssignForm | None) -> AssignForm | None:
    may_assign = actor.role is Role.SUPERVISOR and actor.subproject_id == case.subproject_id and is_open(case.stage)
    if not may_assign or refused is not None:
        return refused
    return assign_form(actor, case)


def assign_form(actor: Actor, case: Case) -> AssignForm:
    """Return the form that offers the counselors of the sub-project with how much each carries."""
    form = AssignForm()
    holders = [each for each in people.holders_of_role(Role.COUNSELOR, case.subproject_id) if each != actor.account_id]
    names, loads = people.names_of(holders), queries.caseload_of(holders)
    order = sorted(holders, key=lambda each: (loads[each], names[each]))
    limits = {each: people.caseload_limit(each, case.subproject_id) for each in holders}
    form.offer((each, f"{names[each]} ({loads[each]}/{limits[each]})") for each in order)
    if not form.is_submitted():
        form.version.data = str(case.row_version)
    return form
