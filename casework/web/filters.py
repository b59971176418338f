"""What templates may do to a value: local times, waiting times, due dates, addresses of files and of pages."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from flask import current_app, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from casework.core import clock
from casework.web import forms

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

SOON: Final = 7
_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_versions: dict[tuple[str, int], str] = {}


@dataclass(frozen=True, slots=True)
class Due:
    """A due date as people say it. ``kind`` is overdue, today, soon or later."""

    text: str
    kind: str
    machine: str
    exact: str


def install(app: Flask) -> None:
    """Register the filters and functions of templates."""
    filters: dict[str, Callable[..., Any]] = {
        "local_clock": local_clock,
        "local_date": local_date,
        "local_datetime": local_datetime,
        "local_time": local_time,
        "machine_time": machine_time,
        "minutes": minutes,
        "due": due,
        "waiting": waiting,
    }
    app.jinja_env.filters.update(filters)
    app.jinja_env.globals.update(asset=asset, page_url=page_url, anchor=forms.anchor)


def local_datetime(moment: datetime) -> str:
    """Return ``2020-04-05 14:05`` as on a clock in Asia/Shanghai."""
    return clock.local(moment).strftime("%Y-%m-%d %H:%M")


def local_date(moment: datetime | date) -> str:
    """Return ``2020-04-05``, the day in Asia/Shanghai."""
    return _day(moment).isoformat()


def local_clock(moment: datetime) -> str:
    """Return ``14:05:09``: where seconds count."""
    return clock.local(moment).strftime("%H:%M:%S")


def local_time(moment: datetime) -> str:
    """Return ``14:05`` as on a clock in Asia/Shanghai."""
    return clock.local(moment).strftime("%H:%M")


def machine_time(moment: datetime | date) -> str:
    """Return the value of a ``<time datetime>``."""
    if isinstance(moment, datetime):
        return clock.local(moment).isoformat(timespec="minutes")
    return moment.isoformat()


def minutes(seconds: float) -> str:
    """Return a length of time in whole words: seconds below a minute, minutes below an hour, then hours."""
    whole = int(seconds)
    if whole < _MINUTE:
        return ngettext("%(num)s 秒", "%(num)s 秒", whole)
    if whole < _HOUR:
        return ngettext("%(num)s 分钟", "%(num)s 分钟", whole // _MINUTE)
    if whole < _DAY:
        hours, rest = divmod(whole // _MINUTE, _MINUTE)
        return _("%(hours)s 小时 %(minutes)s 分", hours=hours, minutes=rest) if rest else _hours(hours)
    return ngettext("%(num)s 天", "%(num)s 天", whole // _DAY)


def waiting(since: datetime) -> str:
    """Return how long something has been waiting until now."""
    return minutes(max(timedelta(), clock.now() - since).total_seconds())


def due(moment: datetime | date) -> Due:
    """Return a due day in words relative to today in Asia/Shanghai: 逾期 2 天, 今天, 明天, 3 天后, then the date."""
    day = _day(moment)
    days = (day - clock.today()).days
    exact = local_datetime(moment) if isinstance(moment, datetime) else day.isoformat()
    kind, text = _due_words(days, day)
    return Due(text, kind, machine_time(moment), exact)


def asset(filename: str) -> str:
    """Return the address of a static file with its fingerprint, so that it may be kept for ever."""
    path = Path(str(current_app.static_folder)) / filename
    key = (filename, path.stat().st_mtime_ns)
    if key not in _versions:
        _versions[key] = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    return url_for("static", filename=filename, v=_versions[key])


def page_url(**changes: str | int | None) -> str:
    """Return the present address with changed query arguments; None removes one. The host never changes."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in changes]
    query = urlencode([*kept, *((name, value) for name, value in changes.items() if value is not None)])
    path = f"{request.script_root}/{request.path.lstrip('/')}"
    return f"{path}?{query}" if query else path


def _day(moment: datetime | date) -> date:
    return clock.local_day(moment) if isinstance(moment, datetime) else moment


def _hours(hours: int) -> str:
    return ngettext("%(num)s 小时", "%(num)s 小时", hours)


def _due_words(days: int, day: date) -> tuple[str, str]:
    if days < 0:
        return "overdue", ngettext("逾期 %(num)s 天", "逾期 %(num)s 天", -days)
    if days == 0:
        return "today", _("今天")
    if days == 1:
        return "soon", _("明天")
    if days <= SOON:
        return "soon", ngettext("%(num)s 天后", "%(num)s 天后", days)
    return "later", day.isoformat()
