"""The switchboard's door: what it takes, what it refuses, and how a call that rings comes to the desk."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from casework.audit.models import AuditEntry
from casework.core import clock
from casework.core.db import session, write_transaction
from casework.core.errors import Refused
from casework.core.keyring import KeyClass
from casework.intake import queries
from casework.intake.models import Call, LineDay, LineEventSeen, LineLeg, Ringing
from casework.intake.service import telephony
from casework.programme import queries as programme
from casework.security.actor import Actor
from casework.vault import service as vault
from tests.support.canaries import NUMBER, search_files, search_rows, search_text
from tests.support.client import find_form, values_of
from tests.support.seed import client_of
from tests.support.switchboard import PATH, Switchboard, secret_of, signed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask
    from werkzeug.test import TestResponse

    from casework.core.keyring import Keyring
    from tests.support.client import CheckedClient

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
OTHER_NUMBER = "13900139001"


@pytest.fixture
def line(app: Flask) -> str:
    """Give the line of the tests a number, as an operator would."""
    with app.app_context(), write_transaction():
        own = next(each for each in programme.list_lines(Actor.system()) if each.name == "和悦社工值班热线")
        own.numbers = ["020-83581234", "8001"]
    return "8001"


@pytest.fixture
def pbx(app: Flask, line: str) -> Switchboard:
    return Switchboard(client_of(app), secret_of(app), line)


def legs(app: Flask) -> list[LineLeg]:
    with app.app_context():
        return list(session().scalars(sa.select(LineLeg).order_by(LineLeg.started_at, LineLeg.id)))


def counted(app: Flask) -> dict[tuple[str, str], int]:
    total = sa.func.sum(LineDay.count)
    with app.app_context():
        found = session().execute(
            sa.select(LineDay.dimension, LineDay.value, total)
            .group_by(LineDay.dimension, LineDay.value)
            .having(total != 0)
        )
        return {(dimension, value): int(count) for dimension, value, count in found}


def events_of(app: Flask, action: str) -> int:
    with app.app_context():
        return session().scalar(sa.select(sa.func.count()).where(AuditEntry.action == action)) or 0


def told(answer: TestResponse) -> dict[str, Any]:
    assert answer.json is not None
    return dict(answer.json)


def rings(client: CheckedClient) -> str:
    return str(told(client.get("/calls/ringing")).get("html", ""))


def test_a_call_from_ringing_to_its_end_is_counted_once(app: Flask, pbx: Switchboard) -> None:
    with clock.frozen(NOW):
        for kind, seconds in (("ringing", 0), ("answered", 12), ("ended", 312)):
            answer = pbx.send(kind, "c1", NOW - timedelta(seconds=400 - seconds), number=NUMBER)
            assert (answer.status_code, told(answer)["status"]) == (200, "accepted")
    assert counted(app) == {
        ("state", "answered"): 1, ("wait", "12"): 1, ("talk", "all"): 300, ("talked", "all"): 1, ("hour", "0-13"): 1,
    }  # fmt: skip
    assert len(legs(app)) == 1
    assert events_of(app, "telephony.event_received") == 3


@pytest.mark.sqlite_only
def test_reports_in_any_order_give_the_same_call(app: Flask, pbx: Switchboard) -> None:
    with clock.frozen(NOW):
        start = NOW - timedelta(minutes=5)
        for kind, seconds in (("ended", 100), ("answered", 40), ("ringing", 0)):
            moment = start + timedelta(seconds=seconds)
            assert pbx.send(kind, "c1", moment, started_at=start.isoformat()).status_code == 200
    assert counted(app)["wait", "40"] == 1
    assert ("state", "lost") not in counted(app)


def test_the_same_event_sent_again_is_answered_alike_and_changes_nothing(app: Flask, pbx: Switchboard) -> None:
    body = json.dumps(pbx.body("ringing", "c1", number=NUMBER)).encode()
    first, second = pbx.post(body), pbx.post(body)
    assert (told(first)["status"], told(second)["status"]) == ("accepted", "repeated")
    assert told(first)["call"] == told(second)["call"]
    assert events_of(app, "telephony.event_received") == 1
    other = json.dumps(json.loads(body) | {"event": "missed"}).encode()
    assert pbx.post(other).status_code == 409
    assert len(legs(app)) == 1


@pytest.mark.sqlite_only
@pytest.mark.parametrize("offset", [-301, -86400, 301, 10**9])
def test_a_signature_outside_five_minutes_is_refused(app: Flask, pbx: Switchboard, offset: int) -> None:
    body = json.dumps(pbx.body("ringing", "c1")).encode()
    answer = pbx.post(body, signed(pbx.secret, body, clock.now().timestamp() + offset))
    assert answer.status_code == 401
    assert "5 分钟" in told(answer)["error"]["message"]
    assert not legs(app)


@pytest.mark.sqlite_only
def test_what_is_not_signed_with_the_secret_is_refused_whatever_it_says(app: Flask, pbx: Switchboard) -> None:
    body = json.dumps(pbx.body("ringing", "c1")).encode()
    good = signed(pbx.secret, body)
    tag = good["X-Casework-Signature"]
    forged = [
        {},
        {**good, "X-Casework-Signature": ""},
        {**good, "X-Casework-Signature": tag.removeprefix("sha256=")},
        {**good, "X-Casework-Signature": f"sha256={'0' * 64}"},
        {**good, "X-Casework-Signature": "sha256=keins"},
        {**good, "X-Casework-Signature": tag[:-2]},
        {**good, "X-Casework-Time": str(int(good["X-Casework-Time"]) + 1)},
        {**good, "X-Casework-Time": "１７００００００００"},
        {**good, "X-Casework-Time": "9" * 40},
        signed(b"another secret", body),
    ]
    for headers in forged:
        answer = pbx.post(body, {"Content-Type": "application/json", **headers})
        assert (answer.status_code, answer.mimetype) == (401, "application/json"), headers
    assert pbx.post(body + b" ", good).status_code == 401, "another body under a good signature"
    assert not legs(app)
    assert pbx.post(body, good).status_code == 200


@pytest.mark.sqlite_only
def test_a_signed_in_person_cannot_speak_for_the_switchboard(
    pbx: Switchboard, sign_in: Callable[[str], CheckedClient]
) -> None:
    client = sign_in("guanli")
    body = json.dumps(pbx.body("ringing", "c1")).encode()
    assert client.post(PATH, data=body, headers={"Content-Type": "application/json"}).status_code == 401


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'"ringing"', 400),
        (b"\xff\xfe{}", 400),
        (b"[" * 5000, 400),
        (b'{"id": NaN}', 400),
        (b'{"id": "a", "id": "b"}', 400),
        (b"{}", 422),
    ],
)
def test_a_signed_body_that_is_no_event_is_refused(pbx: Switchboard, body: bytes, status: int) -> None:
    assert pbx.post(body).status_code == status


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "change",
    [
        {"id": ""}, {"id": 7}, {"id": "a b"}, {"id": "a" * 151}, {"id": "号"}, {"call": None}, {"call": ["c"]},
        {"event": "sing"}, {"event": None}, {"line": ""}, {"line": 8001}, {"line": "9" * 101}, {"line": "8\x00001"},
        {"number": 1}, {"number": "1" * 41}, {"number": "1\n2"}, {"at": "yesterday"}, {"at": "2026-03-02T06:00:00"},
        {"at": -1}, {"at": True}, {"at": 1e300}, {"at": "2026-02-30T00:00:00Z"}, {"started_at": "x"}, {"extra": 1},
        {"__proto__": {}},
    ],
)  # fmt: skip
def test_an_event_with_a_field_that_cannot_be_is_refused_by_name(
    app: Flask, pbx: Switchboard, change: dict[str, Any]
) -> None:
    answer = pbx.post(json.dumps(pbx.body("ringing", "c1") | change).encode())
    assert answer.status_code == 422
    error = told(answer)["error"]
    assert error["message"]
    assert ("field" in error) is not bool(change.keys() & {"extra", "__proto__"})
    assert not legs(app)


@pytest.mark.sqlite_only
def test_times_that_cannot_be_and_calls_that_cannot_be_the_same_are_refused(app: Flask, pbx: Switchboard) -> None:
    now = clock.now()
    assert pbx.send("ringing", "c1", now + timedelta(minutes=6)).status_code == 422
    assert pbx.send("ringing", "c1", now - timedelta(hours=25)).status_code == 422
    assert pbx.send("answered", "c1", now).status_code == 409, "nobody reported the ringing"
    assert pbx.send("ringing", "c1", now - timedelta(hours=3)).status_code == 200
    assert pbx.send("answered", "c1", now - timedelta(hours=4)).status_code == 422
    assert pbx.send("ringing", "c1", now).status_code == 409, "three hours later is another call"
    assert pbx.send("ringing", "c2", now, line="4001").status_code == 422
    assert "4001" not in pbx.send("ringing", "c2", now, line="4001").text
    assert len(legs(app)) == 1


@pytest.mark.sqlite_only
def test_a_large_body_is_refused_unread(pbx: Switchboard) -> None:
    body = json.dumps(pbx.body("ringing", "c1") | {"number": "1" * 20_000}).encode()
    assert pbx.post(body).status_code == 413
    body = json.dumps(pbx.body("ringing", "c1")).encode()
    assert pbx.post(body, signed(pbx.secret, body) | {"Content-Type": "text/plain"}).status_code == 415


@pytest.mark.sqlite_only
def test_a_rotated_secret_is_accepted_until_the_next_rotation(app: Flask, pbx: Switchboard) -> None:
    runner = app.test_cli_runner()
    assert pbx.send("ringing", "c1").status_code == 200
    for accepted in (True, False):
        assert runner.invoke(args=["casework", "keys", "rotate", "telephony"], catch_exceptions=False).exit_code == 0
        assert pbx.send("ringing", "c1").status_code == (200 if accepted else 401)
    pbx.secret = secret_of(app)
    assert pbx.send("ringing", "c1").status_code == 200


@pytest.mark.sqlite_only
def test_without_a_secret_the_door_is_shut_until_one_is_asked_for(app: Flask, line: str) -> None:
    ring: Keyring = app.extensions["casework.keyring"]
    data = json.loads(ring.path.read_text(encoding="utf-8"))
    del data["classes"]["telephony"]
    ring.path.unlink()
    ring.path.touch(mode=0o600)
    ring.path.write_text(json.dumps(data), encoding="utf-8")
    ring.path.chmod(0o400)
    assert not ring.keys_of(KeyClass.TELEPHONY)
    shut = Switchboard(client_of(app), b"", line)
    assert shut.send("ringing", "c1").status_code == 401
    shut.secret = secret_of(app)
    assert shut.send("ringing", "c1").status_code == 200


def test_a_call_that_rings_is_on_the_desk_and_taken_to_the_form_with_its_number(
    app: Flask, pbx: Switchboard, sign_in: Callable[[str], CheckedClient]
) -> None:
    client = sign_in("zhiyuan")
    assert told(client.get("/calls/ringing")) == {"mark": ""}
    started = clock.now().replace(microsecond=0) - timedelta(seconds=3)
    call = told(pbx.send("ringing", "c1", started, number=NUMBER))["call"]
    assert "接听登记" in client.get("/calls").text
    assert NUMBER not in client.get("/calls").text + rings(client)
    answer = client.submit("/calls", action=f"/calls/ringing/{call}/take")
    assert (answer.status_code, answer.location) == (303, f"/calls/new?ringing={call}")
    page = client.get(answer.location).text
    sent = values_of(find_form(page, answer.location, "/calls/new"))
    assert sent["caller_phone"] == NUMBER or sent["caller_phone"].endswith(NUMBER)
    assert sent["started_at"] == started.isoformat(timespec="seconds")
    assert sent["draft"] == call
    with app.app_context():
        assert sent["line"] == str(session().get_one(LineLeg, UUID(call)).line_id)
    assert events_of(app, "telephony.call_taken") == 1
    assert events_of(app, "number.unmasked") == 1
    assert rings(client) == "", "a taken call leaves the desk"
    finished = client.submit(answer.location, {"call_type": "silent"}, action="/calls/new", button="intent=finish")
    assert finished.status_code == 303
    with app.app_context():
        assert session().get_one(Call, UUID(call)).started_at == started
    assert client.get(answer.location).status_code == 303, "opened again, it leads to what was logged"


@pytest.mark.sqlite_only
def test_only_one_takes_a_call_and_nobody_elsewhere_sees_it(
    app: Flask, pbx: Switchboard, sign_in: Callable[[str], CheckedClient]
) -> None:
    call = told(pbx.send("ringing", "c1", number=NUMBER))["call"]
    volunteer, counselor, elsewhere = sign_in("zhiyuan"), sign_in("zixun"), sign_in("zixun2")
    keys = values_of(find_form(counselor.get("/calls").text, "/calls", "/take"))
    assert volunteer.submit("/calls", action="/take").status_code == 303
    assert counselor.post(f"/calls/ringing/{call}/take", data=keys).status_code == 409
    assert counselor.get(f"/calls/new?ringing={call}").status_code == 409
    assert rings(elsewhere) == ""
    assert elsewhere.get(f"/calls/new?ringing={call}").status_code == 404
    assert volunteer.get("/calls/new?ringing=rubbish").status_code == 200
    for login in ("dudao", "fuze", "guanli", "shenji"):
        assert sign_in(login).get("/calls/ringing").status_code == 403
    assert events_of(app, "number.unmasked") == 0


@pytest.mark.sqlite_only
@pytest.mark.parametrize("kind", ["abandoned", "missed", "ended"])
def test_a_call_that_is_over_leaves_the_desk(
    app: Flask, pbx: Switchboard, sign_in: Callable[[str], CheckedClient], kind: str
) -> None:
    client = sign_in("zhiyuan")
    pbx.send("ringing", "c1", clock.now() - timedelta(seconds=30), number=NUMBER)
    before = told(client.get("/calls/ringing"))
    assert told(client.get(f"/calls/ringing?known={before['mark']}")) == {"mark": before["mark"]}
    pbx.send(kind, "c1")
    assert told(client.get(f"/calls/ringing?known={before['mark']}"))["html"].strip() == ""
    assert counted(app)["state", "lost"] == 1
    with app.app_context():
        assert session().scalar(sa.select(Ringing)) is None


def test_no_number_of_the_switchboard_stands_in_clear_anywhere(
    app: Flask,
    pbx: Switchboard,
    sign_in: Callable[[str], CheckedClient],
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    client = sign_in("zhiyuan")
    call = told(pbx.send("ringing", "c1", clock.now() - timedelta(seconds=30), number=NUMBER))["call"]
    client.submit("/calls", action="/take")
    client.get(f"/calls/new?ringing={call}")
    assert pbx.send("ringing", NUMBER, number=NUMBER).status_code == 200, "a number in place of an id"
    assert NUMBER not in pbx.send("ringing", "c3", number=f"{NUMBER}x" * 4).text
    pbx.send("abandoned", "c1")
    with app.app_context(), session().connection() as connection:
        assert [str(each) for each in search_rows(connection)] == []
    assert [str(each) for each in search_files([tmp_path])] == []
    assert [str(each) for each in search_text(caplog.text, "log")] == []
    [leg, *_rest] = legs(app)
    assert leg.sealed_number is not None
    assert leg.number_index is not None


def test_only_a_supervisor_of_the_sub_project_opens_the_number_of_a_record(
    pbx: Switchboard, actor: Callable[[str], Actor]
) -> None:
    readers = {login: actor(login) for login in ("dudao", "dudao2", "zhiyuan", "bangong")}
    pbx.send("ringing", "c1", number=NUMBER)
    leg = session().scalars(sa.select(LineLeg)).one()
    assert leg.data_key_id is not None
    assert leg.sealed_number is not None
    key = vault.open_key(leg.data_key_id, actor=readers["dudao"])
    assert vault.open_text(key, queries.leg_number_place(leg.id), leg.sealed_number) == f"+86{NUMBER}"
    for login in ("dudao2", "zhiyuan", "bangong"):
        with pytest.raises(Refused):
            vault.open_key(leg.data_key_id, actor=readers[login])


def due(app: Flask) -> list[str | None]:
    return [None if leg.call_back is None else str(leg.call_back) for leg in legs(app)]


def test_whoever_reached_nobody_is_called_back_once_until_reached(app: Flask, pbx: Switchboard) -> None:
    with clock.frozen(NOW):
        for number, minutes in ((1, 50), (2, 40)):
            pbx.send("ringing", f"lost{number}", NOW - timedelta(minutes=minutes), number=NUMBER)
            pbx.send("abandoned", f"lost{number}", NOW - timedelta(minutes=minutes, seconds=-20))
        assert due(app) == ["due", None]
        pbx.send("ringing", "through", NOW - timedelta(minutes=30), number=NUMBER)
        pbx.send("answered", "through", NOW - timedelta(minutes=29))
        assert due(app) == ["reached", None, None]
        pbx.send("ringing", "again", NOW - timedelta(minutes=5), number=NUMBER)
        pbx.send("missed", "again", NOW - timedelta(minutes=4))
        assert due(app) == ["reached", None, None, "due"]


@pytest.mark.sqlite_only
def test_no_call_back_after_a_short_abandon_without_a_number_or_of_a_service(app: Flask, pbx: Switchboard) -> None:
    start = clock.now() - timedelta(minutes=1)
    for call, number, seconds in (
        ("short", NUMBER, 3),
        ("none", "", 20),
        ("service", "110", 20),
        ("words", "anonymous", 20),
    ):
        pbx.send("ringing", call, start, number=number)
        pbx.send("abandoned", call, start + timedelta(seconds=seconds))
    assert due(app) == [None] * 4
    assert counted(app)["state", "short"] == 1
    assert counted(app)["state", "lost"] == 3


@pytest.mark.sqlite_only
def test_what_is_no_longer_needed_is_forgotten(app: Flask, pbx: Switchboard) -> None:
    pbx.send("ringing", "c1", number=NUMBER)
    later = clock.now() + timedelta(days=91)
    with app.app_context(), clock.frozen(later), write_transaction():
        assert telephony.forget() == 3
    with app.app_context():
        assert session().scalar(sa.select(Ringing)) is None
        assert session().scalar(sa.select(LineEventSeen)) is None
    [leg] = legs(app)
    assert leg.sealed_number is None
    assert leg.number_index is not None
