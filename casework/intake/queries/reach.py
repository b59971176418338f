"""Who may read a call: decided for one, filtered for lists; both from the same table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from casework.cases.models import CaseAssignment
from casework.core import clock
from casework.core.db import session
from casework.intake.models import Call
from casework.intake.types import CallStatus
from casework.security.permissions import Permission
from casework.security.reach import Relation, admits, reach_clause
from casework.security.roles import Reach

if TYPE_CHECKING:
    from uuid import UUID

    from casework.security.actor import Actor

READ = Permission.CALLS_CALL_READ
LOG = Permission.CALLS_CALL_LOG


def within(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the filter that keeps the finished calls an actor may read.

    The author reads a call until its grant ends; whoever works on its case as long as that lasts; a supervisor those
    of the sub-project, except calls of a case they work on themselves or that they took.
    """
    here = Call.subproject_id == actor.subproject_id if actor.subproject_id is not None else sa.true()
    own = sa.and_(here, Call.author_id == actor.account_id, Call.reopen_until > clock.now())
    assigned = sa.and_(here, _worked_on_by(actor.account_id))
    reading = reach_clause(actor, actor.reach(READ), own=own, assigned=assigned, project=Call.subproject_id)
    if actor.reach(READ) is Reach.PROJECT:
        taken = sa.and_(Call.author_id == actor.account_id, Call.is_paper.is_(False))
        mine = sa.or_(_worked_on_by(actor.account_id), taken)
        reading = sa.and_(reading, sa.not_(mine))
    logging = reach_clause(actor, actor.reach(LOG), own=own)
    return sa.and_(Call.status == CallStatus.FINISHED, sa.or_(reading, logging))


def relations(actor: Actor, call: Call) -> frozenset[Relation]:
    """Return how the actor stands to one finished call at this moment."""
    if call.status != CallStatus.FINISHED:
        return frozenset()
    is_here = actor.subproject_id is None or actor.subproject_id == call.subproject_id
    is_author = call.author_id == actor.account_id
    is_counselor = call.case_id is not None and _counselor(call.case_id) == actor.account_id
    found = set()
    if is_here and is_author and call.reopen_until > clock.now():
        found.add(Relation.OWN)
    if is_here and is_counselor:
        found.add(Relation.ASSIGNED)
    took_it = is_author and not call.is_paper
    if actor.subproject_id == call.subproject_id and not took_it and not is_counselor:
        found.add(Relation.PROJECT)
    return frozenset(found)


def may_read(actor: Actor, call: Call) -> bool:
    """Return whether the actor may read this call. Agrees with ``within`` for every actor and call."""
    found = relations(actor, call)
    return admits(actor.reach(READ), found) or admits(actor.reach(LOG), found)


def _counselor(case_id: UUID) -> UUID | None:
    current = sa.select(CaseAssignment.account_id).where(
        CaseAssignment.case_id == case_id, CaseAssignment.until_at.is_(None)
    )
    return session().scalar(current)


def _worked_on_by(account_id: UUID) -> sa.ColumnElement[bool]:
    mine = sa.select(sa.literal(1)).where(
        CaseAssignment.case_id == Call.case_id,
        CaseAssignment.account_id == account_id,
        CaseAssignment.until_at.is_(None),
    )
    return sa.exists(mine)
