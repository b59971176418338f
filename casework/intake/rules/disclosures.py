"""When something may be told to others without consent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.intake.types import Consulted, Ground

if TYPE_CHECKING:
    from datetime import datetime

    from casework.intake.types import Disclosed


def disclosure_gap(disclosed: Disclosed, now: datetime) -> str | None:
    """Return the first field that keeps a disclosure from being recorded, None when nothing does."""
    gaps = {
        "ground": disclosed.ground not in set(Ground),
        "fields": not disclosed.fields,
        "disclosed_at": disclosed.disclosed_at > now,
        "facts": not disclosed.facts.strip(),
        # Ethics code 3.3: a formal document is asked for, and its scope is kept.
        "document": disclosed.ground is Ground.DOCUMENT and not disclosed.document.strip(),
        "consulted_id": (disclosed.consulted is Consulted.NOT_YET) != (disclosed.consulted_id is None),
        "told_at": disclosed.told_at is not None and not disclosed.disclosed_at <= disclosed.told_at <= now,
        "not_told": (disclosed.told_at is None) == (disclosed.not_told is None),
    }
    return next((name for name, is_gap in gaps.items() if is_gap), None)
