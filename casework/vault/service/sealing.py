"""Seal content under an opened data key, and open it again: bound to its purpose, place, key and version."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from casework.core import crypto
from casework.vault.types import SEALED_COLUMNS

if TYPE_CHECKING:
    from casework.vault.types import DataKey, Place


def seal_text(key: DataKey, place: Place, text: str) -> bytes:
    """Return the text as ciphertext for one place; its length shows only as a size class.

    Refused (ValueError): a place that the inventory does not list for the purpose of the key.
    """
    return crypto.encrypt(key.secret, text.encode(), _context(key, place))


def open_text(key: DataKey, place: Place, envelope: bytes) -> str:
    """Return the text; refused (CryptoError) when it was sealed elsewhere, under another key, or was changed."""
    return crypto.decrypt(key.secret, envelope, _context(key, place)).decode()


def seal_json(key: DataKey, place: Place, value: dict[str, Any]) -> bytes:
    """Return a mapping as ciphertext; refused as in ``seal_text``."""
    return seal_text(key, place, json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def open_json(key: DataKey, place: Place, envelope: bytes) -> dict[str, Any]:
    """Return the mapping; refused as in ``open_text``."""
    value: dict[str, Any] = json.loads(open_text(key, place, envelope))
    return value


def _context(key: DataKey, place: Place) -> bytes:
    if SEALED_COLUMNS.get(place.address) is not key.purpose:
        msg = f"{place.address} is not in the inventory of what a {key.purpose} key seals"
        raise ValueError(msg)
    return crypto.bind(
        "casework/content", str(key.purpose), place.table, place.column, place.row_id, key.id, place.version
    )
