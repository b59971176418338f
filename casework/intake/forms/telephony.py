"""The shape of what a switchboard sends: exactly these fields, each of one kind, and nothing else."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from flask_babel import lazy_gettext as _l

from casework.core.errors import CaseworkError, Invalid
from casework.intake.types.telephony import LONGEST_ID, LONGEST_LINE, EventKind, LineEvent

if TYPE_CHECKING:
    from flask_babel import LazyString

LONGEST_NUMBER: Final = 40
_ID: Final = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._:@/-]{{0,{LONGEST_ID - 1}}}", re.ASCII)
_REQUIRED: Final = frozenset({"id", "call", "event", "line", "at"})
_KNOWN: Final = _REQUIRED | {"number", "started_at"}
_LATEST: Final = 4_102_444_800
_PLAIN: Final = re.compile(r"[^\x00-\x1f\x7f]*")


class NotJson(CaseworkError):
    """The body is no JSON."""

    status = 400


def line_event(body: bytes) -> LineEvent:
    """Return the event a body describes.

    Refused: no JSON in UTF-8 (NotJson, 400); a field that is missing, unknown or of the wrong kind (Invalid, 422, with
    its field). What was sent is never repeated in a message.
    """
    sent = _parsed(body)
    for name in sorted(_REQUIRED - sent.keys()):
        raise Invalid(_l("缺少此项。"), field=name)
    if sent.keys() - _KNOWN:
        raise Invalid(_l("有不认识的字段。只接受 id、call、event、line、at、number、started_at。"))
    return LineEvent(
        event_id=_identifier(sent, "id"),
        call=_identifier(sent, "call"),
        kind=_kind(sent["event"]),
        at=_moment(sent["at"], "at"),
        line=_text(sent, "line", LONGEST_LINE, least=1),
        number=_text(sent, "number", LONGEST_NUMBER),
        started_at=None if sent.get("started_at") is None else _moment(sent["started_at"], "started_at"),
    )


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        sent = json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise NotJson(_l("内容不是有效的 JSON（UTF-8），或有重复的字段。")) from None
    if not isinstance(sent, dict):
        raise NotJson(_l("内容应是一个 JSON 对象。"))
    return sent


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _no_constant(_name: str) -> None:
    raise ValueError


def _identifier(sent: dict[str, Any], name: str) -> str:
    value = sent[name]
    if not isinstance(value, str) or not _ID.fullmatch(value):
        _refuse(_l("应为 1 至 150 个字母、数字或 . _ : @ / - 。"), name)
    return str(value)


def _kind(value: object) -> EventKind:
    if not isinstance(value, str) or value not in set(EventKind):
        _refuse(_l("应为 ringing、answered、ended、abandoned 或 missed。"), "event")
    return EventKind(str(value))


def _text(sent: dict[str, Any], name: str, longest: int, least: int = 0) -> str:
    value = sent.get(name)
    text = "" if value is None else value
    if not isinstance(text, str) or not _PLAIN.fullmatch(text) or not least <= len(text.strip()) or len(text) > longest:
        _refuse(_l("应为文字，且不能过长。"), name)
    return str(text).strip()


def _moment(value: object, name: str) -> datetime:
    """Return a time from seconds since 1970, or from ISO 8601 with its zone."""
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < _LATEST:
            return datetime.fromtimestamp(value, UTC)
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        if found is not None and found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Invalid(_l("应为带时区的时间（如 2020-04-05T14:05:09+08:00），或 1970 年以来的秒数。"), field=name)


def _refuse(message: str | LazyString, name: str) -> None:
    raise Invalid(message, field=name)
