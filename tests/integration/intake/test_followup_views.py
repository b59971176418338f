"""Pages of follow-ups, handovers and disclosures as a browser without scripts uses them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from casework.audit.models import AuditEntry
from casework.core import clock
from casework.core.db import session, write_transaction
from casework.intake import service
from casework.intake.models import Call, Disclosure, Followup, Handover
from casework.security.actor import Actor
from tests.integration.intake.conftest import TYPED
from tests.support import html, seed
from tests.support.canaries import CORRECTION, NAME, NOTE, NUMBER, SUMMARY, search_text
from tests.support.client import find_form, values_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from tests.support.client import CheckedClient

REACHED = {"risk": "none", "summary": CORRECTION, "outcome": "supported"}


def only(app: Flask, model: type[Any], **conditions: Any) -> Any:  # noqa: ANN401 - a row of any table
    with app.app_context():
        return session().scalars(sa.select(model).filter_by(**conditions)).one()


def count_of(app: Flask, action: str) -> int:
    with app.app_context():
        return session().scalar(sa.select(sa.func.count()).where(AuditEntry.action == action)) or 0


@pytest.fixture
def due(app: Flask, sign_in: Callable[[str], CheckedClient]) -> str:
    """Give the address of a follow-up that a volunteer promised for today."""
    today = {"outcome": "follow_up", "followup_on": clock.today().isoformat()}
    answer = sign_in("zhiyuan").submit("/calls/new", TYPED | today, button="intent=finish")
    assert answer.status_code == 303
    return f"/calls/follow-ups/{only(app, Followup).id}"


def test_a_volunteer_is_told_what_is_due_and_reads_it_only_by_opening(
    app: Flask, sign_in: Callable[[str], CheckedClient], due: str
) -> None:
    client = sign_in("zhiyuan")
    before = count_of(app, "call.read")
    for path in ("/calls", "/calls/follow-ups"):
        page = client.get(path).text
        assert "我的回访" in page or "今天及逾期" in page
        assert not search_text(page, path)
    assert 'class="count nav-count">1<' in client.get("/calls").text
    assert count_of(app, "call.read") == before
    opened = client.get(due).text
    assert SUMMARY in opened
    assert "138****8765" in opened
    assert NUMBER not in opened
    assert NAME not in opened
    assert count_of(app, "call.read") == before + 1
    shown = client.submit("/calls/follow-ups", action="/number")
    assert f"+86{NUMBER}" in shown.text
    assert count_of(app, "number.unmasked") == 1


def test_reaching_somebody_asks_what_is_missing_and_keeps_what_was_typed(
    app: Flask, sign_in: Callable[[str], CheckedClient], due: str
) -> None:
    client = sign_in("zhiyuan")
    refused = client.submit(due, {"summary": CORRECTION, "risk": "plan"}, action="/reached")
    assert refused.status_code == 422
    assert "请补充困扰程度" in refused.text
    assert CORRECTION in refused.text
    assert client.submit(due, REACHED, action="/reached").location == "/calls/follow-ups"
    assert "今天没有待回访。" in client.get("/calls/follow-ups").text
    assert only(app, Call, is_outgoing=True).risk == "none"
    over = client.get(due).text
    assert "已由张志愿者于" in over
    assert SUMMARY not in over
    assert "回访" in client.get("/calls").text


def test_a_second_window_learns_who_was_faster_and_keeps_its_words(
    app: Flask, sign_in: Callable[[str], CheckedClient], due: str
) -> None:
    late, fast = sign_in("zhiyuan"), sign_in("dudao")
    form = values_of(find_form(late.get(due).text, due, "/reached")).to_dict(flat=False)
    assert fast.submit(due, REACHED, action="/reached").status_code == 303
    answer = late.post(f"{due}/reached", data=form | {"risk": "none", "summary": NOTE, "outcome": "supported"})
    assert answer.status_code == 409
    assert "已由王督导于" in answer.text
    assert NOTE in answer.text
    assert only(app, Call, is_outgoing=True).author_id == only(app, Followup).ended_by


def test_no_answer_another_day_another_person_and_none_at_all(
    app: Flask, sign_in: Callable[[str], CheckedClient], due: str
) -> None:
    client = sign_in("zhiyuan")
    client.submit("/calls/follow-ups", action="/tried")
    assert "已登记未接通（1/3）" in client.get(due).text
    assert client.submit(due, {"day": "1999-01-01"}, action="/moved").status_code == 422
    assert client.submit(due, {"day": ""}, action="/moved").status_code == 422
    assert client.submit(due, action="/moved").status_code == 303
    assert "今天没有待回访。" in client.get("/calls/follow-ups").text
    assert due in client.get("/calls/follow-ups?show=later").text
    assert client.submit(due, {"to": "nobody"}, action="/handed").status_code == 422
    assert client.submit(due, {"to": ""}, action="/handed").status_code == 303
    assert client.get(due).status_code == 404
    supervisor = sign_in("dudao")
    assert supervisor.submit(due, {"reason": "renewed"}, action="/cancelled").status_code == 422
    assert supervisor.submit(due, {"reason": "declined"}, action="/cancelled").status_code == 303
    assert only(app, Followup).state == "cancelled"


@pytest.mark.parametrize("login", ["zixun", "zixun2", "dudao2", "fuze", "guanli", "shenji", "yishi", "bangong"])
def test_nobody_else_reaches_a_follow_up(sign_in: Callable[[str], CheckedClient], due: str, login: str) -> None:
    client = sign_in(login)
    assert client.get(due).status_code in {403, 404}
    keys = values_of(find_form(client.get("/help").text, "/help", "/logout"))
    for verb in ("reached", "tried", "moved", "handed", "cancelled", "number"):
        answer = client.post(f"{due}/{verb}", data={**keys, **REACHED})
        assert answer.status_code in {403, 404}
        assert not search_text(answer.text.replace(CORRECTION, ""), verb)
        keys = values_of(find_form(client.get("/help").text, "/help", "/logout"))


def test_a_missed_call_asks_what_kind_of_call_it_is(app: Flask, sign_in: Callable[[str], CheckedClient]) -> None:
    with app.app_context():
        volunteer = seed.actor("zhiyuan")
        with write_transaction():
            assert volunteer.subproject_id is not None
            service.book_missed(
                subproject_id=volunteer.subproject_id,
                line_id=None,
                phone=NUMBER,
                missed_at=clock.now(),
                actor=Actor.system(),
            )
    client, path = sign_in("dudao"), f"/calls/follow-ups/{only(app, Followup).id}"
    assert "未接来电" in client.get("/calls/follow-ups").text
    refused = client.submit(path, REACHED, action="/reached")
    assert refused.status_code == 422
    assert "请选择来电类型。" in refused.text
    assert client.submit(path, REACHED | {"call_type": "information"}, action="/reached").status_code == 303
    assert only(app, Call, is_outgoing=True).call_type == "information"


def test_a_shift_is_handed_over_and_confirmed_with_one_press_each(
    app: Flask, sign_in: Callable[[str], CheckedClient]
) -> None:
    client, incoming = sign_in("zhiyuan"), sign_in("zixun")
    page = client.get("/calls/handover").text
    assert "没有未了事项。" in page
    assert client.submit("/calls/handover").status_code == 422
    chosen = _option(page, "李咨询师")
    signed = client.submit("/calls/handover", {"incoming": chosen, "note": NOTE})
    assert signed.status_code == 303
    assert NOTE in client.get(signed.location).text
    assert "确认接班" in incoming.get("/calls").text
    assert NOTE not in incoming.get("/calls").text
    assert "未确认" in sign_in("dudao").get("/calls/handover").text
    assert incoming.submit("/calls", action="/confirm").status_code == 303
    assert only(app, Handover).confirmed_at is not None
    assert "没有等待你确认的交接。" in incoming.get("/calls").text
    assert count_of(app, "handover.read") == 1
    assert sign_in("zixun2").get(signed.location).status_code == 404


def test_a_disclosure_is_recorded_reviewed_and_closed(app: Flask, sign_in: Callable[[str], CheckedClient]) -> None:
    client = sign_in("zhiyuan")
    client.submit("/calls/new", TYPED, button="intent=finish")
    call = only(app, Call).id
    path = f"/calls/{call}/disclosures"
    page = client.get(path).text
    assert "《个人信息保护法》第十三条第一款第四项" in page
    empty = client.submit(path, {"facts": NOTE})
    assert empty.status_code == 422
    assert NOTE in empty.text
    record = {
        "ground": "E4", "receiver": "police", "fields": ["place", "number"], "facts": NOTE,
        "consulted": "not_yet", "not_told": "danger",
    }  # fmt: skip
    assert "请登记文书名称和编号" in client.submit(path, record).text
    assert client.submit(path, record | {"ground": "E6"}).status_code == 303
    shown = client.get(f"/calls/{call}").text
    assert NOTE in shown
    assert "E6 紧急情况下保护生命健康和财产" in shown
    assert client.get("/calls/disclosures").status_code == 403
    supervisor = sign_in("dudao")
    listed = supervisor.get("/calls/disclosures").text
    assert "告知会增加危险" in listed
    assert NOTE not in listed
    assert "这个月没有对外披露。" in supervisor.get("/calls/disclosures?month=2019-01").text
    assert supervisor.get("/calls/disclosures?month=nonsense").status_code == 200
    assert supervisor.submit("/calls/disclosures", {"told_at": "1999-01-01T08:00"}, action="/told").status_code == 422
    later = f"{clock.local(clock.now()):%Y-%m-%dT%H:%M}"
    assert supervisor.submit("/calls/disclosures", {"told_at": later}, action="/told").status_code == 303
    assert only(app, Disclosure).told_by is not None
    assert "没有待告知的披露。" in supervisor.get("/calls/disclosures").text


def _option(page: str, name: str) -> str:
    options = html.parse(page).all("option")
    return next(str(each.get("value")) for each in options if html.text_of(each).startswith(name))
