"""The tables behind the page of rules leave nothing out."""

from __future__ import annotations

import pytest

from casework.audit.types import Outcome
from casework.privacy.rules import matrix_rows, role_columns, rule_groups, status_counts
from casework.privacy.types import OUTCOME_NAMES, PERMISSION_NAMES
from casework.security.permissions import PLANNED, Permission
from casework.security.roles import MATRIX, REACH_NAMES, Reach, Role, reach
from casework.security.rules import CARE_NOTICE, NOTICE, RULES, STATUS_NAMES


@pytest.mark.parametrize("mine", [role for role in Role if role is not Role.SYSTEM])
def test_every_role_has_one_column_and_the_readers_own_is_the_first(mine: Role) -> None:
    columns = role_columns(mine)
    assert columns[0] is mine
    assert len(columns) == len(set(columns))
    assert set(columns) == set(MATRIX) - {Role.SYSTEM}


def test_every_cell_says_what_the_table_of_roles_says() -> None:
    rows = matrix_rows(Role.LEAD)
    assert [row.permission for row in rows] == list(Permission)
    for row in rows:
        assert row.is_planned == (row.permission in PLANNED)
        assert dict(row.reaches) == {role: reach(role, row.permission) for role in role_columns(Role.LEAD)}


def test_rules_are_grouped_by_their_document_and_none_is_lost() -> None:
    groups = rule_groups()
    assert [source for source, _ in groups] == [NOTICE, CARE_NOTICE]
    assert [rule for _, rules in groups for rule in rules] == list(RULES.values())
    assert sum(status_counts().values()) == len(RULES)


def test_whatever_is_shown_has_a_name() -> None:
    assert PERMISSION_NAMES.keys() == set(Permission)
    assert REACH_NAMES.keys() == set(Reach)
    assert OUTCOME_NAMES.keys() == set(Outcome)
    assert STATUS_NAMES.keys() >= {rule.status for rule in RULES.values()}
