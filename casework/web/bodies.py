"""What the scripts of our pages send: JSON objects, in which nothing is taken on trust."""

from __future__ import annotations

from typing import Any, Final

from flask import request
from flask.json.provider import DefaultJSONProvider
from flask_babel import gettext as _

from casework.core.errors import Invalid

# What a column for whole numbers holds on both databases.
_MOST: Final = 2**31


class Json(DefaultJSONProvider):
    """Reads JSON that may be anything."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:  # noqa: ANN401 - JSON is anything
        """Return what was sent; refused (ValueError, so a 400) when it is no JSON or nested beyond all sense."""
        try:
            return super().loads(s, **kwargs)
        except RecursionError:
            msg = "nested too deeply"
            raise ValueError(msg) from None


def sent_json() -> dict[str, Any]:
    """Return the JSON that was sent; refused (Invalid) when it is no object."""
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise Invalid(_("提交的内容不完整。"))
    return sent


def whole(sent: dict[str, Any], name: str) -> int:
    """Return a whole number that was sent, 0 when it was left out; refused (Invalid) when it is none that we store."""
    value = sent.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _MOST:
        raise Invalid(_("提交的内容不完整。"))
    return value
