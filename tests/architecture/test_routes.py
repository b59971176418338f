"""Who may ask for what: the list of routes, the map of menus, and every route called as every role."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

import config
from casework.app import create_app
from casework.cli.demo import accounts
from casework.cli.demo.accounts import Person
from casework.core.db import write_transaction
from casework.security import guard
from casework.security.actor import Actor
from casework.security.guard import audience_of
from casework.security.roles import MATRIX, Reach, Role
from casework.web import navigation
from tests.support import routes, source, templates
from tests.support.client import REDIRECTS, find_form, values_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from werkzeug.routing import Rule

    from casework.security.guard import Audience
    from tests.support.client import CheckedClient

pytestmark = pytest.mark.sqlite_only

LOGINS = {
    Role.VOLUNTEER: "zhiyuan",
    Role.COUNSELOR: "zixun",
    Role.SUPERVISOR: "dudao",
    Role.LEAD: "fuze",
    Role.OFFICE: "bangong",
    Role.ADMINISTRATOR: "guanli",
    Role.AUDITOR: "shenji",
    Role.CONSULTANT: "yishi",
    Role.COMMUNICATIONS: "chuanbo",
    Role.LOGISTICS: "wuzi",
}
# Roles whose screens come later: nobody of the demonstration holds them, and a door must not be open to them by chance.
LATER = (Person("chuanbo", "某传播", Role.COMMUNICATIONS), Person("wuzi", "某物资", Role.LOGISTICS))
# Ids and numbers that belong to nothing.
UNKNOWN = {
    "UUIDConverter": str(UUID(int=7)),
    "UnicodeConverter": "GZ-1999-9999",
    "IntegerConverter": "99999999",
    "PathConverter": "nothing/here",
}
# For machines, or answers that are no page.
NOT_PAGES = frozenset({"web.healthz", "web.readyz"})
# Ends the session of whoever calls it; called on its own.
SIGN_OUT = navigation.SIGN_OUT


def address_of(rule: Rule) -> str:
    """Return an address of the route in which every variable names nothing that exists."""
    values = {name: UNKNOWN[type(converter).__name__] for name, converter in rule._converters.items()}
    built = rule.build(values)
    assert built is not None
    return built[1]


def callable_routes(app: Flask) -> Iterator[tuple[str, Rule]]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in {"static", SIGN_OUT}:
            yield from ((method, rule) for method in sorted((rule.methods or set()) - routes.IMPLIED))


def unexpected(app: Flask, client: CheckedClient, role: Role | None) -> list[str]:
    """Call every route; return those whose answer is not what the matrix says.

    Forms are sent with good keys and nothing else, so that what refuses is the guard, the query or the form.
    """
    found = []
    token = None if role is None else values_of(find_form(client.get("/help").text, "/help", "/logout"))["csrf_token"]
    for method, rule in callable_routes(app):
        data = None if method == "GET" else {"csrf_token": token or "", "_key": str(uuid4())}
        answer = client.open(address_of(rule), method=method, data=data)
        status = answer.status_code
        if role is None and status in REDIRECTS and not answer.location.startswith("/login"):
            found.append(f"anonymous: {method} {rule.rule} leads to {answer.location}")
        wanted = expected(rule, audience_of(app, rule.endpoint), role, method)
        if status not in wanted:
            found.append(f"{role or 'anonymous'}: {method} {rule.rule} answers {status}, expected {sorted(wanted)}")
    return found


def expected(rule: Rule, declared: Audience | None, role: Role | None, method: str) -> set[int]:
    """Return the statuses the matrix allows."""
    assert declared is not None
    # A form without its keys is refused after the gate, an incomplete one is shown again.
    answered = {200, 302, 303, 404, 422} if method == "GET" else {303, 400, 404, 409, 422}
    if declared.proof is not None:
        # A machine's door: nobody comes in by being signed in.
        return {401}
    if declared.is_public:
        return answered
    if role is None:
        return {303} if method == "GET" else {401}
    if declared.permission is not None and MATRIX[role].get(declared.permission, Reach.NONE) is Reach.NONE:
        return {403}
    if declared.permission is None:
        # One's own pages: a form with nothing to refuse is simply shown again.
        return answered | {200}
    return ({404} if rule.arguments and method == "GET" else answered) | ({400, 404} if method != "GET" else set())


def test_the_list_of_routes_equals_the_application(app: Flask) -> None:
    assert not routes.difference(routes.read(), routes.lines_of(app))


def test_a_route_missing_on_either_side_is_found() -> None:
    assert routes.difference(["GET /a a.b public"], ["GET /a a.b signed-in"]) == [
        "listed, but not there: GET /a a.b public",
        "there, but not listed: GET /a a.b signed-in",
    ]


def test_every_route_declares_an_audience(app: Flask) -> None:
    assert not guard.undeclared(app)


def test_a_route_without_an_audience_keeps_the_application_from_starting(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert app.name == "casework"
    from casework.web import views  # noqa: PLC0415 - only here

    genuine = views.blueprint.register

    def register(target: Flask, options: dict[str, object]) -> None:
        genuine(target, options)
        target.add_url_rule("/open-door", endpoint="open_door", view_func=lambda: "")

    monkeypatch.setattr(views.blueprint, "register", register)
    with pytest.raises(config.SettingsError, match="open_door"):
        create_app(app.extensions["casework.settings"])


def test_menus_lead_to_views_that_their_role_may_open(app: Flask) -> None:
    for role, entries in navigation.MENU.items():
        for entry in entries:
            declared = audience_of(app, entry.endpoint)
            assert declared is not None, f"{entry.endpoint} does not exist"
            permission = declared.permission
            assert permission is None or permission in MATRIX[role], f"{role} cannot open {entry.endpoint}"


def test_links_of_the_frame_exist(app: Flask) -> None:
    assert not navigation.endpoints() - app.view_functions.keys()
    assert set(navigation.START) == set(Role) - {Role.SYSTEM}


def test_every_page_can_be_reached(app: Flask) -> None:
    code = source.modules(source.PACKAGE)
    known = navigation.endpoints() | templates.linked(templates.files()) | templates.linked(code) | NOT_PAGES
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    # A script that posts to an address may also read it.
    paths = {rule.rule for rule in rules if rule.endpoint in known}
    assert not sorted(rule.endpoint for rule in rules if "GET" in (rule.methods or set()) and rule.rule not in paths)


def test_every_link_leads_somewhere(app: Flask) -> None:
    linked = templates.linked(templates.files()) | templates.linked(source.modules(source.PACKAGE))
    assert not sorted(linked - app.view_functions.keys())


@pytest.fixture
def _whole_staff(app: Flask) -> None:
    with app.app_context(), write_transaction():
        accounts.create(LATER, actor=Actor.system())


def test_every_role_that_a_person_can_hold_is_tried() -> None:
    assert LOGINS.keys() == set(Role) - {Role.SYSTEM}


@pytest.mark.usefixtures("_whole_staff")
@pytest.mark.parametrize("role", LOGINS)
def test_every_route_answers_a_role_as_the_matrix_says(
    app: Flask, sign_in: Callable[[str], CheckedClient], role: Role
) -> None:
    assert not unexpected(app, sign_in(LOGINS[role]), role)


def test_every_route_answers_a_stranger_as_the_matrix_says(app: Flask, client: CheckedClient) -> None:
    assert not unexpected(app, client, None)


def test_a_route_that_answers_the_wrong_people_is_found(
    app: Flask, sign_in: Callable[[str], CheckedClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(LOGINS[Role.AUDITOR])
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == "people.accounts")
    declared = audience_of(app, rule.endpoint)
    assert client.get(rule.rule).status_code in expected(rule, declared, Role.AUDITOR, "GET")
    # As if somebody had opened the door of accounts to everybody.
    monkeypatch.setattr(app.view_functions[rule.endpoint], "_audience", guard.SIGNED_IN)
    assert client.get(rule.rule).status_code not in expected(rule, declared, Role.AUDITOR, "GET")
