"""What is taken out of typed texts before they are stored: marks that no keyboard types and that can mislead."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_KEPT: Final = frozenset("\n\t")
# Marks that turn the reading direction around could make a text look like another one.
_TURNING: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
_FORBIDDEN: Final = frozenset({"Cc", "Cs"})
_BLANKS: Final = re.compile(r"\s+")


def clean_text(text: str) -> str:
    """Return a text of several lines without control characters, in Unicode form NFC; emoji stay."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = (each for each in lines if each in _KEPT or not _is_forbidden(each))
    return unicodedata.normalize("NFC", "".join(kept))


def clean_line(text: str) -> str:
    """Return the same on one line, blanks folded and stripped."""
    return _BLANKS.sub(" ", clean_text(text)).strip()


def _is_forbidden(character: str) -> bool:
    return unicodedata.category(character) in _FORBIDDEN or character in _TURNING
