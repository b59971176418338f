"""Numbers: recognising a repeat caller, and showing a number in full."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from casework.audit import trail
from casework.audit.events import Action
from casework.clients import queries as clients
from casework.clients.rules import normalise
from casework.core import clock
from casework.intake import queries
from casework.intake.queries.places import caller_place, digest_of
from casework.intake.service.places import require_open_desk
from casework.intake.types import divisions
from casework.vault import service as vault

if TYPE_CHECKING:
    from uuid import UUID

    from casework.clients.queries import OpenedPlan
    from casework.intake.models import Call
    from casework.intake.types import Contacts
    from casework.security.actor import Actor

_CHINA: Final = "+86"


def look_up(phone: str, *, actor: Actor, call_id: UUID | None = None) -> Contacts | None:
    """Return how often and when a number has called this sub-project; None for what is no number of a person.

    Its event is caller.looked_up, so that somebody who asks for numbers one after the other is seen.
    """
    subproject = require_open_desk(actor)
    number = normalise(phone)
    if number is None or not number.identifies:
        return None
    indexes = clients.number_indexes(number.canonical)
    found = queries.contacts_of(subproject.id, indexes, clock.now(), without=call_id)
    details = {"known": found.count > 0}
    trail.record(Action.CALLER_LOOKED_UP, actor=actor, subject_kind="call", subject_id=call_id, details=details)
    earlier = queries.earlier_calls(actor, indexes, clock.now(), without=call_id)
    return replace(found, calls=tuple(earlier))


def plans_for(phone: str, *, actor: Actor) -> list[OpenedPlan]:
    """Return the alert plans that hold for the person of a number, for whoever takes the call.

    Each that opens leaves plan.read. Empty for what is no number of a person.
    """
    require_open_desk(actor)
    number = normalise(phone)
    if number is None or not number.identifies:
        return []
    return clients.plans_for_call(actor, clients.number_indexes(number.canonical))


def division_of(phone: str) -> str:
    """Return the code of the city, or of the province, in which a number was issued; empty when nobody knows."""
    number = normalise(phone)
    if number is None or not number.canonical.startswith(_CHINA):
        return ""
    # Its tables are large, and only this answer needs them: never a page.
    from phonenumbers import geocoder, parse  # noqa: PLC0415 - see above

    return divisions.code_of(geocoder.description_for_number(parse(number.canonical), "zh")) or ""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a call in full; either is empty when none was given."""

    caller: str = field(default="", repr=False)
    person: str = field(default="", repr=False)


def unmask_number(call: Call, *, actor: Actor) -> Numbers:
    """Return the numbers of a call within reach in full; its event is number.unmasked."""
    numbers = Numbers()
    if call.sealed_caller is not None and call.data_key_id is not None:
        key = vault.open_key(call.data_key_id, actor=actor)
        said = vault.open_json(key, caller_place(call), call.sealed_caller)
        numbers = Numbers(str(said["phone"]), str(said.get("person_phone", "")))
    trail.record(
        Action.NUMBER_UNMASKED,
        actor=actor,
        subject_kind="call",
        subject_id=call.id,
        details={"case": call.case_id or ""},
        digest=digest_of(call),
    )
    return numbers
