"""Charts: Vega-Lite specifications drawn on the server as inline SVG.

The page needs no script, prints as it looks, and passes the content security policy: a drawing with a style attribute
or element is refused. A drawing is a pure function of its specification, so it is kept in the process.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup, escape

from casework.reports.disclosure import Mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casework.reports.types import Figure

FONT: Final = "PingFang SC, Hiragino Sans GB, Microsoft YaHei, Noto Sans CJK SC, Noto Sans SC, sans-serif"
INK, SOFT, LINE, TEAL, SUN = "#16292d", "#40565b", "#dbe1de", "#0f6068", "#b36b00"
BAR_WIDTH: Final = 300
COLUMN_WIDTH: Final = 960
BAR_STEP: Final = 26
KEPT: Final = 512
_STYLED: Final = re.compile(r"\sstyle=|<style|<script|\son\w+=", re.IGNORECASE)
_ID: Final = re.compile(r'\b(id="|url\(#|href="#)')
# The drawing has one name as a whole; its groups are no landmarks.
_ROLES: Final = re.compile(r' (?:role|aria-roledescription|aria-hidden)="[^"]*"')
_OPENING: Final = re.compile(r"<svg\b[^>]*>")


class ChartError(Exception):
    """The drawing would be blocked by our content security policy."""


def bars(title: str, rows: Sequence[tuple[str, Figure]], description: str) -> Markup:
    """Return a bar for each row, in the order given. A hidden number has its mark in place of a bar."""
    data = [
        {"label": label, "count": figure.count or 0, "text": figure.text, "hidden": figure.mark is not Mark.SHOWN}
        for label, figure in rows
    ]
    order = [label for label, _ in rows]
    spec = _base(data, width=BAR_WIDTH, height={"step": BAR_STEP})
    labels = {
        "field": "label",
        "type": "nominal",
        "sort": order,
        "title": None,
        "axis": {"labelLimit": 170, "labelPadding": 8, "ticks": False},
    }
    across = {
        "field": "count",
        "type": "quantitative",
        "title": None,
        "axis": None,
        "scale": {"domain": [0, _room(data)], "nice": False},
    }
    spec["encoding"] = {"y": labels, "x": across}
    spec["layer"] = [
        {"mark": {"type": "bar", "color": TEAL, "height": {"band": 0.62}, "cornerRadiusEnd": 2}},
        {
            "mark": {"type": "text", "align": "left", "dx": 6, "fontSize": 13},
            "encoding": {
                "text": {"field": "text"},
                "color": {"condition": {"test": "datum.hidden", "value": SUN}, "value": INK},
            },
        },
    ]
    return draw(spec, title, description)


def columns(title: str, points: Sequence[tuple[str, Figure]], description: str) -> Markup:
    """Return a column for each point in time. A hidden number has its mark in place of a column."""
    data = [
        {"label": label, "count": figure.count or 0, "text": figure.text, "hidden": figure.mark is not Mark.SHOWN}
        for label, figure in points
    ]
    order = [label for label, _ in points]
    spec = _base(data, width=COLUMN_WIDTH, height=200)
    along = {
        "field": "label", "type": "ordinal", "sort": order, "title": None,
        "axis": {"labelAngle": 0, "labelOverlap": "greedy", "ticks": False, "labelPadding": 6},
    }  # fmt: skip
    up = {
        "field": "count", "type": "quantitative", "title": None,
        "axis": {"tickMinStep": 1, "tickCount": 4, "domain": False, "ticks": False}, "scale": {"domainMin": 0},
    }  # fmt: skip
    spec["encoding"] = {"x": along, "y": up}
    spec["layer"] = [
        {"mark": {"type": "bar", "color": TEAL, "width": {"band": 0.7}, "cornerRadiusEnd": 2}},
        {
            "transform": [{"filter": "datum.hidden"}],
            "mark": {"type": "text", "baseline": "bottom", "dy": -3, "fontSize": 12, "color": SUN},
            "encoding": {"text": {"field": "text"}},
        },
    ]
    return draw(spec, title, description)


def draw(spec: dict[str, Any], title: str, description: str) -> Markup:
    """Return the drawing, named for those who do not see it; refused (ChartError) when the policy would block it."""
    text = json.dumps(spec, ensure_ascii=False, sort_keys=True)
    key = hashlib.sha256(f"{text}\x00{title}".encode()).hexdigest()[:10]
    svg = _svg(text)
    svg = _ROLES.sub("", svg)
    svg = _ID.sub(rf"\g<1>c{key}-", svg)
    name = f'<title id="t{key}">{escape(title)}</title><desc id="d{key}">{escape(description)}</desc>'
    opening = _OPENING.search(svg)
    if opening is None or _STYLED.search(svg):
        raise ChartError
    start = f'{opening.group()[:-1]} role="img" aria-labelledby="t{key} d{key}" focusable="false">'
    # Safe: drawn by our own renderer from our own numbers; labels are escaped by it, the name above by us.
    return Markup(f"{start}{name}{svg[opening.end() :]}")  # noqa: S704 - see above


@lru_cache(maxsize=KEPT)
def _svg(spec: str) -> str:
    import vl_convert  # noqa: PLC0415 - 40 MB that only those who look at charts need

    return str(vl_convert.vegalite_to_svg(spec, vl_version="5.20"))


def _room(data: list[dict[str, Any]]) -> float:
    """Return the end of the scale: the longest bar and its number fit within."""
    return max([5, *(int(row["count"]) for row in data)]) * 1.14


def _base(data: list[dict[str, Any]], width: int, height: int | dict[str, int]) -> dict[str, Any]:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": width,
        "height": height,
        "background": None,
        "padding": 4,
        "data": {"values": data},
        "config": {
            "aria": False,
            "font": FONT,
            "view": {"stroke": None},
            "axis": {
                "labelFontSize": 13, "labelColor": SOFT, "gridColor": LINE, "domainColor": LINE, "tickColor": LINE,
                "titleColor": SOFT,
            },
        },
    }  # fmt: skip
