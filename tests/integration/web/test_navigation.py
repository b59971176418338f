"""The navigation map against the routes, the roles and the permissions: nothing leads nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from casework.security.guard import audience_of
from casework.security.roles import Reach, Role, reach
from casework.web import navigation

if TYPE_CHECKING:
    from flask import Flask

pytestmark = pytest.mark.sqlite_only
PEOPLE = sorted(set(Role) - {Role.SYSTEM})


def test_every_entry_leads_to_a_view(app: Flask) -> None:
    assert sorted(navigation.endpoints() - app.view_functions.keys()) == []


@pytest.mark.parametrize("role", PEOPLE)
def test_every_role_begins_somewhere_and_can_take_in_its_menu(role: Role) -> None:
    assert navigation.START[role]
    assert 1 <= len(navigation.MENU[role]) <= navigation.MOST_ENTRIES


@pytest.mark.parametrize("role", PEOPLE)
def test_no_menu_offers_what_is_refused(app: Flask, role: Role) -> None:
    for entry in navigation.MENU[role]:
        audience = audience_of(app, entry.endpoint)
        assert audience is not None, entry
        assert audience.permission is None or reach(role, audience.permission) is not Reach.NONE, entry


@pytest.mark.parametrize("role", PEOPLE)
def test_exactly_one_entry_is_marked_on_its_own_page(app: Flask, role: Role) -> None:
    with app.test_request_context():
        addresses = [item.href for item in navigation.items(role)]
    for address in addresses:
        with app.test_request_context(address):
            assert [item.href for item in navigation.items(role) if item.current] == [address]


def test_a_page_below_an_entry_marks_that_entry(app: Flask) -> None:
    with app.test_request_context("/cases/GZ-2020-0001"):
        marked = [item for item in navigation.items(Role.COUNSELOR) if item.current]
    assert [(item.href, item.exact) for item in marked] == [("/cases", False)]
