"""The page of rules: every rule and every permission, in words, for everybody who works here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from casework.security.permissions import Permission
from casework.security.roles import MATRIX, REACH_NAMES, ROLE_NAMES, Role, reach
from casework.security.rules import RULES, STATUS_NAMES
from tests.support import html

if TYPE_CHECKING:
    from tests.integration.privacy.conftest import Room

pytestmark = pytest.mark.sqlite_only


def test_every_rule_is_shown_with_clause_enforcement_status_and_roles(room: Room) -> None:
    page = html.parse(room.client.get("/privacy/rules").text)
    rows = {row.get("id"): html.text_of(row) for row in page.root.iter("tr") if row.get("id")}
    assert rows.keys() == RULES.keys()
    for rule in RULES.values():
        with room.app.app_context():
            said = [
                rule.clause,
                rule.text,
                rule.enforced_by,
                STATUS_NAMES[rule.status],
                *map(ROLE_NAMES.get, rule.touches),
            ]
            for words in map(str, said):
                assert words in rows[rule.id], rule.id


@pytest.mark.parametrize("mine", [Role.VOLUNTEER, Role.AUDITOR])
def test_the_matrix_says_for_every_role_what_the_table_says(room: Room, mine: Role) -> None:
    page = html.parse(room.as_(mine).client.get("/privacy/rules").text)
    (table,) = [each for each in page.root.iter("table") if "matrix" in (each.get("class") or "")]
    columns = [html.text_of(cell) for cell in table.iter("th") if cell.get("scope") == "col"][1:]
    rows = [row for row in table.iter("tr") if row.find("td") is not None]
    roles = [mine, *(role for role in MATRIX if role not in {mine, Role.SYSTEM})]
    assert len(columns) == len(roles)
    assert len(rows) == len(Permission)
    with room.app.app_context():
        assert all(str(ROLE_NAMES[role]) in said for role, said in zip(roles, columns, strict=True))
        for permission, row in zip(Permission, rows, strict=True):
            cells = [html.text_of(cell) for cell in row.iter("td")]
            expected = [str(REACH_NAMES[reach(role, permission)]) for role in roles]
            assert [said.replace("—", "").strip() for said in cells] == expected


def test_the_readers_own_role_is_marked_in_words(room: Room) -> None:
    assert room.as_(Role.LEAD).client.get("/privacy/rules").text.count("你的角色") == 1


def test_everybody_who_works_here_may_read_the_rules(room: Room) -> None:
    for role in room.staff:
        assert room.as_(role).client.get("/privacy/rules").status_code == 200, role
