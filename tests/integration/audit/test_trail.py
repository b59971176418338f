"""What ``record`` promises: one entry if and only if the transaction commits, and never a gap in a chain."""

from __future__ import annotations

from uuid import uuid4

import pytest
import sqlalchemy as sa

from casework.audit import trail
from casework.audit.events import Action, VocabularyError
from casework.audit.models import AuditEntry
from casework.audit.types import NO_MAC, Outcome
from casework.core import clock
from casework.core.db import Access, session, using, write_transaction
from tests.integration.audit.ledger import ACTOR, SEALED, Ledger


class Mishap(Exception):
    """Something that goes wrong in the middle of work."""


def _work_that_fails(action: Action = Action.CASE_READ, outcome: Outcome = Outcome.DONE) -> None:
    session().execute(sa.insert(SEALED).values(id=uuid4(), sealed_text=b"x"))
    _record(action, outcome)
    raise Mishap


def _record(action: Action = Action.CASE_READ, outcome: Outcome = Outcome.DONE) -> None:
    trail.record(action, actor=ACTOR, subject_kind="case", subject_id=uuid4(), outcome=outcome)


def test_a_commit_stores_its_events_in_order_and_linked(ledger: Ledger) -> None:
    with write_transaction():
        _record(Action.CASE_READ)
        _record(Action.ACCOUNT_DISABLED)
    first, second = ledger.entries()
    assert [first.action, second.action] == ["case.read", "account.disabled"]
    assert (first.seq, second.seq) == (1, 2)
    assert first.previous_mac == NO_MAC
    assert second.previous_mac == first.mac


def test_an_event_reads_back_as_it_was_recorded(ledger: Ledger) -> None:
    subject, moment = uuid4(), clock.now()
    with clock.frozen(moment), write_transaction():
        trail.record(
            Action.CASE_STAGE_CHANGED,
            actor=ACTOR,
            subject_kind="case",
            subject_id=subject,
            details={"before": "intake", "after": "service"},
            rule="R24",
            digest=b"\x07" * 32,
        )
    (entry,) = ledger.entries()
    assert entry.at == moment
    assert entry.subject_id == subject
    assert entry.actor_id == ACTOR.account_id
    assert entry.role == "system"
    assert entry.details == {"after": "service", "before": "intake"}
    assert (entry.outcome, entry.rule, entry.digest) == ("done", "R24", b"\x07" * 32)


def test_work_and_its_event_share_one_transaction(ledger: Ledger) -> None:
    with pytest.raises(Mishap), write_transaction():
        _work_that_fails()
    assert ledger.entries() == []
    assert session().scalar(sa.select(sa.func.count()).select_from(SEALED)) == 0


def test_a_rolled_back_event_does_not_come_back_with_the_next_commit(ledger: Ledger) -> None:
    _record()
    session().rollback()
    ledger.write(1, action=Action.ACCOUNT_DISABLED)
    assert [entry.action for entry in ledger.entries()] == ["account.disabled"]


def test_closing_a_session_drops_its_events(ledger: Ledger) -> None:
    _record()
    session().close()
    session().commit()
    assert ledger.entries() == []


def test_a_savepoint_takes_its_events_with_it_and_no_others(ledger: Ledger) -> None:
    with write_transaction() as current:
        _record(Action.CASE_READ)
        with pytest.raises(Mishap), current.begin_nested():
            _work_that_fails(Action.ACCOUNT_DISABLED)
        with current.begin_nested():
            _record(Action.ACCOUNT_ENABLED)
    assert [entry.action for entry in ledger.entries()] == ["case.read", "account.enabled"]


def test_releasing_a_savepoint_writes_nothing_before_the_commit(ledger: Ledger) -> None:
    current = session()
    with current.begin_nested():
        _record()
    current.rollback()
    assert ledger.entries() == []


def test_a_savepoint_broken_by_a_constraint_takes_its_events_with_it(ledger: Ledger) -> None:
    thing = ledger.seal(b"content")

    def seal_again() -> None:
        _record(Action.ACCOUNT_DISABLED)
        session().execute(sa.insert(SEALED).values(id=thing, sealed_text=b"twin"))

    with write_transaction() as current:
        with pytest.raises(sa.exc.IntegrityError), current.begin_nested():
            seal_again()
        _record(Action.CASE_READ)
    assert [entry.action for entry in ledger.entries()] == ["note.written", "case.read"]


def test_a_refusal_outlives_the_rollback_that_follows_it(ledger: Ledger) -> None:
    _record()
    _record(Action.ACCOUNT_DISABLED, Outcome.REFUSED)
    session().rollback()
    assert trail.has_queued()
    assert trail.flush_queue() == 1
    (entry,) = ledger.entries()
    assert (entry.action, entry.outcome) == ("account.disabled", "refused")


def test_a_refusal_in_a_broken_savepoint_stays_with_the_transaction(ledger: Ledger) -> None:
    with write_transaction() as current, pytest.raises(Mishap), current.begin_nested():
        _work_that_fails(Action.ACCOUNT_DISABLED, Outcome.FAILED)
    assert [entry.outcome for entry in ledger.entries()] == ["failed"]


def test_a_read_is_queued_and_written_by_the_flush(ledger: Ledger) -> None:
    with using(Access.READ):
        session().execute(sa.select(SEALED)).all()
        _record()
    assert trail.has_queued()
    assert ledger.entries() == []
    assert trail.flush_queue() == 1
    assert len(ledger.entries()) == 1
    assert not trail.has_queued()


def test_a_read_that_cannot_be_recorded_fails(ledger: Ledger) -> None:
    with using(Access.READ):
        _record()
    ledger.execute("DROP TABLE audit_entry")
    with pytest.raises(sa.exc.DBAPIError):
        trail.flush_queue()


def test_what_a_command_left_in_the_queue_is_written_when_its_context_ends(ledger: Ledger) -> None:
    with ledger.app.app_context(), using(Access.READ):
        _record()
    assert len(ledger.entries()) == 1


def test_a_wrong_detail_is_refused_and_nothing_is_recorded(ledger: Ledger) -> None:
    with pytest.raises(VocabularyError), write_transaction():
        trail.record(Action.NOTE_READ, actor=ACTOR, subject_kind="note", subject_id=uuid4(), details={"text": "x"})
    assert ledger.entries() == []


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET action = 'case.read'", "DELETE FROM audit_entry"])
def test_the_database_refuses_to_change_or_delete_an_entry(ledger: Ledger, statement: str) -> None:
    ledger.write(1, action=Action.ACCOUNT_DISABLED)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), write_transaction() as current:
        current.execute(sa.text(statement))
    assert [entry.action for entry in ledger.entries()] == ["account.disabled"]


def test_an_entry_cannot_be_changed_through_its_model(ledger: Ledger) -> None:
    ledger.write()
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), write_transaction() as current:
        current.scalars(sa.select(AuditEntry)).one().action = "nothing.happened"
    assert [entry.action for entry in ledger.entries()] == ["case.read"]
