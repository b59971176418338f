"""The acting person: frozen facts of one request. Every query and every service is given one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from casework.security.roles import Reach, Role, reach

if TYPE_CHECKING:
    from casework.security.permissions import Permission

SYSTEM_ID = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, in which one role, where, and with which open private key.

    ``subproject_id`` is None for a role of the whole programme. ``private_key`` is held in memory for this request
    only and never printed. ``opened`` caches unwrapped keys for this request.
    """

    account_id: UUID
    role: Role
    subproject_id: UUID | None = None
    session_id: UUID | None = None
    private_key: bytes | None = field(default=None, repr=False, compare=False)
    pledge_current: bool = False
    second_factor_ok: bool = False
    # False while a one-time or expired password is in use; commands and tests have none.
    password_current: bool = True
    display_name: str = field(default="", repr=False, compare=False)
    opened: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def system(cls) -> Actor:
        """Return the actor of commands and scheduled jobs: it holds no key and opens nothing sealed."""
        return cls(account_id=SYSTEM_ID, role=Role.SYSTEM, pledge_current=True, second_factor_ok=True)

    def reach(self, permission: Permission) -> Reach:
        """Return how far the active role's permission goes."""
        return reach(self.role, permission)
