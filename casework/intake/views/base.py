"""What all pages of calls share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from flask import Blueprint, make_response
from flask_babel import gettext as _

from casework.cases.rules import services_of
from casework.core import clock, crypto
from casework.core.db import read_transaction
from casework.core.ids import new_id
from casework.directory import queries as directory
from casework.intake import queries
from casework.intake.forms import CallForm
from casework.intake.forms.call import parsed_id
from casework.intake.service import DraftKey, telephony
from casework.intake.types import Contacts, divisions
from casework.options import queries as options
from casework.programme import queries as programme

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from flask import Response

    from casework.intake.models import Ringing
    from casework.programme.models import Subproject
    from casework.security.actor import Actor

blueprint: Final = Blueprint("intake", __name__)
UNPROCESSABLE, CONFLICT = 422, 409
# 反复来电: at least three calls in seven days.
OFTEN: Final = 3


def answer_again(render: Callable[[], str | Response], status: int) -> Response:
    """Return a page after something was refused; nothing of the attempt is kept.

    The page is made in a reading transaction, so that the read events of sealed texts on it are written although the
    refused attempt is rolled back.
    """
    with read_transaction():
        return make_response(render(), status)


def lines_of(actor: Actor) -> list[tuple[UUID, str]]:
    """Return the lines that are open today in the actor's sub-project."""
    return [(line.id, line.name) for line in programme.list_lines(actor, actor.subproject_id)]


def call_form(actor: Actor, subproject: Subproject) -> CallForm:
    """Return the form of a call with what this call-taker may choose, filled from the request when one was sent."""
    form = CallForm()
    form.offer(
        lines=lines_of(actor),
        home=subproject.division,
        services=services_of(actor.role),
        lists=options.catalogue(),
        resources=directory.list_all(actor),
        recent=queries.recent_topics(actor),
    )
    return form


def page_name() -> str:
    """Return the name of a page that is being shown, by which its saves are told from those of other windows."""
    return str(uuid4())


@dataclass(frozen=True, slots=True)
class ShownRinging:
    """What rings on a desk. ``mark`` changes when anything shown changes."""

    rows: list[tuple[Ringing, str]]
    mark: str


def shown_ringing(actor: Actor) -> ShownRinging:
    """Return what rings on the actor's desk, each with the name of its line."""
    # What rings is for those who may answer it.
    found = queries.list_ringing(actor) if queries.is_admitted(actor) else []
    lines = {} if not found else {line.id: line.name for line in programme.list_all_lines(actor, actor.subproject_id)}
    states = "".join(f"{each.leg_id}{each.answered_at is None}" for each in found)
    mark = crypto.sha256(states.encode()).hex()[:16] if found else ""
    return ShownRinging([(each, lines.get(each.line_id, "")) for each in found], mark)


def from_ringing(form: CallForm, leg_id: UUID, actor: Actor) -> CallForm:
    """Let a fresh form begin with the line, number and time of a call that was taken from the desk."""
    row, phone = telephony.number_of_taken(leg_id, actor=actor)
    form.draft.data, form.caller_phone.data = str(leg_id), phone
    form.started_at.data = row.started_at.isoformat(timespec="seconds")
    form.line.data = str(row.line_id)
    return form


def fresh(form: CallForm, actor: Actor, subproject: Subproject, named: UUID | None = None) -> CallForm:
    """Begin an empty form: a new draft or the one named, the line last used, the place of the sub-project."""
    form.draft.data, form.rev.data, form.writer.data = str(named or new_id()), "0", page_name()
    form.started_at.data = clock.now().isoformat(timespec="seconds")
    last = queries.last_line(actor)
    form.line.data = str(last) if last is not None else form.line.data
    home = divisions.city_of(subproject.division or "")
    form.division.data = "" if home == divisions.UNKNOWN else home
    return form


def draft_key(form: CallForm) -> DraftKey | None:
    """Return which draft a sent form continues; None for a form that does not say so."""
    call_id, writer = parsed_id(form.draft.data), parsed_id(form.writer.data)
    rev = form.rev.data or "0"
    if call_id is None or writer is None or not (rev.isascii() and rev.isdigit()):
        return None
    return DraftKey(call_id, int(rev[:9]), writer)


def contacts_text(found: Contacts | None) -> str:
    """Return how often and when a number has called, in words; empty for what is no number of a person."""
    if found is None:
        return ""
    if found.last_at is None:
        return _("首次来电。")
    times = {"n": found.count, "at": said(found.last_at)}
    if found.recent >= OFTEN:
        return _("反复来电：共 %(n)s 次，近 7 天 %(recent)s 次，上次 %(at)s。", recent=found.recent, **times)
    return _("此号码来过 %(n)s 次，上次 %(at)s。", **times)


def said(moment: datetime) -> str:
    """Return a moment as on a clock in Asia/Shanghai."""
    return f"{clock.local(moment):%Y-%m-%d %H:%M}"
