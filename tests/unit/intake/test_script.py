"""The words beside the form have a version, which every call keeps: other words need another number."""

from __future__ import annotations

import hashlib
import re

from casework.intake.types import SCRIPT_VERSION
from tests.support.source import ROOT

SCRIPT = ROOT / "templates" / "intake" / "script.html"
# Version -> digest of everything that is said. A changed word is a new line here and the next number in the types.
SAID = {1: "8bedc5e300c507b4"}


def digest(template: str) -> str:
    """Return a digest of the translatable words of a template, whatever stands around them."""
    words = re.findall(r'_\("(.*?)"\)', template)
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]


def test_the_words_beside_the_form_are_those_of_their_version() -> None:
    assert digest(SCRIPT.read_text(encoding="utf-8")) == SAID[SCRIPT_VERSION]
    assert max(SAID) == SCRIPT_VERSION


def test_a_changed_word_is_found() -> None:
    template = SCRIPT.read_text(encoding="utf-8")
    assert digest(template.replace("保密", "公开")) != SAID[SCRIPT_VERSION]
    assert digest(template.replace("<p>", "<p >")) == SAID[SCRIPT_VERSION]
