"""Nothing that anybody says is found where it does not belong: files, dumps, logs, addresses, other people's pages."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from casework.core import clock
from casework.core.db import db
from tests.integration.leaks.places import dump, leaks_of
from tests.integration.leaks.story import LAST_PASSWORD
from tests.support import canaries
from tests.support.canaries import WORDS, Leak, search_bytes, search_files, search_rows, search_text, search_zip
from tests.support.seed import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.leaks.witness import Evidence

REFUSALS = frozenset({400, 403, 404, 405, 413, 500})
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
COLLEAGUES = ("zhiyuan-gz", "zixun-gz", "zixun2", "dudao2", "fuze", "bangong", "guanli", "shenji", "yishi")
# Answers to words that somebody just typed show them again to that person; these were made for nobody in particular.
NOBODYS = frozenset({"at an open desk", "whoever sees a failure", "nobody"})


def said(leaks: list[Leak] | Iterator[Leak]) -> list[str]:
    return sorted({str(each) for each in leaks})


def test_the_story_was_told_and_those_who_may_know_were_shown_everything(evidence: Evidence) -> None:
    shown = evidence.shown_to("zhiyuan", "dudao", "zixun")
    known = {name: word for name, word in WORDS.items() if name != "password"}
    assert [name for name, word in known.items() if word.encode() not in shown] == []
    assert {each.status for each in evidence.traffic} >= {200, 303, 400, 401, 403, 404, 409, 422, 500}


def test_T3_no_file_holds_a_word_of_it(evidence: Evidence) -> None:
    names = {path.name for path in evidence.folder.rglob("*") if path.is_file()}
    assert names >= {"keyring.json", "checkpoints.jsonl"}
    assert evidence.database or names >= {"casework.sqlite", "casework.sqlite-wal"}
    assert evidence.leaks_on_the_way == []
    assert said(search_files([evidence.folder])) == []


def test_T3_no_row_and_no_dump_holds_a_word_of_it(evidence: Evidence) -> None:
    with evidence.app.app_context(), db.engine.connect() as connection:
        assert said(search_rows(connection)) == []
    if evidence.database:
        data = dump(evidence.database)
        assert b"people_session" in data or len(data) > 10_000
        assert said(search_bytes(data, "dump")) == []


def test_no_log_and_no_output_holds_a_word_of_it(evidence: Evidence) -> None:
    heard = evidence.heard.getvalue()
    assert "unhandled" in heard
    assert "INSERT INTO" in heard
    assert said(search_text(heard, "log")) == []


def test_no_address_and_no_header_holds_a_word_of_it(evidence: Evidence) -> None:
    leaks: list[Leak] = []
    for each in evidence.traffic:
        leaks += search_text(each.url, f"address of {each.place}")
        leaks += search_text("\n".join(f"{name}: {value}" for name, value in each.headers), f"headers of {each.place}")
    assert said(leaks) == []


def test_no_cookie_holds_a_word_of_it(evidence: Evidence) -> None:
    cookies = [
        value.partition("=")[2].partition(";")[0]
        for each in evidence.traffic
        for name, value in each.headers
        if name == "Set-Cookie"
    ]
    opened = [canaries.unpacked_cookie(each) for each in cookies]
    assert any(b"_flashes" in each for each in opened)
    assert said(leak for each in opened for leak in search_bytes(each, "cookie")) == []


def test_no_title_holds_a_word_of_it(evidence: Evidence) -> None:
    pages = [each for each in evidence.traffic if each.body.lstrip().lower().startswith(b"<!doctype")]
    found = [(each.place, title) for each in pages for title in TITLE.findall(each.body.decode())]
    assert len(found) >= len(pages) > 0
    assert said(leak for place, title in found for leak in search_text(title, f"title of {place}")) == []


def test_no_page_for_nobody_holds_a_word_of_it(evidence: Evidence) -> None:
    pages = [each for each in evidence.traffic if each.login in NOBODYS]
    assert {each.status for each in pages} >= {200, 401, 500}
    answers = [each for each in pages if each.login != "nobody" or each.method == "GET"]
    assert said(leak for each in answers for leak in search_bytes(each.body, each.place)) == []


def test_no_refusal_and_no_failure_repeats_a_word_of_it(evidence: Evidence) -> None:
    refusals = [each for each in evidence.traffic if each.status in REFUSALS]
    assert {each.status for each in refusals} >= {400, 403, 404, 500}
    assert said(leak for each in refusals for leak in search_bytes(each.body, each.place)) == []


def test_no_workbook_holds_a_word_of_it(evidence: Evidence) -> None:
    workbooks = [each for each in evidence.traffic if each.body.startswith(b"PK")]
    assert workbooks
    assert said(leak for each in workbooks for leak in search_zip(each.body, each.place)) == []


@pytest.mark.parametrize("login", COLLEAGUES)
def test_no_page_of_somebody_elses_work_holds_a_word_of_it(evidence: Evidence, login: str) -> None:
    client = evidence.enter(login, LAST_PASSWORD if login == "zhiyuan-gz" else PASSWORD)
    assert said(leaks_of(evidence, client)) == []


def test_no_page_holds_a_word_of_it_for_the_author_whose_grant_is_over(evidence: Evidence) -> None:
    # What was said about a call may be read longer than the call.
    for days, readable in ((4, {"comment"}), (15, set[str]())):
        with clock.frozen(clock.now() + timedelta(days=days)):
            client = evidence.enter("zhiyuan")
            leaks = list(leaks_of(evidence, client))
            assert {leak.canary for leak in leaks} == readable
            assert all("/calls/feedback/" in leak.place for leak in leaks)
