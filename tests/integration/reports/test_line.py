"""The page about the line: exact where it may be, silent where it must be, and empty where nothing was recorded."""

from __future__ import annotations

import re
import statistics
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest

from casework.core import clock, tally
from casework.core.db import session, write_transaction
from casework.core.errors import NotFound, Refused
from casework.intake.models import LineDay
from casework.intake.queries import LineBook
from casework.intake.service.record_files import Numbered, key_of
from casework.intake.service.records import Import
from casework.intake.types.telephony import Ending, LegFacts, LegRecord, LineState
from casework.programme import queries as programme
from casework.reports.disclosure import Mark
from casework.reports.queries import get_line_page
from casework.reports.rules.waits import WITHIN
from casework.security.actor import Actor
from tests.support import html
from tests.support.events import entries_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from flask import Flask

    from tests.support.client import CheckedClient

START = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


@dataclass
class Told:
    """What happened, call by call."""

    calls: list[tuple[UUID, LegFacts]] = field(default_factory=list)

    def waits(self, line: UUID | None = None) -> list[int]:
        """Return how long the answered calls of a line waited."""
        return [
            int((facts.answered_at - facts.started_at).total_seconds())
            for each, facts in self.calls
            if facts.answered_at is not None and line in {None, each}
        ]

    def hung_up(self) -> list[int]:
        """Return how long the others waited."""
        ended = [facts for _, facts in self.calls if facts.ending is not None and facts.ended_at is not None]
        return [int((facts.ended_at - facts.started_at).total_seconds()) for facts in ended if facts.ended_at]


def call(random: Random, start: datetime) -> LegFacts:
    wait = random.choice((0, 4, 5, 19, 20, 21, random.randrange(300)))
    if random.random() < 0.7:
        answered = start + timedelta(seconds=wait)
        return LegFacts(
            started_at=start, answered_at=answered, ended_at=answered + timedelta(seconds=random.randrange(900))
        )
    return LegFacts(started_at=start, ended_at=start + timedelta(seconds=wait), ending=Ending.ABANDONED)


@pytest.fixture
def told(app: Flask) -> Told:
    """Give two months of calls on two lines of GZ, imported as a file would be."""
    random, found = Random(5), Told()  # noqa: S311 - numbers of a test
    with app.app_context(), clock.frozen(START + timedelta(days=70)), write_transaction():
        owner = programme.get_subproject_by_code(Actor.system(), "GZ").id
        lines = [line for line in LineBook().all() if line.subproject_id == owner][:2]
        rows = []
        for number in range(900):
            line = random.choices(lines, (5, 1))[0]
            facts = call(random, START + timedelta(minutes=random.randrange(58 * 24 * 60)))
            found.calls.append((line.id, facts))
            record = LegRecord(facts=facts, line=line.name, record_id=str(number))
            rows.append(Numbered(number, record, line, key_of(record, line)))
        Import(Actor.system()).take_in(rows)
    return found


def test_every_figure_equals_that_of_the_single_calls(told: Told, actor: Callable[[str], Actor]) -> None:
    who = actor("fuze")
    page = get_line_page(who, "2026-Q1")
    waits, hung = told.waits(), told.hung_up()
    short = sum(each < 5 for each in hung)
    base = len(told.calls) - short
    figures = page.figures
    assert figures.offered.count == len(told.calls) == 900
    assert figures.states[LineState.ANSWERED].count == len(waits)
    assert figures.states[LineState.SHORT].count == short
    assert figures.states[LineState.LOST].count == len(hung) - short
    assert figures.answer_rate == len(waits) / base
    assert figures.lost_rate == (len(hung) - short) / base
    assert figures.waits is not None
    assert figures.waits.mean == pytest.approx(statistics.fmean(waits))
    assert figures.waits.median == statistics.median(waits)
    assert figures.waits.longest == max(waits)
    for within in WITHIN:
        level = get_line_page(who, "2026-Q1", within=str(within)).figures.service_level
        assert level == sum(each <= within for each in waits) / base
    talks = [facts.ended_at - facts.answered_at for _, facts in told.calls if facts.answered_at and facts.ended_at]
    assert figures.mean_talk == pytest.approx(sum(talks, timedelta()).total_seconds() / len(talks))
    assert sum(figure.count or 0 for row in page.heat for figure in row) <= 900


def test_lines_days_and_months_add_up(told: Told, actor: Callable[[str], Actor]) -> None:
    page = get_line_page(actor("fuze"), "2026-Q1")
    by_line = {each.name: each for each in page.lines}
    assert sum(each.offered.count or 0 for each in by_line.values()) == 900
    for line_id, figures in ((line.id, by_line[line.name]) for line in LineBook().all() if line.name in by_line):
        if figures.waits is not None:
            assert figures.waits.median == statistics.median(told.waits(line_id))
    assert sum(point.figure.count or 0 for point in page.series) == 900
    month = get_line_page(actor("fuze"), "2026-01")
    days = [point.figure for point in month.series]
    assert len(days) == 31
    assert sum(day.count or 0 for day in days) <= (month.figures.offered.count or 0)
    assert not month.heat


def small(day: date, counts: dict[str, int], waits: dict[str, int]) -> None:
    """Put a few calls of one line into the daily counts."""
    line = next(each for each in LineBook().all() if each.name == "唯爱妈妈热线")
    place = {"day": day, "subproject_id": line.subproject_id, "line_id": line.id}
    rows = [place | {"dimension": "state", "value": value, "count": n} for value, n in counts.items()]
    rows += [place | {"dimension": "wait", "value": value, "count": n} for value, n in waits.items()]
    tally.add(LineDay, rows)


def test_small_numbers_and_what_would_give_them_away_are_hidden(
    sign_in: Callable[[str], CheckedClient], actor: Callable[[str], Actor]
) -> None:
    with write_transaction():
        small(date(2026, 2, 3), {"answered": 30, "lost": 3, "short": 9}, {"7": 30})
    figures = get_line_page(actor("fuze"), "2026-02").figures
    assert figures.states[LineState.LOST].mark is Mark.SMALL
    hidden = [state for state, figure in figures.states.items() if figure.mark is not Mark.SHOWN]
    assert len(hidden) >= 2, "a single hidden number is the total without the others"
    assert figures.lost_rate is None
    assert figures.answer_rate is None or LineState.ANSWERED not in hidden
    session().rollback()
    page = sign_in("fuze").get("/reports/line?period=2026-02").text
    assert "&lt;5" in page
    assert not re.search(r'stat-value">[1-4]<', page)


def test_rates_and_waits_need_twenty_calls(actor: Callable[[str], Actor]) -> None:
    with write_transaction():
        small(date(2026, 2, 3), {"answered": 19}, {"7": 19})
    few = get_line_page(actor("fuze"), "2026-02").figures
    assert (few.offered.count, few.answer_rate, few.waits, few.service_level) == (19, None, None, None)
    with write_transaction():
        small(date(2026, 2, 4), {"answered": 1}, {"9": 1})
    enough = get_line_page(actor("fuze"), "2026-02").figures
    assert (enough.answer_rate, enough.service_level) == (1.0, 1.0)
    assert enough.waits is not None
    assert enough.waits.mean == pytest.approx(7.1)


@pytest.mark.sqlite_only
def test_an_empty_period_says_so_and_draws_nothing(sign_in: Callable[[str], CheckedClient]) -> None:
    client = sign_in("fuze")
    page = client.get("/reports/line").text
    assert "该期间没有来电" in page
    assert "<svg xmlns" not in page
    english = client.get("/reports/line?lang=en").text
    assert "No calls in this period" in english


@pytest.mark.sqlite_only
def test_occupancy_follows_from_the_hours_that_seats_were_staffed(
    told: Told, sign_in: Callable[[str], CheckedClient]
) -> None:
    client, address = sign_in("fuze"), "/reports/line?period=2026-Q1&seat_hours="

    def shown(page: str, label: str) -> str:
        card = next(each for each in html.parse(page).all("div") if html.text_of(each).startswith(label))
        return next(html.text_of(each) for each in card.iter("span") if each.get("class") == "stat-value")

    page = client.get(f"{address}40").text
    minutes, _, seconds = shown(page, "平均通话").rpartition(":")
    talk = int(minutes or 0) * 60 + float(seconds)
    rate = int(shown(page, "接通").replace(",", "")) * talk / 40 / 3600
    assert float(shown(page, "座席占用率").rstrip("%")) == pytest.approx(rate * 100, rel=0.02)
    assert shown(client.get("/reports/line?period=2026-Q1").text, "座席占用率") == "未知"
    assert told.calls


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("0", "请填写本期所有座席在岗的小时之和"),
        ("-5", "请填写本期所有座席在岗的小时之和"),
        ("9" * 8, "请填写本期所有座席在岗的小时之和"),
        ("1.5", "请填写整数。"),
        ("十小时", "请填写整数。"),
        ("<b>", "请填写整数。"),
    ],
)
def test_hours_that_are_none_are_refused_at_the_field_and_kept(
    told: Told, sign_in: Callable[[str], CheckedClient], typed: str, said: str
) -> None:
    assert told.calls
    answer = sign_in("fuze").get("/reports/line", query_string={"period": "2026-Q1", "seat_hours": typed})
    assert answer.status_code == 422
    field = next(each for each in html.parse(answer.text).all("input") if each.get("name") == "seat_hours")
    assert (field.get("value"), field.get("aria-invalid")) == (typed, "true")
    assert any(
        said in html.text_of(each) for each in html.parse(answer.text).all("p") if each.get("class") == "field-error"
    )


@pytest.mark.sqlite_only
def test_every_figure_stands_beside_its_definition(told: Told, sign_in: Callable[[str], CheckedClient]) -> None:
    assert told.calls
    page = sign_in("fuze").get("/reports/line?period=2026-Q1&within=30").text
    for words in (
        "呼入量",
        "接通率",
        "放弃率",
        "短时放弃",
        "占线",
        "平均等待",
        "等待中位数",
        "九成等待",
        "最长等待",
        "平均通话",
    ):
        assert words in page
    assert "服务水平（30 秒内）" in page
    assert page.count('class="definition"') >= 14
    assert page.count('role="img"') == 2
    assert "未知" in page
    assert "/reports/line?" in sign_in("fuze").get("/reports").text


@pytest.mark.sqlite_only
def test_only_readers_of_statistics_see_their_own_places(
    told: Told, sign_in: Callable[[str], CheckedClient], actor: Callable[[str], Actor]
) -> None:
    assert told.calls
    for login in ("zhiyuan", "zixun", "guanli", "yishi"):
        assert sign_in(login).get("/reports/line").status_code == 403
    for login in ("fuze", "dudao", "bangong", "shenji"):
        assert sign_in(login).get("/reports/line?period=whole").status_code == 200
    for address in ("subproject=SZ", "period=2026-13", "period=2026-01-05", "within=21", "within=x", "line=x"):
        assert sign_in("fuze").get(f"/reports/line?{address}").status_code == 404
    who = actor("fuze")
    assert any(str(each.details.get("report")).startswith("line:whole:GZ") for each in entries_of(who.account_id))
    with pytest.raises(Refused):
        get_line_page(actor("zhiyuan"))
    with pytest.raises(NotFound):
        get_line_page(actor("dudao2"), subproject="GZ")
