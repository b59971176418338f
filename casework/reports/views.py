"""Pages of statistics: what leads, the office, supervisors and the auditor see. Numbers only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from casework.reports import queries, service
from casework.reports.documents import cards, labels, line_cards, workbook
from casework.reports.forms import ExportForm, StaffedForm
from casework.reports.rules.waits import WITHIN
from casework.reports.types import Purpose
from casework.security.guard import current_actor, permitted
from casework.security.permissions import Permission
from casework.security.roles import Reach

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as Redirect

    from casework.reports.queries import Dashboard, Place

blueprint = Blueprint("reports", __name__)
_FILTERS = ("period", "subproject", "line")


@blueprint.get("/reports")
@permitted(Permission.REPORTS_STATISTICS_READ)
def dashboard() -> str:
    """Show the figures of a fixed period at a place within reach. Without a period: this month."""
    found = _load()
    service.record_view(found, actor=current_actor())
    return _page(found, ExportForm(data=_address(found)))


@blueprint.get("/reports/line")
@permitted(Permission.REPORTS_STATISTICS_READ)
def line() -> tuple[str, int]:
    """Show how the line was answered in a fixed period at a place within reach.

    Occupancy follows from the hours that seats were staffed; 422 when what was typed is no such number.
    """
    form = StaffedForm(request.args)
    is_fine = form.validate()
    names = (*_FILTERS, "within")
    found = queries.get_line_page(current_actor(), **{name: request.args.get(name, "") for name in names})
    service.record_line_view(found, actor=current_actor())
    body = render_template(
        "reports/line.html",
        page=found,
        address=address_of(found.place),
        form=form,
        cards=line_cards.cards(found, form.seat_hours.data if is_fine else None),
        percent=line_cards.percent,
        seconds=line_cards.seconds,
        levels=WITHIN,
        period_name=labels.period_name,
        heat_class=cards.heat_class,
        heat_most=cards.heat_most(found.heat),
        trend=line_cards.trend(found),
        bars=line_cards.lines(found),
        weekdays=workbook.weekdays(),
        slots=workbook.slot_names(),
    )
    return body, 200 if is_fine else 422


@blueprint.post("/reports/export")
@permitted(Permission.REPORTS_STATISTICS_EXPORT)
def export() -> tuple[str, int] | Redirect:
    """Ask what the figures are for, then send to the file. Refused (422) without a purpose."""
    form = ExportForm()
    wanted = {name: form[name].data or "" for name in _FILTERS}
    if not form.validate():
        return _page(queries.get_dashboard(current_actor(), **wanted), form), 422
    address: dict[str, Any] = {"purpose": form.purpose.data, **wanted}
    return redirect(url_for("reports.download", **address), 303)


@blueprint.get("/reports/export.xlsx")
@permitted(Permission.REPORTS_STATISTICS_EXPORT)
def download() -> Response | Redirect:
    """Hand out the workbook; every time it is fetched, the trail says by whom and what for.

    Without a purpose (a link somebody kept) it leads back to where one is chosen.
    """
    try:
        purpose = Purpose(request.args.get("purpose", ""))
    except ValueError:
        flash(_("请先在统计看板选择导出用途。"))
        return redirect(url_for("reports.dashboard"), 303)
    found = _load()
    response = make_response(service.export(found, purpose, actor=current_actor()))
    response.mimetype = workbook.MEDIA_TYPE
    response.headers["Content-Disposition"] = f'attachment; filename="{workbook.file_name(found)}"'
    return response


def _load() -> Dashboard:
    return queries.get_dashboard(current_actor(), **{name: request.args.get(name, "") for name in _FILTERS})


def _address(found: Dashboard) -> dict[str, str]:
    return {"period": found.period.key, **address_of(found.place)}


def address_of(place: Place) -> dict[str, str]:
    """Return how a place stands in an address."""
    return {
        "subproject": place.subproject.code if place.subproject else "",
        "line": str(place.line.id) if place.line else "",
    }


def _page(found: Dashboard, form: ExportForm) -> str:
    return render_template(
        "reports/dashboard.html",
        dashboard=found,
        address=_address(found),
        period_name=labels.period_name,
        sections=cards.cards(found),
        trend=cards.trend(found),
        lines=cards.lines(found),
        heat_class=cards.heat_class,
        heat_most=cards.heat_most(found.heat),
        weekdays=workbook.weekdays(),
        slots=workbook.slot_names(),
        side_titles=workbook.side_titles(),
        may_export=current_actor().reach(Permission.REPORTS_STATISTICS_EXPORT) is not Reach.NONE,
        form=form,
    )
