"""Counts of calls by month for statistics: from the daily rollup only, never from calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from casework.core import tally
from casework.intake.models import CallDay
from casework.security.guard import require
from casework.security.permissions import Permission
from casework.security.reach import reach_clause

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from casework.security.actor import Actor


@dataclass(frozen=True, slots=True)
class MonthCount:
    """How many in one month (``2020-04``), in one sub-project, on one line, of one value of one dimension."""

    month: str
    subproject_id: UUID
    line_id: UUID
    dimension: str
    value: str
    count: int


def monthly_counts(actor: Actor, dimensions: Collection[str]) -> list[MonthCount]:
    """Return the counts of all months within the actor's reach. Refused (R23) for roles that do not read statistics."""
    reach = require(actor, Permission.REPORTS_STATISTICS_READ)
    where = [reach_clause(actor, reach, project=CallDay.subproject_id), CallDay.dimension.in_(list(dimensions))]
    keys = (CallDay.subproject_id, CallDay.line_id, CallDay.dimension, CallDay.value)
    return [MonthCount(*row) for row in tally.monthly(CallDay, *keys, where=where)]
