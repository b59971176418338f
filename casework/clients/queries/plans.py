"""Alert plans: a supervisor's list, an author's own, and what a call-taker is shown while the number calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.events import Action
from casework.clients.models import AlertPlan
from casework.clients.queries.persons import clients_of_person
from casework.clients.types import PlanState, PlanText
from casework.core import clock
from casework.core.db import session
from casework.core.errors import NotFound
from casework.people import queries as people
from casework.security.guard import require
from casework.security.permissions import Permission
from casework.security.reach import reach_clause
from casework.security.roles import Role
from casework.vault import queries as keys
from casework.vault import service as vault
from casework.vault.types import Place

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from casework.security.actor import Actor
    from casework.vault.types import DataKey

# Whoever takes calls: they see the plan of a number while it calls.
CALL_TAKERS = (Role.VOLUNTEER, Role.COUNSELOR)
ENDED_SHOWN = 50


@dataclass(frozen=True, slots=True)
class OpenedPlan:
    """A plan as shown during a call; ``text`` is None for a call-taker who has no key of it yet."""

    plan: AlertPlan
    text: PlanText | None = field(repr=False)


def get_plan(actor: Actor, plan_id: UUID) -> AlertPlan:
    """Return a plan that the actor writes, approves or wrote; refused (NotFound) when it is out of reach."""
    plan = session().scalar(sa.select(AlertPlan).where(AlertPlan.id == plan_id, _within(actor)))
    if plan is None:
        raise NotFound(_l("找不到这份来电预案，或它不在你的工作范围内。"))
    return plan


def hold_plan(plan_id: UUID) -> AlertPlan:
    """Return a plan as it is now and keep other writers from it until the transaction ends."""
    held = sa.select(AlertPlan).where(AlertPlan.id == plan_id).with_for_update()
    return session().scalars(held, execution_options={"populate_existing": True}).one()


def list_plans(actor: Actor) -> Sequence[AlertPlan]:
    """Return the plans within reach that have not ended, those that end first before the others; then the ended ones.

    Of those only the latest are kept in the list.
    """
    today = clock.today()
    live = sa.or_(
        AlertPlan.state.in_((PlanState.DRAFT, PlanState.WAITING)),
        sa.and_(AlertPlan.state == PlanState.ACTIVE, AlertPlan.ends_on >= today),
    )
    mine = sa.select(AlertPlan).where(_within(actor))
    current = session().scalars(mine.where(live).order_by(AlertPlan.ends_on, AlertPlan.id)).all()
    ended = mine.where(sa.not_(live)).order_by(AlertPlan.ends_on.desc(), AlertPlan.id.desc()).limit(ENDED_SHOWN)
    return [*current, *session().scalars(ended)]


def active_plans(subproject_id: UUID) -> Sequence[AlertPlan]:
    """Return the plans of a sub-project that hold today. Only for services and for what call-takers lack."""
    found = sa.select(AlertPlan).where(
        AlertPlan.subproject_id == subproject_id,
        AlertPlan.state == PlanState.ACTIVE,
        AlertPlan.ends_on >= clock.today(),
    )
    return session().scalars(found.order_by(AlertPlan.ends_on, AlertPlan.id)).all()


def plans_for_call(actor: Actor, indexes: Collection[bytes]) -> list[OpenedPlan]:
    """Return the plans that hold for the person of a number, opened for the call-taker; each leaves one read event.

    Refused (R23) for roles that take no calls. A plan whose key the call-taker does not hold comes without its words.
    """
    require(actor, Permission.CALLS_CALL_LOG)
    if actor.subproject_id is None or not indexes:
        return []
    clients = clients_of_person(actor.subproject_id, indexes)
    plans = [plan for plan in active_plans(actor.subproject_id) if plan.client_id in clients] if clients else []
    opened = vault.open_keys([plan.data_key_id for plan in plans], actor=actor)
    return [OpenedPlan(plan, _shown(actor, plan, opened.get(plan.data_key_id))) for plan in plans]


def open_plan(actor: Actor, plan: AlertPlan, *, part: str = "page") -> PlanText:
    """Open the words of a plan for display and leave one read event. Refused (R23) without its key."""
    return _read(actor, plan, vault.open_key(plan.data_key_id, actor=actor), part)


def missing_holders(subproject_id: UUID) -> dict[UUID, list[AlertPlan]]:
    """Return the call-takers of a sub-project who cannot open a plan that holds, and which; in order of their names."""
    plans = active_plans(subproject_id)
    if not plans:
        return {}
    held = keys.holders_of([plan.data_key_id for plan in plans])
    takers = dict.fromkeys(each for role in CALL_TAKERS for each in people.holders_of_role(role, subproject_id))
    missing = {
        account: [plan for plan in plans if (plan.data_key_id, account) not in held]
        for account in takers
        if people.current_pair(account) is not None
    }
    return {account: lacking for account, lacking in missing.items() if lacking}


def plan_place(plan_id: UUID, revision: int) -> Place:
    """Return where the words of a plan belong: to one version of it."""
    return Place("clients_alert_plan", "sealed_plan", plan_id, revision)


def sealed_plan_content(plan_id: UUID) -> bytes | None:
    """Return the sealed words of a plan, to be compared with their recorded digest."""
    return session().scalar(sa.select(AlertPlan.sealed_plan).where(AlertPlan.id == plan_id))


def _shown(actor: Actor, plan: AlertPlan, key: DataKey | None) -> PlanText | None:
    return None if key is None else _read(actor, plan, key, "call")


def _read(actor: Actor, plan: AlertPlan, key: DataKey, part: str) -> PlanText:
    text = PlanText(**vault.open_json(key, plan_place(plan.id, plan.revision), plan.sealed_plan))
    trail.record(
        Action.PLAN_READ,
        actor=actor,
        subject_kind="plan",
        subject_id=plan.id,
        details={"part": part},
        digest=trail.content_digest(plan.sealed_plan),
    )
    return text


def _within(actor: Actor) -> sa.ColumnElement[bool]:
    here = AlertPlan.subproject_id == actor.subproject_id
    own = sa.and_(here, AlertPlan.author_id == actor.account_id)
    return reach_clause(actor, require(actor, Permission.CLIENTS_PLAN_WRITE), own=own, project=AlertPlan.subproject_id)
