"""Opening a case, and who works on it: every assignment moves keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import flag_modified

from casework.audit import trail
from casework.audit.events import Action
from casework.cases.models import Case, CaseAssignment, CaseNumberCounter, CaseStageChange
from casework.cases.queries import counselor_of, hold_case, linked_keys
from casework.cases.rules import RISK_LEVELS, case_number, is_open, populations_answered
from casework.cases.service.tallies import count_opened
from casework.cases.types import Population, Stage
from casework.clients import queries as clients
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict, Invalid, NotFound, Refused
from casework.core.ids import new_id
from casework.people import queries as people
from casework.programme import queries as programme
from casework.security.guard import require
from casework.security.permissions import Permission
from casework.security.roles import Role
from casework.vault import service as vault
from casework.vault.types import GrantReason, KeyPurpose

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from casework.security.actor import Actor


def open_case(
    subproject_id: UUID,
    client_id: UUID,
    populations: Collection[str],
    risk_level: int | None,
    *,
    actor: Actor,
    call_id: UUID | None = None,
) -> Case:
    """Open a case for a person and return it, with the next number of the sub-project and a key for its supervisors.

    Nobody is assigned yet. Refused: a role that does not assign (Refused), no answer about focus groups or a risk
    level outside 0–4 (Invalid, R12), a person who has an open case here already (Conflict).
    """
    _require_place(actor, subproject_id)
    if not populations_answered(populations):
        raise Invalid(_l("请选择重点人群；不属于或不清楚也请选择。"), field="population", rule="R12")
    _check_risk(risk_level)
    case = _stored(subproject_id, client_id, _ordered(populations), risk_level, actor)
    count_opened(case)
    _record(Action.CASE_OPENED, case, actor, {"call": call_id or "", "number": case.number})
    return case


def join(
    case: Case,
    *,
    call_id: UUID,
    data_key_id: UUID,
    actor: Actor,
    risk_level: int | None = None,
    populations: Collection[str] = (),
) -> None:
    """Add a call to an open case: whoever works on the case can open it from now on.

    Risk only rises this way, and focus groups are only added; lowering is a decision of its own. Refused: a role that
    does not assign (Refused), a case that has ended (Conflict), a call the actor cannot open (Refused, R23).
    """
    _require_place(actor, case.subproject_id)
    case = hold_case(case.id)
    _require_open(case)
    _check_risk(risk_level)
    counselor = counselor_of(case.id)
    if counselor is not None:
        key = vault.open_key(data_key_id, actor=actor)
        vault.grant(key, to=counselor, reason=GrantReason.ASSIGNED, actor=actor)
    if risk_level is not None:
        case.risk_level = max(risk_level, -1 if case.risk_level is None else case.risk_level)
    case.populations = _merged(case.populations, populations)
    _touch(case)
    _record(Action.CASE_JOINED, case, actor, {"call": call_id})


def assign(case: Case, account_id: UUID, *, actor: Actor, version: int | None = None) -> CaseAssignment:
    """Give a case to a counselor of its sub-project: their keys are sealed now, the one before loses theirs.

    Assigning it to whoever has it already seals anew what is missing. Refused: a role that does not assign, or
    oneself (Refused: nobody supervises a case of their own), a case that has ended or, with ``version``, has changed
    meanwhile (Conflict), somebody who is no counselor here (Invalid).
    """
    _require_place(actor, case.subproject_id)
    if account_id == actor.account_id:
        raise Refused(_l("不能把个案指派给自己：督导与咨询不能由同一人担任。请由另一位督导指派。"), rule="R23")
    if account_id not in set(people.holders_of_role(Role.COUNSELOR, case.subproject_id)):
        raise Invalid(_l("请选择本子项目的咨询师。"), field="counselor")
    case = hold_case(case.id)
    _require_open(case)
    current = _current(case.id)
    if version is not None and version != case.row_version:
        raise Conflict(_faster(current))
    if current is not None and current.account_id == account_id:
        _grant_all(case, account_id, actor)
        return current
    if current is not None:
        _end(case, current, actor)
    assignment = CaseAssignment(
        case_id=case.id, account_id=account_id, from_at=clock.now(), assigned_by=actor.account_id
    )
    session().add(assignment)
    _touch(case)
    _grant_all(case, account_id, actor)
    _record(Action.CASE_ASSIGNED, case, actor, {"counselor": account_id})
    return assignment


def unassign(case: Case, *, actor: Actor) -> None:
    """Take a case from its counselor, who opens nothing of it from now on.

    Refused: a role that does not assign (Refused), a case that nobody works on (Conflict).
    """
    _require_place(actor, case.subproject_id)
    case = hold_case(case.id)
    current = _current(case.id)
    if current is None:
        raise Conflict(_l("这个个案目前没有指派给任何人。"))
    _end(case, current, actor)
    _touch(case)
    _record(Action.CASE_UNASSIGNED, case, actor, {"counselor": current.account_id})


def end_assignment(case: Case, *, actor: Actor) -> None:
    """End whatever assignment there is, as part of closing; leaves no event of its own."""
    current = _current(case.id)
    if current is not None:
        _end(case, current, actor)


def _next_number(actor: Actor, subproject_id: UUID) -> str:
    """Return the next number. The counter stays locked until this transaction ends: no gap and no number twice."""
    code = programme.get_subproject(actor, subproject_id).code
    year = clock.today().year
    insert: Any = (postgresql.insert if session().get_bind().dialect.name == "postgresql" else sqlite.insert)(
        CaseNumberCounter
    )
    statement = (
        insert.values(subproject_id=subproject_id, year=year, last=1)
        .on_conflict_do_update(index_elements=["subproject_id", "year"], set_={"last": CaseNumberCounter.last + 1})
        .returning(CaseNumberCounter.last)
    )
    return case_number(code, year, int(session().execute(statement).scalar_one()))


def _stored(subproject_id: UUID, client_id: UUID, populations: list[str], risk_level: int | None, actor: Actor) -> Case:
    """Store a case with its key, number and first stage; the index on open cases decides between two at once.

    All of it or nothing, also for a caller that goes on after the refusal: the number is not lost either.
    """
    try:
        with session().begin_nested():
            moment, case_id = clock.now(), new_id()
            key = vault.create_key(KeyPurpose.CASE, case_id, subproject_id=subproject_id, actor=actor)
            case = Case(
                id=case_id,
                number=_next_number(actor, subproject_id),
                subproject_id=subproject_id,
                client_id=client_id,
                data_key_id=key.id,
                stage=Stage.INTAKE,
                risk_level=risk_level,
                populations=populations,
                opened_at=moment,
                opened_by=actor.account_id,
                updated_at=moment,
            )
            session().add(case)
            session().flush()
    except IntegrityError as error:
        if "ix_cases_case_one_open" not in str(error.orig) and "cases_case.client_id" not in str(error.orig):
            raise
        raise Conflict(_l("此服务对象已有未结的个案，请并入该个案。")) from error
    session().add(
        CaseStageChange(case_id=case.id, before=None, after=Stage.INTAKE, at=moment, account_id=actor.account_id)
    )
    return case


def _require_place(actor: Actor, subproject_id: UUID) -> None:
    require(actor, Permission.CALLS_CALL_ASSIGN)
    if actor.subproject_id != subproject_id:
        raise NotFound(_l("找不到这个个案，或它不在你的工作范围内。"))


def _require_open(case: Case) -> None:
    if not is_open(case.stage):
        raise Conflict(_l("这个个案已经结束，不能再改动。"))


def _check_risk(level: int | None) -> None:
    if level is not None and level not in RISK_LEVELS:
        raise Invalid(_l("请选择风险等级。"), field="risk")


def _ordered(populations: Collection[str]) -> list[str]:
    known = [str(each) for each in Population if str(each) in populations]
    return known + sorted(str(each) for each in populations if str(each) not in known)


def _merged(before: Collection[str], added: Collection[str]) -> list[str]:
    known = {*before, *added}
    named = known - {str(Population.NONE), str(Population.UNKNOWN)}
    return _ordered(named) if named else _ordered(before)


def _current(case_id: UUID) -> CaseAssignment | None:
    statement = sa.select(CaseAssignment).where(CaseAssignment.case_id == case_id, CaseAssignment.until_at.is_(None))
    return session().scalar(statement)


def _faster(current: CaseAssignment | None) -> Any:  # noqa: ANN401 - a lazy string
    if current is None:
        return _l("这个个案刚刚有改动，请刷新后再指派。")
    names = people.names_of([current.account_id, current.assigned_by])
    return _l(
        "已由%(by)s于 %(at)s 指派给%(who)s。",
        by=names.get(current.assigned_by, ""),
        at=clock.told(current.from_at),
        who=names.get(current.account_id, ""),
    )


def _touch(case: Case) -> None:
    """Move the case up in lists and raise its version, also when two changes share one moment."""
    case.updated_at = clock.now()
    flag_modified(case, "updated_at")


def _key_ids(case: Case) -> list[UUID]:
    return [case.data_key_id, clients.data_key_of(case.client_id), *linked_keys(case)]


def _grant_all(case: Case, account_id: UUID, actor: Actor) -> None:
    for key_id in _key_ids(case):
        key = vault.open_key(key_id, actor=actor)
        vault.grant(key, to=account_id, reason=GrantReason.ASSIGNED, actor=actor)


def _end(case: Case, current: CaseAssignment, actor: Actor) -> None:
    current.until_at = clock.now()
    # The index allows one current assignment: the old one ends before the new one begins.
    session().flush()
    for key_id in _key_ids(case):
        vault.revoke(key_id, holder=current.account_id, actor=actor)


def _record(action: Action, case: Case, actor: Actor, details: dict[str, object]) -> None:
    trail.record(action, actor=actor, subject_kind="case", subject_id=case.id, details=details)
