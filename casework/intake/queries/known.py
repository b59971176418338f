"""People on the triage board who are known already: whoever has an open case should stay with their counselor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from casework.cases import queries as cases
from casework.clients import queries as clients
from casework.intake.rules import is_about_another
from casework.intake.types import CallType
from casework.people import queries as people

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from casework.intake.models import Call


@dataclass(frozen=True, slots=True)
class Known:
    """The open case of somebody who called before, and who works on it."""

    number: str
    counselor_id: UUID | None
    counselor: str


def known_cases(calls: Sequence[Call]) -> dict[UUID, Known]:
    """Return the open case of each person in need that is recognised by number, by the id of the call."""
    index_of = {call.id: index for call in calls if (index := _index_of(call)) is not None}
    if not index_of:
        return {}
    subproject_id = calls[0].subproject_id
    persons = clients.persons_of(subproject_id, list(set(index_of.values())))
    client_of = clients.clients_by_index(subproject_id, {each for person in persons.values() for each in person})
    open_cases = {client: cases.open_case_of(client, subproject_id) for client in set(client_of.values())}
    found = {client: case for client, case in open_cases.items() if case is not None}
    counselors = cases.counselors_of_cases([case.id for case in found.values()])
    names = people.names_of(set(counselors.values()))
    known = {}
    for call in calls:
        index = index_of.get(call.id, b"")
        # The number's own client first, then those whose numbers were joined with it.
        own = sorted(persons.get(index, frozenset()), key=lambda each: (each != index, each))
        case = next((found[client_of[each]] for each in own if client_of.get(each) in found), None)
        if case is not None:
            counselor = counselors.get(case.id)
            known[call.id] = Known(case.number, counselor, names.get(counselor, "") if counselor else "")
    return known


def _index_of(call: Call) -> bytes | None:
    """Return the index of the person in need, who is not the caller when somebody calls for them."""
    is_other = is_about_another(None if call.call_type is None else CallType(call.call_type))
    return call.person_index if is_other else call.number_index
