"""Cases: one by its number, and lists; always within the actor's reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.events import Action
from casework.cases.models import Case, CaseAssignment
from casework.cases.queries.reach import within
from casework.cases.rules import ENDED, HIGH_RISK
from casework.cases.types import Stage
from casework.core.db import id_param, session
from casework.core.errors import NotFound
from casework.core.paging import Key, Page, keyset
from casework.security.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from casework.cases.types import CaseFilters
    from casework.security.actor import Actor

COUNTED: Final = 1000
_HELD: Final = (
    sa.select(Case).where(Case.id == id_param("case")).with_for_update().execution_options(populate_existing=True)
)


def get_case(actor: Actor, number: str, permission: Permission = Permission.CASES_CASE_READ) -> Case:
    """Return a case by its number; refused (NotFound) when it is out of reach or does not exist."""
    return _found(sa.select(Case).where(Case.number == number, within(actor, permission)))


def get_case_by_id(actor: Actor, case_id: UUID, permission: Permission = Permission.CASES_CASE_READ) -> Case:
    """Return a case by its id; refused (NotFound) when it is out of reach or does not exist."""
    return _found(sa.select(Case).where(Case.id == case_id, within(actor, permission)))


def read_case(actor: Actor, number: str) -> Case:
    """Return a case as ``get_case`` does, to be shown as a whole, and leave one read event."""
    case = get_case(actor, number)
    trail.record(Action.CASE_READ, actor=actor, subject_kind="case", subject_id=case.id)
    return case


def hold_case(case_id: UUID) -> Case:
    """Return a case as it is now and keep other writers from it until the transaction ends."""
    return session().scalars(_HELD, {"case": case_id}).one()


def list_cases(actor: Actor, filters: CaseFilters, cursor: str | None = None) -> Page[Case]:
    """Return one page of the cases within reach, the latest touched first."""
    statement = sa.select(Case).where(within(actor), *_narrowed(filters))
    return keyset(statement, [Key(Case.updated_at, descending=True), Key(Case.id, descending=True)], cursor)


def count_cases(actor: Actor, filters: CaseFilters) -> int:
    """Return how many cases within reach pass the filters; counting stops at ``COUNTED``."""
    some = sa.select(Case.id).where(within(actor), *_narrowed(filters)).limit(COUNTED).subquery()
    return session().scalar(sa.select(sa.func.count()).select_from(some)) or 0


def list_attention(actor: Actor, size: int) -> Sequence[Case]:
    """Return the open cases within reach that should be looked at first: highest risk, then longest without contact."""
    silent_since = sa.func.coalesce(Case.last_contact_at, Case.opened_at)
    statement = sa.select(Case).where(within(actor), Case.closed_at.is_(None))
    order = (sa.func.coalesce(Case.risk_level, -1).desc(), silent_since, Case.id)
    return session().scalars(statement.order_by(*order).limit(size)).all()


def open_case_of(client_id: UUID, subproject_id: UUID) -> Case | None:
    """Return the open case of a person in a sub-project; there is one at most."""
    statement = sa.select(Case).where(
        Case.client_id == client_id, Case.subproject_id == subproject_id, Case.closed_at.is_(None)
    )
    return session().scalar(statement)


def caseload_of(account_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return how many open cases each of these people works on; 0 for those without."""
    counted = (
        sa.select(CaseAssignment.account_id, sa.func.count())
        .where(CaseAssignment.account_id.in_(account_ids), CaseAssignment.until_at.is_(None))
        .group_by(CaseAssignment.account_id)
    )
    found = dict(session().execute(counted).all())
    return {account_id: found.get(account_id, 0) for account_id in account_ids}


def counselors_of_cases(case_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return who works on each of these cases now; cases that wait for somebody are left out."""
    current = sa.select(CaseAssignment.case_id, CaseAssignment.account_id).where(
        CaseAssignment.case_id.in_(case_ids), CaseAssignment.until_at.is_(None)
    )
    return dict(session().execute(current).all())


def list_assignments(case_id: UUID) -> Sequence[CaseAssignment]:
    """Return who has worked on a case, oldest first."""
    found = sa.select(CaseAssignment).where(CaseAssignment.case_id == case_id)
    return session().scalars(found.order_by(CaseAssignment.from_at, CaseAssignment.id)).all()


def _found(statement: sa.Select[Case]) -> Case:
    case = session().scalar(statement)
    if case is None:
        raise NotFound(_l("找不到这个个案，或它不在你的工作范围内。"))
    return case


def _narrowed(filters: CaseFilters) -> list[sa.ColumnElement[bool]]:
    wanted: list[sa.ColumnElement[bool]] = []
    if filters.stage is not None:
        wanted.append(Case.stage == filters.stage)
    if filters.is_open is not None:
        wanted.append(Case.closed_at.is_(None) if filters.is_open else Case.stage.in_(ENDED))
    if filters.high_risk:
        wanted.append(Case.risk_level >= HIGH_RISK)
    if filters.number:
        wanted.append(Case.number.startswith(filters.number, autoescape=True))
    if filters.ready_to_close:
        wanted.append(Case.stage == Stage.EVALUATING)
    return wanted + _narrowed_by_people(filters)


def _narrowed_by_people(filters: CaseFilters) -> list[sa.ColumnElement[bool]]:
    wanted: list[sa.ColumnElement[bool]] = []
    current = sa.select(CaseAssignment.case_id).where(CaseAssignment.until_at.is_(None))
    if filters.counselor_id is not None:
        wanted.append(Case.id.in_(current.where(CaseAssignment.account_id == filters.counselor_id)))
    if filters.unassigned:
        wanted.append(Case.closed_at.is_(None) & Case.id.not_in(current))
    if filters.population is not None:
        # The answers are codes of our own; quoted, one is never part of another.
        wanted.append(sa.cast(Case.populations, sa.Text).contains(f'"{filters.population}"', autoescape=True))
    return wanted
