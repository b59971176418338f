"""Several people at one follow-up, several calls of one number: one record, one task, no circle of waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict
from casework.intake import service
from casework.intake.models import Call, Followup
from casework.intake.types import Answers, FollowupState, Outcome, Risk
from casework.security.actor import Actor
from tests.integration.intake.conftest import at_once
from tests.support.canaries import NUMBER

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from flask import Flask

    from tests.integration.intake.conftest import Desk

WELL = Answers(risk=Risk.NONE, outcome=Outcome.SUPPORTED, summary="好一些了。")
WORSE = Answers(risk=Risk.PLAN_72H, distress_before=9, outcome=Outcome.TO_CASE, summary="说后天。")


@pytest.fixture
def series(desk: Desk) -> list[UUID]:
    """Give the committed follow-ups of a high-risk call by id, the earliest first."""
    desk.finish(risk=Risk.PLAN_WEEK, distress_before=8)
    session().commit()
    ids = session().scalars(sa.select(Followup.id).order_by(Followup.planned_at)).all()
    session().rollback()
    return list(ids)


def reach(followup_id: UUID, answers: Answers, who: Actor) -> Callable[[], object]:
    """Return the task of somebody who reached the person."""
    return lambda: service.record_contact(session().get_one(Followup, followup_id), answers, actor=who).id


def contacts() -> int:
    return session().scalar(sa.select(sa.func.count()).where(Call.is_outgoing)) or 0


def test_two_who_make_one_follow_up_leave_one_contact(
    app: Flask, actor: Callable[[str], Actor], series: list[UUID]
) -> None:
    ends = at_once(app, [reach(series[0], WELL, actor("dudao")), reach(series[0], WELL, actor("dudao"))])
    refused = [end for end in ends if isinstance(end, Conflict)]
    assert len(refused) == 1
    assert "已由王督导于" in str(refused[0].message)
    assert contacts() == 1


def test_two_who_hear_of_new_danger_in_two_steps_do_not_wait_in_a_circle(
    app: Flask, actor: Callable[[str], Actor], series: list[UUID]
) -> None:
    ends = at_once(app, [reach(series[0], WORSE, actor("dudao")), reach(series[3], WORSE, actor("dudao"))])
    # The first ends what is left of the old series, the other step with it.
    assert sum(isinstance(end, Conflict) for end in ends) == 1
    assert contacts() == 1
    left = sa.select(sa.func.count()).where(Followup.state == FollowupState.OPEN)
    assert session().scalar(left) == 5


def test_one_number_that_is_missed_several_times_at_once_waits_once(app: Flask, actor: Callable[[str], Actor]) -> None:
    place = actor("zhiyuan").subproject_id
    assert place is not None
    session().rollback()

    def miss() -> object:
        found = service.book_missed(
            subproject_id=place, line_id=None, phone=NUMBER, missed_at=clock.now(), actor=Actor.system()
        )
        return None if found is None else found.id

    assert len(set(at_once(app, [miss] * 4))) == 1
    assert session().scalar(sa.select(sa.func.count()).select_from(Followup)) == 1
