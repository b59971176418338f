"""Pages of the directory: seen by whoever talks with callers, edited by the office and the administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from casework.core import clock
from casework.core.errors import Conflict, Invalid
from casework.directory import queries, rules, service
from casework.directory.forms import ResourceForm
from casework.directory.types import KIND_NAMES
from casework.security.guard import current_actor, permitted
from casework.security.permissions import Permission
from casework.security.roles import Reach

if TYPE_CHECKING:
    from uuid import UUID

    from flask.typing import ResponseReturnValue

    from casework.directory.models import Resource

blueprint: Final = Blueprint("directory", __name__)
_FACTS: Final = ("name", "kind", "phones", "areas", "hours", "eligibility", "verified_on", "is_active")


@blueprint.get("/resources")
@permitted(Permission.DIRECTORY_RESOURCE_READ)
def index() -> str:
    """Show the directory in its order."""
    actor = current_actor()
    may_edit = actor.reach(Permission.DIRECTORY_RESOURCE_EDIT) is not Reach.NONE
    today = clock.today()
    return render_template(
        "directory/index.html",
        resources=queries.list_all(actor) if may_edit else queries.list_resources(actor),
        kinds=KIND_NAMES,
        may_edit=may_edit,
        is_stale=lambda resource: rules.is_stale(resource.verified_on, today),
    )


@blueprint.route("/resources/new", methods=["GET", "POST"])
@permitted(Permission.DIRECTORY_RESOURCE_EDIT)
def add() -> ResponseReturnValue:
    """Add a resource."""
    form = ResourceForm()
    if request.method == "GET":
        form.is_active.data = True
        return render_template("directory/edit.html", form=form, resource=None)
    if form.validate():
        try:
            service.add_resource(form.values(), actor=current_actor())
        except Invalid as error:
            form.refuse(error)
        else:
            flash(_("已增加。"))
            return redirect(url_for("directory.index"), 303)
    return render_template("directory/edit.html", form=form, resource=None), 422


@blueprint.route("/resources/<uuid:resource_id>", methods=["GET", "POST"])
@permitted(Permission.DIRECTORY_RESOURCE_EDIT)
def edit(resource_id: UUID) -> ResponseReturnValue:
    """Change a resource; a stale form (409) gets both versions."""
    actor = current_actor()
    resource = queries.get_resource(actor, resource_id)
    form = ResourceForm()
    if request.method == "GET":
        form.fill(resource)
        return render_template("directory/edit.html", form=form, resource=resource)
    if form.validate():
        try:
            changed = service.change_resource(
                resource, form.values(), seen_version=_whole(form.version.data), actor=actor
            )
        except Invalid as error:
            form.refuse(error)
        except Conflict as error:
            return _stale(resource, form, error), error.status
        else:
            flash(_("已保存。") if changed else _("没有改动。"))
            return redirect(url_for("directory.index"), 303)
    return render_template("directory/edit.html", form=form, resource=resource), 422


@blueprint.post("/resources/<uuid:resource_id>/move")
@permitted(Permission.DIRECTORY_RESOURCE_EDIT)
def move(resource_id: UUID) -> ResponseReturnValue:
    """Move a resource one place up or down."""
    actor = current_actor()
    resource = queries.get_resource(actor, resource_id)
    service.move_resource(resource, -1 if request.form.get("to") == "up" else 1, actor=actor)
    return redirect(url_for("directory.index", _anchor=f"resource-{resource_id}"), 303)


@blueprint.post("/resources/<uuid:resource_id>/verify")
@permitted(Permission.DIRECTORY_RESOURCE_EDIT)
def verify(resource_id: UUID) -> ResponseReturnValue:
    """Note that a resource was found to be right today."""
    actor = current_actor()
    resource = queries.get_resource(actor, resource_id)
    service.verify_resource(resource, actor=actor)
    flash(_("已记录：今天核实“%(name)s”。", name=resource.name))
    return redirect(url_for("directory.index", _anchor=f"resource-{resource_id}"), 303)


def _stale(resource: Resource, form: ResourceForm, error: Conflict) -> str:
    stored = ResourceForm(formdata=None)
    stored.fill(resource)
    rows: list[tuple[str, Any, Any]] = [
        (str(form[name].label.text), stored[name].data, form[name].data) for name in _FACTS
    ]
    # Saving again is an explicit choice for what stands in the form.
    form.version.data = form.version.raw_data = None
    form.version.data = str(resource.row_version)
    return render_template(
        "directory/edit.html",
        form=form,
        resource=resource,
        conflict=error.message,
        differences=[row for row in rows if (row[1] or "") != (row[2] or "")],
    )


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else -1
