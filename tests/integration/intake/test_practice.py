"""Practice calls: looked at by the rules of a real one, and nothing is kept of them but that they were done."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from casework.audit.models import AuditEntry
from casework.core import clock
from casework.core.db import db, session, write_transaction
from casework.intake import queries, service
from casework.intake.models import ReadinessStep
from casework.intake.rules import look_at, required_steps
from casework.intake.types.readiness import HELP, PRACTICES, STORIES, ReadyStep
from casework.options.models import OptionEntry
from tests.integration.intake.conftest import TYPED
from tests.support.canaries import search_rows, search_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from casework.security.actor import Actor
    from tests.support.client import CheckedClient

STEPS = [HELP, *required_steps(3)]
HIGH: dict[str, Any] = {
    **TYPED,
    "risk": "plan_72h",
    "distress_before": "9",
    "hopelessness": "9",
    "risk_level": "3",
    "tried": STEPS,
}
RIGHT: dict[ReadyStep, dict[str, Any]] = {
    ReadyStep.PRACTICE_ROUTINE: TYPED,
    ReadyStep.PRACTICE_SILENT: {"call_type": "silent"},
    ReadyStep.PRACTICE_HIGH_RISK: HIGH,
}
# The trail, the keys of forms, and the session: what every page of the house may move.
HOUSE = {"core_idempotency_key", "people_session"}


def everything(app: Flask) -> dict[str, list[str]]:
    """Return every row of every table, as text."""
    with app.app_context(), db.engine.connect() as connection:
        names = [name for name in sa.inspect(connection).get_table_names() if name not in HOUSE]
        names = [name for name in names if not name.startswith("audit_")]
        found = {}
        for name in names:
            rows = connection.execute(sa.text(f'SELECT * FROM "{name}"'))  # noqa: S608 - names of our own tables
            found[name] = sorted(map(repr, rows))
        return found


def actions(app: Flask) -> list[str]:
    with app.app_context():
        return list(session().scalars(sa.select(AuditEntry.action).order_by(AuditEntry.at, AuditEntry.seq)))


def token_of(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def make_novice(actor: Callable[[str], Actor]) -> None:
    service.end_admission(actor("zhiyuan").account_id, actor=actor("dudao"))
    session().commit()
    session().rollback()


def try_everything(client: CheckedClient, base: str) -> None:
    """Press everything a practice call has, right and wrong, with scripts and without."""
    headers = {"X-CSRFToken": token_of(client.get(base).text)}
    for _ in range(2):
        assert client.post(f"{base}/steps/location", json={"step": "done"}, headers=headers).json is not None
    assert client.post(f"{base}/steps/location", json={"step": "reason"}, headers=headers).status_code == 422
    assert client.post(f"{base}/steps/nothing", json={"step": "done"}, headers=headers).status_code == 404
    for end in ("help", "help/cancel"):
        answer = client.post(f"{base}/{end}", json={}, headers=headers)
        assert "练习" in (answer.json or {})["text"]
    assert client.get(f"{base}/alert").status_code == 200
    assert client.submit(base, {"call_type": "self"}, button="intent=finish").status_code == 422
    assert client.submit(base, HIGH | {"risk": "none"}, button="intent=to_case").status_code in {303, 422}


def test_only_the_steps_are_written_by_practice(
    app: Flask, actor: Callable[[str], Actor], sign_in: Callable[[str], CheckedClient]
) -> None:
    make_novice(actor)
    client = sign_in("zhiyuan")
    before, events = everything(app), len(actions(app))
    assert client.get("/calls/practice").status_code == 200
    for code in PRACTICES:
        base = f"/calls/practice/{code}"
        try_everything(client, base)
        answer = client.submit(base, RIGHT[code], button="intent=finish")
        assert (answer.status_code, answer.location) == (303, "/calls/practice"), answer.text
    after = everything(app)
    assert {name for name in after if after[name] != before[name]} == {"intake_readiness_step"}
    with app.app_context():
        rows = session().scalars(sa.select(ReadinessStep)).all()
        assert {row.code for row in rows} == set(PRACTICES)
        assert search_rows(session().connection()) == []
    assert set(actions(app)[events:]) == {"readiness.done"}


def test_nothing_of_practice_reaches_a_list_or_a_figure(
    app: Flask, actor: Callable[[str], Actor], sign_in: Callable[[str], CheckedClient]
) -> None:
    client = sign_in("zhiyuan")
    assert (
        client.submit(f"/calls/practice/{ReadyStep.PRACTICE_HIGH_RISK}", HIGH, button="intent=finish").status_code
        == 303
    )
    with app.app_context():
        assert queries.count_mine(actor("zhiyuan")) == 0
        assert list(queries.list_shift(actor("zhiyuan")).items) == []
        assert queries.list_unfinished(actor("zhiyuan")) == []
        assert list(queries.list_unreviewed(actor("dudao")).items) == []
        assert queries.list_cards(actor("dudao")) == []
        assert queries.board(actor("dudao")).waiting == 0


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("code", "changes", "said"),
    [
        # A rule of the form, then a point of the story.
        (ReadyStep.PRACTICE_ROUTINE, {"summary": ""}, "请填写通话摘要。"),
        (ReadyStep.PRACTICE_ROUTINE, {"topics": ["family"]}, "对方最困扰的是睡眠"),
        (ReadyStep.PRACTICE_ROUTINE, {"age_band": "18_25"}, "请选 36–59。"),
        (ReadyStep.PRACTICE_SILENT, {"call_type": "nuisance"}, "请选“沉默挂断”。"),
        (ReadyStep.PRACTICE_HIGH_RISK, {"risk": "plan_week"}, "请选“72 小时内计划”"),
        (ReadyStep.PRACTICE_HIGH_RISK, {"hopelessness": None}, "绝望感"),
        (ReadyStep.PRACTICE_HIGH_RISK, {"tried": STEPS[1:]}, "还没有试过“呼叫督导”。"),
        (ReadyStep.PRACTICE_HIGH_RISK, {"tried": STEPS[:-1]}, "还没有试过“"),
    ],
)
def test_what_is_missing_stands_in_the_error_summary_and_nothing_is_done(
    app: Flask,
    sign_in: Callable[[str], CheckedClient],
    code: ReadyStep,
    changes: dict[str, Any],
    said: str,
) -> None:
    page = sign_in("zhiyuan").submit(f"/calls/practice/{code}", RIGHT[code] | changes, button="intent=finish")
    assert page.status_code == 422
    summary = page.text.partition("data-error-summary")[2].partition("</div>")[0]
    assert said in summary
    assert "做得好的地方" in page.text
    with app.app_context():
        assert session().scalar(sa.select(sa.func.count()).select_from(ReadinessStep)) == 0


@pytest.mark.sqlite_only
def test_without_scripts_a_press_is_shown_and_what_was_typed_stays(sign_in: Callable[[str], CheckedClient]) -> None:
    client, base = sign_in("zhiyuan"), f"/calls/practice/{ReadyStep.PRACTICE_HIGH_RISK}"
    page = client.get(base)
    typed = {**HIGH, "tried": ["help"], "csrf_token": token_of(page.text), "step": "done"}
    typed |= {"draft": "00000000-0000-4000-8000-000000000001", "writer": "00000000-0000-4000-8000-000000000002"}
    pressed = client.post(f"{base}/steps/location", data=typed | {"_key": "00000000-0000-4000-8000-000000000003"})
    assert pressed.status_code == 200
    assert 'name="tried" value="location"' in pressed.text
    assert 'name="tried" value="help"' in pressed.text
    assert TYPED["summary"] in pressed.text
    assert "练习：已记下" in pressed.text
    typed |= {"tried": ["help", "location"], "step": "open", "_key": "00000000-0000-4000-8000-000000000004"}
    back = client.post(f"{base}/steps/location", data=typed)
    assert 'name="tried" value="location"' not in back.text


@pytest.mark.sqlite_only
def test_the_page_is_marked_and_knows_no_address_of_a_real_call(sign_in: Callable[[str], CheckedClient]) -> None:
    client = sign_in("zhiyuan")
    for code in PRACTICES:
        page = client.get(f"/calls/practice/{code}?lang=zh").text
        assert 'data-text="练习模式 不是真实来电"' in page
        assert "save.js" not in page
        main = page.partition("<main")[2].partition("</main>")[0]
        addresses = set(re.findall(r'(?:href|action|formaction|data-[a-z-]*url)="(/calls[^"]*)"', main))
        assert {each for each in addresses if not each.startswith("/calls/practice")} == {"/calls/gauge"}
        english = client.get(f"/calls/practice/{code}?lang=en").text
        assert 'data-text="PRACTICE – not a real call"' in english
        assert STORIES[code].titles["en"] in english
        assert not search_text(page, "practice")


@pytest.mark.sqlite_only
def test_who_takes_no_calls_has_nothing_to_practise(sign_in: Callable[[str], CheckedClient]) -> None:
    for login in ("dudao", "fuze", "bangong", "guanli", "shenji", "yishi"):
        assert sign_in(login).get("/calls/practice").status_code == 403
    client = sign_in("zhiyuan")
    for address in ("observed", "guide_read", "nothing"):
        assert client.get(f"/calls/practice/{address}").status_code in {404, 405}


@pytest.mark.sqlite_only
def test_the_guide_is_read_by_saying_so(actor: Callable[[str], Actor], sign_in: Callable[[str], CheckedClient]) -> None:
    client = sign_in("zhiyuan")
    assert client.submit("/calls/practice", action="/calls/practice/guide").status_code == 303
    done = {each.code for each in queries.own_standing(actor("zhiyuan")).steps if each.is_done}
    assert done == {ReadyStep.GUIDE_READ}


@pytest.mark.sqlite_only
def test_a_topic_that_was_retired_holds_nobody_up(app: Flask, sign_in: Callable[[str], CheckedClient]) -> None:
    with app.app_context(), write_transaction():
        row = session().scalars(sa.select(OptionEntry).where(OptionEntry.code == "sleep")).one()
        row.offered_until = clock.today() - timedelta(days=2)
    client, base = sign_in("zhiyuan"), f"/calls/practice/{ReadyStep.PRACTICE_ROUTINE}"
    assert client.submit(base, TYPED | {"topics": ["emotion"]}, button="intent=finish").status_code == 303


@pytest.mark.sqlite_only
def test_a_call_logged_beside_a_finished_practice_is_counted_alone(
    app: Flask, actor: Callable[[str], Actor], sign_in: Callable[[str], CheckedClient]
) -> None:
    client = sign_in("zhiyuan")
    client.submit(f"/calls/practice/{ReadyStep.PRACTICE_ROUTINE}", TYPED, button="intent=finish")
    client.submit("/calls/new", TYPED, button="intent=finish")
    with app.app_context():
        assert queries.count_mine(actor("zhiyuan")) == 1
        (call,) = queries.list_shift(actor("zhiyuan")).items
        # The number of the practice call was not kept: to the real one it is a first call.
        assert call.repeat == "first"


def test_looking_at_a_story_names_each_point_once() -> None:
    story = STORIES[ReadyStep.PRACTICE_HIGH_RISK]
    nothing = look_at(story, {}, ())
    assert (nothing.good, nothing.tried) == ((), ())
    assert (nothing.missing, nothing.untried) == (story.points, tuple(STEPS))
    right = {point.field: [point.values[0] if point.values[0] != "*" else "写了"] for point in story.points}
    assert look_at(story, right, STEPS).is_done
    assert not look_at(story, right, STEPS[1:]).is_done
    assert not look_at(story, right | {"summary": ["  "]}, STEPS).is_done
