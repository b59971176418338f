"""Who reaches which call: the decision on one and the filter of lists agree, for everybody."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.core import clock
from casework.core.db import session
from casework.intake import queries, service
from casework.intake.models import Call
from casework.intake.types import Outcome
from tests.integration.intake.conftest import STAFF, Desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from casework.security.actor import Actor

STEPS = st.tuples(st.sampled_from(["zhiyuan", "zixun"]), st.booleans())


@pytest.mark.sqlite_only
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=4), later=st.sampled_from([0, 27, 28, 40]))
def test_decision_and_filter_agree(
    desk: Desk, actor: Callable[[str], Actor], steps: list[tuple[str, bool]], later: int
) -> None:
    people = {login: actor(login) for login in STAFF}
    with session().begin_nested() as savepoint:
        for author, assigned in steps:
            call = desk.finish(author, outcome=Outcome.TO_CASE)
            if assigned:
                service.assign(call, people["zixun"].account_id, actor=actor("dudao"))
        with clock.frozen(clock.now() + timedelta(hours=later)):
            everything = session().scalars(sa.select(Call)).all()
            for login, who in people.items():
                decided = {call.id for call in everything if queries.may_read(who, call)}
                filtered = set(session().scalars(sa.select(Call.id).where(queries.within(who))))
                assert decided == filtered, login
        savepoint.rollback()
