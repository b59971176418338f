"""The month dashboard with the rollups of a hundred thousand calls, and of ten million."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from benchmarks import bulk
from benchmarks.harness import Row, at_most
from casework.core.db import db, read_transaction, write_transaction
from casework.core.tally import SLOTS
from casework.intake.models import CallDay
from casework.intake.types import Dimension
from casework.intake.types.codes import AgeBand, CallType, Category, ForWhom, Outcome, Risk, Sex, Topic
from casework.people import service as people
from casework.programme.models import Hotline
from casework.reports import queries as reports
from tests.support.seed import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.system import System

FEW, MANY = 100_000, 10_000_000
DAYS: Final = 304
TIMES: Final = 5
MOST_SECONDS: Final = 0.010
VALUES: Final[dict[Dimension, list[str]]] = {
    Dimension.TOTAL: ["all"],
    Dimension.CALL_TYPE: [*CallType],
    Dimension.FOR_WHOM: [*ForWhom],
    Dimension.SEX: [*Sex],
    Dimension.AGE_BAND: [*AgeBand],
    Dimension.CATEGORY: [*Category],
    Dimension.TOPIC: [*Topic],
    Dimension.RISK: [*Risk],
    Dimension.OUTCOME: [*Outcome],
    Dimension.HOUR: [f"{day}-{hour}" for day in range(7) for hour in range(24)],
}


@dataclass(slots=True)
class Clock:
    """Seconds spent in the database."""

    seconds: float = 0.0


def rows(system: System) -> list[Row]:
    """Return the rows of the dashboard. The database holds the rollups only, since it reads nothing else."""
    with system.app.test_request_context():
        _fill(FEW)
        few = [_measure() for _ in range(TIMES)]
        _fill(MANY)
        many = [_measure() for _ in range(TIMES)]
    whole = [(after[0], before[0]) for after, before in zip(many, few, strict=True)]
    database = [(after[1], before[1]) for after, before in zip(many, few, strict=True)]
    return [
        at_most("month dashboard, 10^7 / 10^5 calls (s)", whole, 1.2),
        at_most("its database time, 10^7 / 10^5 calls (s)", database, 1.2, most=MOST_SECONDS),
    ]


def _measure() -> tuple[float, float]:
    lead = people.actor_of("fuze", PASSWORD)
    with _database_clock() as clock:
        before = time.perf_counter()
        with read_transaction():
            reports.get_dashboard(lead)
        return time.perf_counter() - before, clock.seconds


@contextmanager
def _database_clock() -> Iterator[Clock]:
    clock, began = Clock(), [0.0]

    def before(*_: Any) -> None:  # noqa: ANN401 - the event's own arguments
        began[0] = time.perf_counter()

    def after(*_: Any) -> None:  # noqa: ANN401 - the event's own arguments
        clock.seconds += time.perf_counter() - began[0]

    sa.event.listen(db.engine, "before_cursor_execute", before)
    sa.event.listen(db.engine, "after_cursor_execute", after)
    try:
        yield clock
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", before)
        sa.event.remove(db.engine, "after_cursor_execute", after)


def _fill(calls: int) -> None:
    """Replace the rollups by those of so many calls, spread evenly over ten months, two lines and every value."""
    with write_transaction() as writing:
        writing.execute(sa.delete(CallDay))
        lines = writing.execute(sa.select(Hotline.id, Hotline.subproject_id).limit(2)).all()
        for line in lines:
            for dimension, values in VALUES.items():
                each = calls // (DAYS * len(lines) * len(values))
                _fill_one(line, dimension, values, max(each, 1))
    bulk.analyse()


def _fill_one(line: Any, dimension: Dimension, values: list[str], each: int) -> None:  # noqa: ANN401 - a row
    # On SQLite every writer uses slot 0; PostgreSQL spreads as many calls over at most sixteen.
    postgresql = db.engine.dialect.name == "postgresql"
    slots = min(SLOTS, each) if postgresql else 1
    day = "current_date - d" if postgresql else "date('now', '-' || d || ' days')"
    listed = ", ".join(f"('{value}')" for value in values)
    statement = sa.text(
        "WITH days AS (SELECT n - 1 AS d FROM "
        f"{bulk.series(DAYS)}), slots AS (SELECT n - 1 AS s FROM {bulk.series(slots)}), kinds(v) AS (VALUES {listed}) "
        "INSERT INTO intake_call_day (day, dimension, value, slot, count, subproject_id, line_id) "
        f"SELECT {day}, :dimension, v, s, :each, :subproject, :line FROM days, slots, kinds"
    ).bindparams(
        sa.bindparam("subproject", line.subproject_id, type_=sa.Uuid()), sa.bindparam("line", line.id, type_=sa.Uuid())
    )
    with_values = {"dimension": str(dimension), "each": max(each // slots, 1)}
    db.session.execute(statement, with_values)
