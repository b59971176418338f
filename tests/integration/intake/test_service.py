"""Writing calls: drafts, finishing, correcting, taking back, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
import sqlalchemy as sa

from casework.audit.models import AuditEntry
from casework.clients import queries as clients
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict, Invalid, NotFound, Refused
from casework.core.ids import new_id
from casework.core.keyring import current_keyring
from casework.core.rotation import rewrappers_of
from casework.intake import queries, service
from casework.intake.models import Call, CallDay, CallRevision
from casework.intake.rules import contributions, is_incomplete
from casework.intake.service import DraftKey
from casework.intake.types import Brief, CallStatus, CallType, Dimension, Outcome, Repeat, Risk, TriageState, Words
from casework.programme.models import Subproject
from tests.integration.intake.conftest import CODES, WORDS, Desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from casework.security.actor import Actor


def events(action: str) -> int:
    session().commit()
    return session().scalar(sa.select(sa.func.count()).where(AuditEntry.action == action)) or 0


def tallied() -> dict[tuple[str, ...], int]:
    rows = session().execute(
        sa.select(CallDay.day, CallDay.subproject_id, CallDay.line_id, CallDay.dimension, CallDay.value, CallDay.count)
    )
    found: dict[tuple[str, ...], int] = {}
    for *key, count in rows:
        name = tuple(str(each) for each in key)
        found[name] = found.get(name, 0) + count
    return {key: count for key, count in found.items() if count}


def recounted() -> dict[tuple[str, ...], int]:
    found: dict[tuple[str, ...], int] = {}
    for call in session().scalars(sa.select(Call).where(Call.status == CallStatus.FINISHED)):
        counted = queries.counted_of(call)
        for (dimension, value), count in contributions(counted).items():
            name = (str(counted.day), str(counted.subproject_id), str(counted.line_id), str(dimension), value)
            found[name] = found.get(name, 0) + count
    return found


def status_of(call: Call) -> str:
    return str(call.status)


def test_a_finished_call_is_sealed_counted_and_left_one_event(desk: Desk) -> None:
    call = desk.finish()
    assert call.sealed_summary is not None
    assert WORDS.summary.encode() not in call.sealed_summary
    assert call.reopen_until - call.started_at == timedelta(hours=28)
    assert call.repeat == Repeat.FIRST
    assert call.triage_state == TriageState.NONE
    assert tallied() == recounted()
    assert events("call.finished") == 1


def test_T2_T4_author_and_supervisor_open_it_each_time_with_one_event_and_nobody_else(
    desk: Desk, actor: Callable[[str], Actor]
) -> None:
    call = desk.finish()
    for login in ("zhiyuan", "dudao"):
        found = queries.get_call(actor(login), call.id)
        assert queries.open_call(actor(login), found).words == replace(WORDS, caller_phone="+8613800138765")
    for login in ("zixun", "dudao2", "fuze", "guanli", "bangong", "shenji", "yishi"):
        with pytest.raises(NotFound):
            queries.get_call(actor(login), call.id)
    assert events("call.read") == 2


def test_after_the_grant_ends_only_the_number_of_calls_remains(desk: Desk, actor: Callable[[str], Actor]) -> None:
    call = desk.finish()
    with clock.frozen(call.reopen_until):
        volunteer = actor("zhiyuan")
        with pytest.raises(NotFound):
            queries.get_call(volunteer, call.id)
        assert queries.list_shift(volunteer).items == []
        assert queries.count_mine(volunteer) == 1
        with pytest.raises(NotFound):
            service.correct(DraftKey(call.id, call.rev, uuid4()), CODES, WORDS, actor=volunteer)


def test_T5_without_authority_nobody_logs_a_call(desk: Desk, actor: Callable[[str], Actor]) -> None:
    volunteer = actor("zhiyuan")
    place = session().get_one(Subproject, volunteer.subproject_id)
    place.authorised_by, place.authorised_on = "", None
    session().flush()
    key = DraftKey(new_id(), 0, uuid4(), 1)
    attempts: list[Callable[[], Call]] = [
        desk.finish,
        lambda: service.log_brief(Brief.SILENT, new_id(), actor=volunteer, line_id=desk.line()),
        lambda: service.save_draft(key, {"summary": "x"}, actor=volunteer),
    ]
    for attempt in attempts:
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.rule == "R20"


def test_service_before_the_day_of_authority_is_refused(desk: Desk, actor: Callable[[str], Actor]) -> None:
    place = session().get_one(Subproject, actor("zhiyuan").subproject_id)
    place.authorised_by, place.authorised_on = "民政局", clock.today() + timedelta(days=1)
    session().flush()
    with pytest.raises(Refused):
        desk.finish()


def test_T6_an_intake_without_focus_groups_is_refused_with_its_rule(desk: Desk) -> None:
    with pytest.raises(Invalid) as refused:
        desk.finish(population=())
    assert (refused.value.field, refused.value.rule) == ("population", "R12")
    assert session().scalar(sa.select(sa.func.count()).select_from(Call)) == 0


def test_an_emergency_keeps_a_number_that_cannot_be_read(desk: Desk, actor: Callable[[str], Actor]) -> None:
    words = Words(caller_phone="小区门口便利店", summary="")
    with pytest.raises(Invalid) as refused:
        desk.finish(words=replace(words, summary="x"))
    assert refused.value.field == "caller_phone"
    call = desk.finish(words=words, risk=Risk.ATTEMPT, outcome=Outcome.EMERGENCY, sex=None, topics=(), population=())
    assert call.number_index is None
    assert queries.open_call(actor("dudao"), call).words.caller_phone == "小区门口便利店"
    assert (call.triage_state, call.triage_rank) == (TriageState.WAITING, 5)


def test_a_repeat_caller_is_recognised_within_the_sub_project(desk: Desk, actor: Callable[[str], Actor]) -> None:
    first = desk.finish()
    second = desk.finish(words=replace(WORDS, caller_phone="+86 138-0013-8765"))
    assert (first.repeat, second.repeat) == (Repeat.FIRST, Repeat.REPEAT)
    assert desk.finish(words=replace(WORDS, caller_phone="")).repeat == Repeat.UNKNOWN
    found = service.look_up("１３８００１３８７６５", actor=actor("zhiyuan"))
    assert found is not None
    assert found.count == 2
    assert service.look_up("13900139000", actor=actor("zhiyuan")) is not None
    assert service.look_up("12356", actor=actor("zhiyuan")) is None
    assert events("caller.looked_up") == 2


def test_a_draft_is_sealed_continues_and_becomes_the_call(desk: Desk, actor: Callable[[str], Actor]) -> None:
    volunteer, call_id, writer = actor("zhiyuan"), new_id(), uuid4()
    call = service.save_draft(DraftKey(call_id, 0, writer, 1), {"summary": WORDS.summary}, actor=volunteer)
    assert (call.status, call.rev) == (CallStatus.DRAFT, 1)
    assert call.sealed_draft is not None
    assert WORDS.summary.encode() not in call.sealed_draft
    service.save_draft(DraftKey(call_id, 1, writer, 2), {"summary": "改过"}, actor=volunteer)
    assert [each.id for each in queries.list_unfinished(actor("zhiyuan"))] == [call_id]
    assert queries.open_draft(actor("zhiyuan"), call) == {"summary": "改过"}
    assert tallied() == {}
    done = service.finish(DraftKey(call_id, 2, writer), CODES, WORDS, actor=actor("zhiyuan"), line_id=desk.line())
    assert done.id == call_id
    assert done.sealed_draft is None
    assert queries.list_unfinished(actor("zhiyuan")) == []
    assert (events("call.draft_started"), events("call.draft_saved"), events("call.finished")) == (1, 1, 1)


def test_a_page_never_conflicts_with_itself_and_its_late_save_is_dropped(actor: Callable[[str], Actor]) -> None:
    volunteer, call_id, writer = actor("zhiyuan"), new_id(), uuid4()
    for seq, text in ((1, "一"), (2, "一二"), (3, "一二三")):
        service.save_draft(DraftKey(call_id, 0, writer, seq), {"summary": text}, actor=volunteer)
    call = queries.get_own(actor("zhiyuan"), call_id)
    service.save_draft(DraftKey(call_id, 0, writer, 2), {"summary": "一二"}, actor=volunteer)
    assert queries.open_draft(actor("zhiyuan"), call) == {"summary": "一二三"}


def test_after_a_form_sent_whole_an_older_save_of_its_page_is_still_late(actor: Callable[[str], Actor]) -> None:
    volunteer, call_id, writer = actor("zhiyuan"), new_id(), uuid4()
    service.save_draft(DraftKey(call_id, 0, writer, 5), {"summary": "一二"}, actor=volunteer)
    service.save_draft(DraftKey(call_id, 0, writer), {"summary": "一二三"}, actor=volunteer)
    call = service.save_draft(DraftKey(call_id, 0, writer, 4), {"summary": "一"}, actor=volunteer)
    assert queries.open_draft(actor("zhiyuan"), call) == {"summary": "一二三"}
    # What the page shows of it is how a local copy is told to be older.
    assert call.draft_seq == 5
    service.save_draft(DraftKey(call_id, 0, writer, 6), {"summary": "一二三四"}, actor=volunteer)
    assert queries.open_draft(actor("zhiyuan"), call) == {"summary": "一二三四"}


def test_another_window_is_not_overwritten(desk: Desk, actor: Callable[[str], Actor]) -> None:
    volunteer, call_id, first, second = actor("zhiyuan"), new_id(), uuid4(), uuid4()
    service.save_draft(DraftKey(call_id, 0, first, 1), {"summary": "一"}, actor=volunteer)
    service.save_draft(DraftKey(call_id, 1, second, 1), {"summary": "二"}, actor=volunteer)
    stale = DraftKey(call_id, 1, first, 2)
    with pytest.raises(Conflict):
        service.save_draft(stale, {"summary": "一再来"}, actor=volunteer)
    with pytest.raises(Conflict):
        service.finish(stale, CODES, WORDS, actor=volunteer, line_id=desk.line())


def test_a_draft_belongs_to_its_author(desk: Desk, actor: Callable[[str], Actor]) -> None:
    call_id = new_id()
    service.save_draft(DraftKey(call_id, 0, uuid4(), 1), {"summary": "x"}, actor=actor("zhiyuan"))
    stranger = actor("zixun")
    with pytest.raises(NotFound):
        service.save_draft(DraftKey(call_id, 1, uuid4(), 1), {"summary": "y"}, actor=stranger)
    with pytest.raises(NotFound):
        service.finish(DraftKey(call_id, 1, uuid4()), CODES, WORDS, actor=stranger, line_id=desk.line())
    with pytest.raises(NotFound):
        queries.get_own(stranger, call_id)
    with pytest.raises(NotFound):
        service.discard_draft(call_id, actor=stranger)


def test_a_discarded_draft_is_gone_for_good(actor: Callable[[str], Actor]) -> None:
    volunteer, call_id, writer = actor("zhiyuan"), new_id(), uuid4()
    service.save_draft(DraftKey(call_id, 0, writer, 1), {"summary": "x"}, actor=volunteer)
    call = service.discard_draft(call_id, actor=volunteer)
    assert (call.status, call.sealed_draft) == (CallStatus.DISCARDED, None)
    with pytest.raises(Conflict):
        service.save_draft(DraftKey(call_id, 2, writer, 2), {"summary": "y"}, actor=volunteer)
    assert events("key.shredded") == 1


def test_a_correction_keeps_the_old_words_and_moves_the_counts(desk: Desk, actor: Callable[[str], Actor]) -> None:
    call = desk.finish()
    old = call.sealed_summary
    words = replace(WORDS, summary="更正后的摘要。", caller_phone="")
    changed = replace(CODES, risk=Risk.PLAN_WEEK, distress_before=8, hopelessness=3)
    service.correct(DraftKey(call.id, call.rev, uuid4()), changed, words, actor=actor("zhiyuan"), line_id=call.line_id)
    assert call.sealed_summary != old
    assert (call.revision, call.risk_level, call.triage_state) == (2, 3, TriageState.WAITING)
    assert tallied() == recounted()
    kept = session().scalars(sa.select(CallRevision)).one()
    assert queries.open_revision(actor("dudao"), kept) == WORDS.summary
    assert kept.codes["risk"] == "none"
    assert events("call.reopened") == 1


def test_a_correction_to_silence_leaves_nothing_about_anybody(desk: Desk, actor: Callable[[str], Actor]) -> None:
    call = desk.finish()
    silent = replace(CODES, call_type=CallType.SILENT)
    service.correct(DraftKey(call.id, call.rev, uuid4()), silent, Words(), actor=actor("zhiyuan"), line_id=call.line_id)
    assert (call.sealed_summary, call.sealed_caller, call.number_index, call.risk) == (None, None, None, None)
    assert tallied() == recounted()


@pytest.mark.parametrize("brief", list(Brief))
def test_one_press_logs_a_call_and_can_be_taken_back(desk: Desk, actor: Callable[[str], Actor], brief: Brief) -> None:
    call = service.log_brief(brief, new_id(), actor=actor("zhiyuan"), line_id=desk.line())
    assert status_of(call) == "finished"
    assert tallied() == recounted() != {}
    assert queries.latest_brief(actor("zhiyuan"), clock.now() - timedelta(seconds=30)) is call
    service.undo(call.id, actor=actor("zhiyuan"))
    assert status_of(call) == "discarded"
    assert tallied() == {}


def test_a_press_is_not_taken_back_later_or_by_others(desk: Desk, actor: Callable[[str], Actor]) -> None:
    call = service.log_brief(Brief.SILENT, new_id(), actor=actor("zhiyuan"), line_id=desk.line())
    with pytest.raises(NotFound):
        service.undo(call.id, actor=actor("zixun"))
    with clock.frozen(clock.now() + timedelta(minutes=1)), pytest.raises(Conflict):
        service.undo(call.id, actor=actor("zhiyuan"))
    with pytest.raises(Conflict):
        service.undo(desk.finish().id, actor=actor("zhiyuan"))


def test_unmasking_a_number_leaves_its_own_event(desk: Desk, actor: Callable[[str], Actor]) -> None:
    call = desk.finish()
    assert service.unmask_number(call, actor=actor("dudao")).caller == "+8613800138765"
    assert events("number.unmasked") == 1


@pytest.mark.parametrize("login", ["fuze", "bangong", "guanli", "shenji", "dudao", "yishi"])
def test_who_does_not_take_calls_cannot_log_one(desk: Desk, login: str) -> None:
    with pytest.raises(Refused):
        desk.finish(login)


def test_counts_are_read_from_the_rollup_within_reach(desk: Desk, actor: Callable[[str], Actor]) -> None:
    desk.finish()
    desk.finish(risk=Risk.IDEATION)
    day = clock.today()

    def counted(login: str, dimension: Dimension) -> dict[str, int]:
        found = queries.daily_counts(actor(login), start=day, end=day, dimension=dimension)
        return {row.value: row.count for row in found}

    assert counted("fuze", Dimension.TOTAL) == {"all": 2}
    assert counted("fuze", Dimension.RISK) == {"none": 1, "ideation": 1}
    assert counted("bangong", Dimension.LINE) == {str(desk.line()): 2}
    assert counted("dudao2", Dimension.TOTAL) == {}
    with pytest.raises(Refused):
        counted("zhiyuan", Dimension.TOTAL)


def test_a_caller_is_recognised_through_a_rotation_of_the_index(desk: Desk, actor: Callable[[str], Actor]) -> None:
    desk.finish()
    ring = current_keyring()

    def recognised() -> bool:
        clients.known_indexes().clear()
        found = service.look_up(WORDS.caller_phone, actor=actor("zhiyuan"))
        return found is not None and found.count == 1

    ring.add_key("bidx")
    assert recognised()
    assert list(rewrappers_of("bidx")["intake_call.number_index"](ring, 10)) == [1]
    ring.retire("bidx")
    assert recognised()


def test_an_emergency_leaves_open_what_is_to_be_added(desk: Desk) -> None:
    call = desk.finish(risk=Risk.ATTEMPT, outcome=Outcome.EMERGENCY, sex=None)
    assert is_incomplete(queries.codes_of(call))
    assert not is_incomplete(queries.codes_of(desk.finish()))
