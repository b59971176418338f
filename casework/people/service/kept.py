"""What somebody typed when their session had ended: carried through signing in, readable by nobody on the way.

The words go into the sign-in page only as ciphertext bound to the account that typed them. Whoever signs in next at
the same desk as somebody else neither sees nor sends them.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from casework.core import crypto
from casework.core.crypto import CryptoError
from casework.core.keyring import current_keyring
from casework.people import rules

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

# Made anew by the page that sends the words again.
_RENEWED: Final = frozenset({"csrf_token", "_key"})


@dataclass(frozen=True, slots=True)
class Kept:
    """A form that was not taken: where it was sent and what it held."""

    path: str
    fields: tuple[tuple[str, str], ...] = field(repr=False)


def keep(path: str, fields: Iterable[tuple[str, str]], account_id: UUID) -> str:
    """Return a form as ciphertext for one account, to be carried by the sign-in page."""
    sent = [[name, value] for name, value in fields if name not in _RENEWED]
    plain = json.dumps([path, sent], ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return base64.urlsafe_b64encode(current_keyring().wrap("cookie", crypto.pad(plain), _context(account_id))).decode()


def opened(carried: str | None, account_id: UUID) -> Kept | None:
    """Return the form when it belongs to this account; None for nothing, somebody else's, or anything changed."""
    if not carried:
        return None
    try:
        padded = current_keyring().unwrap("cookie", base64.urlsafe_b64decode(carried), _context(account_id))
        path, fields = json.loads(crypto.unpad(padded).decode("utf-8", "surrogatepass"))
    except (CryptoError, ValueError):
        return None
    if rules.safe_target(path) is None:
        return None
    return Kept(path, tuple((str(name), str(value)) for name, value in fields))


def _context(account_id: UUID) -> bytes:
    return crypto.bind("people/kept-form", account_id)
