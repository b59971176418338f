"""How the tables of ``security`` become the page of rules: grouped, ordered, and without roles that nobody holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from casework.security.permissions import PLANNED, Permission
from casework.security.roles import MATRIX, Reach, Role, reach
from casework.security.rules import RULES

if TYPE_CHECKING:
    from casework.security.rules import Rule, Status

# Commands and scheduled jobs hold no permission: a column of them would say nothing.
_UNSEEN: Final = frozenset({Role.SYSTEM})


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One permission and how far each role's goes, in the order of ``role_columns``."""

    permission: Permission
    is_planned: bool
    reaches: tuple[tuple[Role, Reach], ...]


def rule_groups() -> list[tuple[str, list[Rule]]]:
    """Return the rules by their source document, in the order of the documents."""
    return [(source, list(rules)) for source, rules in groupby(RULES.values(), key=lambda rule: rule.source)]


def status_counts() -> Counter[Status]:
    """Return how many rules the program enforces today, in part, or later."""
    return Counter(rule.status for rule in RULES.values())


def role_columns(mine: Role) -> tuple[Role, ...]:
    """Return the roles that people hold, the reader's own first, so that it is seen without scrolling."""
    others = (role for role in MATRIX if role not in _UNSEEN and role is not mine)
    return (mine, *others)


def matrix_rows(mine: Role) -> list[MatrixRow]:
    """Return every permission with the reach of every role, ``NONE`` included: the page leaves nothing out."""
    columns = role_columns(mine)
    return [
        MatrixRow(permission, permission in PLANNED, tuple((role, reach(role, permission)) for role in columns))
        for permission in Permission
    ]
