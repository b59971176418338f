"""The committed list of areas for the search of the call screen, ``static/app/areas.json``.

``python -m tests.support.areas`` writes it anew from the divisions; a test compares the two. Each code has its name and
its syllables in pinyin, so that neither a page nor a request has to load a dictionary.
"""

from __future__ import annotations

import json
import sys
from typing import Final

from pypinyin import lazy_pinyin

from casework.intake.types import divisions
from tests.support.source import ROOT

LIST: Final = ROOT / "static" / "app" / "areas.json"


def areas() -> dict[str, list[str]]:
    """Return (name, syllables) by code: provinces, their cities, districts."""
    names: dict[str, str] = {}
    for code, (name, cities) in divisions.PROVINCES.items():
        names |= {code: name, **cities}
    names |= divisions.districts()
    return {code: [name, " ".join(lazy_pinyin(name))] for code, name in sorted(names.items())}


def text() -> str:
    """Return the content of the file, one area a line."""
    lines = (f"{json.dumps(code)}:{json.dumps(pair, ensure_ascii=False)}" for code, pair in areas().items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main() -> int:
    """Write the file."""
    LIST.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
