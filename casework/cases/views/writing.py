"""What changes a case: notes and their drafts, corrections, stage, measures, assignment, closing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _

from casework.assessments import queries as assessments
from casework.assessments.types import DISTRESS
from casework.cases import queries, service
from casework.cases.forms import AssignForm, CloseForm, CorrectionForm, DistressForm, NoteForm, StageForm
from casework.cases.rules import next_stages, services_of
from casework.cases.types import Stage
from casework.cases.views.base import answer_again, blueprint
from casework.cases.views.showing import assign_form, frame, render_case, render_measures
from casework.core import clock
from casework.core.errors import CaseworkError, Conflict, Invalid
from casework.options import queries as options
from casework.security.guard import current_actor, permitted
from casework.security.permissions import Permission
from casework.web.bodies import sent_json, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue
    from werkzeug.wrappers import Response

    from casework.cases.models import Case, CaseNote
    from casework.security.actor import Actor

CONFLICT, UNPROCESSABLE = 409, 422


def _back(number: str) -> Response:
    return redirect(url_for("cases.show", number=number), 303)


def _refused(form: Any, error: CaseworkError) -> int:  # noqa: ANN401 - any form of this package
    form.refuse(error)
    return error.status


@blueprint.post("/cases/<number>/notes")
@permitted(Permission.CASES_NOTE_WRITE)
def write_note(number: str) -> ResponseReturnValue:
    """Store a note; refused, the page comes back with every word that was typed."""
    actor = current_actor()
    case = queries.get_case(actor, number, Permission.CASES_NOTE_WRITE)
    form = NoteForm()
    form.offer(services_of(actor.role), options.catalogue())
    status = UNPROCESSABLE
    if form.validate():
        try:
            service.write_note(case, form.text.data or "", form.note_fields(), actor=actor)
        except (Invalid, Conflict) as error:
            status = _refused(form, error)
        else:
            flash(_("已保存。"))
            return _back(number)
    return answer_again(lambda: render_case(actor, queries.read_case(actor, number), note=form), status)


@blueprint.get("/cases/<number>/draft")
@permitted(Permission.CASES_NOTE_WRITE)
def draft(number: str) -> ResponseReturnValue:
    """Return the author's own unsaved note as JSON; an empty one when there is none."""
    actor = current_actor()
    case = queries.get_case(actor, number, Permission.CASES_NOTE_WRITE)
    found = queries.find_draft(actor, case.id)
    if found is None:
        return jsonify(rev=0, content={})
    return jsonify(rev=found.rev, content=queries.open_draft(actor, found), saved_at=_time(found.updated_at))


@blueprint.post("/cases/<number>/draft")
@permitted(Permission.CASES_NOTE_WRITE)
def save_draft(number: str) -> ResponseReturnValue:
    """Store what was typed so far: as JSON while typing, or by the button of a page without scripts."""
    actor = current_actor()
    case = queries.get_case(actor, number, Permission.CASES_NOTE_WRITE)
    content, rev = _draft_content()
    saved = service.save_note_draft(case, content, rev=rev, actor=actor)
    if request.is_json:
        return jsonify(rev=saved.rev, saved_at=_time(saved.updated_at))
    flash(_("草稿已保存，尚未成为记录。"))
    return _back(number)


@blueprint.post("/cases/<number>/draft/discard")
@permitted(Permission.CASES_NOTE_WRITE)
def discard_draft(number: str) -> ResponseReturnValue:
    """Delete the author's own unsaved note."""
    actor = current_actor()
    case = queries.get_case(actor, number, Permission.CASES_NOTE_WRITE)
    service.discard_note_draft(case, actor=actor)
    flash(_("草稿已删除。"))
    return _back(number)


@blueprint.route("/cases/<number>/notes/<uuid:note_id>/correct", methods=["GET", "POST"])
@permitted(Permission.CASES_NOTE_WRITE)
def correct_note(number: str, note_id: UUID) -> ResponseReturnValue:
    """Correct a note. When somebody was faster, both versions stand side by side and nothing is overwritten."""
    actor = current_actor()
    case = queries.get_case(actor, number, Permission.CASES_NOTE_WRITE)
    note = queries.get_note(case, note_id)
    form = CorrectionForm()
    form.offer(services_of(actor.role), options.catalogue())
    if request.method == "GET":
        return _correction_page(actor, case, note, form)
    status = UNPROCESSABLE
    if form.validate():
        try:
            version = _version(form)
            fields = form.note_fields()
            service.correct_note(note, form.text.data or "", version=version, actor=actor, fields=fields)
        except (Invalid, Conflict) as error:
            status = _refused(form, error)
        else:
            flash(_("已更正，原文保留。"))
            return _back(number)
    return answer_again(lambda: _correction_again(actor, number, note_id, form, status), status)


@blueprint.post("/cases/<number>/stage")
@permitted(Permission.CASES_NOTE_WRITE)
def move_stage(number: str) -> ResponseReturnValue:
    """Move a case to another stage."""
    actor = current_actor()
    case = queries.get_case(actor, number, Permission.CASES_NOTE_WRITE)
    form = StageForm()
    form.offer(Stage)
    status = UNPROCESSABLE
    if form.validate():
        try:
            service.move_stage(case, Stage(form.stage.data), actor=actor, version=_version(form))
        except (Invalid, Conflict) as error:
            status = _refused(form, error)
        else:
            flash(_("已进入新阶段。"))
            return _back(number)
    return answer_again(lambda: _stage_again(actor, number, form), status)


@blueprint.post("/cases/<number>/measures")
@permitted(Permission.CASES_MEASURE_RECORD)
def record_measure(number: str) -> ResponseReturnValue:
    """Store one answer of the scale 困扰程度."""
    actor = current_actor()
    case = queries.get_case(actor, number, Permission.CASES_MEASURE_RECORD)
    form = DistressForm()
    status = UNPROCESSABLE
    if form.validate():
        answers = {DISTRESS.items[0].code: int(form.answer.data)}
        try:
            service.record_measure(case, DISTRESS.code, answers, actor=actor)
        except (Invalid, Conflict) as error:
            status = _refused(form, error)
        else:
            flash(_("评估已保存。"))
            return redirect(url_for("cases.measures", number=number), 303)
    return answer_again(lambda: render_measures(actor, queries.get_case(actor, number), form), status)


@blueprint.post("/cases/<number>/assign")
@permitted(Permission.CALLS_CALL_ASSIGN)
def assign(number: str) -> ResponseReturnValue:
    """Give a case to a counselor; the keys follow."""
    actor = current_actor()
    case = queries.get_case(actor, number)
    form = assign_form(actor, case)
    status = UNPROCESSABLE
    if form.validate():
        try:
            service.assign(case, UUID(form.counselor.data), actor=actor, version=_version(form))
        except (Invalid, Conflict) as error:
            status = _refused(form, error)
        else:
            flash(_("已指派，密钥已移交。"))
            return _back(number)
    return answer_again(lambda: _assign_again(actor, number, form), status)


@blueprint.post("/cases/<number>/unassign")
@permitted(Permission.CALLS_CALL_ASSIGN)
def unassign(number: str) -> ResponseReturnValue:
    """Take a case from its counselor."""
    actor = current_actor()
    service.unassign(queries.get_case(actor, number), actor=actor)
    flash(_("已取消指派，对方不能再打开此个案。"))
    return _back(number)


@blueprint.route("/cases/<number>/close", methods=["GET", "POST"])
@permitted(Permission.CASES_CASE_CLOSE)
def close(number: str) -> ResponseReturnValue:
    """Show what there is to check before closing, and close."""
    actor = current_actor()
    case = queries.get_case(actor, number, Permission.CASES_CASE_CLOSE)
    form = CloseForm()
    if request.method == "GET":
        form.version.data = str(case.row_version)
        return _closing_page(actor, case, form)
    status = UNPROCESSABLE
    if form.validate():
        try:
            service.close_case(case, form.closing_reason(), actor=actor, version=_version(form))
        except (Invalid, Conflict) as error:
            status = _refused(form, error)
        else:
            flash(_("个案 %(number)s 已结案。", number=number))
            return redirect(url_for("cases.index"), 303)
    return answer_again(lambda: _closing_again(actor, number, form), status)


def _version(form: CorrectionForm | StageForm | CloseForm | AssignForm) -> int:
    try:
        return int(form.version.data or "")
    except ValueError:
        raise Invalid(_("页面已过期。请刷新后再提交。")) from None


def _time(moment: Any) -> str:  # noqa: ANN401 - a datetime
    return f"{clock.local(moment):%H:%M:%S}"


def _draft_content() -> tuple[dict[str, Any], int]:
    """Return what the composer holds, whatever its state, and the revision that the page has."""
    raw: Mapping[str, Any]
    if request.is_json:
        raw = sent_json()
        services, rev = raw.get("services", []), whole(raw, "rev")
    else:
        raw, services = request.form, request.form.getlist("services")
        rev = whole({"rev": request.form.get("rev", 0, type=int)}, "rev")
    content: dict[str, Any] = {
        name: str(raw.get(name) or "") for name in ("kind", "channel", "occurred_at", "minutes", "text")
    }
    content["services"] = [str(each) for each in services] if isinstance(services, list) else []
    return content, rev


def _correction_page(actor: Actor, case: Case, note: CaseNote, form: CorrectionForm) -> ResponseReturnValue:
    if note.corrected_at is not None:
        latest = queries.latest_of(note)
        return redirect(url_for("cases.correct_note", number=case.number, note_id=latest.id), 303)
    opened = queries.open_note(actor, note)
    form.fill(opened)
    form.offer(services_of(actor.role), options.catalogue())
    return render_template("cases/correct.html", **frame(actor, case), note=note, form=form, theirs=None)


def _correction_again(actor: Actor, number: str, note_id: UUID, form: CorrectionForm, status: int) -> str:
    case = queries.get_case(actor, number, Permission.CASES_NOTE_WRITE)
    note = queries.get_note(case, note_id)
    theirs = None
    if status == CONFLICT:
        # The next submit corrects what stands now, and its author has seen it.
        note = queries.latest_of(note)
        theirs = queries.open_note(actor, note)
        form.version.data = form.version.raw_data = None
        form.version.data = str(theirs.version)
    return render_template("cases/correct.html", **frame(actor, case), note=note, form=form, theirs=theirs)


def _stage_again(actor: Actor, number: str, form: StageForm) -> str:
    case = queries.read_case(actor, number)
    form.offer(next_stages(Stage(case.stage), case.risk_level))
    form.version.data = str(case.row_version)
    return render_case(actor, case, stage=form)


def _assign_again(actor: Actor, number: str, form: AssignForm) -> str:
    case = queries.read_case(actor, number)
    form.version.data = str(case.row_version)
    return render_case(actor, case, assign=form)


def _closing_page(actor: Actor, case: Case, form: CloseForm) -> str:
    return render_template(
        "cases/close.html",
        **frame(actor, case),
        form=form,
        sessions=queries.count_sessions(case.id),
        measures=assessments.count_measures(case.id),
        role=actor.role,
    )


def _closing_again(actor: Actor, number: str, form: CloseForm) -> str:
    case = queries.get_case(actor, number, Permission.CASES_CASE_CLOSE)
    form.version.data = str(case.row_version)
    return _closing_page(actor, case, form)
