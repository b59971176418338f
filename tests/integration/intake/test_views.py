"""Pages of calls as a browser without scripts uses them, and what programs send."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from casework.audit.models import AuditEntry
from casework.core.db import session
from casework.core.ids import new_id
from casework.intake.models import Call
from casework.intake.types import CallStatus
from tests.integration.intake.conftest import TYPED
from tests.support import html
from tests.support.canaries import NAME, NUMBER, SUMMARY, search_files, search_text
from tests.support.client import find_form, values_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from werkzeug.test import TestResponse

    from tests.support.client import CheckedClient


def rows(app: Flask) -> list[Call]:
    with app.app_context():
        return list(session().scalars(sa.select(Call).order_by(Call.id)))


def count_of(app: Flask, action: str) -> int:
    with app.app_context():
        return session().scalar(sa.select(sa.func.count()).where(AuditEntry.action == action)) or 0


def told(response: TestResponse) -> dict[str, Any]:
    """Return the JSON of an answer."""
    assert response.json is not None
    return dict(response.json)


def save(client: CheckedClient, call_id: str, fields: dict[str, Any], **keys: Any) -> TestResponse:  # noqa: ANN401 - what a page sends
    page = client.get("/calls/new").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    sent = {"rev": 0, "writer": str(uuid4()), "seq": 1, "fields": fields} | keys
    return client.post(f"/calls/drafts/{call_id}", json=sent, headers={"X-CSRFToken": token[1]})


def test_a_volunteer_logs_a_call_without_scripts(app: Flask, sign_in: Callable[[str], CheckedClient]) -> None:
    client = sign_in("zhiyuan")
    answer = client.submit("/calls/new", TYPED, button="intent=finish")
    assert (answer.status_code, answer.location) == (303, "/calls")
    desk = client.get("/calls").text
    assert "本人累计登记 1 通" in desk
    assert not search_text(desk, "desk")
    (call,) = rows(app)
    assert call.status == CallStatus.FINISHED
    shown = client.get(f"/calls/{call.id}").text
    assert SUMMARY in shown
    assert "138****8765" in shown
    assert NUMBER not in shown
    assert NAME not in shown
    assert count_of(app, "call.read") == 1


@pytest.mark.sqlite_only
def test_opening_the_page_writes_nothing(app: Flask, sign_in: Callable[[str], CheckedClient]) -> None:
    sign_in("zhiyuan").get("/calls/new")
    assert rows(app) == []


@pytest.mark.sqlite_only
def test_every_gap_is_named_at_once_and_nothing_is_cleared(sign_in: Callable[[str], CheckedClient]) -> None:
    client = sign_in("zhiyuan")
    answer = client.submit("/calls/new", {"summary": SUMMARY, "caller_name": NAME, "caller_phone": "13x"})
    assert answer.status_code == 422
    page = html.parse(answer.text)
    named = [html.text_of(item) for item in page.all("a") if (item.get("href") or "").startswith("#")]
    for words in (
        "请选择来电类型。",
        "请选择重点人群；不属于或不清楚也请选择。",
        "请选择自杀自伤风险；没有问到请选“未评估”。",
    ):
        assert words in named
    assert "请填写完整号码，座机请加区号；没有号码请留空。" in named
    typed = values_of(next(form for form in page.all("form") if form.get("class") == "call-form"))
    assert (typed["summary"], typed["caller_name"], typed["caller_phone"]) == (SUMMARY, NAME, "13x")
    assert "错误：" in answer.text


@pytest.mark.sqlite_only
def test_T6_the_form_is_not_saved_without_focus_groups(app: Flask, sign_in: Callable[[str], CheckedClient]) -> None:
    answer = sign_in("zhiyuan").submit("/calls/new", TYPED | {"population": []})
    assert answer.status_code == 422
    assert "请选择重点人群" in answer.text
    assert rows(app) == []


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"call_type": "mine"}, "请从列出的选项中选择。"),
        ({"sex": "x"}, "请从列出的选项中选择。"),
        ({"topics": ["sleep", "grief", "love", "study"]}, "主要问题最多选三项"),
        ({"topics": ["none-of-ours"]}, "请从列出的选项中选择。"),
        ({"division": "000000"}, "请从列出的选项中选择。"),
        ({"outcome": "follow_up"}, "请选择回访日期。"),
        ({"outcome": "follow_up", "followup_on": "2020-02-30"}, "请按“年-月-日”填写日期"),
        ({"outcome": "follow_up", "followup_on": "1999-01-01"}, "回访日期不能早于今天。"),
        ({"summary": "长" * 20_001}, "最多填写"),
        ({"caller_name": "名" * 61}, "最多填写"),
        ({"distress_before": "11"}, "请从列出的选项中选择。"),
        ({"line": str(uuid4())}, "请从列出的选项中选择。"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(
    sign_in: Callable[[str], CheckedClient], changes: dict[str, Any], words: str
) -> None:
    answer = sign_in("zhiyuan").submit("/calls/new", TYPED | changes)
    assert answer.status_code == 422
    assert words in answer.text
    assert SUMMARY in answer.text or "summary" in changes


@pytest.mark.sqlite_only
def test_control_characters_are_taken_out_and_emoji_stay(app: Flask, sign_in: Callable[[str], CheckedClient]) -> None:
    client = sign_in("zhiyuan")
    client.submit("/calls/new", TYPED | {"summary": "第一行\r\n\x00\x07第二行🙂\u202e"}, button="intent=finish")
    (call,) = rows(app)
    assert "第一行\n第二行🙂</p>" in client.get(f"/calls/{call.id}").text


@pytest.mark.sqlite_only
def test_a_forged_token_and_another_persons_draft_are_refused(
    app: Flask, sign_in: Callable[[str], CheckedClient]
) -> None:
    client = sign_in("zhiyuan")
    assert client.post("/calls/new", data=TYPED | {"csrf_token": "x", "_key": str(uuid4())}).status_code == 400
    theirs = str(new_id())
    assert save(sign_in("zixun"), theirs, {"summary": "她的"}).status_code == 200
    assert save(client, theirs, {"summary": "我的"}, rev=1).status_code == 404
    assert client.get(f"/calls/drafts/{theirs}").status_code == 404
    assert client.submit("/calls/new", TYPED | {"draft": theirs}).status_code == 404
    assert [call.status for call in rows(app)] == [CallStatus.DRAFT]


def test_a_draft_survives_the_window_and_the_session(app: Flask, sign_in: Callable[[str], CheckedClient]) -> None:
    call_id = str(new_id())
    answer = save(sign_in("zhiyuan"), call_id, {"summary": SUMMARY, "population": ["elder"], "risk": "plan_week"})
    assert told(answer)["rev"] == 1
    assert re.fullmatch(r"\d\d:\d\d:\d\d", told(answer)["saved_at"])
    client = sign_in("zhiyuan")
    assert f"/calls/drafts/{call_id}" in client.get("/calls").text
    page = client.get(f"/calls/drafts/{call_id}")
    assert SUMMARY in page.text
    assert "is-high" in page.text
    done = client.submit(f"/calls/drafts/{call_id}", TYPED, action="/calls/new", button="intent=finish")
    assert done.status_code == 303
    assert [str(call.id) for call in rows(app)] == [call_id]


@pytest.mark.sqlite_only
def test_the_draft_button_works_without_scripts(app: Flask, sign_in: Callable[[str], CheckedClient]) -> None:
    client = sign_in("zhiyuan")
    answer = client.submit("/calls/new", {"summary": "写到一半", "caller_phone": "随便"}, button="intent=draft")
    assert answer.status_code == 303
    assert "写到一半" in client.get(answer.location).text
    assert [call.status for call in rows(app)] == [CallStatus.DRAFT]
    discard = client.submit("/calls", action="/discard")
    assert discard.status_code == 303
    assert [call.status for call in rows(app)] == [CallStatus.DISCARDED]


def test_two_windows_see_both_versions(sign_in: Callable[[str], CheckedClient]) -> None:
    client, call_id = sign_in("zhiyuan"), str(new_id())
    save(client, call_id, {"summary": "第一个窗口"})
    save(client, call_id, {"summary": "第二个窗口"}, rev=1)
    stale = save(client, call_id, {"summary": "第一个窗口接着写"}, rev=1)
    assert stale.status_code == 409
    assert told(stale)["fields"]["summary"] == "第二个窗口"
    page = client.get(f"/calls/drafts/{call_id}")
    form = values_of(next(each for each in html.parse(page.text).all("form") if each.get("class") == "call-form"))
    save(client, call_id, {"summary": "第三个窗口"}, rev=2)
    answer = client.post("/calls/new", data=form.to_dict() | TYPED | {"intent": "finish"})
    assert answer.status_code == 409
    assert "第三个窗口" in answer.text
    assert SUMMARY in answer.text
    again = values_of(next(each for each in html.parse(answer.text).all("form") if each.get("class") == "call-form"))
    assert client.post("/calls/new", data=again.to_dict() | TYPED | {"intent": "finish"}).status_code == 303


@pytest.mark.sqlite_only
def test_a_double_submit_makes_one_call(app: Flask, sign_in: Callable[[str], CheckedClient]) -> None:
    client = sign_in("zhiyuan")
    page = html.parse(client.get("/calls/new").text)
    form = values_of(next(each for each in page.all("form") if each.get("class") == "call-form"))
    sent = form.to_dict() | TYPED | {"intent": "finish"}
    answers = [client.post("/calls/new", data=sent) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(rows(app)) == 1


@pytest.mark.sqlite_only
def test_a_silent_call_takes_one_press_and_can_be_taken_back(
    app: Flask, sign_in: Callable[[str], CheckedClient]
) -> None:
    client = sign_in("zhiyuan")
    client.submit("/calls", action="/calls/quick", button="brief=silent")
    assert [call.status for call in rows(app)] == [CallStatus.FINISHED]
    assert client.submit("/calls", action="/undo").status_code == 303
    assert [call.status for call in rows(app)] == [CallStatus.DISCARDED]


@pytest.mark.sqlite_only
def test_the_form_hides_nothing_from_a_silent_call(app: Flask, sign_in: Callable[[str], CheckedClient]) -> None:
    answer = sign_in("zhiyuan").submit("/calls/new", {"call_type": "silent"}, button="intent=finish")
    assert answer.status_code == 303
    (call,) = rows(app)
    assert (call.sex, call.sealed_summary, call.data_key_id) == (None, None, None)


def test_a_repeat_caller_is_told_by_how_often_and_when(sign_in: Callable[[str], CheckedClient]) -> None:
    client = sign_in("zhiyuan")
    client.submit("/calls/new", TYPED, button="intent=finish")
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/calls/new").text)
    assert token is not None
    answer = client.post("/calls/repeat", json={"phone": NUMBER}, headers={"X-CSRFToken": token[1]})
    assert told(answer)["count"] == 1
    assert told(answer)["text"].startswith("此号码来过 1 次，上次 ")
    assert not search_text(answer.text, "repeat")


def test_a_correction_keeps_the_old_words(app: Flask, sign_in: Callable[[str], CheckedClient]) -> None:
    client = sign_in("zhiyuan")
    client.submit("/calls/new", TYPED, button="intent=finish")
    (call,) = rows(app)
    address = f"/calls/{call.id}/correct"
    page = client.get(address)
    assert SUMMARY in page.text
    assert client.submit(address, {"summary": "更正后的话"}, button="intent=finish").status_code == 303
    shown = client.get(f"/calls/{call.id}").text
    assert "更正后的话" in shown
    assert SUMMARY in shown


def test_a_supervisor_assigns_and_the_counselor_reads(app: Flask, sign_in: Callable[[str], CheckedClient]) -> None:
    sign_in("zhiyuan").submit("/calls/new", TYPED | {"outcome": "to_case", "risk": "ideation"}, button="intent=finish")
    (call,) = rows(app)
    supervisor, counselor = sign_in("dudao"), sign_in("zixun")
    board = supervisor.get("/triage")
    assert not search_text(board.text, "triage")
    assert counselor.get(f"/calls/{call.id}").status_code == 404
    select = next(each for each in html.parse(board.text).all("select") if each.get("name") == "counselor")
    (chosen, label) = next((each.get("value"), html.text_of(each)) for each in select if each.get("value"))
    assert re.search(r"\(0/\d+\)$", label)
    answer = supervisor.submit("/triage", {"counselor": chosen}, action=f"/triage/{call.id}/assign")
    assert (answer.status_code, answer.location) == (303, "/triage")
    assert "全部已分派。" in supervisor.get("/triage").text
    assert SUMMARY in counselor.get(f"/calls/{call.id}").text


def test_a_stale_assignment_says_who_was_faster(app: Flask, sign_in: Callable[[str], CheckedClient]) -> None:
    sign_in("zhiyuan").submit("/calls/new", TYPED | {"outcome": "to_case"}, button="intent=finish")
    (call,) = rows(app)
    first, second = sign_in("dudao"), sign_in("dudao")
    form = next(
        each for each in html.parse(second.get("/triage").text).all("form") if "assign" in str(each.get("action"))
    )
    late = values_of(form).to_dict()
    chosen = next(each.get("value") for each in form.iter("option") if each.get("value"))
    first.submit("/triage", {"counselor": chosen}, action="/assign")
    answer = second.post(f"/triage/{call.id}/assign", data=late | {"counselor": chosen})
    assert answer.status_code == 409
    assert re.search(r"已由.+于 \d\d:\d\d 指派给.+。", answer.text)
    links = {html.text_of(each): str(each.get("href")) for each in html.parse(answer.text).all("a")}
    assert links["回到督导台"] == "/triage"
    case = second.get(links["转派"]).text
    assert find_form(case, links["转派"], "/assign") is not None
    assert f'id="{links["转派"].partition("#")[2]}"' in case


@pytest.mark.sqlite_only
def test_a_call_settled_meanwhile_offers_nothing_to_reassign(
    app: Flask, sign_in: Callable[[str], CheckedClient]
) -> None:
    sign_in("zhiyuan").submit("/calls/new", TYPED | {"outcome": "to_case"}, button="intent=finish")
    (call,) = rows(app)
    first, second = sign_in("dudao"), sign_in("dudao")
    late = values_of(find_form(second.get("/triage").text, "/triage", "/assign")).to_dict()
    chosen = find_form(second.get("/triage").text, "/triage", "/assign").findall(".//option")[-1].get("value")
    first.submit(f"/calls/{call.id}", {"reason": "declined"}, action="/settle")
    answer = second.post(f"/triage/{call.id}/assign", data=late | {"counselor": chosen})
    assert answer.status_code == 409
    assert "回到督导台" in answer.text
    assert "转派" not in answer.text


@pytest.mark.sqlite_only
def test_nobody_chosen_is_said_and_settling_needs_a_reason(app: Flask, sign_in: Callable[[str], CheckedClient]) -> None:
    sign_in("zhiyuan").submit("/calls/new", TYPED | {"outcome": "to_case"}, button="intent=finish")
    (call,) = rows(app)
    supervisor = sign_in("dudao")
    refused = supervisor.submit("/triage", {"counselor": ""}, action="/assign")
    assert refused.status_code == 422
    assert "请选择咨询师。" in refused.text
    address = f"/calls/{call.id}"
    supervisor.submit(address, {"reason": ""}, action="/settle")
    assert "请选择处理说明。" in supervisor.get("/triage").text
    supervisor.submit(address, {"reason": "declined"}, action="/settle")
    assert "全部已分派。" in supervisor.get("/triage").text


@pytest.mark.sqlite_only
def test_the_number_is_shown_once_and_leaves_its_event(app: Flask, sign_in: Callable[[str], CheckedClient]) -> None:
    sign_in("zhiyuan").submit("/calls/new", TYPED, button="intent=finish")
    (call,) = rows(app)
    supervisor = sign_in("dudao")
    answer = supervisor.submit(f"/calls/{call.id}", action="/number")
    assert f"+86{NUMBER}" in answer.text
    assert NUMBER not in supervisor.get(f"/calls/{call.id}").text
    assert count_of(app, "number.unmasked") == 1


@pytest.mark.sqlite_only
def test_news_of_the_board_are_a_number(sign_in: Callable[[str], CheckedClient]) -> None:
    supervisor = sign_in("dudao")
    since = "2020-01-01T00:00:00+00:00"
    assert supervisor.get("/triage/new", query_string={"since": since}).json == {"count": 0}
    assert supervisor.get("/triage/new", query_string={"since": "gestern"}).json == {"count": 0}


@pytest.mark.sqlite_only
@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"rev": -1}', b'{"rev": "1"}', b'{"writer": 3}'])
def test_a_broken_autosave_is_refused(sign_in: Callable[[str], CheckedClient], body: bytes) -> None:
    client = sign_in("zhiyuan")
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/calls/new").text)
    assert token is not None
    headers = {"X-CSRFToken": token[1]}
    answer = client.post(f"/calls/drafts/{new_id()}", data=body, content_type="application/json", headers=headers)
    assert answer.status_code in {404, 422}
    assert told(answer)["error"]["message"]


@pytest.mark.sqlite_only
def test_T3_what_was_typed_lies_nowhere_in_clear(app: Flask, sign_in: Callable[[str], CheckedClient]) -> None:
    client, call_id = sign_in("zhiyuan"), str(new_id())
    save(client, call_id, {"summary": SUMMARY, "caller_name": NAME, "caller_phone": NUMBER})
    client.submit(f"/calls/drafts/{call_id}", TYPED | {"outcome": "to_case"}, action="/calls/new")
    client.submit(f"/calls/{call_id}/correct", {"summary": "更正"}, button="intent=finish")
    supervisor = sign_in("dudao")
    select = next(each for each in html.parse(supervisor.get("/triage").text).all("select"))
    chosen = next(each.get("value") for each in select if each.get("value"))
    supervisor.submit("/triage", {"counselor": chosen}, action="/assign")
    assert search_files([Path(app.instance_path)]) == []
