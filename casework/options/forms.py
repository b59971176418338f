"""A whole list as one form: a row of fields for each option, and one for a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, StringField
from wtforms.validators import Length, Optional

from casework.options.types import LONGEST_CODE, LONGEST_KEYWORDS, LONGEST_NAME, Entry
from casework.web.forms import BaseForm

if TYPE_CHECKING:
    from collections.abc import Sequence

NEW: Final = "new"
_FIELDS: Final = ("name_zh", "name_en", "offered_from", "offered_until", "keywords")


class ListForm(BaseForm):
    """What every list has. ``order`` holds the codes as they stand on the page, ``version`` what was being edited."""

    order = HiddenField()
    version = HiddenField()

    def cell(self, name: str, code: str) -> Any:  # noqa: ANN401 - a bound field
        """Return a field of one row."""
        return self[f"{name}-{code}"]


class _Rows(ListForm):
    """Base of the forms below; its class is made for one list, because a form library wants to know its fields."""


def list_form(entries: Sequence[Entry], *, version: int, is_open: bool) -> ListForm:
    """Return the form of a list, filled from the request when one was sent, else with what is stored."""
    fields: dict[str, Any] = {}
    for code in [entry.code for entry in entries] + ([NEW] if is_open else []):
        fields |= {f"{name}-{code}": field for name, field in _row().items()}
    if is_open:
        fields[f"code-{NEW}"] = StringField(_l("代码"), validators=[Length(max=LONGEST_CODE)])
    made: type[ListForm] = type("RowsOfOneList", (_Rows,), fields)
    form = made()
    if not form.is_submitted():
        form.order.data, form.version.data = " ".join(entry.code for entry in entries), str(version)
        for entry in entries:
            for name in _FIELDS:
                form.cell(name, entry.code).data = getattr(entry, name)
    return form


def ordered(form: ListForm, entries: Sequence[Entry]) -> list[str]:
    """Return the codes in the order of the page; what the page does not name stands last, what is unknown nowhere."""
    known = [entry.code for entry in entries]
    named = list(dict.fromkeys(code for code in (form.order.data or "").split() if code in known))
    return named + [code for code in known if code not in named]


def entered(form: ListForm, entries: Sequence[Entry]) -> list[Entry]:
    """Return the list as it was typed, a new option last; codes are those that are stored."""
    kept = {entry.code: entry for entry in entries}
    found = [_entry(form, code, code, is_built_in=kept[code].is_built_in) for code in ordered(form, entries)]
    if f"code-{NEW}" in form and _is_new(form):
        code = (form.cell("code", NEW).data or "").strip()
        found.append(_entry(form, NEW, code, is_built_in=False))
    return found


def _is_new(form: ListForm) -> bool:
    return any(form.cell(name, NEW).data for name in ("code", "name_zh", "name_en"))


def _entry(form: ListForm, row: str, code: str, *, is_built_in: bool) -> Entry:
    return Entry(
        code=code,
        name_zh=form.cell("name_zh", row).data or "",
        name_en=form.cell("name_en", row).data or "",
        offered_from=form.cell("offered_from", row).data,
        offered_until=form.cell("offered_until", row).data,
        is_built_in=is_built_in,
        keywords=form.cell("keywords", row).data or "",
    )


def _row() -> dict[str, Any]:
    return {
        "name_zh": StringField(_l("中文名称"), validators=[Length(max=LONGEST_NAME)]),
        "name_en": StringField(_l("英文名称"), validators=[Length(max=LONGEST_NAME)]),
        "offered_from": DateField(_l("启用日期"), validators=[Optional()]),
        "offered_until": DateField(_l("最后可选日"), validators=[Optional()]),
        "keywords": StringField(_l("搜索关键词"), validators=[Length(max=LONGEST_KEYWORDS)]),
    }
