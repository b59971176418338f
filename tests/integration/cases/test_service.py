"""What the verbs of cases do and refuse."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from casework.audit.models import AuditEntry
from casework.cases import queries, service
from casework.cases.models import Case, CaseNote
from casework.cases.types import Channel, ClosingReason, NoteKind, ServiceType, Stage
from casework.core import clock
from casework.core.crypto import CryptoError
from casework.core.db import session
from casework.core.errors import Conflict, Invalid, NotFound, Refused
from tests.integration.cases.conftest import TEXT, House, session_fields

if TYPE_CHECKING:
    from collections.abc import Callable


def events(action: str) -> int:
    session().commit()
    return session().scalar(sa.select(sa.func.count()).where(AuditEntry.action == action)) or 0


def test_numbers_run_by_sub_project_and_year(house: House) -> None:
    numbers = [house.open().number, house.open().number, house.open(place="SZ", counselor=None).number]
    assert numbers == ["GZ-2020-0001", "GZ-2020-0002", "SZ-2020-0001"]
    with clock.frozen(clock.now() + timedelta(days=300)):
        assert house.open().number == "GZ-2021-0001"


def test_the_year_of_a_number_is_that_of_the_day_in_shanghai(house: House) -> None:
    with clock.frozen(clock.now().replace(month=12, day=31, hour=17)):
        assert house.open().number == "GZ-2021-0001"


def test_a_rolled_back_case_leaves_no_gap(house: House) -> None:
    session().commit()
    house.open()
    session().rollback()
    assert house.open().number == "GZ-2020-0001"


def test_T6_a_case_without_an_answer_about_focus_groups_is_not_opened(house: House) -> None:
    for answer in ([], ["none", "child"], ["nonsense"]):
        with pytest.raises(Invalid) as refused:
            house.open(answer)
        assert refused.value.rule == "R12"


def test_a_person_has_one_open_case(house: House) -> None:
    supervisor, person = house.actor("dudao"), house.client()
    first = service.open_case(house.places["GZ"], person, ["none"], 1, actor=supervisor)
    with pytest.raises(Conflict):
        service.open_case(house.places["GZ"], person, ["none"], 1, actor=supervisor)
    assert queries.open_case_of(person, house.places["GZ"]) is first
    service.close_case(first, ClosingReason.CLIENT_WISH, actor=supervisor)
    session().flush()
    assert queries.open_case_of(person, house.places["GZ"]) is None
    assert service.open_case(house.places["GZ"], person, ["none"], 1, actor=supervisor).number == "GZ-2020-0002"


@pytest.mark.parametrize("name", ["zixun", "zhiyuan", "fuze", "bangong", "yishi"])
def test_only_supervisors_open_and_assign(house: House, name: str) -> None:
    case = house.open()
    with pytest.raises(Refused):
        service.open_case(house.places["GZ"], house.client(), ["none"], 1, actor=house.actor(name))
    with pytest.raises(Refused):
        service.assign(case, house.people["zixun3"].account_id, actor=house.actor(name))


def test_the_supervisor_of_another_sub_project_finds_no_case(house: House) -> None:
    with pytest.raises(NotFound):
        service.assign(house.open(), house.people["zixun2"].account_id, actor=house.actor("dudao2"))


def test_a_case_goes_to_counselors_of_its_own_sub_project_only(house: House) -> None:
    case = house.open(counselor=None)
    for name in ("zixun2", "zhiyuan", "fuze"):
        with pytest.raises(Invalid):
            service.assign(case, house.people[name].account_id, actor=house.actor("dudao"))


def test_nobody_assigns_a_case_to_themselves(house: House) -> None:
    case = house.open(counselor=None)
    with pytest.raises(Refused):
        service.assign(case, house.people["dudao"].account_id, actor=house.actor("dudao"))


def test_a_stale_assignment_says_who_was_faster(house: House) -> None:
    case = house.open(counselor=None)
    seen = case.row_version
    house.add("dudao3", house.people["dudao"].role, "GZ")
    service.assign(case, house.people["zixun"].account_id, actor=house.actor("dudao"), version=seen)
    session().flush()
    with pytest.raises(Conflict) as late:
        service.assign(case, house.people["zixun3"].account_id, actor=house.actor("dudao"), version=seen)
    assert "测试dudao" in str(late.value.message)
    assert "测试zixun" in str(late.value.message)
    assert "14:05" in str(late.value.message)
    assert queries.counselor_of(case.id) == house.people["zixun"].account_id


def test_assigning_to_the_same_counselor_changes_nothing(house: House) -> None:
    case = house.open()
    service.assign(case, house.people["zixun"].account_id, actor=house.actor("dudao"))
    assert len(queries.list_assignments(case.id)) == 1


def test_caseloads_count_current_assignments_of_open_cases(house: House) -> None:
    first = house.open()
    house.open()
    house.open(counselor="zixun3")
    ids = [house.people[name].account_id for name in ("zixun", "zixun3", "zixun2")]
    assert list(queries.caseload_of(ids).values()) == [2, 1, 0]
    service.close_case(first, ClosingReason.CLIENT_WISH, actor=house.actor("zixun"))
    service.unassign(queries.get_case(house.actor("dudao"), "GZ-2020-0003"), actor=house.actor("dudao"))
    assert list(queries.caseload_of(ids).values()) == [1, 0, 0]


def test_a_note_is_sealed_and_counted(house: House) -> None:
    case = house.open()
    note = service.write_note(case, TEXT, session_fields(), actor=house.actor("zixun"))
    assert TEXT.encode() not in note.sealed_text
    session().refresh(case)
    assert case.last_contact_at == note.occurred_at
    assert events("note.written") == 1


def test_T16_a_session_without_channel_is_refused(house: House) -> None:
    case = house.open()
    with pytest.raises(Invalid) as refused:
        service.write_note(case, TEXT, session_fields(channel=None), actor=house.actor("zixun"))
    assert (refused.value.field, refused.value.rule) == ("channel", "R16")


def test_T16_the_database_refuses_it_too(house: House) -> None:
    note = service.write_note(house.open(), TEXT, session_fields(), actor=house.actor("zixun"))
    with pytest.raises(sa.exc.IntegrityError, match="session_has_channel"):
        session().execute(sa.update(CaseNote).where(CaseNote.id == note.id).values(channel=None))


REFUSED: dict[str, tuple[str, Callable[[], object], str]] = {
    "nothing": ("", session_fields, "text"),
    "blanks": (" \n　", session_fields, "text"),
    "too long": ("字" * 20_001, session_fields, "text"),
    "identity number": ("身份证 11010519491231002X", session_fields, "text"),
    "future": (TEXT, lambda: session_fields(occurred_at=clock.now() + timedelta(minutes=1)), "occurred_at"),
    "no length": (TEXT, lambda: session_fields(minutes=0), "minutes"),
    "channel of an internal note": (TEXT, lambda: session_fields(kind=NoteKind.INTERNAL), "kind"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_note_is_refused_at_its_field(house: House, name: str) -> None:
    text, fields, where = REFUSED[name]
    with pytest.raises(Invalid) as refused:
        service.write_note(house.open(), text, fields(), actor=house.actor("zixun"))  # type: ignore[arg-type]  # a table
    assert refused.value.field == where


def test_the_longest_note_is_kept_whole(house: House) -> None:
    case, text = house.open(), "字" * 20_000
    note = service.write_note(case, text, session_fields(), actor=house.actor("zixun"))
    assert queries.open_note(house.actor("zixun"), note).text == text


def test_R6_a_counselor_gives_no_psychiatric_consultation(house: House) -> None:
    fields = session_fields(services=(ServiceType.PSYCHIATRIC_CONSULTATION,))
    with pytest.raises(Refused) as refused:
        service.write_note(house.open(), TEXT, fields, actor=house.actor("zixun"))
    assert refused.value.field == "services"


@pytest.mark.parametrize("name", ["dudao", "fuze", "zhiyuan", "yishi", "bangong"])
def test_only_counselors_write_notes(house: House, name: str) -> None:
    with pytest.raises(Refused):
        service.write_note(house.open(), TEXT, session_fields(), actor=house.actor(name))


def test_T2_another_counselor_cannot_write_even_with_the_row_in_hand(house: House) -> None:
    case = house.open()
    for name in ("zixun3", "zixun2"):
        with pytest.raises(NotFound):
            service.write_note(case, TEXT, session_fields(), actor=house.actor(name))


def test_a_correction_keeps_the_old_text_and_counts_once(house: House) -> None:
    case, counselor = house.open(), house.actor("zixun")
    note = service.write_note(case, TEXT, session_fields(), actor=counselor)
    fields = session_fields(channel=Channel.HOME_VISIT, minutes=30)
    corrected = service.correct_note(note, "更正后的文字", version=note.row_version, actor=counselor, fields=fields)
    assert corrected.corrects_id == note.id
    assert queries.open_note(counselor, note).text == TEXT
    assert queries.open_note(counselor, corrected).text == "更正后的文字"
    assert queries.latest_of(note) is corrected
    assert queries.count_sessions(case.id) == 1
    assert events("note.corrected") == 1


def test_a_correction_of_what_was_corrected_is_refused(house: House) -> None:
    case, counselor = house.open(), house.actor("zixun")
    note = service.write_note(case, TEXT, session_fields(), actor=counselor)
    seen = note.row_version
    service.correct_note(note, "第一次更正", version=seen, actor=counselor)
    with pytest.raises(Conflict):
        service.correct_note(note, "第二次更正", version=seen, actor=counselor)


def test_a_correction_keeps_the_kind(house: House) -> None:
    case, counselor = house.open(), house.actor("zixun")
    fields = session_fields(kind=NoteKind.INTERNAL, channel=None, services=(), minutes=None)
    note = service.write_note(case, TEXT, fields, actor=counselor)
    with pytest.raises(Invalid):
        service.correct_note(note, TEXT, version=note.row_version, actor=counselor, fields=session_fields())


def test_drafts_rise_by_one_and_a_stale_one_overwrites_nothing(house: House) -> None:
    case, counselor = house.open(), house.actor("zixun")
    draft = service.save_note_draft(case, {"text": "第一句"}, rev=0, actor=counselor)
    assert draft.rev == 1
    service.save_note_draft(case, {"text": "第一句，第二句"}, rev=1, actor=counselor)
    with pytest.raises(Conflict):
        service.save_note_draft(case, {"text": "旧窗口"}, rev=1, actor=counselor)
    assert queries.open_draft(house.actor("zixun"), draft)["text"] == "第一句，第二句"


def test_a_written_note_takes_its_draft_away(house: House) -> None:
    case, counselor = house.open(), house.actor("zixun")
    service.save_note_draft(case, {"text": TEXT}, rev=0, actor=counselor)
    service.write_note(case, TEXT, session_fields(), actor=counselor)
    assert queries.find_draft(counselor, case.id) is None


def test_an_older_draft_put_back_by_hand_does_not_open(house: House) -> None:
    case, counselor = house.open(), house.actor("zixun")
    draft = service.save_note_draft(case, {"text": "旧"}, rev=0, actor=counselor)
    older = draft.sealed_draft
    service.save_note_draft(case, {"text": "新"}, rev=1, actor=counselor)
    draft.sealed_draft = older
    with pytest.raises(CryptoError):
        queries.open_draft(house.actor("zixun"), draft)


def test_stages_follow_the_table_and_stale_pages_move_nothing(house: House) -> None:
    case, counselor = house.open(), house.actor("zixun")
    seen = case.row_version
    with pytest.raises(Invalid):
        service.move_stage(case, Stage.EVALUATING, actor=counselor, version=seen)
    service.move_stage(case, Stage.ASSESSING, actor=counselor, version=seen)
    session().flush()
    with pytest.raises(Conflict):
        service.move_stage(case, Stage.PLANNED, actor=counselor, version=seen)
    assert events("case.stage_changed") == 1


def test_writing_a_note_does_not_make_open_pages_stale(house: House) -> None:
    case, counselor = house.open(), house.actor("zixun")
    seen = case.row_version
    service.write_note(case, TEXT, session_fields(), actor=counselor)
    service.move_stage(case, Stage.ASSESSING, actor=counselor, version=seen)
    assert case.stage == Stage.ASSESSING


def test_T6_a_bereaved_person_without_assessment_cannot_be_closed(house: House) -> None:
    case, counselor = house.open(["bereaved"]), house.actor("zixun")
    for reason in (ClosingReason.CLIENT_WISH, ClosingReason.OUT_OF_CONTACT, ClosingReason.BEYOND_SCOPE):
        with pytest.raises(Invalid) as refused:
            service.close_case(case, reason, actor=counselor)
        assert refused.value.rule == "R14"
        assert "评估" in str(refused.value.message)
    service.record_measure(case, "distress", {"now": 4}, actor=counselor)
    service.close_case(case, ClosingReason.CLIENT_WISH, actor=counselor)
    assert (case.stage, case.closing_reason) == (Stage.CLOSED, ClosingReason.CLIENT_WISH)
    assert events("case.closed") == 1


def test_goals_are_met_after_evaluating_only(house: House) -> None:
    case, counselor = house.open(), house.actor("zixun")
    with pytest.raises(Invalid):
        service.close_case(case, ClosingReason.GOAL_MET, actor=counselor)
    for stage in (Stage.ASSESSING, Stage.PLANNED, Stage.INTERVENING, Stage.EVALUATING):
        service.move_stage(case, stage, actor=counselor)
    service.close_case(case, ClosingReason.GOAL_MET, actor=counselor)
    assert case.closed_at is not None


def test_nothing_is_written_into_an_ended_case(house: House) -> None:
    case = house.open()
    service.close_case(case, ClosingReason.TRANSFERRED, actor=house.actor("dudao"))
    assert case.stage == Stage.TRANSFERRED
    session().flush()
    with pytest.raises(NotFound):
        service.write_note(case, TEXT, session_fields(), actor=house.actor("zixun"))
    with pytest.raises(Conflict):
        service.assign(case, house.people["zixun"].account_id, actor=house.actor("dudao"))
    with pytest.raises(Conflict):
        service.close_case(case, ClosingReason.DEATH, actor=house.actor("dudao"))


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("stage", "closed", "ended_with_time"),
        ("stage", "nowhere", "stage_known"),
        ("risk_level", 5, "risk_level_range"),
        ("closing_reason", "death", "ended_with_reason"),
    ],
)
def test_the_database_holds_the_same_rules(house: House, column: str, value: object, rule: str) -> None:
    case = house.open()
    with pytest.raises(sa.exc.IntegrityError, match=rule):
        session().execute(sa.update(Case).where(Case.id == case.id).values({column: value}))
