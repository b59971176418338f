"""Files of call records: read twice, in any encoding, whole and hostile, and counted as somebody else would count."""

from __future__ import annotations

import csv
import io
import statistics
import tracemalloc
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

import config
from casework.audit.models import AuditEntry
from casework.core import clock
from casework.core.db import session, write_transaction
from casework.intake.models import LineDay, LineLeg
from casework.intake.queries import LineBook
from casework.intake.rules.records import ASTERISK
from casework.intake.service.record_files import LONGEST_LINE, RecordFile
from casework.programme import queries as programme
from casework.security.actor import Actor
from tests.support.canaries import NUMBER, search_files, search_rows, search_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from flask import Flask

LINE = "和悦社工值班热线"
NOW = datetime(2026, 3, 3, tzinfo=UTC)
MAPPINGS = config.ROOT / "docs" / "mappings"
Row = dict[str, str]


def row(number: int, **changes: str) -> Row:
    """Return an answered call of Asterisk, one a minute."""
    start = datetime(2026, 3, 2, 9, 0) + timedelta(minutes=number)  # noqa: DTZ001 - as a switchboard writes it
    return dict.fromkeys(ASTERISK.names, "") | {
        "src": NUMBER, "dst": "8001", "dstchannel": "PJSIP/101-1", "lastapp": "Dial", "clid": f'"甲" <{NUMBER}>',
        "start": f"{start}", "answer": f"{start + timedelta(seconds=10)}", "end": f"{start + timedelta(seconds=70)}",
        "duration": "70", "billsec": "60", "disposition": "ANSWERED", "uniqueid": f"177243120{number}.1",
    } | changes  # fmt: skip


def lost(number: int, seconds: int = 30, **changes: str) -> Row:
    start = datetime(2026, 3, 2, 9, 0) + timedelta(minutes=number)  # noqa: DTZ001 - as a switchboard writes it
    end = f"{start + timedelta(seconds=seconds)}"
    told = {"disposition": "NO ANSWER", "answer": "", "end": end, "duration": str(seconds), "billsec": "0"}
    return row(number, **(told | changes))


def written(rows: Iterable[Row], *, header: bool = True) -> str:
    """Return rows as a switchboard writes them: everything in quotes."""
    text = io.StringIO()
    writer = csv.DictWriter(text, ASTERISK.names, quoting=csv.QUOTE_ALL)
    if header:
        writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@pytest.fixture
def importing(app: Flask, tmp_path: Path) -> Callable[..., str]:
    """Give a function that imports a text or bytes with the command and returns what it says."""
    with app.app_context(), write_transaction():
        own = next(each for each in programme.list_lines(Actor.system()) if each.name == LINE)
        own.numbers = ["8001", "020-83581234"]

    def run(content: str | bytes, *options: str, code: int = 0) -> str:
        path = tmp_path / "file.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        with clock.frozen(NOW):
            arguments = ["casework", "import-cdr", str(path), *options]
            answer = app.test_cli_runner().invoke(args=arguments, catch_exceptions=False)
        path.unlink()
        assert answer.exit_code == code, answer.output
        return answer.output

    return run


def counted(app: Flask) -> dict[tuple[str, str], int]:
    keys, total = (LineDay.dimension, LineDay.value), sa.func.sum(LineDay.count)
    with app.app_context():
        found = session().execute(sa.select(*keys, total).group_by(*keys).having(total != 0))
        return {(dimension, value): int(count) for dimension, value, count in found}


def legs(app: Flask) -> list[LineLeg]:
    with app.app_context():
        return list(session().scalars(sa.select(LineLeg).order_by(LineLeg.started_at, LineLeg.id)))


def test_a_file_is_imported_once_however_often_it_is_read(app: Flask, importing: Callable[..., str]) -> None:
    content = written([row(1), lost(2), lost(3, 2), row(4, disposition="BUSY", answer="", billsec="0")])
    assert "新增 4，补充 0，重复 0，按对照表略过 0，未导入 0" in importing(content)
    once = counted(app)
    assert once == {
        ("state", "answered"): 1, ("state", "lost"): 1, ("state", "short"): 1, ("state", "blocked"): 1,
        ("wait", "10"): 1, ("talk", "all"): 60, ("talked", "all"): 1, ("hour", "0-9"): 4,
    }  # fmt: skip
    assert "新增 0，补充 0，重复 4" in importing(content)
    assert counted(app) == once
    assert len(legs(app)) == 4


def test_a_dry_run_lists_what_would_be_refused_and_writes_nothing(app: Flask, importing: Callable[..., str]) -> None:
    rows = [
        row(1),
        row(2, start="2026-02-30 00:00:00"),
        row(3, billsec="-5"),
        row(4, dst="9999"),
        row(1),
        row(1, dst="8001x"),
    ]
    content = written(rows)
    dry = importing(content, "--dry-run")
    assert "没有写入任何内容" in dry
    assert not legs(app)
    wet = importing(content)
    for said in (dry, wet):
        assert "第 3 行未导入：没有这样的日期或时间（start）" in said
        assert "第 4 行未导入：时长为负数（talk）" in said
        assert "第 5 行未导入：系统里没有这条线路（line）" in said
        assert "共 6 行：新增 1，补充 0，重复 1，按对照表略过 0，未导入 4" in said
        assert [str(each) for each in search_text(said, "output")] == []
    assert len(legs(app)) == 1
    assert "重复 2" in importing(content, "--dry-run")


@pytest.mark.sqlite_only
def test_one_call_that_rang_at_several_seats_is_one_answered_call(app: Flask, importing: Callable[..., str]) -> None:
    seat = lost(1, 8)
    content = written([seat, row(1), seat | {"dstchannel": "PJSIP/102-1"}, row(2), lost(2, 300)])
    for order in (content, content):
        importing(order)
    found = counted(app)
    assert (found["state", "answered"], found["wait", "10"]) == (2, 2)
    assert ("state", "lost") not in found


@pytest.mark.sqlite_only
def test_an_id_given_to_two_calls_is_refused(app: Flask, importing: Callable[..., str]) -> None:
    other = row(1, start="2026-03-02 21:00:00", answer="2026-03-02 21:00:10", end="2026-03-02 21:01:10")
    said = importing(written([row(1), other]))
    assert "第 3 行未导入：通话编号已用于另一条线路或另一时间的来电（id）" in said
    assert "第 3 行未导入" in importing(written([row(1), other]), "--dry-run")
    assert len(legs(app)) == 1


@pytest.mark.sqlite_only
def test_without_ids_calls_are_known_by_what_is_told_of_them(importing: Callable[..., str]) -> None:
    content = written([row(1, uniqueid=""), row(2, uniqueid=""), row(2, uniqueid="", src="13900139001")])
    assert "新增 3" in importing(content)
    assert "新增 0，补充 0，重复 3" in importing(content)


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("encoding", "header"),
    [("utf-8", False), ("utf-8-sig", True), ("utf-8-sig", False), ("gbk", True), ("utf-16", True)],
)
def test_any_usual_encoding_is_read_with_or_without_a_header(
    app: Flask, importing: Callable[..., str], encoding: str, header: bool
) -> None:
    content = written([row(1, userfield="第一行\n第二行，“引号”"), lost(2)], header=header)
    assert "新增 2" in importing(content.encode(encoding))
    said = importing(written([row(3, userfield="一\n二\n三"), row(4, end="x")], header=header).encode(encoding))
    assert f"第 {5 if header else 4} 行未导入" in said, "lines are counted as in the file"
    assert len(legs(app)) == 3


@pytest.mark.sqlite_only
@pytest.mark.parametrize("ends", ["\r\n", "\n", "\r"])
def test_any_end_of_line_is_read(importing: Callable[..., str], ends: str) -> None:
    assert "共 2 行：新增 2" in importing(written([row(1), row(2)]).replace("\r\n", ends) + ends * 3)


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\n\n\r\n", "no line"),
        (b"\xef\xbb\xbf", "no line"),
        (b"\x89PNG\r\n\x1a\n\xff\xff\xff", "neither"),
        (b"\xff\xfea", "neither"),
        (b"a,b,c\n1,2,3\n", "too few columns"),
        (b"start,answer,end,src,disposition,duration,billsec\n", "no column for: line"),
    ],
)
def test_what_is_no_file_of_call_records_is_refused_whole(
    app: Flask, importing: Callable[..., str], content: bytes, said: str
) -> None:
    assert said in importing(content, code=1)
    assert said in importing(content, "--dry-run", code=1)
    assert not legs(app)


@pytest.mark.sqlite_only
def test_hostile_lines_are_refused_one_by_one_and_the_others_imported(
    app: Flask, importing: Callable[..., str]
) -> None:
    good = [line for line in written([row(each) for each in range(1, 8)], header=False).split("\r\n") if line]
    broken = [
        good[0],
        '"never closed',
        good[1],
        ",".join(good[2].split(",")[:-2]),
        '"a" b,' + good[2],
        good[2],
        written([row(8, lastdata="x" * (LONGEST_LINE * 3))], header=False).strip(),
        good[3],
        written([row(9, clid="\x00\x07")], header=False).strip(),
        good[4],
        written([row(10, dst='=cmd|"/c calc"!A1')], header=False).strip(),
        written([row(11, src='=HYPERLINK("x")')], header=False).strip(),
    ]
    said = importing("\r\n".join(broken))
    for reason in ("引号不配对", "列数与其他行不同", "这一行过长", "含有控制字符", "系统里没有这条线路"):
        assert reason in said
    assert "HYPERLINK" not in said
    assert "有 1 通来电的号码读不出" in said
    # The open quote swallows the line after it, which is refused with it.
    assert len(legs(app)) == 5


@pytest.mark.sqlite_only
def test_a_quote_that_is_never_closed_costs_no_memory(app: Flask, importing: Callable[..., str]) -> None:
    assert app.name
    rest = written([row(each % 50) for each in range(3000)], header=False)
    tracemalloc.start()
    said = importing(written([row(1)]) + '"open,' + rest.replace('"', ""))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "引号没有闭合" in said
    assert peak < 30_000_000


@pytest.mark.sqlite_only
def test_reading_a_long_file_takes_no_more_memory_than_a_short_one(
    app: Flask, importing: Callable[..., str], tmp_path: Path
) -> None:
    importing(written([row(1)]), "--dry-run")
    peaks = []
    for count in (8_000, 32_000):
        path = tmp_path / f"{count}.csv"
        path.write_text(written([row(1)]) + written([row(2)], header=False) * count, encoding="utf-8")
        with app.app_context(), clock.frozen(NOW):
            book = LineBook()
            tracemalloc.start()
            assert sum(1 for _ in RecordFile(path, ASTERISK, book)) == count + 1
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5


def test_numbers_are_sealed_and_indexed_and_stand_nowhere_in_clear(
    app: Flask, importing: Callable[..., str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    said = importing(written([row(1), row(2, uniqueid=NUMBER), lost(3, userfield=NUMBER), row(4, uniqueid="")]))
    assert [str(each) for each in search_text(said + caplog.text, "output")] == []
    with app.app_context(), session().connection() as connection:
        assert [str(each) for each in search_rows(connection)] == []
    assert [str(each) for each in search_files([tmp_path])] == []
    found = legs(app)
    assert len({each.data_key_id for each in found}) == 1, "one key for a batch"
    assert len({bytes(each.number_index or b"") for each in found}) == 1, "the same caller is recognised"
    assert all(each.sealed_number for each in found)


@pytest.mark.sqlite_only
def test_no_number_is_kept_of_a_call_that_is_too_long_ago(app: Flask, importing: Callable[..., str]) -> None:
    day = "2025-11-02 09:00:00"
    importing(written([row(1, start=day, answer=day, end="2025-11-02 09:01:00", duration="60")]))
    [leg] = legs(app)
    assert (leg.sealed_number, leg.number_index, leg.data_key_id) == (None, None, None)


@pytest.mark.sqlite_only
def test_whoever_got_through_later_in_the_file_is_not_called_back(app: Flask, importing: Callable[..., str]) -> None:
    others = ["13900139001", "13900139002"]
    rows = [lost(1), row(30), lost(2, src=others[0]), lost(3, src=others[0]), row(1, src=others[1], uniqueid="9.1"),
            lost(5, src=others[1])]  # fmt: skip
    assert "需要回拨 2 个号码" in importing(written(rows))
    assert [str(each.call_back) for each in legs(app) if each.call_back] == ["due", "due"]
    assert "需要回拨" not in importing(written(rows))


@pytest.mark.sqlite_only
def test_each_batch_leaves_one_event_with_counts_only(app: Flask, importing: Callable[..., str]) -> None:
    importing(written([row(each, uniqueid=f"{each}.1", src="") for each in range(1, 601)]))
    with app.app_context():
        found = session().scalars(sa.select(AuditEntry).where(AuditEntry.action == "telephony.records_imported")).all()
        assert sorted(int(entry.details["added"]) for entry in found) == [100, 500]


@pytest.mark.sqlite_only
def test_a_mapping_that_cannot_be_used_says_what_is_wrong(importing: Callable[..., str], tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.json"
    mapping.write_text('{"columns": {"start": "a", "line": "b"}, "colour": 1}', encoding="utf-8")
    assert "colour" in importing("a,b\n", "--mapping", str(mapping), code=1)
    mapping.write_bytes(b"\xff\xff")
    assert "UTF-8" in importing("a,b\n", "--mapping", str(mapping), code=1)
    assert "--line" in importing(written([row(1)]), "--line", "nobody's", code=1)


def call_centre(random: Random, count: int) -> list[Row]:
    """Return calls as the call centre of the shipped mapping writes them."""
    rows = []
    moment = datetime(2026, 2, 1, 7, 0)  # noqa: DTZ001 - as the call centre writes it
    for number in range(count):
        moment += timedelta(seconds=random.randrange(1, 900))
        wait, service = random.choice((1, 3, 5, 20, 21, random.randrange(400))), random.randrange(5, 900)
        gone = moment + timedelta(seconds=wait)
        how = random.choices(("AGENT", "HANG", "PHANTOM"), (70, 28, 2))[0]
        served = how == "AGENT"
        rows.append({
            "vru+line": "AA0101", "call_id": str(number), "customer_id": "0", "priority": "0", "type": "PS",
            "date": f"{moment:%Y-%m-%d}", "vru_entry": f"{moment:%-H:%M:%S}", "vru_exit": f"{moment:%-H:%M:%S}",
            "vru_time": "0", "q_start": f"{moment:%-H:%M:%S}", "q_exit": f"{gone:%-H:%M:%S}", "q_time": str(wait),
            "outcome": how, "ser_start": f"{gone:%-H:%M:%S}" if served else "0:00:00",
            "ser_exit": f"{gone + timedelta(seconds=service):%-H:%M:%S}" if served else "0:00:00",
            "ser_time": str(service if served else 0), "server": "A",
        })  # fmt: skip
    return rows


@pytest.mark.sqlite_only
def test_the_shipped_mapping_counts_what_an_independent_count_finds(app: Flask, importing: Callable[..., str]) -> None:
    rows = call_centre(Random(11), 1500)  # noqa: S311 - numbers of a test
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    importing(text.getvalue(), "--mapping", str(MAPPINGS / "call-centre-days.toml"), "--line", LINE)
    real = [each for each in rows if each["outcome"] != "PHANTOM"]
    waits = [int(each["q_time"]) for each in real if each["outcome"] == "AGENT"]
    hung = [int(each["q_time"]) for each in real if each["outcome"] == "HANG"]
    found = counted(app)
    assert found["state", "answered"] == len(waits)
    assert found["state", "short"] == sum(each < 5 for each in hung)
    assert found["state", "lost"] == sum(each >= 5 for each in hung)
    histogram = Counter({int(value): n for (dimension, value), n in found.items() if dimension == "wait"})
    assert histogram == Counter(waits)
    assert statistics.median(histogram.elements()) == statistics.median(waits)
    assert found["talk", "all"] == sum(int(each["ser_time"]) for each in real if each["outcome"] == "AGENT")


@pytest.mark.sqlite_only
def test_every_shipped_mapping_is_whole() -> None:
    from casework.intake.rules.records import parse_mapping  # noqa: PLC0415 - only here

    found = sorted(MAPPINGS.glob("*.toml"))
    assert found
    for path in found:
        assert parse_mapping(path.read_text(encoding="utf-8"), is_toml=True).columns
