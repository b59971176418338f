"""Daily counters: what a batch counts is added once, at its end, or not at all."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from casework.core import tally
from casework.core.db import session
from casework.core.ids import new_id
from casework.intake.models import CallDay
from casework.programme import queries as programme
from casework.security.actor import Actor

if TYPE_CHECKING:
    from flask import Flask

KEY = {"line_id": new_id(), "day": date(2020, 2, 3), "dimension": "total", "value": ""}


def counted() -> int:
    found = sa.select(sa.func.coalesce(sa.func.sum(CallDay.count), 0)).where(CallDay.line_id == KEY["line_id"])
    return int(session().scalar(found) or 0)


def count_and_fail() -> None:
    with tally.gathered():
        tally.add(CallDay, [KEY | {"subproject_id": new_id(), "count": 2}])
        raise ZeroDivisionError


def test_a_batch_is_counted_at_its_end(app: Flask) -> None:
    with app.app_context():
        place = {"subproject_id": programme.list_subprojects(Actor.system())[0].id}
        with tally.gathered():
            tally.add(CallDay, [KEY | place | {"count": 2}])
            tally.add(CallDay, [KEY | place | {"count": 3}])
            assert counted() == 0
        assert counted() == 5
        tally.add(CallDay, [KEY | place | {"count": -1}])
        assert counted() == 4


def test_a_batch_that_fails_counts_nothing(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(ZeroDivisionError):
            count_and_fail()
        assert counted() == 0
