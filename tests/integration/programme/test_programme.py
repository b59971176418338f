from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from casework.core.db import session, write_transaction
from casework.core.errors import Conflict, Invalid, NotFound, Refused
from casework.programme import queries, service
from casework.programme.models import Hotline, Subproject
from casework.security.actor import Actor
from tests.support.events import actions_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask

    from tests.support.client import CheckedClient

FACTS: dict[str, Any] = json.loads(service.BUNDLED.read_text(encoding="utf-8"))
OTHER: dict[str, Any] = {
    "programme": {"name": "海城心理热线", "owner": "海城社工协会", "start": "2024-01-01", "end": "2026-12-31"},
    "subprojects": [
        {
            "code": "HC",
            "name": "海城热线",
            "target": ["居民"],
            "authorised_by": "海城市民政局",
            "authorised_on": "2023-12-01",
        }
    ],
    "hotlines": [{"name": "海城 12356", "subproject": "HC", "numbers": ["12356"], "seats": 3}],
}  # fmt: skip


def test_a_second_load_changes_nothing(bare_app: Flask) -> None:
    with bare_app.app_context(), write_transaction():
        assert service.load(service.BUNDLED, actor=Actor.system())
        kept = session().scalar(sa.select(Subproject).where(Subproject.code == "GZ"))
        assert kept is not None
        kept.responsible = "某某，主任"
        session().flush()
        assert not service.load(FACTS, actor=Actor.system())
        assert session().scalar(sa.select(sa.func.count()).select_from(Subproject)) == 7
        assert session().scalar(sa.select(sa.func.count()).select_from(Hotline)) == 5
        assert kept.responsible == "某某，主任"


def test_another_programme_loads_from_the_same_format_and_none_is_overwritten(bare_app: Flask, tmp_path: Path) -> None:
    source = tmp_path / "other.json"
    source.write_text(json.dumps(OTHER), encoding="utf-8")
    with bare_app.app_context(), write_transaction():
        assert service.load(source, actor=Actor.system())
        assert [line.name for line in queries.list_lines(Actor.system())] == ["海城 12356"]
        with pytest.raises(Conflict):
            service.load(FACTS, actor=Actor.system())
        assert queries.get_programme().name == "海城心理热线"


def test_a_wrong_file_is_refused_whole(bare_app: Flask, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")
    with bare_app.app_context(), write_transaction():
        sources: tuple[Path | dict[str, Any], ...] = (broken, tmp_path / "missing.json", {"programme": {}})
        for source in sources:
            with pytest.raises(Invalid):
                service.load(source, actor=Actor.system())
        assert queries.find_programme() is None


def test_each_role_sees_its_own_subproject_and_the_office_all(actor: Callable[[str], Actor]) -> None:
    volunteer, lead, office, auditor = (actor(login) for login in ("zhiyuan", "fuze", "bangong", "shenji"))
    assert [each.code for each in queries.list_subprojects(lead)] == ["GZ"]
    assert len(queries.list_subprojects(office)) == 7
    assert queries.list_subprojects(auditor) == []
    assert {line.subproject_id for line in queries.list_lines(volunteer)} == {volunteer.subproject_id}
    elsewhere = next(each for each in queries.list_subprojects(office) if each.code == "SZ")
    with pytest.raises(NotFound):
        queries.get_subproject(lead, elsewhere.id)
    with pytest.raises(NotFound):
        queries.get_subproject_by_code(lead, "SZ")


@pytest.mark.parametrize("login", ["zhiyuan", "zixun2", "dudao", "fuze", "bangong", "guanli", "shenji", "yishi"])
def test_one_and_the_list_agree_about_reach_and_about_being_open(actor: Callable[[str], Actor], login: str) -> None:
    who = actor(login)
    lines = session().scalars(sa.select(Hotline)).all()
    service.close_line(lines[0], seen_version=1, closed_on=lines[0].opened_on, actor=actor("bangong"))
    listed = {line.id for line in queries.list_all_lines(who)}
    assert {line.id for line in lines if queries.find_line(who, line.id) is not None} == listed
    for day in (lines[0].opened_on - timedelta(days=1), lines[0].opened_on, lines[0].opened_on + timedelta(days=1)):
        opened = {line.id for line in queries.list_lines(who, on=day)}
        assert {line.id for line in lines if line.id in listed and line.is_open(day)} == opened


def test_a_line_is_closed_and_another_opened_but_never_overwritten(actor: Callable[[str], Actor]) -> None:
    office = actor("bangong")
    place = queries.get_subproject_by_code(office, "GZ")
    line = service.open_line(place.id, "新热线", numbers=["12356"], opened_on=date(2020, 5, 1), actor=office)
    assert line in queries.list_lines(office, place.id, on=date(2020, 5, 1))
    assert line not in queries.list_lines(office, place.id, on=date(2020, 4, 30))
    with pytest.raises(Invalid):
        service.close_line(line, seen_version=line.row_version, closed_on=date(2020, 4, 1), actor=office)
    service.close_line(line, seen_version=line.row_version, closed_on=date(2020, 6, 1), actor=office)
    assert line not in queries.list_lines(office, place.id, on=date(2020, 6, 2))
    assert line in queries.list_all_lines(office, place.id)
    with pytest.raises(Conflict):
        service.close_line(line, seen_version=line.row_version, actor=office)
    with pytest.raises(Invalid):
        service.open_line(place.id, "新热线", actor=office)


def test_only_the_office_changes_the_programme(actor: Callable[[str], Actor]) -> None:
    for login in ("fuze", "dudao", "guanli", "shenji", "zhiyuan"):
        who = actor(login)
        place = session().scalars(sa.select(Subproject).where(Subproject.code == "GZ")).one()
        with pytest.raises(Refused):
            service.change_subproject(place, seen_version=place.row_version, values={"fund": "x"}, actor=who)
        with pytest.raises(Refused):
            service.open_line(place.id, "x", actor=who)


def test_each_change_leaves_one_event(actor: Callable[[str], Actor]) -> None:
    office = actor("bangong")
    with write_transaction():
        place = queries.get_subproject_by_code(office, "BJ")
        service.change_subproject(place, seen_version=place.row_version, values={"fund": "某基金"}, actor=office)
        line = service.open_line(place.id, "北京一线", actor=office)
        service.close_line(line, seen_version=line.row_version, actor=office)
        unchanged = service.change_subproject(
            place, seen_version=place.row_version, values={"fund": "某基金"}, actor=office
        )
    assert unchanged == frozenset()
    assert actions_of(office.account_id)[-3:] == ["subproject.changed", "hotline.changed", "hotline.changed"]


def test_the_office_edits_a_subproject_and_R20_needs_both_halves(sign_in: Callable[[str], CheckedClient]) -> None:
    client = sign_in("bangong")
    answer = client.submit(
        "/programme/GZ/edit", {"responsible": "某某，主任", "targets": "社区困难人员\n来穗务工人员\n\n老人"}
    )
    assert answer.status_code == 303
    page = client.get("/programme/GZ").text
    assert "某某，主任" in page
    assert "老人" in page
    answer = client.submit("/programme/GZ/edit", {"authorised_on": ""})
    assert answer.status_code == 422
    assert "批准单位和批准日期须同时填写" in answer.text
    answer = client.submit("/programme/GZ/edit", {"authorised_by": "", "authorised_on": ""})
    assert answer.status_code == 303
    assert "未登记，不能开展服务" in client.get("/programme").text


def test_a_stale_form_gets_both_versions_side_by_side(sign_in: Callable[[str], CheckedClient]) -> None:
    client = sign_in("bangong")
    assert client.submit("/programme/SZ/edit", {"fund": "先保存的基金"}).status_code == 303
    answer = client.submit("/programme/SZ/edit", {"fund": "后保存的基金", "version": "1"})
    assert answer.status_code == 409
    assert "先保存的基金" in answer.text
    assert "后保存的基金" in answer.text
    assert "先保存的基金" in client.get("/programme/SZ").text, "nothing was overwritten"


def test_the_office_opens_and_closes_a_line_on_the_page(sign_in: Callable[[str], CheckedClient]) -> None:
    client = sign_in("bangong")
    given = {"name": "保定心理热线", "numbers": "0312-1234567\n12356", "seats": "3", "opened_on": "2020-04-01"}
    answer = client.submit("/programme/BD", given, action="/programme/BD/lines")
    assert answer.status_code == 303
    page = client.get("/programme/BD")
    assert "0312-1234567、12356" in page.text
    again = client.submit("/programme/BD", given, action="/programme/BD/lines")
    assert again.status_code == 422
    assert "同名热线" in again.text
    address = page.text.split('href="/programme/lines/')[1].split('"')[0]
    assert client.submit(f"/programme/lines/{address}", {"closed_on": "2020-03-01"}).status_code == 422
    assert client.submit(f"/programme/lines/{address}", {"closed_on": "2020-05-01"}).status_code == 303
    assert "2020-05-01 关闭" in client.get("/programme/BD").text


@pytest.mark.sqlite_only
def test_who_may_not_edit_sees_no_way_to(sign_in: Callable[[str], CheckedClient]) -> None:
    client = sign_in("fuze")
    page = client.get("/programme/GZ").text
    assert "修改资料" not in page
    assert "开通新热线" not in page
    assert client.get("/programme/GZ/edit").status_code == 403
    assert client.get("/programme/SZ").status_code == 404
    assert "深圳" not in client.get("/programme").text
