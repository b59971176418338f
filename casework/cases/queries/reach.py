"""How somebody stands to a case, as a decision on one case and as the filter of lists: both from the same table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from casework.cases.models import Case, CaseAssignment
from casework.core.db import id_param, session
from casework.security.permissions import Permission
from casework.security.reach import Relation, admits, reach_clause
from casework.security.roles import Reach, Role

if TYPE_CHECKING:
    from uuid import UUID

    from casework.security.actor import Actor

_COUNSELOR: Final = sa.select(CaseAssignment.account_id).where(
    CaseAssignment.case_id == id_param("case"), CaseAssignment.until_at.is_(None)
)


def within(actor: Actor, permission: Permission = Permission.CASES_CASE_READ) -> sa.ColumnElement[bool]:
    """Return the filter that keeps the cases an actor's permission reaches.

    Nobody supervises the case they work on: for its own counselor the reach of a supervisor leaves it out.
    """
    reach = actor.reach(permission)
    # Assignment is to a counselor of the sub-project: a consultant reaches nothing by it, nor another sub-project.
    is_counselor = sa.literal(actor.role is Role.COUNSELOR)
    assigned = sa.and_(is_counselor, _current_of(actor.account_id), Case.subproject_id == actor.subproject_id)
    clause = reach_clause(actor, reach, assigned=assigned, project=Case.subproject_id)
    if reach is Reach.PROJECT:
        return sa.and_(clause, sa.not_(_current_of(actor.account_id)))
    return clause


def relations(actor: Actor, case: Case) -> frozenset[Relation]:
    """Return how the actor stands to one case at this moment."""
    if actor.subproject_id != case.subproject_id:
        return frozenset()
    if counselor_of(case.id) != actor.account_id:
        return frozenset({Relation.PROJECT})
    return frozenset({Relation.ASSIGNED} if actor.role is Role.COUNSELOR else ())


def may(actor: Actor, permission: Permission, case: Case) -> bool:
    """Return whether the actor's permission reaches this case. Agrees with ``within`` for every actor and case."""
    return admits(actor.reach(permission), relations(actor, case))


def counselor_of(case_id: UUID) -> UUID | None:
    """Return who works on the case now."""
    return session().scalar(_COUNSELOR, {"case": case_id})


def _current_of(account_id: UUID) -> sa.ColumnElement[bool]:
    # Few cases by many: the person's list leads, not the table of cases.
    mine = sa.select(CaseAssignment.case_id).where(
        CaseAssignment.account_id == account_id, CaseAssignment.until_at.is_(None)
    )
    return Case.id.in_(mine)
