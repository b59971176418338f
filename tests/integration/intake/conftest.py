"""A desk in GZ: people of the demonstration as actors, calls in a line."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest

from casework.cases.types import Population
from casework.core.db import db, write_transaction
from casework.core.errors import Conflict
from casework.core.ids import new_id
from casework.intake import service
from casework.intake.service import DraftKey
from casework.intake.types import AgeBand, CallType, Codes, Outcome, Risk, Sex, Topic, Words
from casework.programme import queries as programme
from tests.support.canaries import NAME, NUMBER, SUMMARY

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from flask import Flask

    from casework.intake.models import Call
    from casework.security.actor import Actor

STAFF = ("zhiyuan", "zixun", "zixun2", "dudao", "dudao2", "fuze", "bangong", "guanli", "shenji", "yishi")
CODES = Codes(
    call_type=CallType.SELF,
    sex=Sex.FEMALE,
    age_band=AgeBand.FROM_36,
    division="440100",
    population=(Population.NONE,),
    topics=(Topic.SLEEP,),
    risk=Risk.NONE,
    outcome=Outcome.SUPPORTED,
)
WORDS = Words(caller_name=NAME, caller_phone=NUMBER, summary=SUMMARY)
# What a browser sends for a complete call, beside the hidden fields of the page.
TYPED: dict[str, Any] = {
    "caller_phone": NUMBER,
    "caller_name": NAME,
    "call_type": "self",
    "sex": "female",
    "age_band": "36_59",
    "division": "440100",
    "population": ["none"],
    "topics": ["sleep"],
    "risk": "none",
    "summary": SUMMARY,
    "outcome": "supported",
}


@dataclass
class Desk:
    """Shorthand for what a test of calls does again and again."""

    actor: Callable[[str], Actor]

    def line(self, login: str = "zhiyuan") -> UUID | None:
        """Return a line of somebody's sub-project."""
        who = self.actor(login)
        return next((line.id for line in programme.list_lines(who, who.subproject_id)), None)

    def finish(self, login: str = "zhiyuan", words: Words = WORDS, **changes: Any) -> Call:  # noqa: ANN401 - fields of Codes
        """Finish a call."""
        call_id = new_id()
        return service.finish(
            DraftKey(call_id, 0, call_id),
            replace(CODES, **changes),
            words,
            actor=self.actor(login),
            line_id=self.line(login),
        )

    def wait(self, **changes: Any) -> Call:  # noqa: ANN401 - fields of Codes
        """Finish a call that waits for a supervisor."""
        return self.finish(**{"outcome": Outcome.TO_CASE, **changes})


@pytest.fixture
def actor(actor: Callable[[str], Actor]) -> Callable[[str], Actor]:
    """Give people as actors that were signed in before the test began, each time as in a new request.

    Signing in ends the transaction that is open, which would take unfinished work of the test with it.
    """
    known = {login: actor(login) for login in STAFF}
    return lambda login: replace(known[login], opened={})


@pytest.fixture
def desk(actor: Callable[[str], Actor]) -> Desk:
    """Give the shorthand; each use of a name is a fresh actor, as in a new request."""
    return Desk(actor)


def at_once(app: Flask, tasks: list[Callable[[], object]]) -> list[object]:
    """Run the tasks in transactions of their own that begin together; return what each returned or was refused with."""
    barrier = Barrier(len(tasks))

    def run(task: Callable[[], object]) -> object:
        with app.app_context():
            barrier.wait(timeout=30)
            try:
                with write_transaction():
                    return task()
            except Conflict as error:
                return error
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))
