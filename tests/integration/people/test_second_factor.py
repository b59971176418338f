"""A code beside the password: set up with a picture, good once, with ten codes for a lost telephone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyotp
import pytest

from casework.core import clock
from casework.core.db import session, write_transaction
from casework.core.errors import NotFound
from casework.core.keyring import current_keyring
from casework.people import queries
from casework.people import service as people
from casework.people.models import RecoveryCode, SecondFactor
from tests.integration.people.conftest import account_of, events
from tests.support.seed import PASSWORD, client_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from werkzeug.test import TestResponse

    from casework.security.actor import Actor
    from tests.support.client import CheckedClient

NOON = datetime(2020, 4, 1, 4, tzinfo=UTC)
STEP = timedelta(seconds=30)


@pytest.fixture(autouse=True)
def _noon(choose: Callable[..., None]) -> Iterator[None]:
    choose(second_factor=True)
    with clock.frozen(NOON):
        yield


def key_in(text: str) -> str:
    found = re.search(r'<code class="manual-key">([A-Z2-7 ]+)</code>', text)
    assert found is not None
    return found[1].replace(" ", "")


def code_of(key: str) -> str:
    return pyotp.TOTP(key).at(clock.now())


def codes_in(text: str) -> list[str]:
    return re.findall(r"<code>([a-z0-9]{4}(?:-[a-z0-9]{4}){3})</code>", text)


def set_up(client: CheckedClient) -> tuple[str, list[str]]:
    page = client.get("/second-factor").text
    key = key_in(page)
    offer = re.search(r'name="offer" value="([^"]+)"', page)
    assert offer is not None
    answer = client.submit("/second-factor", {"offer": offer[1], "code": code_of(key)}, action="/second-factor/new")
    assert answer.status_code == 200, answer.text
    return key, codes_in(answer.text)


def enter(client: CheckedClient) -> TestResponse:
    return client.submit("/login", {"login": "zixun", "password": PASSWORD}, follow_redirects=True)


def test_without_a_factor_nothing_opens_until_one_is_set_up(client: CheckedClient, inside: Callable[[], Any]) -> None:
    assert enter(client).request.path == "/second-factor"
    for address in ("/cases", "/me", "/password", "/pledge", "/me/role"):
        answer = client.get(address)
        assert answer.status_code == 303
        assert answer.location == "/second-factor"
    assert client.post("/calls/new").status_code == 403
    _, codes = set_up(client)
    assert len(set(codes)) == 10
    assert client.get("/cases").status_code == 200
    assert not codes_in(client.get("/second-factor").text)
    with inside():
        account = account_of("zixun")
        assert len(events("account.second_factor_set", account.id)) == 1
        row = queries.second_factor_of(account.id)
        assert row is not None
        plain = b"".join([row.wrapped_seed, *(each.code_mac for each in queries.unused_codes(account.id))])
        assert not any(code.replace("-", "").encode() in plain for code in codes)


@pytest.mark.sqlite_only
def test_the_picture_is_part_of_the_page(client: CheckedClient) -> None:
    enter(client)
    page = client.get("/second-factor").text
    assert 'src="data:image/svg+xml' in page
    assert "otpauth" not in page


@pytest.mark.sqlite_only
def test_a_wrong_first_code_keeps_the_offer(client: CheckedClient) -> None:
    enter(client)
    before = key_in(client.get("/second-factor").text)
    answer = client.submit("/second-factor", {"code": "000000"}, action="/second-factor/new")
    assert answer.status_code == 422
    assert key_in(answer.text) != before  # the page was fetched again, with another offer
    again = re.search(r'name="offer" value="([^"]+)"', answer.text)
    assert again is not None
    key = key_in(answer.text)
    done = client.submit("/second-factor", {"offer": again[1], "code": code_of(key)}, action="/second-factor/new")
    assert done.status_code == 200


@pytest.mark.sqlite_only
def test_an_offer_is_worth_nothing_in_another_session(app: Flask, client: CheckedClient) -> None:
    enter(client)
    page = client.get("/second-factor").text
    offer, key = re.search(r'name="offer" value="([^"]+)"', page), key_in(page)
    assert offer is not None
    other = client_of(app)
    other.submit("/login", {"login": "zhiyuan", "password": PASSWORD})
    answer = other.submit("/second-factor", {"offer": offer[1], "code": code_of(key)}, action="/second-factor/new")
    assert answer.status_code == 422
    assert key_in(answer.text) != key


def test_each_code_is_good_once(app: Flask, client: CheckedClient, inside: Callable[[], Any]) -> None:
    enter(client)
    key, _ = set_up(client)
    other = client_of(app)
    assert enter(other).request.path == "/second-factor"
    used = other.submit("/second-factor", {"code": code_of(key)})
    assert used.status_code == 422, "the code that set the factor up is used"
    with clock.frozen(NOON + STEP):
        code = code_of(key)
        assert other.submit("/second-factor", {"code": code}).status_code == 303
        third = client_of(app)
        enter(third)
        assert third.submit("/second-factor", {"code": code}).status_code == 422
        assert third.get("/me").status_code == 303
    assert other.get("/me").status_code == 200
    with inside():
        found = [event.details["second_factor"] for event in events("account.signed_in", account_of("zixun").id)]
        assert sorted(found) == ["none", "pending", "pending", "totp"]
        assert [event.details["reason"] for event in events("account.sign_in_failed")] == ["code", "code"]


@pytest.mark.sqlite_only
@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (0, 303), (1, 303), (2, 303), (3, 422)])
def test_a_clock_may_be_half_a_minute_wrong(app: Flask, client: CheckedClient, steps: int, status: int) -> None:
    enter(client)
    key, _ = set_up(client)
    with clock.frozen(NOON + 10 * STEP):
        code = code_of(key)
    other = client_of(app)
    with clock.frozen(NOON + 9 * STEP + steps * STEP):
        enter(other)
        assert other.submit("/second-factor", {"code": code}).status_code == status


def test_a_recovery_code_works_once_and_dashes_do_not_matter(app: Flask, client: CheckedClient) -> None:
    enter(client)
    _, codes = set_up(client)
    for typed, status in ((codes[0].upper().replace("-", " "), 303), (codes[0], 422), (codes[1], 303)):
        other = client_of(app)
        enter(other)
        assert other.submit("/second-factor", {"code": typed}).status_code == status
    with app.app_context():
        assert len(queries.unused_codes(account_of("zixun").id)) == 8
        session().rollback()


@pytest.mark.sqlite_only
def test_guessing_codes_is_delayed(app: Flask, client: CheckedClient) -> None:
    enter(client)
    key, _ = set_up(client)
    other = client_of(app)
    enter(other)
    codes = [other.submit("/second-factor", {"code": "000000"}).status_code for _ in range(6)]
    assert codes == [422] * 5 + [429]
    with clock.frozen(NOON + 10 * STEP):
        assert other.submit("/second-factor", {"code": code_of(key)}).status_code == 303


@pytest.mark.sqlite_only
def test_a_password_alone_cannot_replace_a_factor(app: Flask, client: CheckedClient) -> None:
    enter(client)
    set_up(client)
    thief = client_of(app)
    enter(thief)
    page = thief.get("/second-factor").text
    assert "manual-key" not in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    form_key = re.search(r'name="_key" value="([^"]+)"', page)
    assert token is not None
    assert form_key is not None
    answer = thief.post(
        "/second-factor/new",
        data={"csrf_token": token[1], "_key": form_key[1], "offer": "x", "code": "123456"},
    )
    assert answer.status_code in {403, 422}
    assert thief.get("/password").status_code == 303
    assert thief.get("/me").status_code == 303


@pytest.mark.sqlite_only
def test_a_new_factor_ends_the_old_one_its_codes_and_other_sessions(app: Flask, client: CheckedClient) -> None:
    enter(client)
    old_key, old_codes = set_up(client)
    other = client_of(app)
    enter(other)
    with clock.frozen(NOON + STEP):
        other.submit("/second-factor", {"code": code_of(old_key)})
        assert other.get("/me").status_code == 200
    with clock.frozen(NOON + 2 * STEP):
        new_key, _ = set_up(client)
        assert other.get("/me").status_code == 303
        enter(other)
    with clock.frozen(NOON + 4 * STEP):
        for code in (code_of(old_key), old_codes[3]):
            assert other.submit("/second-factor", {"code": code}).status_code == 422
        assert other.submit("/second-factor", {"code": code_of(new_key)}).status_code == 303


@pytest.mark.sqlite_only
def test_a_seed_and_a_password_move_to_a_new_key_of_the_keyring(app: Flask, client: CheckedClient) -> None:
    enter(client)
    key, codes = set_up(client)
    runner = app.test_cli_runner()
    for cls in ("totp", "pepper"):
        assert runner.invoke(args=["casework", "keys", "rotate", cls]).exit_code == 0
    with app.app_context():
        prefix = current_keyring().current_prefix("totp")
        assert all(row.wrapped_seed.startswith(prefix) for row in session().query(SecondFactor))
        session().rollback()
    for code in (None, codes[0]):
        other = client_of(app)
        with clock.frozen(NOON + 2 * STEP):
            assert enter(other).request.path == "/second-factor"
            assert other.submit("/second-factor", {"code": code or code_of(key)}).status_code == 303


@pytest.mark.sqlite_only
def test_supervisors_reset_the_factor_of_their_own_people_only(
    app: Flask, client: CheckedClient, actor: Callable[[str], Actor]
) -> None:
    enter(client)
    set_up(client)
    supervisor, stranger = actor("dudao"), actor("dudao2")
    with pytest.raises(NotFound):
        people.reset_second_factor(account_of("zixun").id, actor=stranger)
    session().rollback()
    with write_transaction():
        people.reset_second_factor(account_of("zixun").id, actor=supervisor)
        assert not session().query(RecoveryCode).count()
    assert queries.colleagues_with_factor(supervisor) == []
    session().rollback()
    assert client.get("/me").status_code == 303
    assert "manual-key" in enter(client_of(app)).text


@pytest.mark.sqlite_only
def test_a_supervisor_finds_the_lost_factor_on_the_page_of_keys(
    client: CheckedClient, sign_in: Callable[[str], CheckedClient], choose: Callable[..., None]
) -> None:
    enter(client)
    set_up(client)
    choose(second_factor=False)
    supervisor, stranger = sign_in("dudao"), sign_in("dudao2")
    assert "李咨询师" not in stranger.get("/keys").text
    answer = supervisor.submit("/keys", action="/second-factor/reset")
    assert answer.status_code == 303
    assert "丢失了验证器" not in supervisor.get("/keys").text
    assert client.get("/me").status_code == 303
