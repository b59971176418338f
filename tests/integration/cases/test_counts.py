"""Daily counts: kept with the record, split by mode (T16), and the only thing that reports read."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from casework.cases import queries, service
from casework.cases.types import Channel, ClosingReason, Dimension, NoteKind, ServiceType, Stage
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Refused
from tests.integration.cases.conftest import TEXT, House, session_fields

TODAY = date(2020, 4, 5)


def counted(house: House, dimension: Dimension, *, day: date = TODAY, name: str = "fuze") -> dict[str, int]:
    session().flush()
    rows = queries.daily_counts(house.actor(name), day, day, dimensions=[dimension])
    return {row.value: row.count for row in rows}


def test_T16_sessions_are_split_into_online_and_offline(house: House) -> None:
    case, counselor = house.open(), house.actor("zixun")
    for channel in (Channel.PHONE, Channel.WECHAT, Channel.HOME_VISIT):
        service.write_note(case, TEXT, session_fields(channel=channel), actor=counselor)
    assert counted(house, Dimension.MODE) == {"online": 2, "offline": 1}
    assert counted(house, Dimension.SESSION) == {"phone": 1, "wechat": 1, "home_visit": 1}
    assert counted(house, Dimension.MINUTES) == {"online": 100, "offline": 50}


def test_T18_one_person_with_three_sessions_is_one_person_and_three_contacts(house: House) -> None:
    case, counselor = house.open(), house.actor("zixun")
    for _ in range(3):
        service.write_note(case, TEXT, session_fields(), actor=counselor)
    assert counted(house, Dimension.CLIENT) == {"all": 1}
    assert counted(house, Dimension.SESSION) == {"phone": 3}


def test_notes_without_the_person_are_no_service(house: House) -> None:
    fields = session_fields(kind=NoteKind.INTERNAL, channel=None, services=(), minutes=None)
    service.write_note(house.open(), TEXT, fields, actor=house.actor("zixun"))
    assert counted(house, Dimension.SESSION) == counted(house, Dimension.CLIENT) == {}


def test_a_session_counts_on_the_day_it_took_place_in_shanghai(house: House) -> None:
    late = clock.now().replace(hour=16, minute=30) - timedelta(days=1)
    fields = session_fields(occurred_at=late, services=(ServiceType.POLICY_ADVICE, ServiceType.REFERRAL))
    service.write_note(house.open(), TEXT, fields, actor=house.actor("zixun"))
    assert counted(house, Dimension.SERVICE) == {"policy_advice": 1, "referral": 1}
    assert counted(house, Dimension.SERVICE, day=TODAY - timedelta(days=1)) == {}


def test_a_correction_moves_the_count_and_adds_none(house: House) -> None:
    case, counselor = house.open(), house.actor("zixun")
    note = service.write_note(case, TEXT, session_fields(), actor=counselor)
    fields = session_fields(channel=Channel.WARD, services=(), minutes=None)
    service.correct_note(note, TEXT, version=note.row_version, actor=counselor, fields=fields)
    assert counted(house, Dimension.SESSION) == {"ward": 1}
    assert counted(house, Dimension.MODE) == {"offline": 1}
    assert counted(house, Dimension.SERVICE) == counted(house, Dimension.MINUTES) == {}


def test_opening_moving_measuring_and_closing_are_counted(house: House) -> None:
    case, counselor = house.open(["child", "bereaved"], risk=3), house.actor("zixun")
    house.open(risk=None)
    service.record_measure(case, "distress", {"now": 5}, actor=counselor)
    service.move_stage(case, Stage.INTERVENING, actor=counselor)
    service.close_case(case, ClosingReason.CLIENT_WISH, actor=counselor)
    assert counted(house, Dimension.OPENED) == {"all": 2}
    assert counted(house, Dimension.OPENED_RISK) == {"3": 1, "unknown": 1}
    assert counted(house, Dimension.OPENED_POPULATION) == {"child": 1, "bereaved": 1, "none": 1}
    assert counted(house, Dimension.MEASURE) == {"distress": 1}
    assert counted(house, Dimension.STAGE) == {"intervening": 1, "closed": 1}
    assert counted(house, Dimension.CLOSED) == {"client_wish": 1}


def test_T2_the_lead_counts_a_case_that_the_lead_cannot_open(house: House) -> None:
    house.open()
    assert counted(house, Dimension.OPENED) == {"all": 1}


def test_counts_stay_within_the_sub_project_unless_the_role_is_the_programmes(house: House) -> None:
    house.open()
    house.open(place="SZ", counselor=None)
    assert counted(house, Dimension.OPENED) == {"all": 1}
    session().flush()
    rows = queries.daily_counts(house.actor("bangong"), TODAY, TODAY, dimensions=[Dimension.OPENED])
    assert {row.subproject_id: row.count for row in rows} == {house.places["GZ"]: 1, house.places["SZ"]: 1}
    one = queries.daily_counts(house.actor("bangong"), TODAY, TODAY, subproject_id=house.places["SZ"])
    assert {row.subproject_id for row in one} == {house.places["SZ"]}


@pytest.mark.parametrize("name", ["zixun", "zhiyuan", "yishi"])
def test_who_reads_no_statistics_gets_none(house: House, name: str) -> None:
    with pytest.raises(Refused):
        queries.daily_counts(house.actor(name), TODAY, TODAY)


def test_what_is_rolled_back_is_not_counted(house: House) -> None:
    house.open()
    session().rollback()
    assert counted(house, Dimension.OPENED) == {}
