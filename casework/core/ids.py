"""Identifiers made by the application, because sealed content is bound to its row id before the row exists."""

from __future__ import annotations

import secrets
import time
from uuid import UUID

_RANDOM_BITS = 74


def new_id() -> UUID:
    """Return a UUID version 7 (RFC 9562 §5.7): 48 bits of milliseconds, then randomness, so keys sort by time."""
    milliseconds = time.time_ns() // 1_000_000
    random = secrets.randbits(_RANDOM_BITS)
    high = random >> 62
    low = random & ((1 << 62) - 1)
    return UUID(int=(milliseconds << 80) | (0x7 << 76) | (high << 64) | (0x2 << 62) | low)
