"""What an administrator does, and what an administrator can never do."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from casework.core import clock
from casework.core.db import session, write_transaction
from casework.core.errors import Conflict, Invalid, NotFound, Refused
from casework.core.ids import new_id
from casework.people import queries
from casework.people import service as people
from casework.people.models import KeyPair
from casework.programme import queries as programme
from casework.security.actor import Actor
from casework.security.roles import Role
from tests.integration.people.conftest import account_of, events
from tests.support.seed import PASSWORD, client_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from flask import Flask

    from tests.support.client import CheckedClient

SYSTEM = Actor.system()
OWN = "tangyuan lamp river"


def place(code: str) -> UUID:
    return programme.get_subproject_by_code(SYSTEM, code).id


def secret_in(text: str) -> str:
    found = re.search(r'<code class="secret">([^<]+)</code>', text)
    assert found is not None
    return found[1]


def test_a_new_colleague_comes_in_step_by_step(
    app: Flask, sign_in: Callable[[str], CheckedClient], inside: Callable[[], Any]
) -> None:
    admin = sign_in("guanli")
    shown = admin.submit("/admin/new", {"login": " XinRen ", "display_name": "何志愿者"})
    assert shown.status_code == 200
    password = secret_in(shown.text)
    with inside():
        account_id, gz = account_of("xinren").id, place("GZ")
    page = f"/admin/{account_id}"
    given = admin.submit(page, {"role": "volunteer", "subproject": str(gz)}, action="/roles")
    assert given.status_code == 303
    assert password not in admin.get(page).text
    newcomer = client_of(app)
    first = newcomer.submit("/login", {"login": "xinren", "password": password}, follow_redirects=True)
    assert first.request.path == "/password"
    assert newcomer.get("/calls/new").location == "/password"
    assert newcomer.post("/calls/new").status_code == 403
    changed = newcomer.submit("/password", {"current": password, "new": OWN}, follow_redirects=True)
    assert changed.request.path == "/pledge"
    assert newcomer.submit("/pledge", {"agree": "y"}).status_code == 303
    assert newcomer.get("/calls").status_code == 200
    # Real calls only after the steps of the checklist (R25); practice is open.
    assert newcomer.get("/calls/new").status_code == 403
    assert newcomer.get("/calls/practice").status_code == 200
    with inside():
        assert [event.details for event in events("account.role_granted", account_id)] == [
            {"role": "volunteer", "subproject": str(gz)}
        ]
        assert len(events("account.created", account_id)) == 1
        assert len(events("account.password_changed", account_id)) == 1


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("login", "name"), [("zhiyuan", "重名"), ("有中文", "名"), ("x", "名"), ("-abc", "名"), ("ok.name", "")]
)
def test_an_account_is_not_created_with_a_bad_name(
    sign_in: Callable[[str], CheckedClient], login: str, name: str
) -> None:
    answer = sign_in("guanli").submit("/admin/new", {"login": login, "display_name": name})
    assert answer.status_code == 422
    assert "secret" not in answer.text


@pytest.mark.sqlite_only
@pytest.mark.parametrize("login", ["zhiyuan", "zixun", "dudao", "yishi", "fuze", "bangong", "shenji"])
def test_nobody_else_manages_accounts(sign_in: Callable[[str], CheckedClient], login: str) -> None:
    client = sign_in(login)
    assert client.get("/admin").status_code == 403
    assert client.get(f"/admin/{new_id()}").status_code == 403


@pytest.mark.sqlite_only
def test_services_refuse_whoever_does_not_manage_accounts(actor: Callable[[str], Actor]) -> None:
    supervisor, volunteer = actor("dudao"), actor("zhiyuan")
    target = account_of("zixun").id
    calls: list[Callable[[], object]] = [
        lambda: people.disable_account(target, actor=supervisor),
        lambda: people.grant_role(target, Role.OFFICE, None, actor=supervisor),
        lambda: people.end_role(target, new_id(), actor=supervisor),
        lambda: people.rename_account(target, "x", actor=supervisor),
        lambda: people.reset_second_factor(target, actor=volunteer),
        lambda: people.publish_pledge(Role.LEAD, "x", "y", actor=supervisor),
    ]
    for call in calls:
        with pytest.raises(Refused):
            call()
    with pytest.raises(NotFound):
        queries.get_account(volunteer, target)
    assert queries.list_accounts(volunteer) == []
    assert queries.get_account(volunteer, volunteer.account_id).login == "zhiyuan"


@pytest.mark.sqlite_only
def test_an_administrator_cannot_work_around_the_rules(actor: Callable[[str], Actor]) -> None:
    admin = actor("guanli")
    gz = place("GZ")
    for role, where in ((Role.SUPERVISOR, gz), (Role.COUNSELOR, gz), (Role.VOLUNTEER, gz), (Role.CONSULTANT, None)):
        with pytest.raises(Refused) as refused:
            people.grant_role(admin.account_id, role, where, actor=admin)
        assert refused.value.rule == "R23"
    own = queries.holdings_of([admin.account_id])[admin.account_id][0]
    calls: list[Callable[[], object]] = [
        lambda: people.disable_account(admin.account_id, actor=admin),
        lambda: people.end_role(admin.account_id, own.grant_id, actor=admin),
        lambda: people.reset_second_factor(admin.account_id, actor=admin),
        lambda: people.renew_keys(admin.account_id, pair=people.new_pair(admin.account_id, OWN), actor=admin),
    ]
    for call in calls:
        with pytest.raises(Conflict):
            call()


@pytest.mark.sqlite_only
def test_a_role_fits_its_place_and_is_held_once(actor: Callable[[str], Actor]) -> None:
    admin, target, gz = actor("guanli"), account_of("zixun").id, place("GZ")
    for role, where in ((Role.VOLUNTEER, None), (Role.OFFICE, gz), (Role.SYSTEM, None)):
        with pytest.raises(Invalid):
            people.grant_role(target, role, where, actor=admin)
    with pytest.raises(Invalid):
        people.grant_role(target, Role.VOLUNTEER, gz, actor=admin, caseload_limit=201)
    with pytest.raises(Conflict):
        people.grant_role(target, Role.COUNSELOR, gz, actor=admin)
    session().rollback()


def test_hooks_hear_of_roles_and_keys_after_the_change_can_be_read(
    actor: Callable[[str], Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, target, gz = actor("guanli"), account_of("zixun").id, place("GZ")
    heard: list[tuple[Any, ...]] = []

    def on_role(account_id: UUID, role: Role, subproject_id: UUID | None, *, granted: bool, actor: Actor) -> None:
        held = account_id in queries.holders_of_role(role, subproject_id)
        heard.append((account_id, role, subproject_id, granted, held, actor.account_id))

    def on_key(account_id: UUID, *, actor: Actor) -> None:
        assert actor is admin
        heard.append((account_id, queries.current_pair(account_id) is not None))

    monkeypatch.setattr(people, "role_hooks", [*people.role_hooks])
    people.register_role_hook(on_role)
    people.register_key_hook(on_key)
    try:
        grant = people.grant_role(target, Role.SUPERVISOR, gz, actor=admin)
        people.end_role(target, grant.id, actor=admin)
        people.renew_keys(target, pair=people.new_pair(target, OWN), actor=admin)
    finally:
        from casework.people.service import hooks  # noqa: PLC0415 - beside its only use

        hooks.role_hooks.remove(on_role)
        hooks.key_hooks.remove(on_key)
    session().rollback()
    assert heard == [
        (target, Role.SUPERVISOR, gz, True, True, admin.account_id),
        (target, Role.SUPERVISOR, gz, False, False, admin.account_id),
        (target, True),
    ]


@pytest.mark.sqlite_only
def test_new_keys_leave_nothing_of_the_old_ones(
    app: Flask, sign_in: Callable[[str], CheckedClient], inside: Callable[[], Any]
) -> None:
    admin = sign_in("guanli")
    with inside():
        account_id = account_of("zixun").id
    page = admin.get(f"/admin/{account_id}/keys")
    assert "一份都不丢失" in page.text
    password = secret_in(admin.submit(f"/admin/{account_id}/keys").text)
    with inside():
        pairs = session().query(KeyPair).filter_by(account_id=account_id).order_by(KeyPair.created_at).all()
        assert [(pair.retired_at is None, pair.sealed_private_key is None) for pair in pairs] == [
            (False, True),
            (True, False),
        ]
        assert len(events("account.key_renewed", account_id)) == 1
    client = client_of(app)
    assert client.submit("/login", {"login": "zixun", "password": PASSWORD}).status_code == 422
    first = client.submit("/login", {"login": "zixun", "password": password}, follow_redirects=True)
    assert first.request.path == "/password"


@pytest.mark.sqlite_only
def test_the_page_of_new_keys_warns_when_nobody_else_holds_the_circle(
    sign_in: Callable[[str], CheckedClient], inside: Callable[[], Any]
) -> None:
    with inside():
        last, other = account_of("dudao").id, account_of("zixun").id
    admin = sign_in("guanli")
    assert "flask casework recover" in admin.get(f"/admin/{last}/keys").text
    assert "flask casework recover" not in admin.get(f"/admin/{other}/keys").text


@pytest.mark.sqlite_only
def test_disabling_can_be_taken_back_without_loss(
    app: Flask, sign_in: Callable[[str], CheckedClient], inside: Callable[[], Any]
) -> None:
    with inside():
        account_id = account_of("dudao").id
        gz = place("GZ")
    admin = sign_in("guanli")
    page = f"/admin/{account_id}"
    assert admin.submit(page, action="/disable").status_code == 303
    with inside():
        assert account_id not in queries.holders_of_role(Role.SUPERVISOR, gz)
    assert client_of(app).submit("/login", {"login": "dudao", "password": PASSWORD}).status_code == 422
    assert admin.submit(page, action="/enable").status_code == 303
    again = sign_in("dudao")
    assert "你还没有本子项目的督导密钥" not in again.get("/keys").text


@pytest.mark.sqlite_only
def test_roles_are_worked_in_one_at_a_time(
    app: Flask, sign_in: Callable[[str], CheckedClient], inside: Callable[[], Any]
) -> None:
    with app.app_context(), write_transaction():
        account_id = account_of("zixun").id
        grant_id = people.grant_role(account_id, Role.LEAD, place("SZ"), actor=SYSTEM).id
        foreign = queries.holdings_of([account_of("guanli").id])[account_of("guanli").id][0].grant_id
    client = sign_in("zixun")
    assert client.get("/cases").status_code == 200
    page = client.get("/me/role").text
    assert "项目负责人" in page
    assert str(grant_id) in page
    assert client.submit("/me/role", {"grant": str(foreign)}).status_code == 404
    assert client.submit("/me/role", {"grant": "x"}).status_code == 422
    switched = client.submit("/me/role", {"grant": str(grant_id)}, follow_redirects=True)
    assert switched.request.path == "/pledge", "each role has a pledge of its own"
    assert client.submit("/pledge", {"agree": "y"}).status_code == 303
    assert client.get("/cases").status_code == 403
    assert client.get("/programme").status_code == 200
    with inside():
        (event,) = events("account.role_switched", account_id)
        assert event.details["role"] == "lead"


@pytest.mark.sqlite_only
def test_names_limits_and_lists_are_kept(sign_in: Callable[[str], CheckedClient], inside: Callable[[], Any]) -> None:
    admin = sign_in("guanli")
    with inside():
        account_id, gz = account_of("zixun").id, place("GZ")
        grant_id = queries.holdings_of([account_id])[account_id][0].grant_id
    page = f"/admin/{account_id}"
    assert admin.submit(page, {"display_name": "李晓"}, action="/name").status_code == 303
    assert admin.submit(page, {"caseload_limit": "7"}, action=f"/roles/{grant_id}/limit").status_code == 303
    assert admin.submit(page, {"caseload_limit": "900"}, action=f"/roles/{grant_id}/limit").status_code == 422
    with inside():
        assert queries.caseload_limit(account_id, gz) == 7
        (counselor,) = [each for each in queries.counselors_of(gz) if each.account_id == account_id]
        assert (counselor.display_name, counselor.caseload_limit) == ("李晓", 7)
    assert "李晓" in admin.get("/admin?q=李晓").text
    assert "李晓" not in admin.get("/admin?q=zhiyuan").text
    assert "李晓" in admin.get("/admin?role=counselor").text
    assert "没有符合条件的账户" in admin.get("/admin?state=disabled").text
    assert admin.get("/admin?role=nonsense").status_code == 200


@pytest.mark.sqlite_only
def test_a_language_is_remembered_with_the_account(sign_in: Callable[[str], CheckedClient]) -> None:
    client = sign_in("zixun")
    assert client.submit("/me", {"locale": "en"}, action="/me/language").location.endswith("lang=en")
    elsewhere = sign_in("zixun")
    assert '<html lang="en"' in elsewhere.get("/me", headers={"Accept-Language": "zh"}).text


@pytest.mark.sqlite_only
def test_the_protection_scheme_asks_for_kinds_of_characters_and_a_change_after_ninety_days(
    app: Flask, sign_in: Callable[[str], CheckedClient], choose: Callable[..., None]
) -> None:
    choose(mlps=True)
    client = sign_in("zixun")
    assert client.get("/cases").status_code == 200
    refused = client.submit("/password", {"current": PASSWORD, "new": OWN})
    assert refused.status_code == 422
    assert "至少三种" in refused.text
    with clock.frozen(clock.now() + timedelta(days=90, minutes=1)):
        late = client_of(app)
        late.submit("/login", {"login": "zixun", "password": PASSWORD})
        assert late.get("/cases").location == "/password"
        assert late.submit("/password", {"current": PASSWORD, "new": "Tangyuan-lamp-7"}).status_code == 303
        assert late.get("/cases").status_code == 200
