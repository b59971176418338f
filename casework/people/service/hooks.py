"""Who is told when roles and key pairs change: higher packages register, because a lower one does not know them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from casework.people.types import Place
    from casework.security.actor import Actor
    from casework.security.roles import Role


class RoleHook(Protocol):
    """Called in the transaction in which a role begins or ends, after the change can be read."""

    def __call__(
        self, account_id: UUID, role: Role, subproject_id: UUID | None, *, granted: bool, actor: Actor
    ) -> None:
        """React to a role that began (``granted``) or ended."""


class KeyHook(Protocol):
    """Called in the transaction in which an account gets another key pair."""

    def __call__(self, account_id: UUID, *, actor: Actor) -> None:
        """React to the new key pair."""


role_hooks: list[RoleHook] = []
key_hooks: list[KeyHook] = []
_places: list[Callable[[], Sequence[Place]]] = []


def register_role_hook(hook: RoleHook) -> None:
    """Tell this hook about every role that begins or ends; registering it again changes nothing."""
    if hook not in role_hooks:
        role_hooks.append(hook)


def register_key_hook(hook: KeyHook) -> None:
    """Tell this hook about every new key pair; registering it again changes nothing."""
    if hook not in key_hooks:
        key_hooks.append(hook)


def register_places(source: Callable[[], Sequence[Place]]) -> None:
    """Say where the sub-projects and their names come from, in the order of the programme."""
    _places[:] = [source]


def places() -> list[Place]:
    """Return the sub-projects in which roles can be given."""
    return [place for source in _places for place in source()]


def role_changed(account_id: UUID, role: Role, subproject_id: UUID | None, *, granted: bool, actor: Actor) -> None:
    """Tell every role hook."""
    for hook in role_hooks:
        hook(account_id, role, subproject_id, granted=granted, actor=actor)


def keys_changed(account_id: UUID, *, actor: Actor) -> None:
    """Tell every key hook."""
    for hook in key_hooks:
        hook(account_id, actor=actor)
