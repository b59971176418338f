from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from flask import Flask

import config
from casework.core import clock
from casework.web import filters, i18n

if TYPE_CHECKING:
    from collections.abc import Iterator

# 2020-04-05 23:30 in Shanghai.
ADDRESS = "/?state=open&cursor=a&cursor=b&lang=zh"
NOW = datetime(2020, 4, 5, 15, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _request() -> Iterator[None]:
    app = Flask("filters", root_path=str(config.ROOT))
    app.config.update(SESSION_COOKIE_SECURE=False)
    i18n.install(app)
    with app.test_request_context(ADDRESS, environ_overrides={"PATH_INFO": "//evil.example/cases"}), clock.frozen(NOW):
        yield


@pytest.mark.parametrize(
    ("moment", "text", "kind"),
    [
        (date(2020, 4, 3), "逾期 2 天", "overdue"),
        (NOW - timedelta(hours=23), "今天", "today"),
        # Half an hour later it is tomorrow in Shanghai, though the same day in UTC.
        (NOW + timedelta(minutes=31), "明天", "soon"),
        (date(2020, 4, 8), "3 天后", "soon"),
        (date(2020, 4, 13), "2020-04-13", "later"),
    ],
)
def test_a_due_day_is_said_relative_to_today_in_shanghai(moment: date, text: str, kind: str) -> None:
    due = filters.due(moment)
    assert (due.text, due.kind) == (text, kind)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 秒"),
        (59, "59 秒"),
        (60, "1 分钟"),
        (3599, "59 分钟"),
        (3600, "1 小时"),
        (4320, "1 小时 12 分"),
        (200_000, "2 天"),
    ],
)
def test_a_length_of_time_is_said_in_words(seconds: int, text: str) -> None:
    assert filters.minutes(seconds) == text


def test_waiting_is_never_negative() -> None:
    assert filters.waiting(NOW + timedelta(minutes=5)) == "0 秒"


def test_times_are_shown_as_on_a_clock_in_shanghai() -> None:
    assert filters.local_datetime(NOW) == "2020-04-05 23:30"
    assert filters.local_date(NOW + timedelta(hours=1)) == "2020-04-06"
    assert filters.local_time(NOW) == "23:30"
    assert filters.machine_time(NOW) == "2020-04-05T23:30+08:00"


def test_a_page_address_changes_only_what_is_asked_and_never_the_host() -> None:
    assert filters.page_url(cursor="x", lang=None) == "/evil.example/cases?state=open&cursor=x"


def test_a_language_link_never_leads_to_another_host() -> None:
    english = i18n.language_links()[1]
    assert english.href == "/evil.example/cases?state=open&cursor=a&cursor=b&lang=en"


@pytest.mark.parametrize(
    ("wishes", "chosen"),
    [((), "zh"), ((None, None), "zh"), (("xx", "en"), "en"), (("zh", "en"), "zh"), (("../etc", None), "zh")],
)
def test_the_first_language_we_speak_is_taken(wishes: tuple[str | None, ...], chosen: str) -> None:
    assert i18n.choose(*wishes) == chosen


def test_a_file_address_carries_the_fingerprint_of_its_content() -> None:
    first = filters.asset("app/casework.css")
    assert first == filters.asset("app/casework.css")
    assert "?v=" in first
    assert first != filters.asset("app/page.js")
