"""Pages of the administrator: what forms offer, in which order, from when until when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from casework.core import clock
from casework.core.errors import Conflict, Invalid
from casework.options import queries, rules, service
from casework.options.forms import NEW, entered, list_form, ordered
from casework.options.types import LIST_NAMES, BuiltIn, OptionList
from casework.security.guard import current_actor, permitted
from casework.security.permissions import Permission
from casework.web.i18n import current_code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue

    from casework.options.forms import ListForm
    from casework.options.types import Entry

blueprint: Final = Blueprint("options", __name__)
PUBLISH, PREVIEW, UP, DOWN = "publish", "preview", "up", "down"


@blueprint.get("/admin/options")
@permitted(Permission.OPTIONS_LIST_PUBLISH)
def index() -> str:
    """Show all lists: how many options each offers today, and how many it keeps for old records."""
    found = queries.catalogue()
    rows = [
        (each, LIST_NAMES[each], len(found.offered[each]), len(found.names[each]) - len(found.offered[each]))
        for each in OptionList
    ]
    return render_template("options/index.html", rows=rows, is_open=_is_open)


@blueprint.route("/admin/options/<name>", methods=["GET", "POST"])
@permitted(Permission.OPTIONS_LIST_PUBLISH)
def edit(name: str) -> ResponseReturnValue:
    """Change a list: move and look at it as often as wanted; only publishing stores anything."""
    if name not in set(OptionList):
        abort(404)
    option_list = OptionList(name)
    stored, version = queries.get_list(current_actor(), option_list)
    form = list_form(stored, version=version, is_open=_is_open(option_list))
    if request.method == "GET":
        return _page(option_list, form, stored)
    act, _separator, code = request.form.get("intent", PREVIEW).partition(":")
    if act in {UP, DOWN}:
        form.order.data = " ".join(rules.moved(ordered(form, stored), code, -1 if act == UP else 1))
        return _page(option_list, form, stored, moved=code)
    if not form.validate():
        return _page(option_list, form, stored), 422
    if act != PUBLISH:
        return _page(option_list, form, stored, preview=entered(form, stored))
    return _publish(option_list, form, stored, version)


def _publish(option_list: OptionList, form: ListForm, stored: Sequence[Entry], version: int) -> ResponseReturnValue:
    seen = form.version.data or ""
    entries = entered(form, stored)
    try:
        count = service.publish(
            option_list, entries, seen_version=int(seen) if seen.isdecimal() else -1, actor=current_actor()
        )
    except Invalid as error:
        form.refuse(_at_field(form, error, entries))
        return _page(option_list, form, stored), error.status
    except Conflict as error:
        # Publishing again is an explicit choice for what stands in the form.
        form.version.data = str(version)
        return _page(option_list, form, stored, conflict=str(error.message)), error.status
    flash(_("已发布，立即生效。") if count else _("没有改动。"))
    return redirect(url_for("options.edit", name=option_list), 303)


def _page(
    option_list: OptionList,
    form: ListForm,
    stored: Sequence[Entry],
    *,
    preview: Sequence[Entry] | None = None,
    moved: str = "",
    conflict: str = "",
) -> str:
    return render_template(
        "options/edit.html",
        option_list=option_list,
        title=LIST_NAMES[option_list],
        form=form,
        rows=[(code, _kept(stored, code)) for code in ordered(form, stored)],
        new=NEW if _is_open(option_list) else None,
        protected=_built_in(option_list).protected,
        preview=None if preview is None else _offered(preview),
        moved=moved,
        conflict=conflict,
        differences=_differences(form, stored) if conflict else [],
        today=clock.today(),
    )


def _offered(entries: Sequence[Entry]) -> list[str]:
    """Return the names as the call screen would offer them today."""
    return [rules.name_in(entry, current_code()) for entry in entries if entry.is_offered(clock.today())]


def _differences(form: ListForm, stored: Sequence[Entry]) -> list[tuple[str, Any, Any]]:
    """Return (what, stored, typed) wherever the two versions differ."""
    found: list[tuple[str, Any, Any]] = []
    for typed in entered(form, stored):
        kept = next((entry for entry in stored if entry.code == typed.code), None)
        for name in ("name_zh", "name_en", "offered_from", "offered_until", "keywords"):
            ours, theirs = getattr(typed, name), getattr(kept, name, None)
            if (ours or "") != (theirs or ""):
                found.append(
                    (f"{typed.code} · {form.cell(name, typed.code if kept else NEW).label.text}", theirs, ours)
                )
    return found


def _at_field(form: ListForm, error: Invalid, entries: Sequence[Entry]) -> Invalid:
    """Return the refusal at a field that the page has: a new option has its own row, protected days no field."""
    field = error.field
    if field is not None and field not in form:
        name, _separator, code = field.partition("-")
        is_last = bool(entries) and entries[-1].code == code
        field = f"{name}-{NEW}" if is_last and f"{name}-{NEW}" in form else f"name_zh-{code}"
    return Invalid(error.message, field=field)


def _kept(stored: Sequence[Entry], code: str) -> Entry:
    return next(entry for entry in stored if entry.code == code)


def _built_in(option_list: OptionList) -> BuiltIn:
    return queries.built_ins.get(option_list, BuiltIn(names={}))


def _is_open(option_list: OptionList) -> bool:
    return _built_in(option_list).is_open
