"""Danger on pages: what a browser without scripts can do, what scripts ask, what the board and the office are told."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from casework.core import clock
from casework.core.db import db, session
from casework.core.ids import new_id
from casework.intake import queries, service
from casework.intake.models import Alert, Call, DangerStep
from casework.intake.rules import required_steps
from casework.intake.service import DraftKey
from casework.intake.types import AlertState, CallStatus, StepCode
from casework.intake.views import streams
from casework.people.models import SignInSession
from casework.people.service import cookie
from tests.integration.intake.conftest import TYPED
from tests.support import html
from tests.support.canaries import NOTE, SUMMARY
from tests.support.client import CheckedClient, find_form, values_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from werkzeug.test import TestResponse

    from casework.security.actor import Actor

    SignIn = Callable[[str], CheckedClient]

HIGH = TYPED | {"risk": "plan_week", "distress_before": "8", "hopelessness": "7"}
ASKING = {cookie.BACKGROUND: "1", "Accept": "application/json"}


def token(client: CheckedClient) -> dict[str, str]:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/help").text)
    assert found is not None
    return {"X-CSRFToken": found[1]}


def send(client: CheckedClient, path: str, **body: Any) -> TestResponse:  # noqa: ANN401 - JSON
    return client.post(path, json={"writer": str(uuid4())} | body, headers=token(client))


def told(response: TestResponse) -> dict[str, Any]:
    assert response.json is not None, response.status_code
    return dict(response.json)


def autosave(client: CheckedClient, call_id: str, fields: dict[str, Any], **keys: Any) -> None:  # noqa: ANN401 - JSON
    answer = send(client, f"/calls/drafts/{call_id}", **({"rev": 0, "seq": 1, "fields": fields} | keys))
    assert answer.status_code == 200


def call_form(client: CheckedClient, path: str) -> dict[str, Any]:
    page = html.parse(client.get(path).text)
    form = next(each for each in page.all("form") if each.get("class") == "call-form")
    return values_of(form).to_dict(flat=False)


def on_duty(client: CheckedClient, state: str = "online") -> None:
    answer = client.submit("/help", {"next": "/help"}, action="/me/duty", button=f"duty={state}")
    assert (answer.status_code, answer.location) == (303, "/help")


def alerts_of(app: Flask) -> list[Alert]:
    with app.app_context():
        return list(session().scalars(sa.select(Alert).order_by(Alert.raised_at)))


# ---- steps ----


def test_steps_are_pressed_and_the_call_finished_without_scripts(sign_in: SignIn) -> None:
    client = sign_in("zhiyuan")
    form = call_form(client, "/calls/new") | HIGH
    call_id = form["draft"][0]
    for code in required_steps(3):
        page = f"/calls/drafts/{call_id}" if code != required_steps(3)[0] else "/calls/new"
        typed = (call_form(client, page) | HIGH) if page != "/calls/new" else form | {"_key": str(uuid4())}
        answer = client.post(
            f"/calls/{call_id}/steps/{code}", data=typed | {"step": "done", f"detail-{code}": f"{NOTE}{code}"}
        )
        assert (answer.status_code, answer.location) == (303, f"/calls/drafts/{call_id}#steps")
    shown = client.get(f"/calls/drafts/{call_id}").text
    assert "is-high" in shown
    assert f"{NOTE}location" in shown
    assert SUMMARY in shown
    done = client.post("/calls/new", data=call_form(client, f"/calls/drafts/{call_id}") | {"intent": "finish"})
    assert (done.status_code, done.location) == (303, "/calls")
    record = client.get(f"/calls/{call_id}").text
    assert f"{NOTE}location" in record
    assert f"{NOTE}location" in sign_in("dudao").get(f"/calls/{call_id}").text
    assert sign_in("dudao2").get(f"/calls/{call_id}").status_code == 404


@pytest.mark.parametrize("intent", ["draft", "finish"])
def test_what_is_typed_beside_a_step_is_kept_without_a_press(sign_in: SignIn, intent: str) -> None:
    client = sign_in("zhiyuan")
    form = call_form(client, "/calls/new") | HIGH
    call_id = form["draft"][0]
    assert send(client, f"/calls/{call_id}/steps/supervisor_told", step="done").status_code == 200
    before = re.search(r"\d\d:\d\d:\d\d 张志愿者", client.get(f"/calls/drafts/{call_id}").text)
    form = call_form(client, f"/calls/drafts/{call_id}") | HIGH
    notes = {"detail-location": f"{NOTE}家", "detail-supervisor_told": f"{NOTE}王", "intent": intent}
    answer = client.post("/calls/new", data=form | notes)
    assert answer.status_code == 303
    shown = client.get(answer.location.partition("#")[0]).text
    assert f"{NOTE}家" in shown
    assert f"{NOTE}王" in shown
    assert before is not None
    assert shown.count(before.group()) == 1


def test_whoever_took_a_step_stays_named_when_somebody_else_notes_something_beside_it(
    actor: Callable[[str], Actor],
) -> None:
    volunteer, supervisor = actor("zhiyuan"), actor("dudao")
    call = service.begin_draft(DraftKey(new_id(), 0, uuid4()), actor=volunteer)
    step = service.record_step(call, StepCode.LOCATION, actor=supervisor, done=True)
    service.keep_notes(call, {StepCode.LOCATION: NOTE}, actor=volunteer)
    assert (step.account_id, queries.open_steps(volunteer, call)["location"].detail) == (supervisor.account_id, NOTE)


def test_notes_beside_steps_travel_with_every_save_and_never_against_a_newer_one(sign_in: SignIn) -> None:
    client, call_id, page = sign_in("zhiyuan"), str(new_id()), str(uuid4())
    place, told_whom = "detail-location", "detail-supervisor_told"

    def stored() -> tuple[str, str]:
        typed = call_form(client, f"/calls/drafts/{call_id}")
        return typed[place][0], typed[told_whom][0]

    autosave(client, call_id, {"risk": "plan_week", place: f"{NOTE}家"}, writer=page)
    assert send(client, f"/calls/{call_id}/steps/supervisor_told", step="done", detail=f"{NOTE}王").status_code == 200
    autosave(client, call_id, {"risk": "plan_week", place: f"{NOTE}家里"}, writer=page, seq=3)
    assert stored() == (f"{NOTE}家里", f"{NOTE}王")
    # A save that was overtaken on its way changes nothing.
    autosave(client, call_id, {place: f"{NOTE}家"}, writer=page, seq=2)
    assert stored() == (f"{NOTE}家里", f"{NOTE}王")
    other = send(client, f"/calls/drafts/{call_id}", rev=0, seq=1, fields={place: "别处"})
    assert other.status_code == 409
    assert told(other)["fields"][place] == f"{NOTE}家里"
    assert told(other)["fields"][told_whom] == f"{NOTE}王"
    autosave(client, call_id, {"risk": "plan_week", place: ""}, writer=page, seq=4)
    assert stored() == ("", f"{NOTE}王")


def test_the_supervisor_records_a_step_on_the_page_of_a_call(sign_in: SignIn) -> None:
    client = sign_in("zhiyuan")
    call_id = call_form(client, "/calls/new")["draft"][0]
    for code in required_steps(3):
        assert send(client, f"/calls/{call_id}/steps/{code}", step="reason", reason="hung_up").status_code == 200
    form = call_form(client, f"/calls/drafts/{call_id}") | HIGH
    assert client.post("/calls/new", data=form | {"intent": "finish"}).status_code == 303
    supervisor = sign_in("dudao")
    page = f"/calls/{call_id}"
    assert "未做：来电者已挂断" in supervisor.get(page).text
    answer = supervisor.submit(
        page, {"detail-debrief_offered": "周四下午"}, action="/steps/debrief_offered", button="step=done"
    )
    assert answer.location == f"{page}#steps-record"
    assert "周四下午" in supervisor.get(page).text
    for login in ("zixun", "dudao2"):
        assert send(sign_in(login), f"{page}/steps/location", writer="", step="open").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"step": "never"},
        {"step": "reason", "reason": "because"},
        {"step": "done", "detail": "长" * 501},
        {"writer": "x"},
    ],
)
@pytest.mark.sqlite_only
def test_a_step_that_cannot_be_is_refused(app: Flask, sign_in: SignIn, body: dict[str, Any]) -> None:
    client = sign_in("zhiyuan")
    assert send(client, f"/calls/{new_id()}/steps/location", **body).status_code in {404, 422}
    assert send(client, f"/calls/{new_id()}/steps/dance").status_code == 404
    with app.app_context():
        assert session().scalar(sa.select(sa.func.count()).select_from(DangerStep)) == 0


@pytest.mark.sqlite_only
def test_a_press_with_scripts_stores_answers_with_its_time_and_is_taken_back(app: Flask, sign_in: SignIn) -> None:
    client, call_id = sign_in("zhiyuan"), str(new_id())
    path = f"/calls/{call_id}/steps/supervisor_told"
    done = told(send(client, path, step="done", detail=NOTE))
    assert done["state"] == "done"
    assert re.match(r"\d\d:\d\d:\d\d ", done["said"])
    assert told(send(client, path, step="open"))["state"] == "open"
    with app.app_context():
        assert [each.status for each in session().scalars(sa.select(Call))] == [CallStatus.DRAFT]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("changes", [{}, {"hopelessness": []}, {"risk": "attempt", "outcome": "emergency"}])
def test_what_is_missing_never_stops_the_save_and_is_asked_for_at_once(
    sign_in: SignIn, changes: dict[str, Any]
) -> None:
    client = sign_in("zhiyuan")
    form = call_form(client, "/calls/new") | HIGH | changes | {"intent": "finish"}
    answer = client.post("/calls/new", data=form)
    assert (answer.status_code, answer.location) == (303, f"/calls/{form['draft'][0]}#steps-record")
    assert "高危来电还有步骤没有记录" in client.get(answer.location).text
    assert "待补录" in client.get("/calls").text


# ---- help ----


def test_help_is_called_and_cancelled_without_scripts_and_nothing_typed_is_lost(app: Flask, sign_in: SignIn) -> None:
    client = sign_in("zhiyuan")
    form = call_form(client, "/calls/new") | {"summary": SUMMARY}
    call_id = form["draft"][0]
    answer = client.post(f"/calls/drafts/{call_id}/help", data=form)
    assert (answer.status_code, answer.location) == (303, f"/calls/drafts/{call_id}#steps")
    page = client.get(f"/calls/drafts/{call_id}").text
    assert SUMMARY in page
    assert "暂时没有督导在线，已通知项目办公室" in page
    assert [each.help_at is not None for each in alerts_of(app)] == [True]
    cancelled = client.post(f"/calls/drafts/{call_id}/help/cancel", data=call_form(client, f"/calls/drafts/{call_id}"))
    assert cancelled.status_code == 303
    assert [each.state for each in alerts_of(app)] == [AlertState.CANCELLED]


def test_the_volunteer_sees_who_answered(sign_in: SignIn) -> None:
    supervisor, client, call_id = sign_in("dudao"), sign_in("zhiyuan"), str(new_id())
    on_duty(supervisor)
    called = told(send(client, f"/calls/drafts/{call_id}/help"))
    assert called["state"] == "open"
    assert re.fullmatch(r"已呼叫 \d\d:\d\d:\d\d", called["text"])
    answer = supervisor.submit("/triage", action="/acknowledge")
    assert (answer.status_code, answer.location) == (303, "/triage")
    state = told(client.get(f"/calls/drafts/{call_id}/alert", headers=ASKING))
    assert state["state"] == "acknowledged"
    assert state["text"].endswith("已响应")
    assert send(client, f"/calls/drafts/{call_id}/help/cancel").status_code == 409
    assert sign_in("zixun").get(f"/calls/drafts/{call_id}/alert", headers=ASKING).status_code == 404


@pytest.mark.sqlite_only
def test_a_supervisor_who_was_slower_learns_it(app: Flask, sign_in: SignIn) -> None:
    supervisor, client = sign_in("dudao"), sign_in("zhiyuan")
    send(client, f"/calls/drafts/{new_id()}/help")
    page = supervisor.get("/triage").text
    form = values_of(find_form(page, "/triage", "/acknowledge"))
    path = f"/alerts/{alerts_of(app)[0].id}/acknowledge"
    assert sign_in("dudao").submit("/triage", action="/acknowledge").status_code == 303
    late = supervisor.post(path, data=form)
    assert late.status_code == 409
    assert "响应。" in late.text


# ---- the board ----


def test_the_board_is_told_once_and_then_that_nothing_changed(sign_in: SignIn) -> None:
    supervisor, client, call_id = sign_in("dudao"), sign_in("zhiyuan"), str(new_id())
    on_duty(supervisor)
    idle = supervisor.get("/alerts?cards=1", headers=ASKING)
    assert told(idle)["count"] == 0
    quiet = supervisor.get("/alerts?cards=1", headers=ASKING | {"If-None-Match": idle.headers["ETag"]})
    assert (quiet.status_code, quiet.data) == (304, b"")
    autosave(client, call_id, {"risk": "attempt", "summary": SUMMARY, "caller_name": NOTE})
    news = supervisor.get("/alerts?cards=1", headers=ASKING | {"If-None-Match": idle.headers["ETag"]})
    said = told(news)
    assert said["count"] == 1
    assert "我来处理" in said["html"]
    assert "请你响应" in said["html"]
    assert "步骤 0 / " in said["html"]
    assert SUMMARY not in said["html"]
    assert NOTE not in said["html"]
    send(client, f"/calls/{call_id}/steps/location", step="done")
    after = supervisor.get("/alerts?cards=1", headers=ASKING | {"If-None-Match": news.headers["ETag"]})
    assert "步骤 1 / " in told(after)["html"]
    assert told(sign_in("dudao2").get("/alerts?cards=1", headers=ASKING))["html"].strip() == ""
    # Everywhere else a supervisor sees how many, without the cards.
    assert "alert-card" not in supervisor.get("/cases").text
    assert "data-alert-count>1<" in supervisor.get("/cases").text


def test_the_office_learns_that_an_alert_waits_and_nothing_else(sign_in: SignIn) -> None:
    supervisor, office, client = sign_in("dudao"), sign_in("bangong"), sign_in("zhiyuan")
    on_duty(supervisor)
    now = clock.now()
    autosave(client, str(new_id()), {"risk": "attempt", "summary": SUMMARY})
    assert "没有人响应" not in office.get("/programme").text
    with clock.frozen(now + timedelta(minutes=2, seconds=5)):
        page = office.get("/programme").text
        assert "没有人响应" in page
        assert f"{clock.local(now):%H:%M}" in page
        said = told(office.get("/alerts", headers=ASKING))
        assert said["count"] == 1
        for text in (page, said["html"]):
            assert SUMMARY not in text
            assert "高危" not in text
        assert office.get("/triage").status_code == 403
    assert supervisor.submit("/triage", action="/acknowledge").status_code == 303
    with clock.frozen(now + timedelta(minutes=3)):
        assert "没有人响应" not in office.get("/programme").text


@pytest.mark.sqlite_only
def test_asking_keeps_nobody_signed_in(sign_in: SignIn) -> None:
    supervisor, now = sign_in("dudao"), clock.now()
    for minutes in (10, 20, 29):
        with clock.frozen(now + timedelta(minutes=minutes)):
            assert supervisor.get("/alerts", headers=ASKING).status_code == 200
            assert supervisor.get("/triage/events", headers={"Accept": "text/event-stream"}).status_code == 404
    with clock.frozen(now + timedelta(minutes=31)):
        assert supervisor.get("/alerts", headers=ASKING).status_code == 401


# ---- streams ----


def test_streams_are_bounded_tell_news_and_end_with_the_session(
    app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(app.extensions["casework.settings"], push_streams=1)
    monkeypatch.setitem(app.extensions, "casework.settings", settings)
    monkeypatch.setattr(streams, "PAUSE_SECONDS", 0)
    supervisor, client = sign_in("dudao"), sign_in("zhiyuan")
    answer = supervisor.get("/triage/events", buffered=False)
    assert (answer.status_code, answer.mimetype) == (200, "text/event-stream")
    assert streams.held(app) == 1
    assert sign_in("dudao").get("/triage/events").status_code == 503
    events = answer.iter_encoded()
    assert [next(events) for _ in range(3)] == [b": open\n\n", b"event: news\ndata:\n\n", b":\n\n"]
    autosave(client, str(new_id()), {"risk": "attempt", "summary": SUMMARY})
    assert next(events) == b"event: news\ndata:\n\n"
    with app.app_context():
        session().execute(sa.delete(SignInSession))
        session().commit()
        db.session.remove()
    assert list(events) == []
    assert streams.held(app) == 0
    answer.close()
    assert streams.held(app) == 0


# ---- duty ----


def test_duty_is_said_in_the_top_bar_and_ends_with_signing_out(app: Flask, sign_in: SignIn) -> None:
    supervisor = sign_in("dudao")
    assert "离线" in supervisor.get("/triage").text
    on_duty(supervisor)
    page = html.parse(supervisor.get("/triage").text)
    label = next(each for each in page.all("span") if each.get("data-duty-label") is not None)
    assert html.text_of(label) == "在线"
    assert (
        supervisor.submit("/help", {"next": "//example.org/"}, action="/me/duty", button="duty=break").location == "/"
    )
    assert supervisor.submit("/help", action="/me/duty", button="duty=asleep").status_code == 422
    assert "data-duty" not in sign_in("fuze").get("/reports").text
    supervisor.submit("/help", action="/logout")
    with app.app_context():
        assert session().scalar(sa.select(sa.func.count()).where(SignInSession.duty.is_not(None))) == 0


# ---- the gauge ----


@pytest.mark.sqlite_only
def test_the_gauge_says_what_it_suggests_and_stores_nothing(app: Flask, sign_in: SignIn) -> None:
    client = sign_in("zhiyuan")
    grave = {"risk": "plan", "hopelessness": "9", "intention": "9", "distress_before": "9", "signs": ["means"]}
    text = told(send(client, "/calls/gauge", fields=grave))["text"]
    assert text.startswith("建议等级：高危（依据：")
    assert "由你判断" in text
    assert told(send(client, "/calls/gauge", fields={"risk": "not_assessed"}))["text"] == ""
    assert told(send(client, "/calls/gauge", fields=[1]))["text"] == ""
    form = call_form(client, "/calls/new") | TYPED | grave | {"intent": "finish"}
    answer = client.post("/calls/new", data=form)
    assert answer.status_code == 422
    assert "请由你选择风险等级" in answer.text
    assert "建议等级：高危" in answer.text
    with app.app_context():
        assert session().scalar(sa.select(sa.func.count()).select_from(Call)) == 0
