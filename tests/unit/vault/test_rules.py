"""Decisions of the vault, over all their cases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from casework.security.roles import Role
from casework.vault import rules

NOW = datetime(2020, 2, 28, 12, tzinfo=UTC)
OPENERS = {Role.VOLUNTEER, Role.COUNSELOR, Role.SUPERVISOR, Role.CONSULTANT}


@pytest.mark.parametrize("role", list(Role))
def test_only_those_who_help_may_hold_keys(role: Role) -> None:
    assert rules.may_hold_keys(role) == (role in OPENERS)


@pytest.mark.parametrize("role", list(Role))
def test_only_supervisors_use_a_circle(role: Role) -> None:
    assert rules.may_use_circle(role) == (role is Role.SUPERVISOR)


@pytest.mark.parametrize(
    ("expires_at", "live"),
    [
        (None, True),
        (NOW + timedelta(microseconds=1), True),
        (NOW, False),
        (NOW - timedelta(microseconds=1), False),
    ],
)
def test_a_grant_is_live_until_its_last_moment(expires_at: datetime | None, live: bool) -> None:
    assert rules.is_live(expires_at, NOW) is live


@pytest.mark.parametrize(("members", "grants", "anew"), [(0, 0, True), (1, 0, False), (0, 1, False), (2, 3, False)])
def test_a_circle_in_use_never_gets_a_key_from_nowhere(members: int, grants: int, anew: bool) -> None:
    assert rules.may_start_anew(members, grants) is anew


@pytest.mark.parametrize(("members", "grants", "kept"), [(1, 1, True), (1, 0, False), (2, 5, False), (0, 0, False)])
def test_the_last_key_to_something_is_not_thrown_away(members: int, grants: int, kept: bool) -> None:
    assert rules.may_not_be_emptied(members, grants) is kept


def test_the_inventory_is_compared_in_both_directions() -> None:
    assert rules.inventory_findings({"a.x", "b.y"}, ["a.x", "b.y"]) == []
    assert rules.inventory_findings({"a.x", "b.y"}, ["a.x", "c.z"]) == [
        "b.y is sealed and not in the inventory",
        "c.z is in the inventory and not in the tables",
    ]
