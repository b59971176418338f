"""The only source of the current time, so that a test can hold it still."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCAL_ZONE = ZoneInfo("Asia/Shanghai")
_held: ContextVar[datetime | None] = ContextVar("held_time", default=None)


def now() -> datetime:
    """Return the current time, aware and in UTC."""
    return _held.get() or datetime.now(UTC)


def local(moment: datetime) -> datetime:
    """Return the same moment as read from a clock in Asia/Shanghai."""
    return moment.astimezone(LOCAL_ZONE)


def today() -> date:
    """Return the calendar day in Asia/Shanghai, to which calls and reports belong."""
    return local(now()).date()


def local_day(moment: datetime) -> date:
    """Return the calendar day in Asia/Shanghai on which a moment falls."""
    return local(moment).date()


def told(moment: datetime) -> str:
    """Return ``14:05`` as people say when something was done, and ``2020-04-05 14:05`` when that was not today."""
    pattern = "%H:%M" if local_day(moment) == today() else "%Y-%m-%d %H:%M"
    return local(moment).strftime(pattern)


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """Hold the time at an aware moment; refused (ValueError) for a naive one."""
    if moment.tzinfo is None:
        msg = "a frozen time needs a zone"
        raise ValueError(msg)
    token = _held.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _held.reset(token)
