"""Rotate a class of the keyring: add a key, move every row to it, retire the older one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casework.audit import trail
from casework.audit.events import Action
from casework.core import rotation
from casework.core.db import write_transaction
from casework.core.keyring import current_keyring
from casework.vault.types import RotationStep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casework.security.actor import Actor

BATCH: Final = 500


def rotate_keyring(cls: str, *, actor: Actor, batch: int = BATCH) -> Iterator[RotationStep]:
    """Rotate a class, yielding what was done after each commit; calling it again after a stop goes on.

    Refused (KeyringError): a class with rows whose packages have not said how they move.
    """
    keyring, moved = current_keyring(), 0
    kid = rotation.begin(keyring, cls)
    yield RotationStep(kid=kid)
    for name, rows in rotation.move_rows(keyring, cls, batch):
        moved += rows
        yield RotationStep(kid=kid, place=name, rows=rows)
    retired = rotation.finish(keyring, cls)
    with write_transaction():
        details = {"kid": kid, "keys": moved}
        trail.record(
            Action.KEYRING_ROTATED, actor=actor, subject_kind=f"keyring.{cls}", subject_id=None, details=details
        )
    yield RotationStep(kid=kid, retired=tuple(retired), done=True)
