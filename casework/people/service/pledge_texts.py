"""The first version of every pledge (R21, R22): what was agreed when the system was set up. Later ones are published.

``data/pledges.<language>.txt``: sections that begin with ``== name``. Every role's own duties stand between what all
promise. In a text a blank line ends a paragraph, ``# `` begins a heading and ``- `` a point of a list.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from casework.security.roles import Role

_FOLDER: Final = Path(__file__).resolve().parent.parent / "data"
_BEFORE: Final = "before"
_AFTER: Final = "after"


def initial_texts() -> dict[Role, tuple[str, str]]:
    """Return the first pledge of every role, in Chinese and in English."""
    chinese, english = _assembled("zh"), _assembled("en")
    return {role: (chinese[role], english[role]) for role in Role if role is not Role.SYSTEM}


def _assembled(language: str) -> dict[Role, str]:
    text = (_FOLDER / f"pledges.{language}.txt").read_text(encoding="utf-8")
    parts = (section.partition("\n") for section in text.removeprefix("== ").split("\n== "))
    sections = {name: body.strip() for name, _, body in parts}
    before, after = sections.pop(_BEFORE), sections.pop(_AFTER)
    return {Role(name): f"{before}\n\n{own}\n\n{after}\n" for name, own in sections.items()}
