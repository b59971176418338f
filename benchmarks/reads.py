"""Reads that must stay as quick with a million rows as with ten thousand, measured in process."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import sqlalchemy as sa

from benchmarks import bulk, samples
from benchmarks.harness import Row, at_most, pairs_of, seconds_of
from casework.clients import queries as clients
from casework.clients.rules import normalise
from casework.core import clock, crypto, paging
from casework.core.db import Access, db, read_transaction, session, using
from casework.intake import queries as intake
from casework.intake.models import Call
from casework.intake.queries.waiting import SHOWN
from casework.people import service as people
from tests.support.seed import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from benchmarks.system import System
    from casework.security.actor import Actor

FEW, MANY = 10_000, 1_000_000
DEEP_PAGE = 10_000
TIMES = 30


def rows(system: System) -> list[Row]:
    """Return the rows of lists and of looking up a number. Fills the database with a million calls."""
    with system.app.test_request_context():
        volunteer, supervisor = (people.actor_of(login, PASSWORD) for login in ("zhiyuan", "dudao"))
        first = samples.finished_call(volunteer)
        _multiply(first, FEW - 1)
        few = _seconds_of_page(supervisor, None)
        base = [few() for _ in range(3)]
        _multiply(first, MANY - FEW)
        return [*_pages(supervisor, min(base)), _look_up(volunteer)]


def _multiply(call_id: UUID, copies: int) -> None:
    index = "decode(md5(n::text), 'hex')" if db.engine.dialect.name == "postgresql" else "randomblob(16)"
    # Spread over the time before the real call, as a queue is; every seventh is urgent.
    if db.engine.dialect.name == "postgresql":
        moment = "source.finished_at - n * interval '1 second'"
        start = "source.started_at - n * interval '1 second'"
    else:
        moment = "strftime('%Y-%m-%d %H:%M:%f000', source.finished_at, '-' || n || ' seconds')"
        start = "strftime('%Y-%m-%d %H:%M:%f000', source.started_at, '-' || n || ' seconds')"
    changed = {"id": bulk.ordered_id(copies), "finished_at": moment, "started_at": start, "number_index": index}
    changed["triage_rank"] = "n % 7"
    bulk.copy_row(Call.__table__, call_id, copies, changed)  # type: ignore[arg-type]  # a mapped table
    bulk.analyse()


def _pages(supervisor: Actor, base: float) -> list[Row]:
    """Compare page 1 and page 10,000 of a million with page 1 of ten thousand, which was measured before."""
    found = []
    for name, cursor in (("page 1", None), ("page 10,000", _cursor_of(supervisor, DEEP_PAGE))):
        measure = _seconds_of_page(supervisor, cursor)
        measure()
        pairs = [(measure(), base) for _ in range(5)]
        found.append(at_most(f"list of 10^6, {name} / of 10^4, page 1 (s)", pairs, 1.2))
    return found


def _seconds_of_page(supervisor: Actor, cursor: str | None) -> Callable[[], float]:
    def page() -> None:
        with read_transaction():
            assert len(intake.list_waiting(supervisor, cursor).items) == SHOWN
        session().expunge_all()

    return seconds_of(page, TIMES)


def _cursor_of(supervisor: Actor, page: int) -> str:
    """Return the cursor of a far page without walking there."""
    order = [paging.Key(Call.triage_rank, descending=True), paging.Key(Call.finished_at), paging.Key(Call.id)]
    ordered = sa.select(Call).order_by(Call.triage_rank.desc(), Call.finished_at, Call.id)
    with read_transaction():
        mine = ordered.where(Call.subproject_id == supervisor.subproject_id)
        row = session().scalars(mine.offset(SHOWN * (page - 1) - 1).limit(1)).one()
        return paging._encode("n", row, order)  # noqa: SLF001 - a user would walk there by ten thousand clicks


def _look_up(volunteer: Actor) -> Row:
    numbers = count(13_000_000_000)
    salt = crypto.random_bytes(16)
    subproject = volunteer.subproject_id
    assert subproject is not None

    def look_up() -> None:
        with read_transaction():
            # Another number each time: what was stretched a moment ago may be remembered.
            number = normalise(str(next(numbers)))
            assert number is not None
            intake.contacts_of(subproject, clients.number_indexes(number.canonical), clock.now())

    with using(Access.READ):
        pairs = pairs_of(seconds_of(look_up, TIMES), seconds_of(lambda: crypto.stretch(b"x" * 32, salt), TIMES))
    return at_most("repeat caller among 10^6 / stretch alone (s)", pairs, 1.2)
