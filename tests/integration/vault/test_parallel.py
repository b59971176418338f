"""Calls are saved while a circle gets a new generation: no key is sealed to the generation that ends."""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from casework.core.db import db, session, write_transaction
from casework.core.ids import new_id
from casework.security.actor import Actor
from casework.security.roles import Role
from casework.vault import service as vault
from casework.vault.models import KeyGrant
from casework.vault.types import KeyPurpose
from tests.integration.vault.test_circles import calls, circle
from tests.integration.vault.test_keys import opens

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from flask import Flask

    from tests.integration.vault.conftest import House

HOLD_SECONDS = 0.3


class Desk(Thread):
    """A process that does one thing in a transaction of its own, and holds it open for a while."""

    def __init__(self, app: Flask, work: Callable[[], None], started: Event, *, after: Event | None = None) -> None:
        """Take the turn after an event, or at once."""
        super().__init__()
        self._app, self._work, self._started, self._after = app, work, started, after
        self.failure: BaseException | None = None

    def run(self) -> None:
        """Wait for one's turn, work, hold, commit."""
        try:
            if self._after is not None:
                self._after.wait()
            with self._app.app_context():
                with write_transaction():
                    self._work()
                    self._started.set()
                    Event().wait(HOLD_SECONDS)
                db.session.remove()
        except BaseException as failure:  # noqa: BLE001 - reported by the test
            self.failure = failure
        finally:
            self._started.set()


def new_key(subproject_id: UUID) -> None:
    vault.create_key(KeyPurpose.CALL, new_id(), subproject_id=subproject_id, actor=Actor.system())


@pytest.mark.parametrize("rotation_first", [True, False])
def test_a_call_and_a_new_generation_at_the_same_moment(house: House, bare_app: Flask, rotation_first: bool) -> None:
    supervisor = house.supervisor()
    calls(house)
    session().commit()
    generation = circle(house).generation
    session().rollback()
    first_has_begun, second_has_begun = Event(), Event()

    def rotate() -> None:
        vault.rotate_circle(house.gz, actor=house.again(supervisor))

    def call() -> None:
        # What this desk read earlier must not decide to which generation it seals.
        read_before = circle(house)
        new_key(house.gz)
        assert read_before.subproject_id == house.gz

    order = [rotate, call] if rotation_first else [call, rotate]
    desks = [
        Desk(bare_app, order[0], first_has_begun),
        Desk(bare_app, order[1], second_has_begun, after=first_has_begun),
    ]
    for desk in desks:
        desk.start()
    for desk in desks:
        desk.join(30)
    assert [desk.failure for desk in desks] == [None, None]
    session().expire_all()
    grants = session().scalars(sa.select(KeyGrant).where(KeyGrant.circle_id.is_not(None))).all()
    assert len(grants) == 4
    assert {grant.circle_generation for grant in grants} == {generation + 1}
    reader = house.actor(supervisor.account_id, Role.SUPERVISOR, house.gz)
    assert len(vault.open_keys([grant.data_key_id for grant in grants], actor=reader)) == 4
    assert opens(house, supervisor, vault.open_key(grants[-1].data_key_id, actor=reader))
