"""What stands on the page about the line: each figure with its definition, and the drawings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flask_babel import gettext as _

from casework.intake.types.telephony import LineState
from casework.reports.disclosure import Mark
from casework.reports.documents import charts, labels
from casework.reports.types import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from casework.reports.queries import LinePage
    from casework.reports.types import Figure

_MINUTE: Final = 60
_HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class Card:
    """One figure: how it is called, what it is, its unit, how it is defined."""

    label: str
    value: str
    unit: str
    definition: str


def cards(page: LinePage, hours: int | None) -> list[Card]:
    """Return the figures of the page in order; ``hours``: how long seats were staffed, if known."""
    return [*_counts(page), *_rates(page), *_times(page), _occupancy(page, hours)]


def trend(page: LinePage) -> Markup | None:
    """Return the drawing of calls offered over time, or None where there is nothing to draw."""
    points = [(labels.point_name(point.key), point.figure) for point in page.series]
    if not _has_any(points):
        return None
    title = _("每日呼入量") if page.period.span is Span.MONTH else _("每月呼入量")
    return charts.columns(title, points, _described(points))


def lines(page: LinePage) -> Markup | None:
    """Return the drawing of calls offered by line, or None where there is nothing to draw."""
    rows = [(each.name, each.offered) for each in page.lines]
    return charts.bars(_("各热线呼入量"), rows, _described(rows)) if _has_any(rows) else None


def percent(rate: float | None) -> str:
    """Return a rate with one decimal, or a dash where it may not be told."""
    return "—" if rate is None else f"{rate * 100:.1f}%"


def seconds(length: float | None) -> str:
    """Return a length of time as 8.4 or 2:05, or a dash where it may not be told."""
    if length is None:
        return "—"
    if length < _MINUTE:
        return f"{length:.1f}".removesuffix(".0")
    whole = round(length)
    return f"{whole // _MINUTE}:{whole % _MINUTE:02d}"


def _counts(page: LinePage) -> list[Card]:
    figures, calls = page.figures, _("通")
    states = figures.states
    return [
        Card(
            _("呼入量"), figures.offered.text, calls,
            _("到达热线的全部来电，由交换机记录，含短时放弃和占线；热线的开通时段未登记，因此不分时段。"),
        ),
        Card(
            _("接通"), states[LineState.ANSWERED].text, calls,
            _("接到人的来电。语音信箱或录音接起的不算。按接通当日（北京时间）计入，未接通的按呼入当日。"),
        ),
        Card(
            _("放弃"), states[LineState.LOST].text, calls,
            _("没有接到人的来电：来电者等候满 5 秒后挂断，或一直响铃无人接听。"),
        ),
        Card(
            _("短时放弃"), states[LineState.SHORT].text, calls,
            _("来电者不满 5 秒即挂断，多为误拨，单独列出，不计入接通率和放弃率。"),
        ),
        Card(
            _("占线"), states[LineState.BLOCKED].text, calls, _("线路忙、拥塞或故障，没有响铃。计入接通率的分母。"),
        ),
    ]  # fmt: skip


def _rates(page: LinePage) -> list[Card]:
    figures = page.figures
    small = _("分母满 20，且其中每个数字都可显示时才显示。")
    return [
        Card(_("接通率"), percent(figures.answer_rate), "", _("接通 ÷（呼入 − 短时放弃）。") + small),
        Card(_("放弃率"), percent(figures.lost_rate), "", _("放弃 ÷（呼入 − 短时放弃）。") + small),
        Card(
            _("服务水平（%(n)s 秒内）", n=page.within), percent(figures.service_level), "",
            _("%(n)s 秒内接通的来电 ÷（呼入 − 短时放弃）。", n=page.within) + small,
        ),
    ]  # fmt: skip


def _times(page: LinePage) -> list[Card]:
    waits = page.figures.waits
    said = _("等待 = 接通时间 − 到达时间，只计接通的来电，整秒；接通满 20 通才显示。")
    return [
        _time(_("平均等待"), waits.mean if waits else None, _("等待时间的平均值（ASA）。") + said),
        _time(
            _("等待中位数"), waits.median if waits else None,
            _("一半来电的等待不超过此数；通数为偶数时取中间两通的平均。") + said,
        ),
        _time(_("九成等待"), waits.p90 if waits else None, _("十通中有九通的等待不超过此数（p90）。") + said),
        _time(_("最长等待"), waits.longest if waits else None, said),
        _time(
            _("平均通话"), page.figures.mean_talk,
            _("接通到结束的平均时长，只计结束时间已知的来电；满 20 通才显示。"),
        ),
    ]  # fmt: skip


def _time(label: str, length: float | None, definition: str) -> Card:
    unit = _("秒") if length is not None and length < _MINUTE else _("分:秒")
    return Card(label, seconds(length), unit, definition)


def _occupancy(page: LinePage, hours: int | None) -> Card:
    """Return talking over staffed time, made of figures that are told already: it gives nothing else away."""
    answered, talk = page.figures.states[LineState.ANSWERED].count, page.figures.mean_talk
    rate = answered * talk / hours / _HOUR if hours and answered is not None and talk is not None else None
    return Card(
        _("座席占用率"), _("未知") if hours is None else percent(rate), "",
        _("接通 × 平均通话 ÷ 座席在岗时间。交换机不记录在岗时间：请在上方填写本期所有座席在岗的小时之和。")
        + _("整理时长没有记录，不计在内；超过 100% 说明在岗时间填少了。"),
    )  # fmt: skip


def _has_any(rows: Sequence[tuple[str, Figure]]) -> bool:
    return any(figure.count or figure.mark is not Mark.SHOWN for _label, figure in rows)


def _described(rows: Sequence[tuple[str, Figure]]) -> str:
    words = "；".join(f"{label} {figure.text}" for label, figure in rows)
    return _("单位：%(unit)s。%(rows)s。", unit=_("通"), rows=words)
