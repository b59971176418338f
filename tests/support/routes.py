"""The committed list of routes, ``docs/routes.txt``: what can be asked for, and who may ask.

``python -m tests.support.routes`` writes it anew; the test compares it with the application in both directions.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from casework.core.keyring import Keyring
from casework.security.guard import audience_of
from tests.support.engines import settings_of
from tests.support.source import ROOT

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.routing import Rule

LIST = ROOT / "docs" / "routes.txt"
HEAD = (
    "# method path endpoint audience. Written by `make routes`; read every change of this file as a change of access.\n"
)
IMPLIED = frozenset({"HEAD", "OPTIONS"})


def audience(app: Flask, rule: Rule) -> str:
    """Return who may ask: public, signed-in, a permission, or a dash when nobody said."""
    declared = audience_of(app, rule.endpoint)
    if declared is None:
        return "-"
    return declared.name if declared.permission is None else declared.permission.value


def lines_of(app: Flask) -> list[str]:
    """Return a line for each method of each route, in order of the path."""
    found = [
        f"{method} {rule.rule} {rule.endpoint} {audience(app, rule)}"
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - IMPLIED)
    ]
    return sorted(found, key=lambda line: (line.split()[1], line))


def difference(committed: list[str], present: list[str]) -> list[str]:
    """Return what only one of the two knows."""
    gone = [f"listed, but not there: {line}" for line in committed if line not in present]
    return gone + [f"there, but not listed: {line}" for line in present if line not in committed]


def read(path: Path = LIST) -> list[str]:
    """Return the committed lines."""
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


def main() -> int:
    """Write the list of the application as it is now."""
    from casework.app import create_app  # noqa: PLC0415 - only this command needs all packages

    with tempfile.TemporaryDirectory() as folder:
        settings = settings_of(Path(folder))
        Keyring.create(settings.keyring)
        LIST.write_text(HEAD + "\n".join(lines_of(create_app(settings))) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
