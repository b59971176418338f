"""Pages without the indentation of their templates: a twentieth of what a slow line has to carry."""

from __future__ import annotations

import re
from typing import Final

from jinja2.ext import Extension

_INDENT: Final = re.compile(r"^[ \t]{2,}", re.MULTILINE)


class Unindented(Extension):
    """Leave one of the blanks that begin a line of a template; lines stay, so an error still names the right one.

    One has to stay: a block at the end of a line takes the line break with it, and the next line may be an attribute.
    What a value brings with it is never touched.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002 - signature is Jinja's
        """Return ``source`` with at most one blank at the start of each line."""
        return _INDENT.sub(" ", source)
