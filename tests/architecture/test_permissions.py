"""Permissions: one alphabetical list, each used or said to come later, each in the hands of somebody."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from casework.security.permissions import PLANNED, Permission
from casework.security.roles import MATRIX, PROJECT_ROLES, Reach, Role
from tests.support import source

if TYPE_CHECKING:
    from collections.abc import Iterable

# Where permissions are named rather than used: the matrix, and the labels of the page that shows it.
TABLES = (source.PACKAGE / "security", source.PACKAGE / "privacy" / "types.py")


def disorder(names: Iterable[str]) -> list[str]:
    listed = list(names)
    return [after for before, after in pairwise(listed) if before >= after]


def used() -> set[str]:
    code = [path for path in source.modules(source.PACKAGE) if not any(path.is_relative_to(table) for table in TABLES)]
    return source.attributes_of(code, "Permission", "P")


def test_permissions_are_in_alphabetical_order_and_named_by_their_value() -> None:
    assert not disorder(permission.value for permission in Permission)
    assert all(each.name == each.value.upper().replace(":", "_").replace("-", "_") for each in Permission)


def test_a_permission_out_of_order_is_found() -> None:
    assert disorder(["calls:call:log", "calls:call:assign"]) == ["calls:call:assign"]


def test_every_permission_is_used_or_planned_and_never_both() -> None:
    names = used()
    assert not [each.value for each in Permission if each.name not in names and each not in PLANNED]
    assert not [each.value for each in PLANNED if each.name in names]


def test_every_permission_belongs_to_somebody() -> None:
    held = {permission for table in MATRIX.values() for permission in table}
    assert not set(Permission) - held


def test_every_role_has_its_row_and_no_row_grants_nothing() -> None:
    assert set(MATRIX) == set(Role)
    assert not [(role, each) for role, table in MATRIX.items() for each, reach in table.items() if reach is Reach.NONE]


def test_no_role_of_one_subproject_reaches_the_whole_programme() -> None:
    open_to_all = {Permission.PRIVACY_RULES_READ}
    far = {
        (role, permission)
        for role in PROJECT_ROLES
        for permission, reach in MATRIX[role].items()
        if reach is Reach.PROGRAMME and permission not in open_to_all
    }
    assert not far
