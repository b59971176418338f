"""What is stored of a measurement, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from casework.assessments import queries, service
from casework.core import clock
from casework.core.db import session, write_transaction
from casework.core.errors import Invalid, Refused
from tests.support import casefile, seed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask


def record(
    app: Flask, scale: str, answers: Mapping[str, int], *, login: str = "zixun", later: timedelta = timedelta()
) -> list[int | None]:
    """Record one measurement of a new case and return the scores as its supervisor reads them."""
    case = casefile.open_case(app)
    with app.app_context():
        worker, supervisor = seed.actor(login), seed.actor("dudao")
        with write_transaction():
            at = clock.now() + later
            service.record_measure(case.id, case.data_key_id, scale, answers, taken_at=at, actor=worker)
            session().flush()
            assert queries.count_measures(case.id) == len(queries.list_taken(case.id)) == 1
            return [each.score for each in queries.open_measures(supervisor, case.id)]


def test_a_score_is_read_as_it_was_given(app: Flask) -> None:
    assert record(app, "distress", {"now": 0}) == [0]


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("scale", "answers"),
    [("phq-9", {"now": 1}), ("distress", {}), ("distress", {"now": 11}), ("distress", {"now": 1, "more": 1})],
)
def test_what_is_no_answer_is_refused(app: Flask, scale: str, answers: dict[str, int]) -> None:
    with pytest.raises(Invalid):
        record(app, scale, answers)


@pytest.mark.sqlite_only
def test_a_measurement_to_come_is_refused(app: Flask) -> None:
    with pytest.raises(Invalid):
        record(app, "distress", {"now": 1}, later=timedelta(minutes=1))


@pytest.mark.sqlite_only
def test_nobody_seals_under_a_key_they_cannot_open(app: Flask) -> None:
    with pytest.raises(Refused):
        record(app, "distress", {"now": 1}, login="zixun2")
