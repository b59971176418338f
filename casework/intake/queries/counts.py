"""Counts of calls for reports: from the daily rollup only, never from calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from casework.core.db import session
from casework.intake.models import CallDay
from casework.intake.types import DayCount, Dimension
from casework.security.guard import require
from casework.security.permissions import Permission
from casework.security.reach import reach_clause

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date
    from uuid import UUID

    from casework.security.actor import Actor


def daily_counts(
    actor: Actor,
    *,
    start: date,
    end: date,
    dimension: Dimension,
    subproject_ids: Collection[UUID] | None = None,
) -> list[DayCount]:
    """Return the counts of the days from ``start`` to ``end`` (both included) within the actor's reach.

    ``Dimension.LINE`` is the total by line, with the line's id as value. Refused (R23) for roles that do not read
    statistics. Days and values without calls have no row.
    """
    reach = require(actor, Permission.REPORTS_STATISTICS_READ)
    counted = Dimension.TOTAL if dimension is Dimension.LINE else dimension
    wanted = [
        reach_clause(actor, reach, project=CallDay.subproject_id),
        CallDay.day.between(start, end),
        CallDay.dimension == str(counted),
    ]
    if subproject_ids is not None:
        wanted.append(CallDay.subproject_id.in_(subproject_ids))
    keys = (CallDay.day, CallDay.subproject_id, CallDay.line_id, CallDay.value)
    total = sa.func.sum(CallDay.count)
    statement = sa.select(*keys, total).where(*wanted).group_by(*keys).having(total != 0).order_by(*keys)
    return [
        DayCount(day, subproject, line, dimension, str(line) if dimension is Dimension.LINE else value, int(count))
        for day, subproject, line, value, count in session().execute(statement)
    ]
