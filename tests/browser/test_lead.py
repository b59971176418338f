"""A project lead in a real browser: read the figures, take them out with a reason, and meet no person on the way."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook

from casework.app import create_app
from casework.core import clock
from casework.core.db import db, write_transaction
from tests.browser.conftest import LOOKS, SIZES
from tests.browser.support import server
from tests.browser.support.watch import axe_faults, overflow, screenshot
from tests.integration.reports.conftest import History, fill
from tests.support import engines, samples
from tests.support.canaries import NAME, NOTE, NUMBER, SUMMARY, search_text, search_zip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from openpyxl import Workbook
    from playwright.sync_api import Page

    from tests.support.samples import Work

LOCALES = {"zh": "zh-CN", "en": "en-US"}
SECRET = {"name": NAME, "number": NUMBER, "summary": SUMMARY, "note": NOTE}
WORDS = {
    "zh": {
        "title": "统计看板",
        "line": "单条热线只提供来电量",
        "gap": "请选择导出用途",
        "empty": "该期间没有来电",
        "purpose": "撰写工作报告",
    },
    "en": {
        "title": "Statistics",
        "line": "A single line has the number of calls only",
        "gap": "Please choose Purpose of export.",
        "empty": "No calls",
        "purpose": "Writing a work report",
    },
}
HIDDEN = {"<5", "—"}


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the figures come from: a folder, the work in it, and the recount of every call."""

    folder: Path
    work: Work
    history: History


@pytest.fixture(scope="module")
def desk(_instance: Path, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Give a prepared system with four months of figures, and with one person whom no lead may meet."""
    folder = tmp_path_factory.mktemp("lead")
    shutil.copytree(_instance, folder / "prepared")
    app = create_app(engines.settings_of(folder / "prepared", ""))
    history = History()
    with app.app_context():
        work = samples.do_work()
        with write_transaction():
            fill(history, seed=11, calls=6000, sessions=400, days=120)
        db.session.remove()
        db.engine.dispose()
    return Desk(folder, work, history)


@pytest.fixture(scope="module")
def live(desk: Desk) -> Iterator[str]:
    """Give the running system."""
    with server.running(desk.folder / "prepared", desk.folder / "live") as address:
        yield address


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_lead_reads_the_figures_and_takes_them_out_with_a_purpose(
    live: str, open_page: Callable[..., Page], sign_in_by_hand: Callable[..., None], desk: Desk, language: str
) -> None:
    page, words = open_page(live, locale=LOCALES[language]), WORDS[language]
    sign_in_by_hand(page, "fuze")
    assert page.locator("h1").inner_text() == words["title"], "a lead lands on statistics"
    month = last_month()
    page.select_option("[name=period]", month)
    page.locator(".filters [type=submit]").click()
    page.wait_for_url(f"**/reports?period={month}**")
    counted = f"{desk.history.total('GZ', month):,}"
    assert page.locator(".stats").first.inner_text().count(counted)
    card = page.locator(".card-figure:has(#card-call_type)")
    card.locator("details.more summary").click()
    assert card.locator("tbody tr:visible").count() > 2
    card.locator("details.definition summary").click()
    assert card.locator("details.definition p").is_visible()
    shown = figures(page)
    page.locator("#export [type=submit]").click()
    page.locator(".error-summary").get_by_text(words["gap"]).wait_for()
    assert page.locator("[name=period]").first.input_value() == month, "a refused export keeps the period"
    page.get_by_label(words["purpose"]).check(force=True)
    with page.expect_download() as awaited:
        page.locator("#export [type=submit]").click()
    assert awaited.value.suggested_filename == f"statistics-{month}-GZ.xlsx"
    data = awaited.value.path().read_bytes()
    assert search_zip(data, "workbook", SECRET) == []
    assert differences(shown, load_workbook(BytesIO(data))) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_single_line_shows_its_total_and_breaks_nobody_down(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None], desk: Desk, language: str
) -> None:
    page = open_page(live, locale=LOCALES[language])
    sign_in(page, "fuze")
    page.goto("/reports")
    page.select_option("[name=period]", "whole")
    page.select_option("[name=line]", str(desk.work.line_id))
    page.locator(".filters [type=submit]").click()
    page.get_by_text(WORDS[language]["line"]).wait_for()
    assert page.locator(".card-figure").count() == 0
    assert page.locator("[name=line]").first.input_value() == str(desk.work.line_id)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_empty_period_says_so_and_leads_to_the_whole(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None], language: str
) -> None:
    page = open_page(live, locale=LOCALES[language])
    sign_in(page, "fuze")
    page.goto("/reports?period=2020-05")
    page.locator("main").get_by_text(WORDS[language]["empty"]).wait_for()
    assert page.locator("main svg[role=img]").count() == 0, "no chart of zeros"
    page.locator("main a[href*='period=whole']").click()
    page.locator(".card-figure").first.wait_for()


@LOOKS
def test_every_state_of_the_page_is_accessible_and_fits(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None], size: str, language: str
) -> None:
    page = open_page(live, SIZES[size], locale=LOCALES[language])
    sign_in(page, "fuze")
    faults = []
    for state, address in (
        ("whole", "/reports?period=whole"),
        ("empty", "/reports?period=2020-05"),
        ("refused", f"/reports?period={last_month()}"),
    ):
        page.goto(address)
        if state == "refused":
            page.locator("#export [type=submit]").click()
            page.locator(".error-summary").wait_for()
        if state == "whole":
            # What is folded is read too.
            page.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")
        screenshot(page, f"lead-{state}-{size}-{language}", whole=True)
        faults += [f"{state}: {fault}" for fault in [*overflow(page), *axe_faults(page)]]
    assert not faults, "\n".join(faults)


def test_no_address_leads_from_a_figure_to_a_person(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None], desk: Desk
) -> None:
    page = open_page(live)
    sign_in(page, "fuze")
    leaks = []
    for address, wanted in hostile(desk.work).items():
        answer = page.request.get(address) if ".xlsx" in address else page.goto(address)
        assert answer is not None
        assert answer.status in wanted, f"{address} answers {answer.status}"
        leaks += search_text(f"{answer.url}\n{answer.text()}\n{page.content()}", address, SECRET)
    assert leaks == []
    names = page.evaluate("Object.keys(localStorage).concat(Object.keys(sessionStorage))")
    assert search_text(str(names), "storage of the browser", SECRET) == []


def test_the_same_addresses_show_the_person_to_whoever_helps(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None], desk: Desk
) -> None:
    # Without this the test before could pass because there is nothing to find.
    page = open_page(live)
    sign_in(page, "zixun")
    page.goto(f"/cases/{desk.work.number}")
    assert {leak.canary for leak in search_text(page.content(), "case", SECRET)} >= {"note"}


def test_a_workbook_that_differs_from_its_page_is_found() -> None:
    from openpyxl import Workbook as NewWorkbook  # noqa: PLC0415 - only this control writes one

    book = NewWorkbook()
    sheet = book.create_sheet("data")
    sheet.append(["measure", "value", "count", "share"])
    sheet.append(["calls", "self", 3, None])
    sheet.append(["calls", "silent", 12, None])
    shown = {("calls", "self"): "<5", ("calls", "silent"): "11", ("calls", "other"): "5"}
    assert differences(shown, book) == [
        "calls, self: the page says <5, the workbook 3",
        "calls, silent: the page says 11, the workbook 12",
        "calls, other: the page says 5, the workbook nothing",
        "data!C2 tells a small number: 3",
    ]


def last_month() -> str:
    """Return the key of the month before this one, all of whose days have figures."""
    return (clock.today().replace(day=1) - timedelta(days=1)).isoformat()[:7]


def figures(page: Page) -> dict[tuple[str, str], str]:
    """Return every number in the data tables of the page, by measure and value; small and withheld ones among them."""
    rows: list[list[str]] = page.locator(".card-figure").evaluate_all(
        """cards => cards.flatMap(card => [...card.querySelectorAll("tbody tr")].map(row =>
             [card.querySelector("h3").textContent.trim(),
              ...[...row.children].slice(0, 2).map(cell => cell.textContent.trim())]))"""
    )
    found = {(title, value): text for title, value, text in rows}
    assert HIDDEN & set(found.values()), "nothing on the page is hidden, so nothing is proven"
    assert any(text not in HIDDEN for text in found.values())
    return found


def differences(shown: dict[tuple[str, str], str], book: Workbook) -> list[str]:
    """Return where a workbook says something else than the page, and every whole number from 1 to 4 in it."""
    rows: dict[tuple[Any, Any], Any] = {}
    for sheet in book.worksheets:
        for row in sheet.iter_rows(min_row=2, values_only=True):
            if len(row) > 3:
                rows[row[0], row[1]] = row[2]
            else:
                # Lines stand on a sheet of their own, under the heading of their card on the page.
                rows[sheet.title, row[0]] = row[1] if len(row) > 1 else None
    found = []
    for key, text in shown.items():
        said = rows.get(key, _of_a_line(rows, key))
        if str(said) != text.replace(",", ""):
            found.append(f"{', '.join(key)}: the page says {text}, the workbook {'nothing' if said is None else said}")
    return found + [
        f"{sheet.title}!{cell.coordinate} tells a small number: {cell.value}"
        for sheet in book.worksheets
        for row in sheet.iter_rows(min_row=2)
        for cell in row
        if isinstance(cell.value, int) and 0 < cell.value < 5 and not cell.number_format.endswith("%")
    ]


def _of_a_line(rows: dict[tuple[Any, Any], Any], key: tuple[str, str]) -> Any:  # noqa: ANN401 - a cell's value
    return next((count for (sheet, name), count in rows.items() if name == key[1] and sheet in {"热线", "Lines"}), None)


def hostile(work: Work) -> dict[str, set[int]]:
    """Return addresses a curious lead could type, each with the answers that are right."""
    refused, nowhere = {403}, {403, 404}
    return {
        f"/calls/{work.call_id}": nowhere,
        f"/calls/{work.waiting_id}": nowhere,
        f"/calls/{work.call_id}/correct": nowhere,
        f"/calls/drafts/{work.draft_id}": nowhere,
        "/calls": refused,
        "/cases": refused,
        f"/cases/{work.number}": nowhere,
        f"/cases/{work.number.lower()}": nowhere,
        f"/cases/{work.number}/measures": nowhere,
        f"/cases/{work.number}/notes/{work.note_id}/correct": nowhere,
        "/triage": refused,
        "/triage/new?since=2020-01-01T00:00:00%2B00:00": refused,
        "/admin": refused,
        "/audit": refused,
        "/keys": refused,
        "/reports?subproject=SZ": {404},
        "/reports?period=whole&subproject=GZ&subproject=SZ": {200},
        "/reports?period=whole'--": {404},
        "/reports?period=2020-01-01..2020-01-02": {404},
        f"/reports?period=whole&line={work.call_id}": {404},
        f"/reports?period=whole&case={work.number}&group_by=caller_name&detail=1&format=json": {200},
        f"/reports/export.xlsx?purpose=fund&period=whole&line={work.call_id}": {404},
        "/reports/export.xlsx?purpose=fund&subproject=SZ": {404},
        f"/reports/{work.number}": {404},
        f"/login?next=/cases/{work.number}": {200, 403, 404},
        f"/static/../cases/{work.number}": nowhere,
    }
