"""How the follow-ups after high-risk calls were kept, for those who read statistics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from flask import current_app

from casework.core import clock
from casework.intake import queries
from casework.intake.rules import intervals
from casework.intake.types import OnTime
from casework.security.permissions import Permission
from casework.security.roles import Reach

if TYPE_CHECKING:
    from casework.security.actor import Actor

# Rates of fewer are chance, and could point at somebody (domain-standards §17).
FEWEST: Final = 20
LOOKED_BACK: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Kept:
    """One step of the series: of how many that were due, which share was made in time (None: too few)."""

    count: int
    unit: str
    due: int
    percent: int | None


def kept(actor: Actor) -> list[Kept]:
    """Return how each step was kept that was first due within a year up to yesterday; none for other roles."""
    if actor.reach(Permission.REPORTS_STATISTICS_READ) is Reach.NONE:
        return []
    today = clock.today()
    found = queries.keeping(actor, start=today - LOOKED_BACK, end=today - timedelta(days=1))
    rows = []
    for step in intervals(current_app.extensions["casework.settings"].followup_series):
        kept_ = found.get(step.code, OnTime(step.code, 0, 0, 0, 0))
        percent = round(100 * kept_.on_time / kept_.due) if kept_.due >= FEWEST else None
        rows.append(Kept(step.count, step.unit, kept_.due, percent))
    return rows
