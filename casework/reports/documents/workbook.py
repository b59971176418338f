"""Statistics as an Excel workbook: typed cells, frozen headers, definitions, and the same small numbers hidden."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from flask_babel import gettext as _

from casework.core import clock
from casework.reports.disclosure import Mark
from casework.reports.documents import labels
from casework.reports.rules import HOURS, MEASURES, SLOT_HOURS
from casework.reports.types import PURPOSE_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from openpyxl import Workbook

    from casework.reports.queries import Dashboard
    from casework.reports.types import Figure, Purpose

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_SHARE: Final = "0.0%"
Value = str | int | float | None


def file_name(dashboard: Dashboard) -> str:
    """Return a name that tells period and sub-project, and nothing about a person."""
    code = dashboard.place.subproject.code if dashboard.place.subproject else "all"
    return f"statistics-{dashboard.period.key}-{code}.xlsx"


def build(dashboard: Dashboard, purpose: Purpose) -> bytes:
    """Return the workbook. A hidden number is a text ("<5" or a dash), so that no sum counts it as zero."""
    from openpyxl import Workbook as NewWorkbook  # noqa: PLC0415 - only exports need it

    book = NewWorkbook(write_only=True)
    _sheet(book, _("说明"), (_("项"), _("内容")), _about(dashboard, purpose), (18, 90))
    _sheet(
        book,
        _("数据"),
        (_("指标"), _("类别"), _("数量"), _("占比"), _("单位")),
        _figures(dashboard),
        (24, 28, 12, 12, 10),
    )
    _sheet(
        book, _("时间"), (_("日期或月份"), _("来电量")), [(p.key, _cell(p.figure)) for p in dashboard.series], (16, 12)
    )
    if dashboard.heat:
        _sheet(book, _("时段"), (_("小时"), *weekdays()), _hours(dashboard), (10, *(8,) * 7))
    if dashboard.lines:
        _sheet(book, _("热线"), (_("热线"), _("来电量")), [(name, _cell(f)) for name, f in dashboard.lines], (36, 12))
    if dashboard.sides:
        _sheet(book, _("子项目对比"), (_("子项目"), *side_titles().values()), _sides(dashboard), (44, *(12,) * 10))
    definitions = ((str(m.title), str(m.unit), str(m.definition), m.clause) for m in MEASURES.values())
    _sheet(book, _("口径"), (_("指标"), _("单位"), _("口径"), _("依据")), definitions, (24, 10, 80, 16))
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def weekdays() -> list[str]:
    """Return the names of the days of a week, Monday first."""
    return [_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")]


def slot_names() -> list[str]:
    """Return the names of the times of a day: 00–03 and so on."""
    return [f"{hour:02d}–{hour + SLOT_HOURS:02d}" for hour in range(0, HOURS, SLOT_HOURS)]


def side_titles() -> dict[str, str]:
    """Return the columns of sub-projects side by side."""
    return {
        "total": _("来电量"),
        "high": _("高危及以上"),
        "not_assessed": _("未评估"),
        "repeat": _("重复来电"),
        "case_opened": _("新开个案"),
        "case_closed": _("结案"),
        "case_session": _("服务人次"),
        "online": _("线上"),
        "offline": _("线下"),
        "case_client": _("首次服务人数"),
    }


def _about(dashboard: Dashboard, purpose: Purpose) -> Iterator[tuple[str, str]]:
    place = dashboard.place
    yield _("范围"), f"{place.subproject.name} · {place.name}" if place.line and place.subproject else place.name
    yield _("期间"), f"{labels.period_name(dashboard.period)}（{dashboard.period.start} – {dashboard.period.end}）"
    yield _("数据截至"), clock.local(dashboard.as_of).strftime("%Y-%m-%d %H:%M")
    yield _("用途"), str(PURPOSE_NAMES[purpose])
    yield "<5", _("1 至 4 人的数字不显示具体数值。")
    yield "—", _("为避免推算出较小的数字而不显示。")
    yield _("占比"), _("基数满 20 才显示。")


def _figures(dashboard: Dashboard) -> Iterator[Sequence[Value]]:
    for table in dashboard.tables.values():
        title, unit = str(table.measure.title), str(table.measure.unit)
        yield title, _("合计"), _cell(table.total), None, unit
        if table.measure.id == "hour":
            continue
        for row in table.rows:
            yield title, row.label, _cell(row.figure), row.figure.share, unit
        if table.missing is not None:
            yield title, _("未填写"), _cell(table.missing), None, unit


def _hours(dashboard: Dashboard) -> Iterator[Sequence[Value]]:
    for name, row in zip(slot_names(), dashboard.heat, strict=True):
        yield name, *(_cell(figure) for figure in row)


def _sides(dashboard: Dashboard) -> Iterator[Sequence[Value]]:
    for side in dashboard.sides:
        yield side.name, *(_cell(side.figures[column]) for column in side_titles())


def _cell(figure: Figure) -> int | str:
    return figure.count if figure.mark is Mark.SHOWN and figure.count is not None else figure.text


def _sheet(book: Workbook, title: str, header: Sequence[str], rows: Any, widths: Sequence[int]) -> None:  # noqa: ANN401 - any rows
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 - only exports need it

    sheet: Any = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.append([_typed(sheet, name, is_header=True) for name in header])
    for row in rows:
        sheet.append([_typed(sheet, value) for value in row])


def _typed(sheet: Any, value: Value, *, is_header: bool = False) -> Any:  # noqa: ANN401 - openpyxl's types say less than its objects do
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - only exports need it
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415 - only exports need it

    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        # A name that begins like a formula stays a text, also when somebody edits the cell.
        cell.data_type = "s"
        cell.quotePrefix = value.startswith(_FORMULA)
        cell.alignment = Alignment(vertical="top", wrap_text=True)
    if isinstance(value, float):
        cell.number_format = _SHARE
    if is_header:
        cell.font = Font(bold=True)
    return cell
