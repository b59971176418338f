"""The keys of the trail, all from the keyring class ``audit``: one makes the MAC of entries, one derived from it signs.

Whoever verifies needs only the public half, which ``audit verify`` prints; keep it where the signatures are kept.
"""

from __future__ import annotations

from typing import Final

from casework.core import crypto
from casework.core.keyring import current_keyring

KEY_CLASS: Final = "audit"
_SIGNING: Final = "checkpoint signature"


def mac(data: bytes) -> tuple[str, bytes]:
    """Return the id of the active audit key and its MAC over the data."""
    return current_keyring().mac(KEY_CLASS, data)


def is_authentic(kid: str, data: bytes, tag: bytes) -> bool | None:
    """Return whether the named key made the MAC; None when the keyring does not know the key."""
    keyring = current_keyring()
    if kid not in {key.kid for key in keyring.keys_of(KEY_CLASS)}:
        return None
    return keyring.verify_mac(KEY_CLASS, kid, data, tag)


def current_kid() -> str:
    """Return the id of the key that signs at present."""
    return current_keyring().active_kid(KEY_CLASS)


def sign(kid: str, data: bytes) -> bytes:
    """Return the Ed25519 signature of the key derived from the named audit key."""
    return crypto.sign(_private(kid), data)


def public_key(kid: str) -> bytes:
    """Return the public half that checks the signatures made under a key id. Refused (CryptoError): unknown id."""
    return crypto.signing_public_half(_private(kid))


def _private(kid: str) -> bytes:
    return current_keyring().secret(KEY_CLASS, _SIGNING, kid)
