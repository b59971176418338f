"""Several people at once: no number twice or lost, no second open case, nothing overwritten."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from casework.cases import queries, service
from casework.cases.models import Case, CaseAssignment, CaseNote
from casework.core import clock
from casework.core.db import db, session, write_transaction
from casework.core.errors import Conflict
from tests.integration.cases.conftest import TEXT, House, furnish, session_fields

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from flask import Flask

WRITERS = 8


@pytest.fixture
def committed(bare_app: Flask) -> House:
    """Give the house to several sessions: everything in it is committed."""
    with bare_app.app_context(), write_transaction():
        return furnish()


def at_once(app: Flask, tasks: list[Callable[[], object]]) -> list[object]:
    """Run the tasks in transactions of their own that begin together; return what each returned or raised."""
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


def in_transaction(app: Flask, task: Callable[[], UUID]) -> UUID:
    with app.app_context(), write_transaction():
        return task()


def test_parallel_writers_leave_no_gap_and_no_number_twice(bare_app: Flask, committed: House) -> None:
    numbers = at_once(bare_app, [lambda: committed.open().number] * WRITERS)
    assert len(set(map(str, numbers))) == WRITERS
    counts = sorted(int(str(number).rpartition("-")[2]) for number in numbers)
    assert counts == list(range(1, WRITERS + 1))


def test_two_who_open_a_case_for_one_person_open_one(bare_app: Flask, committed: House) -> None:
    person = in_transaction(bare_app, committed.client)

    def open_one() -> object:
        return service.open_case(committed.places["GZ"], person, ["none"], 1, actor=committed.actor("dudao"))

    ends = at_once(bare_app, [open_one, open_one])
    assert sum(isinstance(end, Conflict) for end in ends) == 1
    with bare_app.app_context():
        assert session().scalar(sa.select(sa.func.count()).select_from(Case)) == 1
        assert session().scalar(sa.select(Case.number)) == f"GZ-{clock.today().year}-0001"


def test_two_who_correct_one_note_leave_one_correction(bare_app: Flask, committed: House) -> None:
    def write() -> UUID:
        return service.write_note(committed.open(), TEXT, session_fields(), actor=committed.actor("zixun")).id

    note_id = in_transaction(bare_app, write)

    def correct(text: str) -> Callable[[], object]:
        def task() -> object:
            note = session().get_one(CaseNote, note_id)
            return service.correct_note(note, text, version=1, actor=committed.actor("zixun")).id

        return task

    ends = at_once(bare_app, [correct("甲的更正"), correct("乙的更正")])
    assert sum(isinstance(end, Conflict) for end in ends) == 1
    with bare_app.app_context():
        corrections = session().scalars(sa.select(CaseNote).where(CaseNote.corrects_id == note_id)).all()
        assert len(corrections) == 1
        text = queries.open_note(committed.actor("zixun"), corrections[0]).text
        assert text in {"甲的更正", "乙的更正"}
        session().rollback()


def test_two_who_assign_one_case_leave_one_counselor(bare_app: Flask, committed: House) -> None:
    case_id = in_transaction(bare_app, lambda: committed.open(counselor=None).id)

    def give(name: str) -> Callable[[], object]:
        def task() -> object:
            case = session().get_one(Case, case_id)
            return service.assign(case, committed.people[name].account_id, actor=committed.actor("dudao"), version=1).id

        return task

    ends = at_once(bare_app, [give("zixun"), give("zixun3")])
    assert sum(isinstance(end, Conflict) for end in ends) == 1
    with bare_app.app_context():
        current = sa.select(sa.func.count()).where(CaseAssignment.case_id == case_id, CaseAssignment.until_at.is_(None))
        assert session().scalar(current) == 1


def test_two_windows_of_one_draft_keep_the_first_words(bare_app: Flask, committed: House) -> None:
    case_id = in_transaction(bare_app, lambda: committed.open().id)

    def save(text: str) -> Callable[[], object]:
        def task() -> object:
            case = session().get_one(Case, case_id)
            return service.save_note_draft(case, {"text": text}, rev=0, actor=committed.actor("zixun")).rev

        return task

    ends = at_once(bare_app, [save("甲"), save("乙")])
    assert sum(isinstance(end, Conflict) for end in ends) == 1
    assert 1 in ends
