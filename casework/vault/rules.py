"""Pure decisions of the vault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casework.security.roles import Role

if TYPE_CHECKING:
    from collections.abc import Collection
    from collections.abc import Set as AbstractSet
    from datetime import datetime

# R23: leads, the office, administrators and auditors open nothing, also when the same person works elsewhere as a
# counselor. A consultant opens only what was granted to them by name.
_KEY_ROLES: Final = frozenset({Role.VOLUNTEER, Role.COUNSELOR, Role.SUPERVISOR, Role.CONSULTANT})


def may_hold_keys(role: Role) -> bool:
    """Return whether somebody may open anything sealed while working in this role (R23)."""
    return role in _KEY_ROLES


def may_use_circle(role: Role) -> bool:
    """Return whether the circle of the sub-project opens things in this role: supervisors only."""
    return role is Role.SUPERVISOR


def is_live(expires_at: datetime | None, now: datetime) -> bool:
    """Return whether a grant still opens. At its very moment of expiry it no longer does."""
    return expires_at is None or now < expires_at


def may_start_anew(members: int, grants: int) -> bool:
    """Return whether a circle may get a new key without the old one: nobody holds it and nothing is sealed to it."""
    return members == 0 and grants == 0


def may_not_be_emptied(members: int, grants: int) -> bool:
    """Return whether taking the key from one more member would leave what is sealed to the recovery key alone."""
    return members <= 1 and grants > 0


def inventory_findings(found: AbstractSet[str], listed: Collection[str]) -> list[str]:
    """Return a sentence for each sealed column that is not in the inventory and each entry that has no column."""
    missing = [f"{name} is sealed and not in the inventory" for name in sorted(found - set(listed))]
    stale = [f"{name} is in the inventory and not in the tables" for name in sorted(set(listed) - found)]
    return missing + stale
