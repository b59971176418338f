"""Taking over lists from paper: upload, look through, import, take back."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from flask import flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _

from casework.core.errors import Conflict, Invalid
from casework.intake import queries, service
from casework.intake.forms.paper import UploadForm
from casework.intake.types import APPROXIMATE_NAMES, CALL_TYPE_NAMES, OUTCOME_NAMES, RISK_NAMES, TOPIC_NAMES
from casework.intake.types.paper import COLUMN_TITLES, FLAW_NAMES, MOST_ROWS, REQUIRED
from casework.intake.views.base import UNPROCESSABLE, answer_again, blueprint
from casework.people import queries as people
from casework.security.guard import current_actor, permitted
from casework.security.permissions import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from flask import Response
    from flask.typing import ResponseReturnValue

    from casework.intake.types.paper import PaperList

_MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FLAWS_SHOWN = 200
_CALLS_SHOWN = 20


@blueprint.get("/calls/paper")
@permitted(Permission.CALLS_PAPER_IMPORT)
def paper_lists() -> str:
    """Show what was taken over, and where the next list is uploaded."""
    return _lists(UploadForm())


@blueprint.post("/calls/paper")
@permitted(Permission.CALLS_PAPER_IMPORT)
def upload_paper() -> ResponseReturnValue:
    """Look a file through; without a flaw its preview comes next, else everything that is wrong is named."""
    form = UploadForm()
    if not form.validate():
        return answer_again(lambda: _lists(form), UNPROCESSABLE)
    try:
        batch, found = service.paper.check(form.content(), actor=current_actor())
    except (Invalid, Conflict) as error:
        form.refuse(error)
        return answer_again(lambda: _lists(form), error.status)
    if batch is None:
        return answer_again(lambda: _lists(form, found), UNPROCESSABLE)
    return redirect(url_for("intake.paper_list", batch_id=batch.id), 303)


@blueprint.get("/calls/paper/template.xlsx")
@permitted(Permission.CALLS_PAPER_IMPORT)
def paper_template() -> Response:
    """Hand out an empty list with two lines as examples."""
    response = make_response(_workbook(service.paper.template_rows()))
    response.mimetype = _MEDIA_TYPE
    response.headers["Content-Disposition"] = "attachment; filename=calls-on-paper.xlsx"
    return response


@blueprint.get("/calls/paper/<uuid:batch_id>")
@permitted(Permission.CALLS_PAPER_IMPORT)
def paper_list(batch_id: UUID) -> str:
    """Show what a list would bring; names, numbers and texts are not shown."""
    actor = current_actor()
    batch = queries.paper.get_batch(actor, batch_id)
    found = service.paper.preview(batch, actor=actor)
    return render_template(
        "intake/paper_preview.html",
        batch=batch,
        calls=found.calls[:_CALLS_SHOWN],
        unknown=found.unknown,
        call_types=CALL_TYPE_NAMES,
        topics=TOPIC_NAMES,
        risks=RISK_NAMES,
        outcomes=OUTCOME_NAMES,
        marks=APPROXIMATE_NAMES,
    )


@blueprint.post("/calls/paper/<uuid:batch_id>/import")
@permitted(Permission.CALLS_PAPER_IMPORT)
def import_paper(batch_id: UUID) -> ResponseReturnValue:
    """Take a list over as a whole."""
    actor = current_actor()
    batch = service.paper.import_batch(queries.paper.hold_batch(actor, batch_id), actor=actor)
    flash(_("已导入 %(lines)s 行，计 %(calls)s 通来电。", lines=batch.lines, calls=batch.calls))
    return redirect(url_for("intake.paper_lists"), 303)


@blueprint.post("/calls/paper/<uuid:batch_id>/withdraw")
@permitted(Permission.CALLS_PAPER_IMPORT)
def withdraw_paper(batch_id: UUID) -> ResponseReturnValue:
    """Take an imported list back as a whole."""
    actor = current_actor()
    batch = service.paper.withdraw(queries.paper.hold_batch(actor, batch_id), actor=actor)
    flash(_("已撤回，%(calls)s 通来电不再计入。", calls=batch.calls))
    return redirect(url_for("intake.paper_lists"), 303)


def _lists(form: UploadForm, found: PaperList | None = None) -> str:
    actor = current_actor()
    batches = queries.paper.list_batches(actor)
    return render_template(
        "intake/paper.html",
        form=form,
        found=found,
        flaws=found.found[:_FLAWS_SHOWN] if found else (),
        batches=batches,
        people=people.names_of({each.account_id for each in batches}),
        columns=COLUMN_TITLES,
        required=[COLUMN_TITLES[each] for each in REQUIRED],
        flaw_names=FLAW_NAMES,
        most=MOST_ROWS,
    )


def _workbook(rows: list[list[str]]) -> bytes:
    from openpyxl import Workbook  # noqa: PLC0415 - heavy, and only this page needs it

    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("来电"))
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append(row)
    target = BytesIO()
    book.save(target)
    return target.getvalue()
