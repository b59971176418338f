"""Who may open a call because they are to make its follow-up: a grant that ends with it, or some days after."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import current_app

from casework.core import clock
from casework.core.db import session
from casework.intake import queries
from casework.people import queries as people
from casework.security.roles import Role
from casework.vault import service as vault
from casework.vault.types import GrantReason

if TYPE_CHECKING:
    from uuid import UUID

    from casework.security.actor import Actor
    from casework.vault.types import DataKey


def settle_grant(data_key_id: UUID, holder: UUID | None, *, actor: Actor, key: DataKey | None = None) -> None:
    """Let somebody open a call as long as a follow-up of it is theirs to make, and no longer.

    Called after every change of assignee, due moment or state. Taking a grant back needs no key; giving one does:
    ``key`` when it is open already. A supervisor opens by the circle and is given none, so that whoever cannot open a
    call any more can still hand it to one. Refused (Refused, R23): an actor who cannot open the call.
    """
    if holder is None:
        return
    session().flush()
    latest = queries.latest_due(data_key_id, holder)
    if latest is None or holder in people.holders_of_role(Role.SUPERVISOR, actor.subproject_id):
        vault.revoke(data_key_id, holder=holder, actor=actor, reason=GrantReason.FOLLOWUP)
        return
    grace = timedelta(days=current_app.extensions["casework.settings"].followup_grace_days)
    vault.grant(
        key or vault.open_key(data_key_id, actor=actor),
        to=holder,
        reason=GrantReason.FOLLOWUP,
        actor=actor,
        expires_at=max(latest, clock.now()) + grace,
    )
