"""Signing in over a page that is still open: only its person, in its role, counted as at the door."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from casework.core import clock
from casework.core.db import session, write_transaction
from casework.people import queries
from casework.people import service as people
from casework.people.models import SignInSession
from casework.security.actor import Actor
from casework.security.roles import Role
from tests.integration.people.conftest import account_of, events
from tests.support.seed import PASSWORD, client_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from werkzeug.test import TestResponse

    from tests.support.client import CheckedClient

NOON = datetime(2020, 4, 1, 4, tzinfo=UTC)
BACKGROUND = {"X-Casework-Background": "1"}


def state(client: CheckedClient, **headers: str) -> dict[str, Any]:
    """Return what the page learns of its session."""
    answer = client.get("/session", headers=headers)
    assert answer.status_code == 200
    assert answer.json is not None
    return dict(answer.json)


def seat(client: CheckedClient) -> dict[str, Any]:
    """Return whose page it is, as the page says it."""
    return {"account": state(client)["account"], "role": "volunteer"}


def come_back(client: CheckedClient, **sent: Any) -> TestResponse:  # noqa: ANN401 - whatever a page sends
    return client.post("/session", json=sent, headers={"X-CSRFToken": state(client)["csrf_token"]})


def end_all(app: Flask) -> None:
    with app.app_context(), write_transaction():
        people.end_sessions(account_of("zhiyuan").id)


def test_the_same_person_comes_back_with_the_same_form_token(
    app: Flask, sign_in: Callable[[str], CheckedClient]
) -> None:
    client = sign_in("zhiyuan")
    before, whose = state(client), seat(client)
    end_all(app)
    assert state(client)["account"] is None
    answer = come_back(client, **whose, login="zhiyuan", password=PASSWORD)
    assert answer.status_code == 200
    after = state(client)
    assert (after["account"], after["step"]) == (before["account"], "")
    assert client.get("/calls").status_code == 200


def test_somebody_else_is_refused_and_begins_no_session(
    app: Flask, sign_in: Callable[[str], CheckedClient], inside: Callable[[], Any]
) -> None:
    client = sign_in("zhiyuan")
    whose = seat(client)
    end_all(app)
    answer = come_back(client, **whose, login="zixun", password=PASSWORD)
    assert answer.status_code == 403
    assert state(client)["account"] is None
    with inside():
        assert not queries.sessions_of(account_of("zixun").id)
        (event,) = events("account.sign_in_failed")
        assert event.details == {"reason": "other_person"}


def test_a_wrong_password_is_counted_together_with_the_door(client: CheckedClient, inside: Callable[[], Any]) -> None:
    with inside():
        account = str(account_of("zhiyuan").id)
    with clock.frozen(NOON):
        wrong = {"account": account, "login": "zhiyuan", "password": "wrong password 1"}
        codes = [come_back(client, **wrong).status_code for _ in range(5)]
        assert codes == [422] * 5
        assert come_back(client, **wrong).status_code == 429
        door = client_of(client.application).submit("/login", {"login": "zhiyuan", "password": PASSWORD})
        assert door.status_code == 429


@pytest.mark.sqlite_only
def test_who_had_changed_role_goes_on_in_it(
    app: Flask, sign_in: Callable[[str], CheckedClient], inside: Callable[[], Any]
) -> None:
    with app.app_context(), write_transaction():
        account = account_of("zhiyuan")
        place = queries.holdings_of([account.id])[account.id][0].subproject_id
        people.grant_role(account.id, Role.COUNSELOR, place, actor=Actor.system())
    client = sign_in("zhiyuan")
    whose = {"account": state(client)["account"], "role": "counselor", "subproject": str(place)}
    end_all(app)
    assert come_back(client, **whose, login="zhiyuan", password=PASSWORD).status_code == 200
    with inside():
        row = session().query(SignInSession).filter_by(account_id=account_of("zhiyuan").id).one()
        grant = queries.get_grant(row.account_id, row.role_grant_id)
        assert grant.role == Role.COUNSELOR


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"account": "x", "login": "zhiyuan", "password": PASSWORD},
        {"login": "zhiyuan", "password": PASSWORD},
        {"account": "0" * 32, "login": "", "password": ""},
        {"account": "0" * 32, "login": "x" * 300, "password": "y"},
        {"account": ["a"], "login": {"b": 1}, "password": 7},
    ],
)
def test_bad_input_is_answered_with_a_sentence(client: CheckedClient, sent: dict[str, Any]) -> None:
    answer = come_back(client, **sent)
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["error"]["message"]


@pytest.mark.sqlite_only
def test_a_forged_token_is_refused(client: CheckedClient) -> None:
    answer = client.post("/session", json={}, headers={"X-CSRFToken": "forged", "Accept": "application/json"})
    assert answer.status_code == 400


@pytest.mark.sqlite_only
def test_asking_in_the_background_renews_nothing_and_any_other_request_does(
    sign_in: Callable[[str], CheckedClient],
) -> None:
    with clock.frozen(NOON):
        client = sign_in("zhiyuan")
    with clock.frozen(NOON + timedelta(minutes=20)):
        assert state(client, **BACKGROUND)["seconds"] == 600
        assert state(client, **BACKGROUND)["seconds"] == 600
    with clock.frozen(NOON + timedelta(minutes=29)):
        assert state(client)["seconds"] == 1800
    with clock.frozen(NOON + timedelta(minutes=59)):
        assert state(client, **BACKGROUND)["seconds"] == 0
    with clock.frozen(NOON + timedelta(minutes=59, seconds=1)):
        assert state(client, **BACKGROUND)["account"] is None


@pytest.mark.sqlite_only
def test_near_the_absolute_limit_the_seconds_count_down_to_it(sign_in: Callable[[str], CheckedClient]) -> None:
    with clock.frozen(NOON):
        client = sign_in("zhiyuan")
    for half_hours in range(1, 24):
        with clock.frozen(NOON + timedelta(minutes=29 * half_hours)):
            state(client)
    with clock.frozen(NOON + timedelta(hours=11, minutes=30)):
        state(client)
    with clock.frozen(NOON + timedelta(hours=11, minutes=50)):
        assert state(client)["seconds"] == 600


@pytest.mark.sqlite_only
def test_a_code_is_asked_only_of_who_has_a_second_factor(sign_in: Callable[[str], CheckedClient]) -> None:
    client = sign_in("zhiyuan")
    token = {"X-CSRFToken": state(client)["csrf_token"]}
    assert client.post("/session/code", json={"code": "000000"}, headers=token).status_code == 404
    assert client.post("/session/code", json={}, headers=token).status_code == 422
