"""The key of a call: all of its words are sealed under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.vault import service as vault
from casework.vault.types import KeyPurpose

if TYPE_CHECKING:
    from casework.intake.models import Call
    from casework.security.actor import Actor
    from casework.vault.types import DataKey


def key_of(call: Call, actor: Actor) -> DataKey:
    """Return the opened key of a call, made when it has none yet."""
    if call.data_key_id is not None:
        return vault.open_key(call.data_key_id, actor=actor)
    key = vault.create_key(
        KeyPurpose.CALL,
        call.id,
        subproject_id=call.subproject_id,
        actor=actor,
        author_until=call.reopen_until,
    )
    call.data_key_id = key.id
    return key
