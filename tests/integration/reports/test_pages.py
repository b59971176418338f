from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from openpyxl import load_workbook

from casework.core import clock
from casework.core.db import write_transaction
from casework.programme import queries as programme
from casework.programme import service
from casework.reports import queries
from tests.support import html
from tests.support.events import entries_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from flask import Flask

    from casework.security.actor import Actor
    from tests.integration.reports.conftest import History
    from tests.support.client import CheckedClient

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def test_the_page_shows_figures_with_base_definition_and_time(
    history: History, sign_in: Callable[[str], CheckedClient]
) -> None:
    page = sign_in("fuze").get("/reports?period=whole").text
    assert f"n = {history.total('GZ', ''):,}" in page
    for words in ("数据截至", "口径", "数据表", "单位：通", "&lt;5"):
        assert words in page
    assert page.count("<svg") > 8
    assert page.count('role="img"') >= 8


def test_T9_a_small_number_reads_less_than_five_on_the_page(
    history: History, sign_in: Callable[[str], CheckedClient]
) -> None:
    month = max(day for day, *_ in history.calls).isoformat()[:7]
    page = sign_in("fuze").get(f"/reports?period={month}").text
    assert '<td class="numeric">&lt;5</td>' in page
    for number in "1234":
        assert f'<td class="numeric">{number}</td>' not in page


@pytest.mark.sqlite_only
def test_the_periods_to_choose_from_begin_with_the_first_figures(
    history: History, sign_in: Callable[[str], CheckedClient]
) -> None:
    client, first = sign_in("fuze"), min(day for day, *_ in history.calls).isoformat()[:7]
    offered = offers(client, "/reports")
    months = sorted(each for each in offered if "Q" not in each and "-" in each)
    assert months[0] == first
    assert months[-1] == clock.today().isoformat()[:7]
    assert min(each for each in offered if each.isdecimal()) == first[:4]
    assert "whole" in offered
    # A link that somebody kept still leads to where it did, and the list says where one is.
    assert offers(client, "/reports?period=2020-05") == {*offered, "2020-05"}


@pytest.mark.sqlite_only
def test_before_anything_is_counted_only_the_present_is_offered(sign_in: Callable[[str], CheckedClient]) -> None:
    today = clock.today()
    quarter = f"{today.year}-Q{(today.month + 2) // 3}"
    assert offers(sign_in("fuze"), "/reports") == {today.isoformat()[:7], quarter, str(today.year), "whole"}


def offers(client: CheckedClient, address: str) -> set[str]:
    page = html.parse(client.get(address).text)
    menu = next(each for each in page.all("select") if each.get("name") == "period")
    return {str(each.get("value")) for each in menu.iter("option")}


@pytest.mark.sqlite_only
def test_an_empty_period_offers_the_whole(sign_in: Callable[[str], CheckedClient]) -> None:
    page = sign_in("fuze").get("/reports?period=2020-05").text
    assert "该期间没有来电" in page
    assert "<svg xmlns" not in page, "no chart of zeros"


@pytest.mark.sqlite_only
def test_every_reader_sees_the_page_and_only_two_may_take_it_out(
    history: History, sign_in: Callable[[str], CheckedClient]
) -> None:
    assert history.calls
    for login, exports in (("fuze", True), ("bangong", True), ("dudao", False), ("shenji", False)):
        client = sign_in(login)
        assert ("导出用途" in client.get("/reports?period=whole").text) is exports
        answer = client.get("/reports/export.xlsx?period=whole&purpose=authority")
        assert answer.status_code == (200 if exports else 403)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("address", ["period=1999", "subproject=SZ", "line=nothing", "period=whole'--"])
def test_addresses_out_of_reach_are_not_found(address: str, sign_in: Callable[[str], CheckedClient]) -> None:
    client = sign_in("fuze")
    assert client.get(f"/reports?{address}").status_code == 404
    assert client.get(f"/reports/export.xlsx?purpose=fund&{address}").status_code == 404


def test_looking_and_exporting_leave_an_event_each(
    app: Flask, history: History, sign_in: Callable[[str], CheckedClient]
) -> None:
    assert history.calls
    client = sign_in("bangong")
    client.get("/reports?period=whole&subproject=GZ")
    page = "/reports?period=whole&subproject=GZ"
    answer = client.submit(page, {"purpose": "authority"}, action="/reports/export")
    assert answer.status_code == 303
    assert client.get(answer.location).status_code == 200
    with app.app_context():
        account = _account("bangong")
        entries = [entry for entry in entries_of(account) if entry.action.startswith("report.")]
    assert [entry.action for entry in entries] == ["report.viewed", "report.viewed", "report.exported"]
    assert entries[-1].details == {"format": "xlsx", "purpose": "authority", "report": "statistics:whole:GZ"}


def test_without_a_purpose_nothing_is_handed_out(history: History, sign_in: Callable[[str], CheckedClient]) -> None:
    assert history.calls
    client = sign_in("bangong")
    answer = client.submit("/reports?period=whole", {}, action="/reports/export")
    assert answer.status_code == 422
    assert "请选择导出用途" in answer.text
    assert client.get("/reports/export.xlsx?period=whole").location == "/reports"
    assert client.get("/reports/export.xlsx?period=whole&purpose=curiosity").location == "/reports"


def test_the_workbook_says_what_the_page_says(
    app: Flask, history: History, sign_in: Callable[[str], CheckedClient]
) -> None:
    assert history.calls
    answer = sign_in("bangong").get("/reports/export.xlsx?period=whole&purpose=fund")
    assert answer.mimetype == XLSX
    assert answer.headers["Content-Disposition"] == 'attachment; filename="statistics-whole-all.xlsx"'
    book = load_workbook(BytesIO(answer.data))
    assert book.sheetnames == ["说明", "数据", "时间", "时段", "子项目对比", "口径"]
    assert all(sheet.freeze_panes == "A2" for sheet in book)
    rows = {(row[0], row[1]): row[2] for row in book["数据"].iter_rows(min_row=2, values_only=True)}
    assert rows["来电量", "合计"] == len(history.calls)
    assert rows["线上与线下服务", "线上"] == sum(mode == "online" for *_, mode in history.sessions)
    with app.test_request_context():
        table = queries.get_dashboard(_office(), "whole").tables["call_type"]
    for row in table.rows:
        assert str(rows["来电类型", row.label]) == row.figure.text.replace(",", "")
    for sheet in book:
        for line in sheet.iter_rows(min_row=2):
            for cell in line:
                assert cell.data_type != "f"
                is_share = cell.number_format.endswith("%")
                assert is_share or not (isinstance(cell.value, int) and 0 < cell.value < 5), "a small number"


def test_a_name_that_looks_like_a_formula_stays_a_text(app: Flask, sign_in: Callable[[str], CheckedClient]) -> None:
    with app.app_context(), write_transaction():
        office = _office()
        place = programme.get_subproject_by_code(office, "GZ")
        service.open_line(place.id, '=HYPERLINK("http://x","点这里")', actor=office)
    answer = sign_in("fuze").get(f"/reports/export.xlsx?{urlencode({'period': 'whole', 'purpose': 'fund'})}")
    cells = [cell for row in load_workbook(BytesIO(answer.data))["热线"].iter_rows() for cell in row]
    found = [cell for cell in cells if str(cell.value).startswith("=HYPERLINK")]
    assert [cell.data_type for cell in found] == ["s"]
    assert all(cell.quotePrefix for cell in found)


def _office() -> Actor:
    from tests.support import seed  # noqa: PLC0415 - needs the application

    return seed.actor("bangong")


def _account(login: str) -> UUID:
    from casework.people import queries as people  # noqa: PLC0415 - needs the application

    account = people.account_by_login(login)
    assert account is not None
    return account.id
