"""Reads of statistics: from daily counts only, never from calls or cases, and always through disclosure control."""

from casework.reports.queries.dashboard import Choices, Dashboard, Place, Point, Side, get_dashboard
from casework.reports.queries.line import LineFigures, LinePage, get_line_page

__all__ = (
    "Choices",
    "Dashboard",
    "LineFigures",
    "LinePage",
    "Place",
    "Point",
    "Side",
    "get_dashboard",
    "get_line_page",
)
