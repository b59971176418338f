"""Pages of alert plans, joined numbers and reviews, as browsers without scripts use them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from casework.audit.models import AuditEntry
from casework.clients.models import AlertPlan, NumberJoin
from casework.core import clock
from casework.core.db import session
from casework.intake.models import Call, CallReview
from casework.intake.types.reviews import RUBRIC
from tests.integration.intake.conftest import TYPED
from tests.support.canaries import NAME, NOTE, NUMBER, search_text
from tests.support.client import find_form, values_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from tests.support.client import CheckedClient

OTHER = "13800100200"
PLAN = {"helps": NOTE, "limits": "每周一次。", "contact": "李咨询师。"}
SCORES = {f"score_{item.code}": "3" if item.code.startswith("C") else "na" for item in RUBRIC.items}


@pytest.fixture
def calls(sign_in: Callable[[str], CheckedClient], app: Flask) -> list[UUID]:
    """Give two calls of a volunteer, from two numbers."""
    client = sign_in("zhiyuan")
    for phone in (NUMBER, OTHER):
        sent = TYPED | {"caller_phone": phone}
        assert client.submit("/calls/new", sent, button="intent=finish").status_code == 303
    with app.app_context():
        return list(session().scalars(sa.select(Call.id).order_by(Call.finished_at, Call.id)))


def one(app: Flask, column: Any) -> Any:  # noqa: ANN401 - a column and its value
    with app.app_context():
        return session().scalars(sa.select(column).distinct()).one()


def look_up(client: CheckedClient, phone: str) -> dict[str, Any]:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/calls/new").text)
    assert token is not None
    answer = client.post("/calls/repeat", json={"phone": phone}, headers={"X-CSRFToken": token[1]})
    assert answer.status_code == 200
    return dict(answer.json or {})


def test_a_plan_goes_from_a_call_page_over_two_people_to_the_call_screen(
    sign_in: Callable[[str], CheckedClient], calls: list[UUID]
) -> None:
    supervisor, counselor, volunteer = sign_in("dudao"), sign_in("zixun"), sign_in("zhiyuan")
    page = supervisor.get(f"/calls/{calls[0]}").text
    assert f"/calls/{calls[0]}/plan" in page
    written = supervisor.submit(f"/calls/{calls[0]}/plan", PLAN, button="intent=submit")
    assert written.status_code == 303
    page = supervisor.get(written.location).text
    assert "唯一的督导" in page
    assert f"{written.location}/approve" not in page
    assert supervisor.post(f"{written.location}/approve", data=_keys(supervisor) | {"version": "1"}).status_code == 403
    assert look_up(volunteer, NUMBER)["plans"] == []
    assert supervisor.submit(written.location, action="/withdraw").status_code == 303
    typed = PLAN | {"phone": f"+86 {NUMBER}", "name": NAME}
    own = counselor.submit("/clients/plans/new", typed, button="intent=submit")
    assert (own.status_code, NUMBER in own.location) == (303, False)
    assert counselor.get(own.location).status_code == 200
    assert counselor.get(written.location).status_code == 404
    approved = supervisor.submit(own.location, action="/approve")
    assert approved.status_code == 303
    shown = look_up(volunteer, NUMBER)["plans"]
    assert [(each["helps"], each["limits"], each["closed"]) for each in shown] == [(NOTE, "每周一次。", "")]
    assert shown[0]["until"].startswith("有效至 ")
    assert look_up(volunteer, OTHER)["plans"] == []
    assert look_up(sign_in("zixun2"), NUMBER)["plans"] == []
    listed = supervisor.get("/clients/plans").text
    assert "生效中" in listed
    assert search_text(listed, "list", {"note": NOTE, "number": NUMBER, "name": NAME}) == []
    for login in ("zhiyuan", "fuze", "bangong"):
        assert sign_in(login).get("/clients/plans").status_code == 403
    assert sign_in("dudao2").get(own.location).status_code == 404


def test_a_plan_is_edited_returned_and_renewed_on_its_pages(
    app: Flask, sign_in: Callable[[str], CheckedClient]
) -> None:
    supervisor, counselor = sign_in("dudao"), sign_in("zixun")
    draft = counselor.submit("/clients/plans/new", PLAN | {"phone": NUMBER}, button="intent=save").location
    assert "草稿" in counselor.get(draft).text
    late = (clock.today() + timedelta(days=300)).isoformat()
    refused = counselor.submit(f"{draft}/edit", {"ends_on": late}, button="intent=submit")
    assert refused.status_code == 422
    assert "最长六个月" in refused.text
    assert NOTE in refused.text
    counselor.submit(f"{draft}/edit", {"limits": "每周两次。"}, button="intent=submit")
    assert supervisor.submit(draft, action="/return").status_code == 303
    counselor.submit(f"{draft}/edit", button="intent=submit")
    stale = values_of(find_form(supervisor.get(draft).text, draft, "/approve"))
    counselor.submit(f"{draft}/edit", button="intent=submit")
    assert supervisor.post(f"{draft}/approve", data=stale).status_code == 409
    assert supervisor.submit(draft, action="/approve").status_code == 303
    renewed = counselor.submit(f"{draft}/renew", button="intent=submit").location
    assert supervisor.submit(renewed, action="/approve").status_code == 303
    with app.app_context():
        states = dict(session().execute(sa.select(AlertPlan.id, AlertPlan.state)).all())
    assert sorted(states.values()) == ["active", "ended"]


@pytest.mark.parametrize("phone", ["12356", "8765", "", "没有号码"])
def test_a_plan_needs_a_persons_number(sign_in: Callable[[str], CheckedClient], phone: str) -> None:
    answer = sign_in("zixun").submit("/clients/plans/new", PLAN | {"phone": phone}, button="intent=submit")
    assert answer.status_code == 422
    assert NOTE in answer.text


def test_two_numbers_are_joined_and_parted_from_a_call_page(
    app: Flask, sign_in: Callable[[str], CheckedClient], calls: list[UUID]
) -> None:
    supervisor, volunteer = sign_in("dudao"), sign_in("zhiyuan")
    page = f"/calls/{calls[0]}/person"
    assert page in supervisor.get(f"/calls/{calls[0]}").text
    for wrong, said in (
        ("", "请填写"),
        ("123", "粘贴"),
        (NUMBER, "同一个号码"),
        (f"http://x/calls/{calls[0]}", "同一个号码"),
    ):
        answer = supervisor.submit(page, {"other": wrong, "reason": "told"}, action="/person")
        assert answer.status_code in {409, 422}
        assert said in answer.text
    missing = supervisor.submit(page, {"other": "/calls/0190a6f4-8c5e-7000-8000-000000000000", "reason": "told"})
    assert missing.status_code == 404
    joined = supervisor.submit(
        page, {"other": f"http://localhost/calls/{calls[1]}", "reason": "told"}, action="/person"
    )
    assert (joined.status_code, joined.location) == (303, page)
    assert look_up(volunteer, OTHER)["count"] == look_up(volunteer, NUMBER)["count"] == 2
    shown = supervisor.get(page).text
    assert "本通来电的号码" in shown
    assert search_text(shown, "page", {"number": NUMBER, "other": OTHER}) == []
    assert sign_in("dudao2").get(page).status_code == 404
    assert sign_in("zixun").get(page).status_code == 403
    join_id = one(app, NumberJoin.id)
    assert supervisor.submit(page, action=f"{join_id}/part").status_code == 303
    assert look_up(volunteer, OTHER)["count"] == 1
    again = supervisor.submit(page, {"other": OTHER, "reason": "agency"}, action="/person")
    assert again.status_code == 303


def test_a_number_that_calls_three_times_in_seven_days_is_marked(sign_in: Callable[[str], CheckedClient]) -> None:
    client = sign_in("zhiyuan")
    for often in (False, False, False, True):
        found = look_up(client, NUMBER)
        assert found["often"] is often
        assert ("反复来电" in found["text"]) is often
        client.submit("/calls/new", TYPED, button="intent=finish")


def test_a_review_goes_from_the_queue_to_the_desk_and_back(
    app: Flask, sign_in: Callable[[str], CheckedClient], calls: list[UUID]
) -> None:
    supervisor, volunteer = sign_in("dudao"), sign_in("zhiyuan")
    queue = supervisor.get("/calls/reviews").text
    found = re.findall(r'href="(/calls/reviews/[0-9a-f-]{36})"', queue)
    assert len(found) == len(calls)
    assert search_text(queue, "queue") == []
    empty = supervisor.submit(found[0])
    assert empty.status_code == 422
    assert "请选择C1" in empty.text
    sent = SCORES | {"comment": NOTE, "result": "returned"}
    refused = supervisor.submit(found[0], sent)
    assert refused.status_code == 422
    assert "退回的原因" in refused.text
    assert NOTE in refused.text
    assert supervisor.submit(found[0], sent | {"return_reason": "mixed"}).status_code == 303
    assert supervisor.submit(found[1], SCORES | {"result": "passed"}).status_code == 303
    desk = volunteer.get("/calls").text
    assert "退回，待更正" in desk
    mine = next(
        each for each in re.findall(r'href="(/calls/feedback/[0-9a-f-]{36})"', desk) if each[-36:] == found[0][-36:]
    )
    shown = volunteer.get(mine).text
    assert NOTE in shown
    assert "C9 记录" in shown
    assert "C9 Documentation" in volunteer.get(f"{mine}?lang=en").text
    assert volunteer.submit(f"{mine}?lang=zh", action="/read").status_code == 303
    assert "我已阅读" not in volunteer.get(mine).text
    assert volunteer.get("/calls/feedback").status_code == 200
    assert NOTE in supervisor.get(found[0]).text
    call = call_of(app, found[0][-36:])
    assert (
        volunteer.submit(f"/calls/{call}/correct", {"summary": "改过了。"}, button="intent=finish").status_code == 303
    )
    assert "退回，待更正" not in volunteer.get("/calls").text
    assert "已更正" in supervisor.get("/calls/reviews").text
    assert sign_in("zixun").get(mine).status_code == 404


def test_a_review_is_out_of_reach_for_others_and_opening_it_is_an_event(
    app: Flask, sign_in: Callable[[str], CheckedClient], calls: list[UUID]
) -> None:
    assert len(calls) == 2
    queue = sign_in("dudao").get("/calls/reviews").text
    address = re.findall(r'href="(/calls/reviews/[0-9a-f-]{36})"', queue)[0]
    assert sign_in("dudao").get(address).status_code == 200
    for login in ("zhiyuan", "zixun", "fuze", "bangong", "dudao2"):
        assert sign_in(login).get(address).status_code in {403, 404}
    with app.app_context():
        parts = session().scalars(sa.select(AuditEntry.details).where(AuditEntry.action == "call.read"))
        assert [each["part"] for each in parts].count("review") == 1


def test_a_course_over_time_shows_one_person_and_no_ranking(
    app: Flask, sign_in: Callable[[str], CheckedClient], calls: list[UUID]
) -> None:
    assert len(calls) == 2
    supervisor = sign_in("dudao")
    queue = supervisor.get("/calls/reviews").text
    for address in re.findall(r'href="(/calls/reviews/[0-9a-f-]{36})"', queue):
        supervisor.submit(address, SCORES | {"result": "passed"})
    account = one(app, CallReview.author_id)
    page = supervisor.get(f"/calls/reviews/people/{account}").text
    assert "张志愿者" in page
    assert "3.0" in page
    assert "李咨询师" not in page.partition("<main")[2]
    assert sign_in("dudao2").get(f"/calls/reviews/people/{account}").status_code == 404
    assert sign_in("zixun").get(f"/calls/reviews/people/{account}").status_code == 403
    assert "3.0" in sign_in("zhiyuan").get("/calls/feedback").text


def call_of(app: Flask, review_id: str) -> str:
    with app.app_context():
        return str(session().get_one(CallReview, UUID(review_id)).call_id)


def _keys(client: CheckedClient) -> dict[str, str]:
    form = values_of(find_form(client.get("/help").text, "/help", "/logout"))
    return {"csrf_token": form["csrf_token"], "_key": form["_key"]}
