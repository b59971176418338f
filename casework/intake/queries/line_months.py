"""Counts of calls on the line for statistics: from the daily rollup only, never from records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from casework.core import tally
from casework.core.db import session
from casework.intake.models import LineDay
from casework.intake.types.telephony import LineDimension, LineMonth
from casework.security.guard import require
from casework.security.permissions import Permission
from casework.security.reach import reach_clause

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date
    from uuid import UUID

    from casework.security.actor import Actor


def line_months(actor: Actor, dimensions: Collection[str]) -> list[LineMonth]:
    """Return the counts of all months within the actor's reach. Refused (R23) for roles that do not read statistics."""
    keys = (LineDay.subproject_id, LineDay.line_id, LineDay.dimension, LineDay.value)
    return [LineMonth(*row) for row in tally.monthly(LineDay, *keys, where=_within(actor, dimensions))]


def line_days(actor: Actor, *, start: date, end: date) -> list[tuple[date, UUID, int]]:
    """Return how many calls were offered on each day, both ends included, by sub-project, within the actor's reach."""
    total = sa.func.sum(LineDay.count)
    keys = (LineDay.day, LineDay.subproject_id)
    statement = (
        sa.select(*keys, total)
        .where(*_within(actor, [LineDimension.STATE]), LineDay.day.between(start, end))
        .group_by(*keys)
        .having(total != 0)
        .order_by(*keys)
    )
    return [(day, subproject, int(count)) for day, subproject, count in session().execute(statement)]


def line_sums(
    actor: Actor,
    dimensions: Collection[str],
    *,
    start: date,
    end: date,
    subproject_id: UUID | None = None,
    line_id: UUID | None = None,
) -> dict[tuple[UUID, str, str], int]:
    """Return the sums of the days from ``start`` to ``end`` by line, dimension and value, within the actor's reach."""
    where = [*_within(actor, dimensions), LineDay.day.between(start, end)]
    if subproject_id is not None:
        where.append(LineDay.subproject_id == subproject_id)
    if line_id is not None:
        where.append(LineDay.line_id == line_id)
    keys = (LineDay.line_id, LineDay.dimension, LineDay.value)
    total = sa.func.sum(LineDay.count)
    statement = sa.select(*keys, total).where(*where).group_by(*keys).having(total != 0)
    return {(line, dimension, value): int(count) for line, dimension, value, count in session().execute(statement)}


def _within(actor: Actor, dimensions: Collection[str]) -> list[sa.ColumnElement[bool]]:
    reach = require(actor, Permission.REPORTS_STATISTICS_READ)
    return [
        reach_clause(actor, reach, project=LineDay.subproject_id),
        LineDay.dimension.in_([str(each) for each in dimensions]),
    ]
