"""Counts of cases for reports: from the daily rollup only, never from cases or notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from casework.cases.models import CaseDay
from casework.core import tally
from casework.core.db import session
from casework.security.guard import require
from casework.security.permissions import Permission
from casework.security.reach import reach_clause

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date
    from uuid import UUID

    from casework.cases.types import Dimension
    from casework.security.actor import Actor


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many on one day, in one sub-project, of one value of one dimension."""

    day: date
    subproject_id: UUID
    dimension: str
    value: str
    count: int


def daily_counts(
    actor: Actor,
    start: date,
    end: date,
    *,
    dimensions: Collection[Dimension] | None = None,
    subproject_id: UUID | None = None,
) -> list[DayCount]:
    """Return the counts of the days from ``start`` to ``end`` (both included) within the actor's reach.

    Refused (R23) for roles that do not read statistics. Days and values without events have no row.
    """
    reach = require(actor, Permission.REPORTS_STATISTICS_READ)
    wanted = [
        reach_clause(actor, reach, project=CaseDay.subproject_id),
        CaseDay.day.between(start, end),
    ]
    if dimensions is not None:
        wanted.append(CaseDay.dimension.in_([str(each) for each in dimensions]))
    if subproject_id is not None:
        wanted.append(CaseDay.subproject_id == subproject_id)
    keys = (CaseDay.day, CaseDay.subproject_id, CaseDay.dimension, CaseDay.value)
    total = sa.func.sum(CaseDay.count)
    statement = sa.select(*keys, total).where(*wanted).group_by(*keys).having(total != 0).order_by(*keys)
    return [DayCount(*row) for row in session().execute(statement)]


@dataclass(frozen=True, slots=True)
class MonthCount:
    """How many in one month (``2020-04``), in one sub-project, of one value of one dimension."""

    month: str
    subproject_id: UUID
    dimension: str
    value: str
    count: int


def monthly_counts(actor: Actor, dimensions: Collection[str]) -> list[MonthCount]:
    """Return the counts of all months within the actor's reach. Refused (R23) for roles that do not read statistics."""
    reach = require(actor, Permission.REPORTS_STATISTICS_READ)
    where = [reach_clause(actor, reach, project=CaseDay.subproject_id), CaseDay.dimension.in_(list(dimensions))]
    keys = (CaseDay.subproject_id, CaseDay.dimension, CaseDay.value)
    return [MonthCount(*row) for row in tally.monthly(CaseDay, *keys, where=where)]
