"""Lists from paper: what is read, and what is wrong with the rest."""

from __future__ import annotations

from datetime import date, time
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from casework.intake.rules import paper, tables
from casework.intake.types import AgeBand, Approximate, CallType, Outcome, Risk, Sex
from casework.intake.types.paper import COLUMN_TITLES, Column, Flaw

if TYPE_CHECKING:
    from casework.intake.types.paper import Found, PaperCall

TODAY = date(2020, 5, 1)
SPELLINGS = {
    Column.CALL_TYPE: {"本人求助": "self", "self": "self", "信息咨询": "information", "沉默挂断": "silent"},
    Column.SEX: {"女": "female", "男": "male"},
    Column.AGE_BAND: {"36–59": "36_59"},
    Column.POPULATION: {"老人": "elder", "独居": "alone", "不属于重点人群": "none"},
    Column.TOPICS: {"睡眠": "sleep", "情绪": "emotion", "婚姻": "marriage", "就业": "employment"},
    Column.RISK: {"无": "none", "未评估": "not_assessed"},
    Column.OUTCOME: {"当次支持结束": "supported"},
}
TITLES = {str(title): column for column, title in COLUMN_TITLES.items()}
READER = paper.Reader(TODAY, SPELLINGS, TITLES)
GOOD = {
    Column.DAY: "2020-04-05",
    Column.CALL_TYPE: "本人求助",
    Column.TOPICS: "睡眠、情绪",
    Column.RISK: "无",
    Column.OUTCOME: "当次支持结束",
}


def read(**changes: str) -> tuple[PaperCall | None, list[Found]]:
    texts = GOOD | {Column(name): text for name, text in changes.items()}
    header = paper.header_of([str(COLUMN_TITLES[column]) for column in texts], TITLES)
    return paper.read_row(2, list(texts.values()), header, READER)


def taken(**changes: str) -> PaperCall:
    call, found = read(**changes)
    assert found == []
    assert call is not None
    return call


def flaws(**changes: str) -> list[tuple[str, Flaw]]:
    call, found = read(**changes)
    assert call is None or not found
    return [(str(each.column), each.flaw) for each in found]


def test_a_line_becomes_a_call_and_what_paper_leaves_out_stays_unknown() -> None:
    call = taken(time="14:05", minutes="25", sex="女", age_band="36–59", population="老人、独居", division="广州")
    assert (call.day, call.at, call.minutes, call.count) == (date(2020, 4, 5), time(14, 5), 25, 1)
    assert call.codes.call_type is CallType.SELF
    assert call.codes.sex is Sex.FEMALE
    assert call.codes.age_band is AgeBand.FROM_36
    assert call.codes.division == "440100"
    assert call.codes.topics == ("sleep", "emotion")
    bare = taken(risk="")
    assert bare.codes.sex is Sex.UNKNOWN
    assert bare.codes.risk is Risk.NOT_ASSESSED
    assert bare.at is None
    assert bare.minutes is None
    assert bare.codes.outcome is Outcome.SUPPORTED


@pytest.mark.parametrize("text", ["2020-04-05", "2020/4/5", "2020.4.5", "2020年4月5日", "2020-04-05 00:00"])
def test_days_as_people_write_them(text: str) -> None:
    assert taken(date=text).day == date(2020, 4, 5)


@pytest.mark.parametrize(
    ("text", "count", "mark"),
    [
        ("", 1, None),
        ("1", 1, None),
        ("30", 30, None),
        ("约30", 30, Approximate.ABOUT),
        ("30余", 30, Approximate.OVER),
        ("30+", 30, Approximate.OVER),
        ("30多通", 30, Approximate.MANY),
        ("近 30 通", 30, Approximate.NEARLY),
        ("160余人次", 160, Approximate.OVER),
    ],
)
def test_the_mark_of_an_approximation_is_kept(text: str, count: int, mark: Approximate | None) -> None:
    call = taken(count=text)
    assert (call.count, call.approximate) == (count, mark)
    assert call.is_single == (count == 1 and mark is None)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"date": ""}, ("date", Flaw.MISSING)),
        ({"date": "2020-02-30"}, ("date", Flaw.NO_DATE)),
        ({"date": "上周"}, ("date", Flaw.NO_DATE)),
        ({"date": "2020-05-02"}, ("date", Flaw.FUTURE)),
        ({"date": "1899-12-31"}, ("date", Flaw.TOO_OLD)),
        ({"time": "25:00"}, ("time", Flaw.NO_TIME)),
        ({"time": "下午"}, ("time", Flaw.NO_TIME)),
        ({"count": "0"}, ("count", Flaw.NO_NUMBER)),
        ({"count": "-3"}, ("count", Flaw.NO_NUMBER)),
        ({"count": "约30余"}, ("count", Flaw.NO_NUMBER)),
        ({"count": "3.5"}, ("count", Flaw.NO_NUMBER)),
        ({"count": "9999999"}, ("count", Flaw.TOO_LARGE)),
        ({"minutes": "-5"}, ("minutes", Flaw.NO_NUMBER)),
        ({"minutes": "1441"}, ("minutes", Flaw.NO_NUMBER)),
        ({"call_type": ""}, ("call_type", Flaw.MISSING)),
        ({"call_type": "聊天"}, ("call_type", Flaw.UNKNOWN_VALUE)),
        ({"call_type": "=cmd|' /C calc'!A0"}, ("call_type", Flaw.UNKNOWN_VALUE)),
        ({"topics": ""}, ("topics", Flaw.MISSING)),
        ({"topics": "睡眠、鬼"}, ("topics", Flaw.UNKNOWN_VALUE)),
        ({"topics": "睡眠、情绪、婚姻、就业"}, ("topics", Flaw.TOO_MANY)),
        ({"population": "不属于重点人群、老人"}, ("population", Flaw.CONTRADICTION)),
        ({"outcome": ""}, ("outcome", Flaw.MISSING)),
        ({"division": "火星"}, ("division", Flaw.UNKNOWN_VALUE)),
        ({"caller_phone": "1381234567"}, ("caller_phone", Flaw.NOT_A_PHONE)),
        ({"count": "3", "summary": "三人的话"}, ("summary", Flaw.WORDS_OF_MANY)),
        ({"summary": "身份证 11010519491231002X"}, ("summary", Flaw.ID_NUMBER)),
        ({"caller_name": "名" * 61}, ("caller_name", Flaw.TOO_LONG)),
    ],
)
def test_every_flaw_is_named_at_its_column(changes: dict[str, str], expected: tuple[str, Flaw]) -> None:
    assert flaws(**changes) == [expected]


def test_all_flaws_of_a_line_are_named_at_once() -> None:
    found = flaws(date="x", count="y", topics="z")
    assert {column for column, _ in found} == {"date", "count", "topics"}


def test_a_silent_call_needs_no_more_than_a_day() -> None:
    call = taken(call_type="沉默挂断", topics="", risk="", outcome="")
    assert call.codes.call_type is CallType.SILENT
    assert call.codes.topics == ()


def test_an_empty_line_is_nothing() -> None:
    assert paper.read_row(9, ["", " "], paper.header_of(["日期", "来电类型"], TITLES), READER) == (None, [])


def test_columns_stand_in_any_order_under_either_name_and_strangers_are_named() -> None:
    header = paper.header_of(["备注", "Call_Type", " 日期* ", "日期"], TITLES)
    assert header.places == {Column.CALL_TYPE: 1, Column.DAY: 2}
    assert header.missing == ()
    assert header.unknown == ("备注", "日期")
    assert paper.header_of(["a"], TITLES).missing == (Column.DAY, Column.CALL_TYPE)


@given(st.lists(st.text(max_size=30), max_size=20))
def test_nothing_that_is_written_in_a_line_breaks_the_reader(cells: list[str]) -> None:
    header = paper.header_of(list(TITLES), TITLES)
    call, found = paper.read_row(2, cells, header, READER)
    assert call is None or not found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_text_files_of_every_common_kind_are_read(encoding: str, separator: str) -> None:
    text = separator.join(["日期", "通话摘要"]) + "\r\n" + separator.join(["2020-04-05", '"第一行\n第二行"']) + "\r\n"
    assert list(tables.rows_of(text.encode(encoding))) == [["日期", "通话摘要"], ["2020-04-05", "第一行\n第二行"]]


def test_a_workbook_is_read_as_it_shows_itself() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["日期", "时间", "数量", "通话摘要"])
    sheet.append([date(2020, 4, 5), time(14, 5), 30.0, None])
    target = BytesIO()
    book.save(target)
    assert list(tables.rows_of(target.getvalue()))[1] == ["2020-04-05 00:00", "14:05", "30", ""]


@pytest.mark.parametrize("content", [b"\x00\x01\x02", b"PK\x03\x04 no workbook", b'"open quote', b"\xff\xff\xff"])
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(tables.UnreadableError):
        list(tables.rows_of(content))


def test_a_workbook_that_unfolds_beyond_measure_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Workbook()
    target = BytesIO()
    book.save(target)
    monkeypatch.setattr(tables, "MOST_UNFOLDED", 100)
    with pytest.raises(tables.UnreadableError):
        list(tables.rows_of(target.getvalue()))
