"""A session ends when it should, and its row opens nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from casework.core import clock, crypto
from casework.core.crypto import CryptoError
from casework.core.db import session, write_transaction
from casework.core.keyring import current_keyring
from casework.people import queries
from casework.people import service as people
from casework.people.models import SignInSession
from casework.people.service import cookie, sessions
from casework.security.actor import Actor
from casework.security.roles import Role
from tests.integration.people.conftest import account_of, events
from tests.support.client import find_form, values_of
from tests.support.seed import PASSWORD, client_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from werkzeug.test import TestResponse

    from tests.support.client import CheckedClient

NOON = datetime(2020, 4, 1, 4, tzinfo=UTC)
SYSTEM = Actor.system()


def cookie_of(answer: TestResponse) -> str:
    return next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("casework_session="))


@pytest.mark.sqlite_only
def test_the_cookie_is_kept_from_scripts_other_sites_and_the_disk(client: CheckedClient) -> None:
    line = cookie_of(client.submit("/login", {"login": "zhiyuan", "password": PASSWORD}))
    attributes = {part.strip() for part in line.split(";")[1:]}
    assert attributes == {"HttpOnly", "Path=/", "SameSite=Lax"}


@pytest.mark.sqlite_only
def test_production_sends_the_cookie_over_tls_only(app: Flask) -> None:
    app.config["SESSION_COOKIE_SECURE"] = True
    client = client_of(app)
    page = client.get("/login", base_url="https://localhost")
    assert "Secure" in cookie_of(page)


@pytest.mark.sqlite_only
def test_a_session_planted_before_signing_in_is_worth_nothing_after(app: Flask, client: CheckedClient) -> None:
    client.submit("/login", {"login": "zhiyuan", "password": PASSWORD})
    with client.session_transaction() as planted:
        token = planted["_user_id"]
    other = client_of(app)
    with other.session_transaction() as kept:
        kept["_user_id"], kept["csrf_token"], kept["account"] = token, "planted", "0" * 8
    other.submit("/login", {"login": "zixun", "password": PASSWORD})
    with other.session_transaction() as fresh:
        assert fresh["_user_id"] != token
        assert fresh.get("csrf_token") != "planted"
    client.submit("/me", action="/logout")
    client.submit("/login", {"login": "zhiyuan", "password": PASSWORD})
    with client.session_transaction() as again:
        assert again["_user_id"] != token


def test_an_idle_session_ends_after_half_an_hour_and_each_use_prolongs_it(
    sign_in: Callable[[str], CheckedClient],
) -> None:
    with clock.frozen(NOON):
        client = sign_in("zixun")
    for minutes in (29, 58, 87):
        with clock.frozen(NOON + timedelta(minutes=minutes)):
            assert client.get("/me").status_code == 200
    with clock.frozen(NOON + timedelta(minutes=118)):
        answer = client.get("/me?x=1")
    assert answer.status_code == 303
    assert answer.location == "/login?next=/me?x%3D1"


@pytest.mark.sqlite_only
def test_a_page_that_asks_by_itself_does_not_prolong_a_session(sign_in: Callable[[str], CheckedClient]) -> None:
    with clock.frozen(NOON):
        client = sign_in("zixun")
    with clock.frozen(NOON + timedelta(minutes=20)):
        assert client.get("/me", headers={cookie.BACKGROUND: "1"}).status_code == 200
    with clock.frozen(NOON + timedelta(minutes=31)):
        assert client.get("/me").status_code == 303


def test_no_session_lasts_longer_than_twelve_hours(sign_in: Callable[[str], CheckedClient]) -> None:
    with clock.frozen(NOON):
        client = sign_in("zixun")
    for minutes in range(20, 720, 20):
        with clock.frozen(NOON + timedelta(minutes=minutes)):
            assert client.get("/me").status_code == 200
    with clock.frozen(NOON + timedelta(hours=12)):
        assert client.get("/me").status_code == 303


@pytest.mark.sqlite_only
def test_reading_a_page_writes_nothing(sign_in: Callable[[str], CheckedClient], inside: Callable[[], Any]) -> None:
    client = sign_in("zixun")

    def rows() -> list[tuple[Any, ...]]:
        with inside():
            return [(row.id, row.token_digest, row.expires_at) for row in session().query(SignInSession)]

    before = rows()
    client.get("/me")
    assert rows() == before


@pytest.mark.sqlite_only
def test_programs_and_parts_of_pages_are_told_instead_of_sent_away(client: CheckedClient) -> None:
    answer = client.get("/me", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["error"]["status"] == 401
    assert client.post("/me/language", json={"locale": "en"}).status_code == 401
    part = client.get("/me", headers={"HX-Request": "true"})
    assert part.status_code == 401
    assert part.headers["HX-Redirect"] == "/login"


def end_by_disabling(account_id: Any, _login: str) -> None:  # noqa: ANN401 - a UUID
    people.disable_account(account_id, actor=SYSTEM)


def end_by_role(account_id: Any, _login: str) -> None:  # noqa: ANN401 - a UUID
    held = queries.holdings_of([account_id])[account_id]
    people.end_role(account_id, held[0].grant_id, actor=SYSTEM)


def end_by_new_role(account_id: Any, _login: str) -> None:  # noqa: ANN401 - a UUID
    people.grant_role(account_id, Role.OFFICE, None, actor=SYSTEM)


def end_by_new_keys(account_id: Any, _login: str) -> None:  # noqa: ANN401 - a UUID
    people.renew_keys(account_id, pair=people.new_pair(account_id, "tangyuan lamp river"), actor=SYSTEM)


def end_by_reset(account_id: Any, _login: str) -> None:  # noqa: ANN401 - a UUID
    people.reset_second_factor(account_id, actor=SYSTEM)


@pytest.mark.parametrize("end", [end_by_disabling, end_by_role, end_by_new_role, end_by_new_keys, end_by_reset])
def test_a_session_is_killed_at_once(
    app: Flask, sign_in: Callable[[str], CheckedClient], end: Callable[[Any, str], None]
) -> None:
    client = sign_in("zixun")
    assert client.get("/me").status_code == 200
    with app.app_context(), write_transaction():
        end(account_of("zixun").id, "zixun")
    assert client.get("/me").status_code == 303


@pytest.mark.sqlite_only
def test_leaving_ends_the_session_for_a_copy_of_the_cookie_too(
    app: Flask, sign_in: Callable[[str], CheckedClient], inside: Callable[[], Any]
) -> None:
    client = sign_in("zixun")
    with client.session_transaction() as own:
        copied = dict(own)
    assert client.submit("/me", action="/logout").status_code == 303
    thief = client_of(app)
    with thief.session_transaction() as stolen:
        stolen.update(copied)
    assert thief.get("/me").status_code == 303
    with inside():
        (event,) = events("account.signed_out")
        assert event.details == {"reason": "signed_out"}


@pytest.mark.sqlite_only
def test_a_changed_password_ends_every_other_session_and_opens_the_same_key(
    app: Flask, sign_in: Callable[[str], CheckedClient], actor: Callable[[str], Actor]
) -> None:
    before = actor("zixun").private_key
    here, elsewhere = sign_in("zixun"), sign_in("zixun")
    answer = here.submit("/password", {"current": PASSWORD, "new": "tangyuan lamp river"})
    assert answer.status_code == 303
    assert here.get("/me").status_code == 200
    assert elsewhere.get("/me").status_code == 303
    with app.app_context():
        assert people.open_private_key("zixun", "tangyuan lamp river").private_key == before


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("current", "new", "field"),
    [
        ("wrong password 1", "tangyuan lamp river", "current"),
        (PASSWORD, "short", "new"),
        (PASSWORD, PASSWORD, "new"),
        (PASSWORD, "zixun likes lamps", "new"),
        (PASSWORD, "woaini1314520", "new"),
    ],
)
def test_a_password_is_not_changed_for_a_bad_one(
    sign_in: Callable[[str], CheckedClient], current: str, new: str, field: str
) -> None:
    client = sign_in("zixun")
    answer = client.submit("/password", {"current": current, "new": new})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert new not in answer.text


@pytest.mark.sqlite_only
def test_one_can_end_a_session_left_elsewhere_but_nobody_elses(
    sign_in: Callable[[str], CheckedClient], inside: Callable[[], Any]
) -> None:
    left, here, other = sign_in("zixun"), sign_in("zixun"), sign_in("zhiyuan")
    with inside():
        forgotten = queries.sessions_of(account_of("zixun").id)[-1].id
        foreign = queries.sessions_of(account_of("zhiyuan").id)[0].id
    page = here.get("/me").text
    assert str(foreign) not in page
    assert here.submit("/me", action=f"/me/sessions/{forgotten}/end").status_code == 303
    assert left.get("/me").status_code == 303
    assert here.get("/me").status_code == 200
    sent = values_of(find_form(page, "/me", f"/me/sessions/{forgotten}/end"))
    assert here.post(f"/me/sessions/{foreign}/end", data=sent).status_code in {404, 422}
    assert other.get("/me").status_code == 200


@pytest.mark.sqlite_only
def test_a_stolen_row_opens_nothing_without_the_cookie(
    sign_in: Callable[[str], CheckedClient], inside: Callable[[], Any]
) -> None:
    client = sign_in("zixun")
    with client.session_transaction() as own:
        token = own["_user_id"]
    with inside():
        (row,) = queries.sessions_of(account_of("zixun").id)
        digest, ring = row.token_digest, current_keyring()
        guesses = [
            digest,
            digest.hex().encode(),
            row.id.bytes,
            *(ring.secret(cls, "flask") for cls in ("cookie", "pepper")),
        ]
        for guess in guesses:
            with pytest.raises(CryptoError):
                crypto.decrypt(crypto.derive(guess, "casework/session/private-key"), row.sealed_private_key, b"")
            assert queries.session_facts(crypto.sha256(guess)) is None
        assert len(sessions.open_private_key(row, token)) == crypto.PRIVATE_KEY_SIZE
        assert token.encode() not in row.sealed_private_key + digest


@pytest.mark.sqlite_only
def test_a_sealed_key_moved_to_another_row_fails_closed(app: Flask, sign_in: Callable[[str], CheckedClient]) -> None:
    mine = sign_in("zixun")
    sign_in("zhiyuan")
    with app.app_context(), write_transaction():
        victim = queries.sessions_of(account_of("zhiyuan").id)[0]
        own = queries.sessions_of(account_of("zixun").id)[0]
        own.sealed_private_key = victim.sealed_private_key
    assert mine.get("/me").status_code == 303


@pytest.mark.sqlite_only
def test_ended_rows_are_swept_away(app: Flask, sign_in: Callable[[str], CheckedClient]) -> None:
    with clock.frozen(NOON):
        sign_in("zixun")
    sign_in("zixun")
    with app.app_context(), write_transaction():
        assert people.purge_sessions() == 1
        assert session().query(SignInSession).count() == 1
