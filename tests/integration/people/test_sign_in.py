"""The password is right when it opens the private key; an answer never tells whether a name exists."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from casework.core import clock, crypto
from casework.core.db import read_transaction, session, write_transaction
from casework.core.errors import Invalid, TooMany
from casework.people import queries
from casework.people import service as people
from casework.people.models import SignInSession, SignInThrottle
from casework.people.service import passwords
from casework.security.actor import Actor
from tests.integration.people.conftest import account_of, events
from tests.support.seed import PASSWORD, client_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from tests.support.client import CheckedClient

NOON = datetime(2020, 4, 1, 4, tzinfo=UTC)
SENTENCE = "登录名或口令不正确"


def attempt(client: CheckedClient, login: str, password: str) -> int:
    return client.submit("/login", {"login": login, "password": password}).status_code


def test_the_right_password_begins_a_session_and_leads_home(client: CheckedClient, inside: Callable[[], Any]) -> None:
    answer = client.submit("/login", {"login": " ZhiYuan ", "password": PASSWORD}, follow_redirects=True)
    assert answer.status_code == 200
    assert "退出登录" in answer.text
    with inside():
        account = account_of("zhiyuan")
        assert len(queries.sessions_of(account.id)) == 1
        (event,) = events("account.signed_in", account.id)
        assert event.actor_id == account.id
        assert event.details == {"second_factor": "none"}


@pytest.mark.sqlite_only
def test_wrong_unknown_and_disabled_get_one_sentence_at_the_price_of_one_computation(
    app: Flask, client: CheckedClient, computed: list[int], inside: Callable[[], Any]
) -> None:
    with app.app_context(), write_transaction():
        people.disable_account(account_of("zixun").id, actor=Actor.system())
    pages = []
    cases = (
        ("zhiyuan", "wrong password 1"),
        ("nobody", PASSWORD),
        ("zixun", PASSWORD),
        ("", PASSWORD),
        ("x" * 150, "y"),
    )
    for login, password in cases:
        computed.clear()
        answer = client.submit("/login", {"login": login, "password": password})
        assert answer.status_code == 422
        pages.append(SENTENCE in answer.text)
        assert len(computed) == (1 if login else 0)
    assert pages == [True, True, True, False, True]
    with inside():
        reasons = [event.details["reason"] for event in events("account.sign_in_failed")]
        assert sorted(reasons) == ["disabled", "password", "unknown", "unknown"]
        assert not session().query(SignInSession).count()


@pytest.mark.sqlite_only
def test_no_computation_runs_while_a_transaction_is_open(
    app: Flask, client: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    genuine = crypto.derive_password_key

    def watched(*args: Any) -> bytes:  # noqa: ANN401 - handed through
        seen.append(session().in_transaction())
        return genuine(*args)

    monkeypatch.setattr(crypto, "derive_password_key", watched)
    assert attempt(client, "zhiyuan", PASSWORD) == 303
    changed = client.submit("/password", {"current": PASSWORD, "new": "tangyuan lamp river"})
    assert changed.status_code == 303
    admin = client_of(app)
    assert attempt(admin, "guanli", PASSWORD) == 303
    assert admin.submit("/admin/new", {"login": "xinren", "display_name": "新人"}).status_code == 200
    assert len(seen) >= 5
    assert not any(seen)


def test_failures_of_a_name_are_delayed_and_the_right_password_waits_too(client: CheckedClient) -> None:
    with clock.frozen(NOON):
        codes = [attempt(client, "zhiyuan", "wrong password 1") for _ in range(6)]
        assert codes == [422] * 5 + [429]
        assert attempt(client, "zhiyuan", PASSWORD) == 429
        assert "12:00:05" in client.submit("/login", {"login": "zhiyuan", "password": PASSWORD}).text
        assert attempt(client, "ZHIYUAN", PASSWORD) == 429
        assert attempt(client, "zixun", PASSWORD) == 303
    with clock.frozen(NOON + timedelta(seconds=5)):
        fresh = client_of(client.application)
        assert attempt(fresh, "zhiyuan", PASSWORD) == 303


def tries(login: str, password: str, address: str) -> str:
    """Sign in from an address and return what came of it."""
    try:
        with write_transaction():
            people.sign_in(login, password, address=address)
    except Invalid:
        return "wrong"
    except TooMany:
        return "wait"
    return "in"


HOME, OFFICE, AWAY = "192.0.2.1", "192.0.2.2", "198.51.100.7"


def test_nobody_elsewhere_can_shut_out_whoever_signed_in_from_an_address_before(app: Flask) -> None:
    with app.app_context():
        with clock.frozen(NOON - timedelta(days=29)):
            assert tries("zhiyuan", PASSWORD, HOME) == "in"
        with clock.frozen(NOON):
            assert [tries("zhiyuan", "wrong password 1", AWAY) for _ in range(6)] == ["wrong"] * 5 + ["wait"]
            assert tries("zhiyuan", PASSWORD, OFFICE) == "wait"
            assert tries(" ZhiYuan", PASSWORD, HOME) == "in"
            # The owner's success gives the stranger no new guesses.
            assert tries("zhiyuan", "wrong password 1", AWAY) == "wait"


def test_a_known_address_allows_no_more_guesses_than_another(app: Flask) -> None:
    with app.app_context(), clock.frozen(NOON):
        assert tries("zhiyuan", PASSWORD, HOME) == "in"
        assert [tries("zhiyuan", "wrong password 1", HOME) for _ in range(6)] == ["wrong"] * 5 + ["wait"]
        assert tries("zhiyuan", PASSWORD, HOME) == "wait"
        assert tries("zhiyuan", PASSWORD, AWAY) == "in"


@pytest.mark.sqlite_only
def test_strangers_at_a_known_address_do_not_hold_up_whoever_is_known_there(app: Flask) -> None:
    with app.app_context(), clock.frozen(NOON):
        assert tries("zhiyuan", PASSWORD, OFFICE) == "in"
        assert [tries(f"name{n}", "x", OFFICE) for n in range(42)] == ["wrong"] * 41 + ["wait"]
        assert tries("zixun", PASSWORD, OFFICE) == "wait"
        assert tries("zhiyuan", PASSWORD, OFFICE) == "in"
        # A colleague's success does not end the strangers' delay.
        assert tries("name0", "x", OFFICE) == "wait"


@pytest.mark.sqlite_only
def test_an_address_is_forgotten_a_month_after_the_last_success(app: Flask) -> None:
    with app.app_context():
        with clock.frozen(NOON):
            assert tries("zhiyuan", PASSWORD, HOME) == "in"
        with clock.frozen(NOON + timedelta(days=29)), write_transaction():
            people.purge_attempts()
            assert session().query(SignInThrottle).count() == 1
        with clock.frozen(NOON + timedelta(days=30)):
            assert [tries("zhiyuan", "wrong password 1", AWAY) for _ in range(6)] == ["wrong"] * 5 + ["wait"]
            assert tries("zhiyuan", PASSWORD, HOME) == "wait"
        with clock.frozen(NOON + timedelta(days=32)), write_transaction():
            people.purge_attempts()
            assert not session().query(SignInThrottle).count()


@pytest.mark.sqlite_only
def test_a_password_is_changed_also_while_somebody_guesses_at_the_name(app: Flask, client: CheckedClient) -> None:
    with clock.frozen(NOON):
        assert attempt(client, "zhiyuan", PASSWORD) == 303
        with app.app_context():
            assert [tries("zhiyuan", "wrong password 1", AWAY) for _ in range(6)] == ["wrong"] * 5 + ["wait"]
        wrong = {"current": "wrong password 1", "new": "tangyuan lamp river"}
        assert [client.submit("/password", wrong).status_code for _ in range(6)] == [422] * 5 + [429]
    with clock.frozen(NOON + timedelta(seconds=5)):
        right = {"current": PASSWORD, "new": "tangyuan lamp river"}
        assert client.submit("/password", right).status_code == 303


@pytest.mark.sqlite_only
def test_unknown_names_are_delayed_like_known_ones_and_leave_no_readable_trace(
    client: CheckedClient, inside: Callable[[], Any]
) -> None:
    with clock.frozen(NOON):
        assert [attempt(client, "my-own-password", "x") for _ in range(6)] == [422] * 5 + [429]
    with inside():
        kept = b"".join(row.subject for row in session().query(SignInThrottle))
        assert b"my-own-password" not in kept


@pytest.mark.sqlite_only
def test_an_address_that_tries_many_names_is_delayed(client: CheckedClient) -> None:
    with clock.frozen(NOON):
        codes = [attempt(client, f"name{n}", "x") for n in range(42)]
    assert codes[:41] == [422] * 41
    assert codes[41] == 429


def test_attempts_are_counted_before_they_are_tried(app: Flask) -> None:
    with app.app_context(), clock.frozen(NOON):
        for _ in range(5):
            with pytest.raises(Invalid):
                people.sign_in("zhiyuan", "wrong password 1", address="192.0.2.1")
        with pytest.raises(TooMany):
            people.sign_in("zhiyuan", PASSWORD, address="192.0.2.2")


@pytest.mark.sqlite_only
def test_no_more_than_a_few_computations_run_at_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "PATIENCE_SECONDS", 0.01)
    seats = [passwords._seats.acquire(timeout=1) for _ in range(passwords.PARALLEL)]
    assert all(seats)
    try:
        with app.app_context(), pytest.raises(TooMany):
            people.open_private_key("zhiyuan", PASSWORD)
    finally:
        for _ in seats:
            passwords._seats.release()


@pytest.mark.sqlite_only
def test_a_password_is_sealed_again_when_its_cost_was_raised(
    client: CheckedClient, choose: Callable[..., None], inside: Callable[[], Any]
) -> None:
    choose(argon2_memory_kib=128)
    assert attempt(client, "zhiyuan", PASSWORD) == 303
    with inside():
        pair = queries.current_pair(account_of("zhiyuan").id)
        assert pair is not None
        assert pair.memory_kib == 128
    client.submit("/me", action="/logout")
    assert attempt(client, "zhiyuan", PASSWORD) == 303


@pytest.mark.sqlite_only
def test_an_account_without_a_role_is_told_so_after_the_right_password_only(app: Flask, client: CheckedClient) -> None:
    with app.app_context(), write_transaction():
        people.create_account("xinren", "新人", password="tangyuan lamp river", actor=Actor.system())
    answer = client.submit("/login", {"login": "xinren", "password": "tangyuan lamp river"})
    assert answer.status_code == 403
    assert "没有角色" in answer.text
    assert SENTENCE in client.submit("/login", {"login": "xinren", "password": "wrong password 1"}).text


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("target", "arrives"),
    [
        ("/me", "/me"),
        ("/cases?stage=open", "/cases?stage=open"),
        ("//evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
    ],
)
def test_signing_in_leads_to_this_host_only(client: CheckedClient, target: str, arrives: str) -> None:
    page = client.get("/login", query_string={"next": target})
    assert page.status_code == 200
    answer = client.post(
        "/login",
        data={"login": "zixun", "password": PASSWORD, "next": target, "csrf_token": _token(page.text)},
    )
    onward = client.get(answer.location)
    assert onward.status_code == 303
    assert onward.location == arrives


def _token(text: str) -> str:
    return text.partition('name="csrf_token" value="')[2].partition('"')[0]


@pytest.mark.sqlite_only
def test_failures_are_forgotten_after_a_day(app: Flask, client: CheckedClient) -> None:
    with clock.frozen(NOON):
        assert [attempt(client, "zhiyuan", "wrong password 1") for _ in range(6)] == [422] * 5 + [429]
    with clock.frozen(NOON + timedelta(hours=24)):
        assert [attempt(client, "zhiyuan", "wrong password 1") for _ in range(5)] == [422] * 5
    with app.app_context(), clock.frozen(NOON + timedelta(hours=49)), write_transaction():
        assert people.purge_attempts() == 2
        assert not session().query(SignInThrottle).count()


def replace_keys(login: str) -> None:
    account_id = account_of(login).id
    pair = people.new_pair(account_id, "a new password 7")
    with write_transaction():
        people.renew_keys(account_id, pair=pair, actor=Actor.system())


def change_password(login: str) -> None:
    actor = people.actor_of(login, PASSWORD)
    pair = people.prepare_new_password(actor, PASSWORD, "a new password 7")
    with write_transaction():
        people.change_password(pair, actor=actor)


@pytest.fixture
def while_it_is_tried(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Give a function that lets something happen once, after a password was computed and before its answer."""
    genuine = crypto.derive_password_key

    def happens(event: Callable[[], object]) -> None:
        left = [event]

        def derive(password: str, salt: bytes, params: crypto.PasswordParams) -> bytes:
            key = genuine(password, salt, params)
            if left:
                following = left.pop()
                # A context of its own has a session of its own, as another request has.
                with app.app_context():
                    following()
            return key

        monkeypatch.setattr(crypto, "derive_password_key", derive)

    return happens


@pytest.mark.parametrize("replace", [replace_keys, change_password])
def test_a_password_that_is_replaced_while_it_is_tried_begins_no_session(
    client: CheckedClient,
    inside: Callable[[], Any],
    while_it_is_tried: Callable[[Callable[[], object]], None],
    replace: Callable[[str], None],
) -> None:
    while_it_is_tried(lambda: replace("zixun"))
    answer = client.submit("/login", {"login": "zixun", "password": PASSWORD})
    assert answer.status_code == 422
    assert SENTENCE in answer.text
    with inside():
        account = account_of("zixun")
        assert queries.sessions_of(account.id) == []
        assert [each.details["reason"] for each in events("account.sign_in_failed", account.id)] == ["password"]
    assert attempt(client, "zixun", "a new password 7") == 303


def test_a_password_that_is_tried_twice_at_once_begins_two_sessions_also_when_it_is_sealed_anew(
    app: Flask,
    client: CheckedClient,
    choose: Callable[..., None],
    inside: Callable[[], Any],
    while_it_is_tried: Callable[[Callable[[], object]], None],
) -> None:
    choose(argon2_passes=2)
    while_it_is_tried(lambda: attempt(client_of(app), "zixun", PASSWORD))
    assert attempt(client, "zixun", PASSWORD) == 303
    with inside():
        assert len(queries.sessions_of(account_of("zixun").id)) == 2


@pytest.mark.postgresql_only
def test_whoever_replaces_the_keys_during_a_sign_in_waits_and_ends_its_session(app: Flask) -> None:
    with app.app_context():
        account_id = account_of("zixun").id
        with ThreadPoolExecutor(1) as pool:
            with write_transaction():
                assert people.sign_in("zixun", PASSWORD, address="192.0.2.1").account_id == account_id
                replaced = pool.submit(in_context, app, lambda: replace_keys("zixun"))
                with pytest.raises(TimeoutError):
                    replaced.result(timeout=0.5)
            replaced.result(timeout=20)
        with read_transaction():
            assert queries.sessions_of(account_id) == []


def in_context(app: Flask, work: Callable[[], None]) -> None:
    with app.app_context():
        work()
