"""Two numbers are one person: joined by a supervisor who heard it, never over the heads of two open cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l

from casework.cases import queries as cases
from casework.clients import queries as clients
from casework.clients import service as persons
from casework.core.errors import Conflict, Invalid
from casework.intake.queries import open_call

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from casework.cases.models import Case
    from casework.clients.models import Client, NumberJoin
    from casework.clients.types import JoinReason
    from casework.intake.models import Call
    from casework.security.actor import Actor


def join_person(call: Call, other: Sequence[bytes], reason: JoinReason, *, actor: Actor) -> NumberJoin:
    """Make the number of a call and another number one person; its event is numbers.joined.

    Refused: a call without a number (Invalid), two open cases (Conflict, naming both: which one goes on is for people
    to decide), and as ``clients.service`` refuses.
    """
    if call.number_index is None:
        raise Invalid(_l("这通来电没有号码，不能合并。"))
    own = clients.indexes_like(call.number_index)
    ours, theirs = (_open_case(call.subproject_id, each) for each in (own, other))
    if ours is not None and theirs is not None and ours.id != theirs.id:
        raise Conflict(
            _l(
                "两个号码各有一个未结的个案（%(first)s、%(second)s），没有合并。请先决定保留哪一个，把另一个结案，再来合并。",
                first=ours.number,
                second=theirs.number,
            ),
            field="other",
        )
    return persons.join_numbers(own, other, reason, actor=actor)


def person_of_call(call: Call, *, actor: Actor) -> Client:
    """Return the client behind the number of a call, registered now when nobody knew it; for a plan.

    Its events are call.read and client.identified. Refused (Invalid): a call without a number.
    """
    if call.number_index is None:
        raise Invalid(_l("这通来电没有号码，不能为它写来电预案。"))
    words = open_call(actor, call, part="plan").words
    return persons.identify(call.subproject_id, name=words.caller_name, phone=words.caller_phone, actor=actor)


def _open_case(subproject_id: UUID, indexes: Sequence[bytes]) -> Case | None:
    found = (cases.open_case_of(each, subproject_id) for each in clients.clients_of_person(subproject_id, indexes))
    return next((case for case in found if case is not None), None)
