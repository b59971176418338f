"""The pages of the administrator, and what everybody else sees of a change."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from casework.core import clock
from casework.core.db import db, session, write_transaction
from casework.core.ids import new_id
from casework.intake import service as intake
from casework.intake.models import Call
from casework.intake.service import DraftKey
from casework.options import queries, service
from casework.options.types import OptionList
from casework.programme import queries as programme
from tests.integration.intake.conftest import CODES, TYPED, WORDS
from tests.support import seed

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest
    from flask import Flask

    from tests.support.client import CheckedClient

TOPICS = "/admin/options/topic"


def log_calls(app: Flask, count: int, **codes: Any) -> None:  # noqa: ANN401 - fields of Codes
    """Finish calls enough to be shown in statistics, where small numbers are hidden."""
    with app.app_context():
        who = seed.actor("zhiyuan")
        lines = programme.list_lines(who, who.subproject_id)
        with write_transaction():
            for _ in range(count):
                call_id = new_id()
                key = DraftKey(call_id, 0, call_id)
                intake.finish(key, replace(CODES, **codes), WORDS, actor=who, line_id=lines[0].id)
        db.session.remove()


def change(client: CheckedClient, fields: dict[str, Any], intent: str = "publish", name: str = "topic") -> Any:  # noqa: ANN401 - an answer
    return client.submit(f"/admin/options/{name}", fields, button=f"intent={intent}")


def test_a_new_name_is_seen_in_forms_calls_board_and_statistics(
    app: Flask, sign_in: Callable[[str], CheckedClient]
) -> None:
    volunteer, supervisor, admin = sign_in("zhiyuan"), sign_in("dudao"), sign_in("guanli")
    volunteer.submit("/calls/new", TYPED | {"outcome": "to_case"}, button="intent=finish")
    log_calls(app, 20)
    fields = {"name_zh-sleep": "失眠困扰", "name_en-sleep": "Sleeplessness"}
    assert change(admin, fields).status_code == 303
    with app.app_context():
        call_id = session().scalars(sa.select(Call.id).where(Call.outcome == "to_case")).one()
    for client, path in (
        (volunteer, "/calls/new"),
        (volunteer, "/calls"),
        (supervisor, "/triage"),
        (supervisor, f"/calls/{call_id}"),
        (supervisor, "/reports"),
    ):
        assert "失眠困扰" in client.get(path).text, path
    assert "Sleeplessness" in supervisor.get(f"/calls/{call_id}?lang=en").text


def test_a_retired_option_is_not_offered_but_shown_and_saved_where_it_was_chosen(
    app: Flask, sign_in: Callable[[str], CheckedClient]
) -> None:
    volunteer, admin = sign_in("zhiyuan"), sign_in("guanli")
    kept = volunteer.submit("/calls/new", TYPED, button="intent=draft")
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    assert change(admin, {"offered_until-sleep": yesterday}).status_code == 303
    assert 'value="sleep"' not in volunteer.get("/calls/new").text
    assert 'value="sleep" checked' in " ".join(volunteer.get(kept.location).text.split())
    answer = volunteer.submit(kept.location, {}, action="/calls/new", button="intent=finish")
    assert answer.status_code == 303
    with app.app_context():
        call = session().scalars(sa.select(Call)).one()
        assert call.topics == ["sleep"]
    assert "睡眠" in volunteer.get(f"/calls/{call.id}").text
    assert 'value="sleep" checked' in " ".join(volunteer.get(f"/calls/{call.id}/correct").text.split())
    assert "已停用" in admin.get(TOPICS).text


def test_a_new_topic_can_be_chosen_and_is_counted(app: Flask, sign_in: Callable[[str], CheckedClient]) -> None:
    volunteer, admin, supervisor = sign_in("zhiyuan"), sign_in("guanli"), sign_in("dudao")
    new = {"code-new": "long_covid", "name_zh-new": "后遗症", "name_en-new": "Long covid"}
    assert change(admin, new).status_code == 303
    own = {"code-new": "tourist", "name_zh-new": "滞留旅客", "name_en-new": "Stranded traveller"}
    assert change(admin, own, name="category").status_code == 303
    typed = TYPED | {"topics": ["long_covid"], "category": "tourist"}
    assert volunteer.submit("/calls/new", typed, button="intent=finish").status_code == 303
    with app.app_context():
        call = session().scalars(sa.select(Call)).one()
        assert (call.topics, call.category) == (["long_covid"], "tourist")
    log_calls(app, 20, topics=("long_covid",), category="tourist")
    shown = supervisor.get("/reports").text
    assert "后遗症" in shown
    assert "滞留旅客" in shown
    assert "滞留旅客" in volunteer.get(f"/calls/{call.id}").text


def test_moving_and_previewing_store_nothing(app: Flask, sign_in: Callable[[str], CheckedClient]) -> None:
    admin = sign_in("guanli")
    moved = change(admin, {"name_zh-sleep": "失眠"}, "up:sleep")
    seen = change(admin, {"name_zh-sleep": "失眠"}, "preview")
    assert moved.status_code == seen.status_code == 200
    assert moved.text.index('value="up:sleep"') < moved.text.index('value="up:isolation"')
    assert "失眠</li>" in seen.text
    assert "还没有发布" in seen.text
    with app.app_context():
        assert queries.names(OptionList.TOPIC)["sleep"] == "睡眠"


def test_what_cannot_be_published_is_said_at_its_field_and_nothing_is_lost(
    sign_in: Callable[[str], CheckedClient],
) -> None:
    admin = sign_in("guanli")
    answer = change(admin, {"name_en-sleep": "", "name_zh-sleep": "失眠"})
    assert answer.status_code == 422
    assert 'href="#name_en-sleep"' in answer.text
    assert 'value="失眠"' in answer.text
    taken = change(admin, {"code-new": "sleep", "name_zh-new": "甲", "name_en-new": "A"})
    assert taken.status_code == 422
    assert "这个代码已被使用" in taken.text
    assert admin.get("/admin/options/nothing").status_code == 404


def test_a_stale_form_gets_both_versions(sign_in: Callable[[str], CheckedClient], app: Flask) -> None:
    admin = sign_in("guanli")
    page = admin.get(TOPICS).text
    assert page
    with app.app_context():
        who = seed.actor("guanli")
        entries, version = queries.get_list(who, OptionList.TOPIC)
        with write_transaction():
            service.publish(OptionList.TOPIC, entries[::-1], seen_version=version, actor=who)
        db.session.remove()
    answer = change(admin, {"version": str(version), "name_zh-sleep": "失眠"})
    assert answer.status_code == 409
    assert "已由他人发布" in answer.text
    assert "失眠" in answer.text
    assert "睡眠" in answer.text


def test_the_call_page_reads_all_lists_with_one_statement(
    app: Flask, sign_in: Callable[[str], CheckedClient], caplog: pytest.LogCaptureFixture
) -> None:
    client = sign_in("zhiyuan")
    with app.app_context():
        engine = db.engine
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        client.get("/calls/new")
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    assert sum("FROM options_entry" in statement for statement in statements) == 1
    assert not caplog.records
