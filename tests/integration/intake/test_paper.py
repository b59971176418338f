"""Lists from paper: whole or not at all, counted once, readable by the circle only, and taken back without a trace."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from casework.audit.models import AuditEntry
from casework.core import clock
from casework.core.db import read_transaction, session
from casework.core.errors import Conflict, Invalid, NotFound, Refused
from casework.intake import queries, service
from casework.intake.models import Call, CallDay, PaperBatch, PaperLine
from casework.intake.types import BatchState, CallStatus
from casework.intake.types.paper import Flaw
from casework.programme import queries as programme
from casework.security.actor import Actor
from tests.support.canaries import NAME, NUMBER, SUMMARY, search_text
from tests.support.client import find_form, values_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask
    from werkzeug.test import TestResponse

    from tests.integration.intake.conftest import Desk
    from tests.support.client import CheckedClient

HEAD = "日期,时间,热线,来电类型,数量,主要问题,重点人群,自杀自伤风险,处理结果,称呼,来电号码,通话摘要"


def a_list(line: str, *more: str) -> bytes:
    rows = [
        HEAD,
        f"2020-04-05,14:05,{line},本人求助,,睡眠,老人,无,当次支持结束,{NAME},{NUMBER},{SUMMARY}",
        f"2020-04-06,,{line},信息咨询,约30,信息咨询,,未评估,当次支持结束,,,",
        f"2020-04-06,,{line},沉默挂断,4,,,,,,,",
        *more,
    ]
    return "\n".join(rows).encode()


@pytest.fixture
def line(app: Flask) -> str:
    with app.app_context(), read_transaction():
        who = Actor.system()
        place = next(each for each in programme.list_subprojects(who) if each.code == "GZ")
        return next(each.name for each in programme.list_lines(who, place.id))


def counted(dimension: str, value: str, day: date = date(2020, 4, 6)) -> int:
    total = sa.select(sa.func.sum(CallDay.count)).where(
        CallDay.dimension == dimension, CallDay.value == value, CallDay.day == day
    )
    return session().scalar(total) or 0


def everything() -> list[tuple[object, ...]]:
    columns = (CallDay.day, CallDay.dimension, CallDay.value)
    summed = sa.select(*columns, sa.func.sum(CallDay.count)).group_by(*columns).having(sa.func.sum(CallDay.count) != 0)
    return sorted((tuple(row) for row in session().execute(summed)), key=str)


def imported(content: bytes, actor: Callable[[str], Actor]) -> PaperBatch:
    batch, found = service.paper.check(content, actor=actor("dudao"))
    assert found.found == ()
    assert batch is not None
    batch_id = batch.id
    who = actor("dudao")
    return service.paper.import_batch(queries.paper.hold_batch(who, batch_id), actor=who)


def test_a_list_is_looked_through_and_then_counts(line: str, actor: Callable[[str], Actor]) -> None:
    batch = imported(a_list(line), actor)
    assert (batch.lines, batch.calls, batch.approximate) == (3, 35, 30)
    assert batch.sealed_file is None
    assert counted("total", "all") == 34
    assert counted("total", "all", date(2020, 4, 5)) == 1
    assert counted("paper", "approximate") == 30
    assert counted("paper", "counted") == 4
    assert counted("call_type", "information") == 30
    assert counted("hour", "6-14", date(2020, 4, 5)) == 1
    assert not [row for row in everything() if row[0] == date(2020, 4, 6) and row[1] in {"hour", "minutes"}]
    marks = session().scalars(sa.select(PaperLine.approximate).order_by(PaperLine.row)).all()
    assert marks == [None, "about", None]


def test_what_was_said_is_sealed_and_opens_for_the_supervisors_only(line: str, actor: Callable[[str], Actor]) -> None:
    imported(a_list(line), actor)
    call = session().scalars(sa.select(Call)).one()
    assert call.is_paper
    opened = queries.open_call(actor("dudao"), queries.get_call(actor("dudao"), call.id))
    assert (opened.words.summary, opened.words.caller_name) == (SUMMARY, NAME)
    for stranger in ("zhiyuan", "zixun", "dudao2", "fuze"):
        with pytest.raises((NotFound, Refused)):
            queries.open_call(actor(stranger), queries.get_call(actor(stranger), call.id))
    assert call.triage_state == "none"


def test_one_bad_line_stops_the_whole_list(line: str, actor: Callable[[str], Actor]) -> None:
    content = a_list(line, f"2020-13-01,,{line},本人求助,,睡眠,,无,当次支持结束,,,", "2020-04-07,,别的热线,沉默挂断")
    batch, found = service.paper.check(content, actor=actor("dudao"))
    assert batch is None
    assert [(each.row, each.flaw) for each in found.found] == [(5, Flaw.NO_DATE), (6, Flaw.UNKNOWN_LINE)]
    assert session().scalar(sa.select(sa.func.count()).select_from(PaperBatch)) == 0
    assert everything() == []


def test_the_same_file_counts_once(line: str, actor: Callable[[str], Actor]) -> None:
    batch = imported(a_list(line), actor)
    session().commit()
    before = everything()
    with pytest.raises(Conflict):
        service.paper.check(a_list(line), actor=actor("dudao"))
    with pytest.raises(Conflict):
        service.paper.import_batch(batch, actor=actor("dudao"))
    session().rollback()
    assert everything() == before


def test_a_list_that_is_taken_back_leaves_no_number_and_no_word(
    line: str, actor: Callable[[str], Actor], desk: Desk
) -> None:
    desk.finish()
    before = everything()
    batch_id = imported(a_list(line), actor).id
    assert everything() != before
    who = actor("dudao")
    service.paper.withdraw(queries.paper.hold_batch(who, batch_id), actor=who)
    assert everything() == before
    call = session().scalars(sa.select(Call).where(Call.is_paper)).one()
    assert call.status == CallStatus.DISCARDED
    assert call.sealed_summary is None
    assert call.number_index is None
    assert queries.paper.get_batch(actor("dudao"), batch_id).state == BatchState.WITHDRAWN
    # The very same file may come again, corrected or not.
    assert imported(a_list(line), actor).state == BatchState.IMPORTED


def test_a_file_that_nobody_imports_is_destroyed_after_a_day(line: str, actor: Callable[[str], Actor]) -> None:
    service.paper.check(a_list(line), actor=actor("dudao"))
    with clock.frozen(clock.now() + service.paper.KEPT * 2):
        assert service.paper.purge_forgotten(actor=actor("dudao")) == 1
    assert session().scalar(sa.select(sa.func.count()).select_from(PaperBatch)) == 0


@pytest.mark.parametrize(
    ("content", "field"),
    [(b"", "file"), (b"a,b\n1,2\n", "file"), (b"\x00\x01", "file"), ("日期,来电类型\n".encode(), "file")],
)
def test_what_is_no_list_is_refused_at_the_field(content: bytes, field: str, actor: Callable[[str], Actor]) -> None:
    with pytest.raises(Invalid) as refused:
        service.paper.check(content, actor=actor("dudao"))
    assert refused.value.field == field


def test_days_before_the_authority_are_refused(line: str, actor: Callable[[str], Actor]) -> None:
    _, found = service.paper.check(a_list(line, f"2020-01-27,,{line},沉默挂断"), actor=actor("dudao"))
    assert Flaw.NOT_AUTHORISED in {each.flaw for each in found.found}


def test_others_import_nothing_and_find_no_list(line: str, actor: Callable[[str], Actor]) -> None:
    batch_id = imported(a_list(line), actor).id
    for login in ("zhiyuan", "zixun", "fuze", "bangong", "guanli"):
        with pytest.raises(Refused):
            service.paper.check(b"x", actor=actor(login))
        with pytest.raises(Refused):
            queries.paper.get_batch(actor(login), batch_id)
    with pytest.raises(NotFound):
        queries.paper.get_batch(actor("dudao2"), batch_id)
    assert queries.paper.list_batches(actor("dudao2")) == []


def test_a_supervisor_uploads_looks_imports_and_takes_back(
    app: Flask, line: str, sign_in: Callable[[str], CheckedClient]
) -> None:
    client = sign_in("dudao")
    refused = client.submit("/calls/paper", {"file": None}, content_type="multipart/form-data", action="/calls/paper")
    assert refused.status_code == 422
    assert "请选择要上传的文件" in refused.text
    bad = upload(client, a_list(line, "上周,,x,聊天"))
    assert bad.status_code == 422
    assert "没有导入任何一行" in bad.text
    assert "聊天" not in bad.text
    good = upload(client, a_list(line))
    assert good.status_code == 303
    page = client.get(str(good.location)).text
    assert "约" in page
    assert search_text(page, "preview") == []
    answer = client.submit(str(good.location), action="/import")
    assert answer.status_code == 303
    assert "已导入 3 行，计 35 通来电" in client.get("/calls/paper").text
    assert upload(client, a_list(line)).status_code == 409
    assert client.submit("/calls/paper", action="/withdraw").status_code == 303
    with app.app_context():
        actions = list(session().scalars(sa.select(AuditEntry.action).where(AuditEntry.action.like("paper.%"))))
        assert sorted(actions) == ["paper.checked", "paper.imported", "paper.withdrawn"]


def test_the_template_is_itself_a_good_list_but_for_the_line(sign_in: Callable[[str], CheckedClient]) -> None:
    client = sign_in("dudao")
    template = client.get("/calls/paper/template.xlsx").data
    answer = upload(client, template)
    assert answer.status_code == 422
    assert answer.text.count("没有填写") == 2


@pytest.mark.sqlite_only
def test_the_command_imports_whole_or_not_at_all(app: Flask, line: str, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_bytes(a_list(line))
    bad.write_bytes(a_list(line, "x,,,,,"))

    def run(*words: str) -> tuple[int, str]:
        with app.app_context():
            answer = app.test_cli_runner().invoke(args=["casework", "import-calls", *words])
            session().rollback()
            return answer.exit_code, answer.output

    code, said = run(str(bad), "--as", "dudao")
    assert code == 1
    assert "line 5, 日期" in said
    assert "nothing was imported" in said
    assert run(str(good), "--as", "zhiyuan")[0] == 1
    assert run(str(good), "--as", "dudao", "--dry-run") == (0, "3 lines are fine\n")
    code, said = run(str(good), "--as", "dudao")
    assert (code, "imported: 35 calls from 3 lines, 30 of them approximate" in said) == (0, True)
    assert run(str(good), "--as", "dudao")[0] == 1


def upload(client: CheckedClient, content: bytes) -> TestResponse:
    page = client.get("/calls/paper")
    form = find_form(page.text, "/calls/paper", "/calls/paper")
    sent: dict[str, object] = dict(values_of(form).items())
    sent["file"] = (BytesIO(content), "list.csv")
    return client.post("/calls/paper", data=sent, content_type="multipart/form-data")
