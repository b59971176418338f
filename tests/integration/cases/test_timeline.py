"""What the timeline shows, and that each shown text leaves exactly one read event (T4)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from casework.assessments import queries as assessments
from casework.audit.models import AuditEntry
from casework.audit.verify.contents import check_contents
from casework.cases import queries, service
from casework.cases.models import CaseNote
from casework.cases.queries import timeline_sources
from casework.cases.queries.timeline import SHOWN
from casework.cases.types import ItemKind, NoteKind, Opened, Stage, TimelineItem
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Refused
from casework.core.ids import new_id
from tests.integration.cases.conftest import NOW, TEXT, House, session_fields

if TYPE_CHECKING:
    from uuid import UUID

    from casework.cases.models import Case
    from casework.security.actor import Actor


def reads(action: str = "note.read") -> dict[UUID, int]:
    """Return how many read events each object has."""
    session().commit()
    counted = sa.select(AuditEntry.subject_id, sa.func.count()).where(AuditEntry.action == action)
    return dict(session().execute(counted.group_by(AuditEntry.subject_id)).all())  # type: ignore[arg-type]  # rows are pairs


def test_T4_every_note_that_is_shown_leaves_exactly_one_event(house: House) -> None:
    case = house.open()
    notes = [service.write_note(case, f"{TEXT}{n}", session_fields(), actor=house.actor("zixun")) for n in range(3)]
    assert reads() == {}
    queries.timeline(house.actor("zixun"), case)
    assert reads() == {note.id: 1 for note in notes}
    queries.timeline(house.actor("dudao"), case)
    assert reads() == {note.id: 2 for note in notes}


def test_T4_the_event_says_who_read_and_what(house: House) -> None:
    case = house.open()
    note = service.write_note(case, TEXT, session_fields(), actor=house.actor("zixun"))
    queries.open_note(house.actor("dudao"), note)
    session().commit()
    entry = session().scalars(sa.select(AuditEntry).where(AuditEntry.action == "note.read")).one()
    assert entry.actor_id == house.people["dudao"].account_id
    assert (entry.subject_kind, entry.subject_id, entry.details) == ("note", note.id, {"case": str(case.id)})


def test_T4_texts_on_other_pages_and_of_other_kinds_stay_sealed(house: House) -> None:
    case = house.open()
    for n in range(SHOWN + 5):
        with clock.frozen(NOW + timedelta(minutes=n)):
            service.write_note(case, TEXT, session_fields(), actor=house.actor("zixun"))
    with clock.frozen(NOW + timedelta(hours=2)):
        first = queries.timeline(house.actor("zixun"), case)
        assert (len(first.items), first.pages) == (SHOWN, 2)
        assert sum(reads().values()) == SHOWN
        queries.timeline(house.actor("zixun"), case, kind=ItemKind.STAGE)
        assert sum(reads().values()) == SHOWN
        second = queries.timeline(house.actor("zixun"), case, page=2)
    assert sum(reads().values()) == SHOWN + 5
    assert not {item.id for item in first.items} & {item.id for item in second.items}


def test_T4_a_correction_shows_both_texts_and_counts_both_reads(house: House) -> None:
    case, counselor = house.open(), house.actor("zixun")
    first = service.write_note(case, "原文", session_fields(), actor=counselor)
    second = service.correct_note(first, "更正一", version=first.row_version, actor=counselor)
    third = service.correct_note(second, "更正二", version=second.row_version, actor=counselor)
    items = [item for item in queries.timeline(counselor, case).items if item.kind is ItemKind.NOTE]
    assert [item.id for item in items] == [third.id]
    assert items[0].is_corrected
    assert items[0].opened is not None
    assert items[0].opened.text == "更正二"
    assert [old.text for old in items[0].opened.before] == ["更正一", "原文"]
    assert reads() == {first.id: 1, second.id: 1, third.id: 1}


def test_T2_a_stranger_who_got_hold_of_the_row_is_shown_no_text(house: House) -> None:
    case = house.open()
    service.write_note(case, TEXT, session_fields(), actor=house.actor("zixun"))
    with pytest.raises(Refused):
        queries.timeline(house.actor("zixun3"), case)
    assert reads() == {}


def test_everything_that_happened_is_there_newest_first(house: House) -> None:
    with clock.frozen(NOW):
        case = house.open()
    counselor = house.actor("zixun")
    with clock.frozen(NOW + timedelta(hours=1)):
        service.move_stage(case, Stage.ASSESSING, actor=counselor)
    with clock.frozen(NOW + timedelta(hours=2)):
        service.record_measure(case, "distress", {"now": 7}, actor=counselor)
    with clock.frozen(NOW + timedelta(hours=3)):
        fields = session_fields(kind=NoteKind.SUPERVISION, channel=None, services=(), minutes=None)
        service.write_note(case, TEXT, fields, actor=counselor)
        page = queries.timeline(counselor, case)
    kinds = [item.kind for item in page.items]
    assert kinds[:3] == [ItemKind.NOTE, ItemKind.MEASURE, ItemKind.STAGE]
    assert set(kinds[3:]) == {ItemKind.STAGE, ItemKind.ASSIGNMENT}
    assert [str(item.title) for item in page.items][:3] == ["督导记录", "困扰程度 0–10", "接案 → 预估"]
    assert page.counts[ItemKind.STAGE] == 2


def test_a_package_above_adds_its_own_and_is_opened_only_when_shown(house: House) -> None:
    case, asked = house.open(), []

    def source(actor: Actor, theirs: Case) -> list[TimelineItem]:
        def reveal() -> Opened:
            asked.append(actor.account_id)
            return Opened("来电摘要")

        return [TimelineItem(at=theirs.opened_at, kind=ItemKind.CALL, id=new_id(), title="来电", reveal=reveal)]

    timeline_sources.append(source)
    try:
        queries.timeline(house.actor("zixun"), case, kind=ItemKind.NOTE)
        assert asked == []
        page = queries.timeline(house.actor("zixun"), case, kind=ItemKind.CALL)
    finally:
        timeline_sources.remove(source)
    assert [item.opened.text for item in page.items if item.opened] == ["来电摘要"]
    assert len(asked) == 1


def test_scores_are_read_one_event_each(house: House) -> None:
    case, counselor = house.open(), house.actor("zixun")
    first = service.record_measure(case, "distress", {"now": 8}, actor=counselor)
    second = service.record_measure(case, "distress", {"now": 3}, actor=counselor)
    assert [each.score for each in assessments.open_measures(house.actor("dudao"), case.id)] == [8, 3]
    assert reads("measure.read") == {first.id: 1, second.id: 1}
    with pytest.raises(Refused):
        assessments.open_measures(house.actor("zixun3"), case.id)


def test_a_note_changed_behind_the_back_of_the_trail_is_found(house: House) -> None:
    case, counselor = house.open(), house.actor("zixun")
    note = service.write_note(case, TEXT, session_fields(), actor=counselor)
    service.record_measure(case, "distress", {"now": 8}, actor=counselor)
    session().commit()
    counts: dict[str, int] = {}
    assert list(check_contents(session(), counts)) == []
    assert (counts["note"], counts["measure"]) == (1, 1)
    changed = note.sealed_text[:-1] + bytes([note.sealed_text[-1] ^ 1])
    session().execute(sa.update(CaseNote).where(CaseNote.id == note.id).values(sealed_text=changed))
    assert [finding.note for finding in check_contents(session(), counts)] == [f"note:{note.id}"]
