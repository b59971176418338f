"""Pages of the programme: its sub-projects side by side, one in detail, and their lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from casework.core import clock
from casework.core.errors import Conflict, Invalid
from casework.programme import queries, service
from casework.programme.forms import CloseLineForm, LineForm, SubprojectForm, lines_of
from casework.programme.rules import is_open, may_serve
from casework.security.guard import current_actor, permitted
from casework.security.permissions import Permission
from casework.security.roles import Reach
from casework.security.rules import RULES

if TYPE_CHECKING:
    from uuid import UUID

    from werkzeug.wrappers import Response

    from casework.programme.models import Hotline, Subproject

blueprint = Blueprint("programme", __name__)


@blueprint.get("/programme")
@permitted(Permission.PROGRAMME_SUBPROJECT_READ)
def index() -> str:
    """Show the programme and its sub-projects side by side, as far as the reader's reach goes."""
    subprojects = queries.list_subprojects(current_actor())
    lines = queries.list_all_lines(current_actor())
    return render_template(
        "programme/index.html",
        programme=queries.get_programme(),
        subprojects=subprojects,
        lines={each.id: [line for line in lines if line.subproject_id == each.id] for each in subprojects},
        **_shared(),
    )


@blueprint.get("/programme/<code>")
@permitted(Permission.PROGRAMME_SUBPROJECT_READ)
def detail(code: str) -> str:
    """Show one sub-project with its lines, closed ones too."""
    subproject = queries.get_subproject_by_code(current_actor(), code)
    return _detail(subproject, LineForm(data={"opened_on": clock.today(), "seats": 2}))


@blueprint.route("/programme/<code>/edit", methods=["GET", "POST"])
@permitted(Permission.PROGRAMME_SUBPROJECT_EDIT)
def edit(code: str) -> str | tuple[str, int] | Response:
    """Change the facts of a sub-project; a stale form (409) gets both versions side by side."""
    actor = current_actor()
    subproject = queries.get_subproject_by_code(actor, code)
    form = SubprojectForm()
    if not form.is_submitted():
        return _edit(subproject, SubprojectForm(data=_stored(subproject) | {"version": subproject.row_version}))
    if not form.validate():
        return _edit(subproject, form), 422
    try:
        changed = service.change_subproject(
            subproject, seen_version=_version(form.version.data), values=form.values(), actor=actor
        )
    except Invalid as error:
        form.refuse(error)
        return _edit(subproject, form), 422
    except Conflict as error:
        return _stale(subproject, form, error), 409
    flash(_("已保存。") if changed else _("没有改动。"))
    return redirect(url_for("programme.detail", code=code), 303)


@blueprint.post("/programme/<code>/lines")
@permitted(Permission.PROGRAMME_SUBPROJECT_EDIT)
def open_line(code: str) -> tuple[str, int] | Response:
    """Open a line of a sub-project."""
    subproject = queries.get_subproject_by_code(current_actor(), code)
    form = LineForm()
    if not form.validate():
        return _detail(subproject, form), 422
    try:
        service.open_line(
            subproject.id,
            form.name.data or "",
            numbers=lines_of(form.numbers.data or ""),
            seats=form.seats.data or 1,
            hours=form.hours.data or "",
            opened_on=form.opened_on.data,
            actor=current_actor(),
        )
    except Invalid as error:
        form.refuse(error)
        return _detail(subproject, form), 422
    flash(_("热线已开通。"))
    return redirect(url_for("programme.detail", code=code, _anchor="lines"), 303)


@blueprint.route("/programme/lines/<uuid:line_id>/close", methods=["GET", "POST"])
@permitted(Permission.PROGRAMME_SUBPROJECT_EDIT)
def close_line(line_id: UUID) -> str | tuple[str, int] | Response:
    """Ask for the last day of a line, then close it. Its calls and figures stay."""
    actor = current_actor()
    line = queries.get_line(actor, line_id)
    form = CloseLineForm()
    if not form.is_submitted():
        return _close(line, CloseLineForm(data={"closed_on": clock.today(), "version": line.row_version}))
    if not form.validate():
        return _close(line, form), 422
    try:
        service.close_line(line, seen_version=_version(form.version.data), closed_on=form.closed_on.data, actor=actor)
    except Invalid as error:
        form.refuse(error)
        return _close(line, form), 422
    flash(_("热线已关闭。历史来电和统计不受影响。"))
    code = queries.get_subproject(actor, line.subproject_id).code
    return redirect(url_for("programme.detail", code=code, _anchor="lines"), 303)


def _detail(subproject: Subproject, form: LineForm) -> str:
    return render_template(
        "programme/detail.html",
        subproject=subproject,
        lines=queries.list_all_lines(current_actor(), subproject.id),
        form=form,
        **_shared(),
    )


def _edit(subproject: Subproject, form: SubprojectForm) -> str:
    return render_template("programme/edit.html", subproject=subproject, form=form, rule=RULES["R20"])


def _stale(subproject: Subproject, form: SubprojectForm, error: Conflict) -> str:
    """Show what is stored beside what was typed, and the form with the stored version to decide on."""
    theirs = _stored(subproject)
    fields = [form[name] for name in theirs]
    rows = [(field.label.text, theirs[field.name], field.data) for field in fields]
    typed = SubprojectForm(formdata=None, data=form.data | {"version": subproject.row_version})
    return render_template(
        "programme/edit.html",
        subproject=subproject,
        form=typed,
        rule=RULES["R20"],
        conflict=error.message,
        differences=[row for row in rows if (row[1] or "") != (row[2] or "")],
    )


def _close(line: Hotline, form: CloseLineForm) -> str:
    subproject = queries.get_subproject(current_actor(), line.subproject_id)
    return render_template("programme/close_line.html", line=line, subproject=subproject, form=form)


def _shared() -> dict[str, Any]:
    today = clock.today()
    return {
        "may_edit": current_actor().reach(Permission.PROGRAMME_SUBPROJECT_EDIT) is not Reach.NONE,
        "serves": lambda each: may_serve(each.authorised_by, each.authorised_on, today),
        "opened": lambda line: is_open(line.opened_on, line.closed_on, today),
        "rules": (RULES["R1"], RULES["R20"]),
    }


def _version(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


def _stored(subproject: Subproject) -> dict[str, Any]:
    """Return the stored facts as the form shows them."""
    names = ("name", "fund", "partner", "region", "responsible", "authorised_by", "authorised_on")
    shown = {name: getattr(subproject, name) for name in names}
    return shown | {"division": subproject.division or "", "targets": "\n".join(subproject.targets)}
