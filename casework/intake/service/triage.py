"""The supervisor's decision about a call: a case and who works on it, or none and why. Assigning moves keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.events import Action
from casework.cases import queries as cases
from casework.cases import service as casework
from casework.clients import service as clients
from casework.clients.queries import clients_of_person
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict, Invalid
from casework.intake import queries
from casework.intake.queries.places import caller_place
from casework.intake.rules import is_about_another
from casework.intake.service import alerts
from casework.intake.service.planning import join_case
from casework.intake.types import SETTLE_NAMES, CallType, SettleReason, TriageState
from casework.people import queries as people
from casework.vault import service as vault

if TYPE_CHECKING:
    from uuid import UUID

    from casework.cases.models import Case
    from casework.clients.models import Client
    from casework.intake.models import Call
    from casework.security.actor import Actor


def assign(call: Call, counselor_id: UUID, *, actor: Actor) -> Case:
    """Give the person of a waiting call to a counselor: their open case is joined or a new one opened, keys follow.

    Its event is call.assigned. Refused: a call that was decided about meanwhile (Conflict, saying by whom and when),
    and as ``cases.service`` refuses.
    """
    call = _held(call)
    client = _client(call, actor)
    case = _open_case(call, client)
    if case is None:
        case = casework.open_case(
            call.subproject_id,
            client.id,
            call.population or ["unknown"],
            call.risk_level,
            actor=actor,
            call_id=call.id,
        )
        call.case_id = case.id
        session().flush()
    else:
        _join(call, case, actor)
    # Keys of calls follow the case, so the call belongs to it before anybody is assigned.
    casework.assign(case, counselor_id, actor=actor)
    join_case(call, actor=actor)
    _decide(call, TriageState.ASSIGNED, actor)
    call.assigned_to = counselor_id
    session().flush()
    alerts.answer_by_deciding(call, actor=actor)
    details = {"case": case.id, "counselor": counselor_id}
    trail.record(Action.CALL_ASSIGNED, actor=actor, subject_kind="call", subject_id=call.id, details=details)
    return case


def settle(call: Call, reason: SettleReason, *, actor: Actor) -> None:
    """Decide that a waiting call becomes no case; its event is call.settled.

    Refused: a call that was decided about meanwhile (Conflict).
    """
    call = _held(call)
    _decide(call, TriageState.SETTLED, actor)
    call.settle_reason = reason
    session().flush()
    alerts.answer_by_deciding(call, actor=actor)
    details = {"reason": str(reason)}
    trail.record(Action.CALL_SETTLED, actor=actor, subject_kind="call", subject_id=call.id, details=details)


def decision(call: Call) -> Any:  # noqa: ANN401 - a lazy string
    """Return in words what was decided about a call, by whom and when."""
    names = people.names_of({each for each in (call.triaged_by, call.assigned_to) if each is not None})
    at = "" if call.triaged_at is None else clock.told(call.triaged_at)
    by = "" if call.triaged_by is None else names.get(call.triaged_by, "")
    if call.triage_state == TriageState.ASSIGNED and call.assigned_to is not None:
        return _l("已由%(by)s于 %(at)s 指派给%(who)s。", by=by, at=at, who=names.get(call.assigned_to, ""))
    if call.settle_reason is not None:
        reason = SETTLE_NAMES[SettleReason(call.settle_reason)]
        return _l("已由%(by)s于 %(at)s 处理完毕：%(reason)s。", by=by, at=at, reason=reason)
    return _l("这通来电不在待分派之列。")


def _held(call: Call) -> Call:
    held = queries.hold_call(call.id)
    if held is None or held.triage_state != TriageState.WAITING:
        raise Conflict(decision(held or call))
    return held


def _client(call: Call, actor: Actor) -> Client:
    """Return the person in need of a call: recognised by number, or registered now under a key of their own.

    Where somebody else called, their name and number are not the client's, also when the client's are not known.
    """
    if call.data_key_id is None:
        raise Invalid(_l("这通来电没有可转为个案的内容。"))
    key = vault.open_key(call.data_key_id, actor=actor)
    caller: dict[str, Any] = {}
    if call.sealed_caller is not None:
        caller = vault.open_json(key, caller_place(call), call.sealed_caller)
    prefix, index = ("", call.number_index)
    if is_about_another(None if call.call_type is None else CallType(call.call_type)):
        prefix, index = "person_", call.person_index
    phone = str(caller.get(f"{prefix}phone", "")) if index is not None else ""
    name = str(caller.get(f"{prefix}name", ""))
    return clients.identify(call.subproject_id, name=name, phone=phone, actor=actor)


def _open_case(call: Call, client: Client) -> Case | None:
    """Return the open case of the person, who may have several numbers and be several clients; own client first."""
    joined = [] if call.number_index is None else clients_of_person(call.subproject_id, [call.number_index])
    open_cases = (cases.open_case_of(each, call.subproject_id) for each in dict.fromkeys([client.id, *joined]))
    return next((case for case in open_cases if case is not None), None)


def _join(call: Call, case: Case, actor: Actor) -> None:
    if call.data_key_id is None:
        return
    casework.join(
        case,
        call_id=call.id,
        data_key_id=call.data_key_id,
        actor=actor,
        risk_level=call.risk_level,
        populations=call.population,
    )
    call.case_id = case.id
    session().flush()


def _decide(call: Call, state: TriageState, actor: Actor) -> None:
    call.triage_state, call.triaged_at, call.triaged_by = state, clock.now(), actor.account_id
    # A contact that was made for a case stays one of it, whatever is decided about what was said.
    if state is TriageState.ASSIGNED or call.is_outgoing:
        return
    call.case_id = None
