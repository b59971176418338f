"""What is done with statistics: looking at them and taking them out. Each leaves one audit event (R23e)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.audit import trail
from casework.audit.events import Action
from casework.reports.documents import workbook
from casework.security.guard import require
from casework.security.permissions import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from casework.reports.queries import Dashboard, LinePage
    from casework.reports.types import Purpose
    from casework.security.actor import Actor


def record_view(dashboard: Dashboard, *, actor: Actor) -> None:
    """Leave the event that somebody looked at statistics."""
    trail.record(
        Action.REPORT_VIEWED,
        actor=actor,
        subject_kind="report",
        subject_id=_subject(dashboard),
        details={"report": _code(dashboard)},
    )


def record_line_view(page: LinePage, *, actor: Actor) -> None:
    """Leave the event that somebody looked at the figures of the line."""
    place = page.place
    parts = ["line", page.period.key, place.subproject.code if place.subproject else "all"]
    trail.record(
        Action.REPORT_VIEWED,
        actor=actor,
        subject_kind="report",
        subject_id=place.subproject.id if place.subproject else None,
        details={"report": ":".join([*parts, str(place.line.id)] if place.line else parts)},
    )


def export(dashboard: Dashboard, purpose: Purpose, *, actor: Actor) -> bytes:
    """Return the workbook of a dashboard and leave the event that says what for.

    Refused (R23) for roles that may look but not take figures out.
    """
    require(actor, Permission.REPORTS_STATISTICS_EXPORT)
    content = workbook.build(dashboard, purpose)
    trail.record(
        Action.REPORT_EXPORTED,
        actor=actor,
        subject_kind="report",
        subject_id=_subject(dashboard),
        details={"format": "xlsx", "purpose": str(purpose), "report": _code(dashboard)},
    )
    return content


def _subject(dashboard: Dashboard) -> UUID | None:
    return dashboard.place.subproject.id if dashboard.place.subproject else None


def _code(dashboard: Dashboard) -> str:
    place = dashboard.place
    parts = ["statistics", dashboard.period.key, place.subproject.code if place.subproject else "all"]
    return ":".join([*parts, str(place.line.id)] if place.line else parts)
