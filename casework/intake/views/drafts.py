"""Drafts: opened again after a crash, saved while typing, thrown away; and the recognition of repeat callers."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import flash, jsonify, redirect, url_for
from flask_babel import gettext as _

from casework.core import clock
from casework.core.errors import Conflict, NotFound
from casework.intake import queries, service
from casework.intake.forms.call import kept, parsed_id
from casework.intake.service import DraftKey
from casework.intake.types import CallStatus
from casework.intake.views.base import CONFLICT, OFTEN, answer_again, blueprint, call_form, contacts_text, said
from casework.intake.views.call import continue_draft, page, version_of
from casework.intake.views.panel import notes_in, notes_of
from casework.security.guard import current_actor, permitted
from casework.security.permissions import Permission
from casework.web.bodies import sent_json, whole

if TYPE_CHECKING:
    from uuid import UUID

    from flask import Response
    from flask.typing import ResponseReturnValue

    from casework.clients.queries import OpenedPlan
    from casework.security.actor import Actor

_NUMBER_LENGTH = 60


@blueprint.get("/calls/drafts/<uuid:call_id>")
@permitted(Permission.CALLS_CALL_LOG)
def draft(call_id: UUID) -> ResponseReturnValue:
    """Show a draft as it was typed."""
    actor = current_actor()
    call = queries.get_own(actor, call_id)
    if call.status == CallStatus.FINISHED:
        return redirect(url_for("intake.correct", call_id=call.id), 303)
    form = call_form(actor, service.require_open_desk(actor, begun=True))
    form.restore(queries.open_draft(actor, call))
    return page(continue_draft(form, call), stored=call, restored=True)


@blueprint.post("/calls/drafts/<uuid:call_id>")
@permitted(Permission.CALLS_CALL_LOG)
def save_draft(call_id: UUID) -> ResponseReturnValue:
    """Store what was typed so far (JSON). 409 answers with what another window saved meanwhile."""
    actor = current_actor()
    sent = sent_json()
    key = DraftKey(call_id, whole(sent, "rev"), writer_of(sent), whole(sent, "seq"))
    fields = sent.get("fields")
    typed = fields if isinstance(fields, dict) else {}
    content = kept(typed)
    try:
        call = service.save_draft(
            key,
            content,
            actor=actor,
            notes=notes_in(typed),
            line_id=parsed_id(str(content.get("line", ""))),
            started_at=begun_at(sent),
        )
    except Conflict as error:
        message = str(error.message)
        return answer_again(lambda: _other(actor, call_id, message), CONFLICT)
    return jsonify(rev=call.rev, saved_at=f"{clock.local(call.saved_at):%H:%M:%S}")


@blueprint.post("/calls/drafts/<uuid:call_id>/discard")
@permitted(Permission.CALLS_CALL_LOG)
def discard_draft(call_id: UUID) -> ResponseReturnValue:
    """Throw a draft away for good."""
    service.discard_draft(call_id, actor=current_actor())
    flash(_("草稿已放弃。"))
    return redirect(url_for("intake.desk"), 303)


@blueprint.post("/calls/repeat")
@permitted(Permission.CALLS_CALL_LOG)
def repeat() -> ResponseReturnValue:
    """Answer how often and when a number has called, where it is from, and its alert plan (JSON).

    The number stands in the body, never in an address.
    """
    sent, actor = sent_json(), current_actor()
    phone = str(sent.get("phone", ""))[:_NUMBER_LENGTH]
    found = service.look_up(phone, actor=actor, call_id=parsed_id(str(sent.get("draft", ""))))
    return jsonify(
        text=contacts_text(found),
        count=found.count if found else 0,
        often=found is not None and found.recent >= OFTEN,
        division=service.division_of(phone),
        calls=[_earlier(moment, each) for moment, each in found.calls] if found else [],
        plans=[_plan(each) for each in service.plans_for(phone, actor=actor)],
    )


def _earlier(moment: datetime, call_id: UUID | None) -> dict[str, str | None]:
    return {"at": said(moment), "href": url_for("intake.show", call_id=call_id) if call_id else None}


def _other(actor: Actor, call_id: UUID, message: str) -> Response:
    call = queries.get_own(actor, call_id)
    found = version_of(actor, call) | notes_of(queries.open_steps(actor, call))
    filled = {name: value for name, value in found.items() if value not in (None, "", [])}
    fields = {name: value if isinstance(value, list) else str(value) for name, value in filled.items()}
    return jsonify(message=message, rev=call.rev, fields=fields)


def _plan(opened: OpenedPlan) -> dict[str, str]:
    until = _("有效至 %(day)s", day=opened.plan.ends_on.isoformat())
    if opened.text is None:
        return {
            "until": until,
            "closed": _("此号码有来电预案，你还没有获得授权。请告诉值班督导，在“密钥授权”页为你授权。"),
        }
    text = opened.text
    return {"until": until, "helps": text.helps, "limits": text.limits, "contact": text.contact, "closed": ""}


def writer_of(sent: dict[str, Any]) -> UUID:
    """Return which page sent it; refused (NotFound) when it does not say so."""
    writer = parsed_id(str(sent.get("writer", "")))
    if writer is None:
        raise NotFound(_("找不到这份草稿。"))
    return writer


def begun_at(sent: dict[str, Any]) -> datetime | None:
    """Return when the page was opened, or None when it does not say so."""
    with suppress(ValueError):
        moment = datetime.fromisoformat(str(sent.get("started_at", "")))
        return moment if moment.tzinfo is not None else None
    return None
