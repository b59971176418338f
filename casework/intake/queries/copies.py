"""Keys of the copy that a browser keeps of a draft while the server has not taken it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from casework.core.keyring import current_keyring

if TYPE_CHECKING:
    from uuid import UUID

    from casework.security.actor import Actor


def copy_keys(actor: Actor, call_id: UUID) -> list[str]:
    """Return the keys (base64, 32 bytes) for one draft of one person: the first seals, all open.

    Derived, never stored: the browser has them only while a page of this person stands open, so whoever finds the
    computer's disk finds nothing to open the copy with. There are several only while the keyring is rotated. Asking
    for a draft of somebody else gives a key that opens nothing.
    """
    ring, label = current_keyring(), f"draft-copy/{actor.account_id}/{call_id}"
    found = [ring.secret("cookie", label), *ring.older_secrets("cookie", label)]
    return [base64.b64encode(each).decode() for each in found]
