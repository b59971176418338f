"""Who is let to real calls, and how the steps before that stand: one's own, or those of a supervisor's sub-project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from casework.core import clock
from casework.core.db import id_param, session
from casework.core.errors import NotFound
from casework.intake.models import Admission, ReadinessStep
from casework.intake.rules import binds, states
from casework.intake.types.readiness import CHECKLIST, AdmissionBasis, Standing
from casework.people import queries as people
from casework.security.guard import require
from casework.security.permissions import Permission
from casework.security.roles import Role

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from casework.intake.types.readiness import ReadyStep
    from casework.security.actor import Actor

_ADMISSION: Final = sa.select(Admission).where(
    Admission.account_id == id_param("account"),
    Admission.subproject_id == id_param("subproject"),
    Admission.withdrawn_at.is_(None),
)


def is_admitted(actor: Actor) -> bool:
    """Return whether real calls are open to the actor; roles that the checklist does not name need nobody's word."""
    if actor.subproject_id is None or actor.role not in CHECKLIST.roles:
        return True
    if find_admission(actor.account_id, actor.subproject_id) is not None:
        return True
    return not _is_bound(actor.account_id, actor.subproject_id, actor.role)


def not_admitted(account_ids: Collection[UUID], subproject_id: UUID) -> set[UUID]:
    """Return which of these call-takers, by no other role than one the checklist names, may not take real calls."""
    return {
        account_id
        for account_id in account_ids
        if find_admission(account_id, subproject_id) is None
        and all(_is_bound(account_id, subproject_id, role) for role in _roles_in(account_id, subproject_id))
    }


def own_standing(actor: Actor) -> Standing:
    """Return how the actor stands in the sub-project of the active role."""
    require(actor, Permission.CALLS_CALL_LOG)
    standing = _standings([actor.account_id], actor.subproject_id)[0]
    # Whoever takes calls in a role the checklist does not name is let in by that.
    return Standing(standing.account_id, is_admitted(actor), standing.basis, standing.steps)


def list_standings(actor: Actor) -> list[Standing]:
    """Return how every volunteer of the acting supervisor's sub-project stands, by name; oneself is left out.

    Refused (R23) for roles that let nobody in.
    """
    require(actor, Permission.CALLS_READINESS_CONFIRM)
    return _standings(_takers(actor), actor.subproject_id)


def get_standing(actor: Actor, account_id: UUID) -> Standing:
    """Return how one volunteer of the acting supervisor's sub-project stands.

    Refused (NotFound): oneself, and whoever does not take calls there.
    """
    require(actor, Permission.CALLS_READINESS_CONFIRM)
    if account_id not in _takers(actor):
        raise NotFound(_l("找不到这位接线员，或不在你的子项目。"))
    return _standings([account_id], actor.subproject_id)[0]


def find_admission(account_id: UUID, subproject_id: UUID | None) -> Admission | None:
    """Return by what somebody takes real calls in a sub-project; None when nobody let them in."""
    return session().scalar(_ADMISSION, {"account": account_id, "subproject": subproject_id})


def standing_steps(account_id: UUID, subproject_id: UUID | None, code: ReadyStep) -> Sequence[ReadinessStep]:
    """Return the rows of a step that stand, by their number. Only for services."""
    found = sa.select(ReadinessStep).where(
        ReadinessStep.account_id == account_id,
        ReadinessStep.subproject_id == subproject_id,
        ReadinessStep.code == code,
        ReadinessStep.withdrawn_at.is_(None),
    )
    return session().scalars(found.order_by(ReadinessStep.number)).all()


def _takers(actor: Actor) -> list[UUID]:
    found = people.holders_of_role(Role.VOLUNTEER, actor.subproject_id) if actor.subproject_id else []
    return [each for each in found if each != actor.account_id]


def _standings(account_ids: list[UUID], subproject_id: UUID | None) -> list[Standing]:
    done: dict[UUID, dict[str, int]] = {each: {} for each in account_ids}
    counted = (
        sa.select(ReadinessStep.account_id, ReadinessStep.code, sa.func.count())
        .where(
            ReadinessStep.account_id.in_(account_ids),
            ReadinessStep.subproject_id == subproject_id,
            ReadinessStep.withdrawn_at.is_(None),
        )
        .group_by(ReadinessStep.account_id, ReadinessStep.code)
    )
    for account_id, code, count in session().execute(counted):
        done[account_id][code] = count
    standings = []
    for account_id in account_ids:
        admission = find_admission(account_id, subproject_id)
        is_free = admission is None and not _is_bound(account_id, subproject_id, Role.VOLUNTEER)
        basis = None if admission is None else AdmissionBasis(admission.basis)
        is_in = is_free or admission is not None
        standings.append(Standing(account_id, is_in, basis, states(CHECKLIST, done[account_id])))
    return standings


def _is_bound(account_id: UUID, subproject_id: UUID | None, role: Role) -> bool:
    """Return whether the checklist binds somebody in a role; when it was given is asked only where that matters."""
    if role not in CHECKLIST.roles or CHECKLIST.required_from is None:
        return binds(CHECKLIST, role, None)
    granted = people.granted_at(account_id, role, subproject_id)
    return binds(CHECKLIST, role, None if granted is None else clock.local_day(granted))


def _roles_in(account_id: UUID, subproject_id: UUID) -> list[Role]:
    held = people.holdings_of([account_id])[account_id]
    takers = {Role.VOLUNTEER, Role.COUNSELOR, Role.SUPERVISOR}
    return [each.role for each in held if each.subproject_id == subproject_id and each.role in takers]
