"""Lines of call records: what is read from them, why they are refused, and what is wrong with a mapping."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.intake.rules.records import ASTERISK, Columns, Ignored, MappingError, parse_mapping, read_row
from casework.intake.types.telephony import Ending, LegRecord, Trouble

NOW = datetime(2026, 3, 3, tzinfo=UTC)
COLUMNS = Columns.of(ASTERISK.names)
ROW = dict.fromkeys(ASTERISK.names, "") | {
    "src": "13800138765", "dst": "8001", "lastapp": "Dial", "dstchannel": "PJSIP/101-0001",
    "start": "2026-03-02 14:00:00", "answer": "2026-03-02 14:00:12", "end": "2026-03-02 14:05:12",
    "duration": "312", "billsec": "300",
    "disposition": "ANSWERED", "uniqueid": "1772431200.17",
}  # fmt: skip
LOST = {"disposition": "NO ANSWER", "answer": "", "billsec": "0", "end": "2026-03-02 14:00:30", "duration": "30"}
MAPPED: dict[str, Any] = {
    "columns": {"start": ["day", "came"], "answer": ["day", "spoke"], "end": [["day", "left"], ["day", "hung"]],
                "outcome": "how", "line": "to"},
    "outcomes": {"ok": "answered", "no": "abandoned", "test": "ignored"},
}  # fmt: skip


def read(**cells: str) -> Any:  # noqa: ANN401 - a call or why not
    return read_row(list((ROW | cells).values()), COLUMNS, ASTERISK, NOW)


def test_an_answered_call_of_asterisk() -> None:
    found = read()
    assert isinstance(found, LegRecord)
    assert found.facts.started_at == datetime(2026, 3, 2, 6, 0, tzinfo=UTC), "the clock of Shanghai"
    assert found.facts.answered_at == found.facts.started_at + timedelta(seconds=12)
    assert (found.facts.ending, found.line, found.number, found.record_id) == (
        None,
        "8001",
        "13800138765",
        "1772431200.17",
    )
    assert "13800138765" not in repr(found)


@pytest.mark.parametrize(
    ("cells", "ending"),
    [
        (LOST, Ending.ABANDONED),
        (LOST | {"disposition": "BUSY"}, Ending.BLOCKED),
        (LOST | {"disposition": "FAILED"}, Ending.BLOCKED),
        (LOST | {"disposition": "congestion"}, Ending.BLOCKED),
        # A recording or the music of a queue is no person.
        ({"lastapp": "VoiceMail"}, Ending.ABANDONED),
        ({"lastapp": "Queue", "dstchannel": ""}, Ending.ABANDONED),
        ({"lastapp": "Playback", "dstchannel": ""}, Ending.ABANDONED),
        ({"lastapp": "Queue"}, None),
        ({"lastapp": "Dial", "dstchannel": ""}, None),
    ],
)
def test_answered_is_connected_to_a_person(cells: dict[str, str], ending: Ending | None) -> None:
    found = read(**cells)
    assert isinstance(found, LegRecord)
    assert found.facts.ending == ending
    assert (found.facts.answered_at is None) is (ending is not None)


@pytest.mark.parametrize(
    ("cells", "trouble"),
    [
        ({"answer": "2026-03-02 13:59:59"}, Trouble.ANSWER_BEFORE_START),
        ({"end": "2026-03-02 14:00:05"}, Trouble.END_BEFORE_ANSWER),
        (LOST | {"end": "2026-03-02 13:00:05"}, Trouble.END_BEFORE_START),
        ({"duration": "-312"}, Trouble.NEGATIVE_DURATION),
        ({"billsec": "-1"}, Trouble.NEGATIVE_DURATION),
        ({"billsec": "-0"}, Trouble.NEGATIVE_DURATION),
        ({"duration": "=312"}, Trouble.NOT_A_DURATION),
        ({"duration": "1e9"}, Trouble.NOT_A_DURATION),
        ({"duration": "99999999"}, Trouble.TOO_LONG_A_CALL),
        ({"billsec": "313"}, Trouble.TALK_LONGER_THAN_CALL),
        ({"start": "2026-02-30 14:00:00"}, Trouble.TIME_IMPOSSIBLE),
        ({"start": "2026-03-02 24:00:00"}, Trouble.TIME_IMPOSSIBLE),
        ({"start": "0001-01-01 00:00:00"}, Trouble.TIME_IMPOSSIBLE),
        ({"start": "9999-12-31 23:59:59"}, Trouble.TIME_IMPOSSIBLE),
        ({"start": "=NOW()"}, Trouble.TIME_IMPOSSIBLE),
        ({"start": "２０２６-03-02 14:00:00"}, Trouble.TIME_IMPOSSIBLE),
        ({"start": ""}, Trouble.START_MISSING),
        ({"start": "2026-03-03 09:00:00", "answer": "2026-03-03 09:00:01", "end": ""}, Trouble.IN_THE_FUTURE),
        ({"end": "2026-03-03 14:00:01", "start": "2026-03-02 14:00:00"}, Trouble.TOO_LONG_A_CALL),
        ({"answer": "", "billsec": ""}, Trouble.NO_ANSWER_TIME),
        ({"disposition": "MAYBE"}, Trouble.OUTCOME_UNKNOWN),
        ({"disposition": ""}, Trouble.OUTCOME_UNKNOWN),
        ({"dst": ""}, Trouble.LINE_MISSING),
        ({"dst": "8" * 101}, Trouble.LINE_UNKNOWN),
        ({"uniqueid": "1" * 151}, Trouble.FIELD_TOO_LONG),
        ({"userfield": "x" * 4001}, Trouble.FIELD_TOO_LONG),
        ({"userfield": "a\x00b"}, Trouble.CONTROL_CHARACTER),
    ],
)
def test_a_line_that_cannot_be_is_refused_with_its_reason(cells: dict[str, str], trouble: Trouble) -> None:
    found = read(**cells)
    assert isinstance(found, tuple)
    assert found[0] is trouble


def test_a_line_with_more_or_fewer_columns_is_refused() -> None:
    cells = list(ROW.values())
    for wrong in (cells[:-1], [*cells, ""], cells[:3], [""]):
        assert read_row(wrong, COLUMNS, ASTERISK, NOW) == (Trouble.WRONG_COLUMNS, "")


@pytest.mark.parametrize(
    "start", ["2026-03-02 14:00:00", "2026/3/2 14:00", "2026-03-02T06:00:00Z", "2026-03-02T14:00:00.25+08:00"]
)
def test_times_are_read_as_switchboards_write_them(start: str) -> None:
    found = read(start=start)
    assert isinstance(found, LegRecord)
    assert found.facts.started_at == datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


@given(st.lists(st.text(max_size=30), min_size=18, max_size=18))
def test_any_line_is_a_call_or_has_a_reason(cells: list[str]) -> None:
    found = read_row(cells, COLUMNS, ASTERISK, NOW)
    assert isinstance(found, LegRecord) or found[0] in set(Trouble)  # type: ignore[index]  # Asterisk ignores nothing


def mapped(mapping: dict[str, Any], **cells: str) -> Any:  # noqa: ANN401 - a call or why not
    names = ("day", "came", "spoke", "left", "hung", "how", "to")
    columns = Columns.of(names)
    return read_row(
        [cells.get(name, "") for name in names], columns, parse_mapping(json.dumps(mapping), is_toml=False), NOW
    )


def test_a_mapping_joins_columns_tries_places_and_leaves_out_what_it_names() -> None:
    day = {"day": "2026-03-01", "to": "热线"}
    answered = mapped(MAPPED, **day, came="23:59:50", spoke="23:59:58", left="23:59:59", how="OK")
    assert answered.facts.answered_at - answered.facts.started_at == timedelta(seconds=8)
    lost = mapped(MAPPED, **day, came="10:00:00", hung="10:00:40", how="no")
    assert lost.facts.ended_at - lost.facts.started_at == timedelta(seconds=40)
    assert isinstance(mapped(MAPPED, **day, how="test"), Ignored)


def test_after_midnight_is_the_next_day_where_the_mapping_says_so() -> None:
    cells = {"day": "2026-03-01", "came": "23:59:50", "spoke": "0:00:05", "left": "0:10:00", "how": "ok", "to": "热线"}
    assert mapped(MAPPED, **cells)[0] is Trouble.END_BEFORE_START
    found = mapped(MAPPED | {"over_midnight": True}, **cells)
    assert found.facts.answered_at - found.facts.started_at == timedelta(seconds=15)


def test_a_mapping_may_name_the_zone_the_line_and_what_is_empty() -> None:
    mapping = MAPPED | {
        "zone": "UTC",
        "lines": {"8001": "和悦社工值班热线"},
        "empty": ["0:00:00"],
        "durations": ["left"],
    }
    cells = {"day": "2026-03-01", "came": "10:00:00", "hung": "10:00:05", "left": "0:00:00", "how": "no", "to": "8001"}
    found = mapped(mapping, **cells)
    assert (found.facts.started_at.hour, found.line) == (10, "和悦社工值班热线")
    assert found.facts.ended_at == found.facts.started_at + timedelta(seconds=5)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"columns": {}}, "start"), ({"columns": {"start": "a", "line": "b", "colour": "c"}}, "colour"),
        ({"columns": {"start": [], "line": "b"}}, "columns.start"), ({"columns": {"start": "a"}}, "line"),
        ({"columns": None}, "columns"), ({"outcomes": {"x": "won"}}, "outcomes of x"), ({"outcomes": []}, "outcomes"),
        ({"zone": "Moon/Crater"}, "zone"), ({"zone": "../etc"}, "zone"),
        ({"delimiter": "::"}, "delimiter"), ({"delimiter": 1}, "delimiter"),
        ({"header": "yes"}, "header"), ({"header": False}, "names"), ({"names": "a"}, "names"), ({"shoes": 1}, "shoes"),
    ],
)  # fmt: skip
def test_a_mapping_with_a_fault_says_which(change: dict[str, Any], said: str) -> None:
    with pytest.raises(MappingError, match=said):
        parse_mapping(json.dumps(MAPPED | change), is_toml=False)


@pytest.mark.parametrize("text", ["", "[", "[1]", "null", "[" * 100_000, '"a"'])
def test_a_mapping_that_is_no_table_is_refused(text: str) -> None:
    with pytest.raises(MappingError):
        parse_mapping(text, is_toml=False)
