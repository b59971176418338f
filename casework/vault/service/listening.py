"""What follows for keys when people change: the vault hears of roles and key pairs, and never the other way round."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.people.service import hooks
from casework.security.roles import Role
from casework.vault import queries
from casework.vault.service.circles import add_circle_member, remove_circle_member, renew_membership
from casework.vault.service.keys import revoke_all

if TYPE_CHECKING:
    from uuid import UUID

    from casework.security.actor import Actor


def listen_to_people() -> None:
    """Hear of every role and key pair from now on; safe to repeat."""
    hooks.register_role_hook(on_role)
    hooks.register_key_hook(renew_membership)


def on_role(account_id: UUID, role: Role, subproject_id: UUID | None, *, granted: bool, actor: Actor) -> None:
    """Let a new supervisor in where that is possible, and take keys from whoever leaves a sub-project (R23)."""
    if subproject_id is None:
        return
    if granted and role is Role.SUPERVISOR:
        add_circle_member(subproject_id, account_id, actor=actor)
    if granted:
        return
    if role is Role.SUPERVISOR:
        remove_circle_member(subproject_id, account_id, actor=actor)
    if not queries.holds_keys_in(account_id, subproject_id):
        revoke_all(account_id, subproject_id, actor=actor)
