"""Alert plans: written by one, approved by another, shown to every call-taker while the number calls, ended in time."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.events import Action
from casework.clients import queries
from casework.clients.models import AlertPlan
from casework.clients.rules import latest_end, may_approve, next_plan_state
from casework.clients.types import PlanEnd, PlanState
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict, Invalid, NotFound, Refused
from casework.core.ids import new_id
from casework.security.guard import require
from casework.security.permissions import Permission
from casework.vault import queries as keys
from casework.vault import service as vault
from casework.vault.types import GrantReason, KeyPurpose

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from casework.clients.models import Client
    from casework.clients.types import PlanText
    from casework.security.actor import Actor

_STALE = _l("这份预案已被他人改动或处理，没有改动任何内容。请刷新后再看。")


def write_plan(client: Client, text: PlanText, ends_on: date, *, actor: Actor, submit: bool = False) -> AlertPlan:
    """Return a new plan for a person, sealed under a key of its own towards the supervisors and its author.

    Its event is plan.written. Refused: another sub-project (NotFound), a last day that is past or more than six months
    away (Invalid, ends_on), nothing said (Invalid).
    """
    require(actor, Permission.CLIENTS_PLAN_WRITE)
    if client.subproject_id != actor.subproject_id:
        raise NotFound(_l("找不到这位服务对象。"))
    _check(text, ends_on)
    plan_id = new_id()
    until = _end_of(latest_end(clock.today()))
    key = vault.create_key(
        KeyPurpose.ALERT, plan_id, subproject_id=client.subproject_id, actor=actor, author_until=until
    )
    plan = AlertPlan(
        id=plan_id,
        subproject_id=client.subproject_id,
        client_id=client.id,
        data_key_id=key.id,
        state=PlanState.WAITING if submit else PlanState.DRAFT,
        ends_on=ends_on,
        revision=1,
        sealed_plan=vault.seal_json(key, queries.plan_place(plan_id, 1), asdict(text)),
        author_id=actor.account_id,
        written_at=clock.now(),
    )
    session().add(plan)
    session().flush()
    _record(Action.PLAN_WRITTEN, plan, actor, {"client": client.id, "state": str(plan.state)})
    return plan


def change_plan(
    plan: AlertPlan, text: PlanText, ends_on: date, *, version: int, actor: Actor, submit: bool = False
) -> AlertPlan:
    """Write a plan of one's own anew before it is approved. Its event is plan.revised.

    Refused: somebody else's (Refused, R23), one that was approved, ended or changed meanwhile (Conflict), and as in
    ``write_plan``.
    """
    require(actor, Permission.CLIENTS_PLAN_WRITE)
    if plan.author_id != actor.account_id:
        raise Refused(_l("只有起草人能修改预案。"), rule="R23")
    _check(text, ends_on)
    plan = _stepped(plan, "submit" if submit else "save", version)
    key = vault.open_key(plan.data_key_id, actor=actor)
    plan.revision, plan.ends_on, plan.written_at = plan.revision + 1, ends_on, clock.now()
    plan.sealed_plan = vault.seal_json(key, queries.plan_place(plan.id, plan.revision), asdict(text))
    session().flush()
    _record(Action.PLAN_REVISED, plan, actor, {"rev": plan.revision, "state": str(plan.state)})
    return plan


def approve_plan(plan: AlertPlan, *, version: int, actor: Actor) -> AlertPlan:
    """Let a plan hold: every call-taker of the sub-project gets its key until its last day is over.

    The plan that held for the person until now ends with it. Its event is plan.approved. Refused: one's own plan
    (Refused, four eyes), a plan that was changed since it was read or is no longer waiting (Conflict), a last day that
    is past (Invalid).
    """
    require(actor, Permission.CLIENTS_PLAN_APPROVE)
    if not may_approve(plan.author_id, actor.account_id):
        raise Refused(_l("来电预案须由起草人以外的督导审批。"))
    _check_end(plan.ends_on)
    plan, after = _held(plan, "approve", version)
    for former in queries.active_plans(plan.subproject_id):
        if former.client_id == plan.client_id and former.id != plan.id:
            _end(former, PlanEnd.REPLACED, actor)
    _end_what_is_over(plan, actor)
    plan.state = after
    plan.approver_id, plan.approved_at = actor.account_id, clock.now()
    session().flush()
    _record(Action.PLAN_APPROVED, plan, actor, {"until": plan.ends_on.isoformat()})
    _give_missing(actor)
    return plan


def return_plan(plan: AlertPlan, *, version: int, actor: Actor) -> AlertPlan:
    """Give a plan back to its author. Its event is plan.returned. Refused (Conflict): it is no longer waiting."""
    require(actor, Permission.CLIENTS_PLAN_APPROVE)
    plan = _stepped(plan, "return", version)
    session().flush()
    _record(Action.PLAN_RETURNED, plan, actor, {})
    return plan


def withdraw_plan(plan: AlertPlan, *, actor: Actor) -> AlertPlan:
    """End a plan at once: whoever holds its key by name loses it. Its event is plan.withdrawn.

    A supervisor may at any time, its author until it is approved. Refused: anybody else (Refused, R23), a plan that
    has ended (Conflict).
    """
    require(actor, Permission.CLIENTS_PLAN_WRITE)
    plan = queries.hold_plan(plan.id)
    is_unapproved = plan.approved_at is None and plan.author_id == actor.account_id
    if not is_unapproved:
        require(actor, Permission.CLIENTS_PLAN_APPROVE)
    if next_plan_state(PlanState(plan.state), "withdraw") is None:
        raise Conflict(_STALE)
    _end(plan, PlanEnd.WITHDRAWN, actor)
    _record(Action.PLAN_WITHDRAWN, plan, actor, {})
    return plan


def grant_missing(*, actor: Actor) -> int:
    """Give every call-taker of the sub-project the plans that hold and that they lack; return how many keys.

    Its event is plan.granted. Refused (R23) without the circle's key.
    """
    require(actor, Permission.CLIENTS_PLAN_APPROVE)
    given = _give_missing(actor)
    trail.record(
        Action.PLAN_GRANTED,
        actor=actor,
        subject_kind="subproject",
        subject_id=actor.subproject_id,
        details={"keys": given},
    )
    return given


def _give_missing(actor: Actor) -> int:
    if actor.subproject_id is None:
        return 0
    given = 0
    for account_id, plans in queries.missing_holders(actor.subproject_id).items():
        for plan in plans:
            key = vault.open_key(plan.data_key_id, actor=actor)
            vault.grant(
                key, to=account_id, reason=GrantReason.CALL_TAKER, actor=actor, expires_at=_end_of(plan.ends_on)
            )
            given += 1
    return given


def _stepped(plan: AlertPlan, step: str, version: int) -> AlertPlan:
    """Return the plan, held, after a step; refused as in ``_held``."""
    plan, plan.state = _held(plan, step, version)
    return plan


def _held(plan: AlertPlan, step: str, version: int) -> tuple[AlertPlan, PlanState]:
    """Return the plan, held, and where a step leads; refused (Conflict) when it is not what the page showed."""
    held = queries.hold_plan(plan.id)
    after = next_plan_state(PlanState(held.state), step)
    if after is None or held.revision != version:
        raise Conflict(_STALE)
    return held, after


def _end_what_is_over(plan: AlertPlan, actor: Actor) -> None:
    """Close the person's plan whose last day has passed: only one row may say that it holds."""
    past = sa.select(AlertPlan).where(
        AlertPlan.client_id == plan.client_id,
        AlertPlan.state == PlanState.ACTIVE,
        AlertPlan.ends_on < clock.today(),
    )
    for former in session().scalars(past).all():
        _end(former, PlanEnd.REPLACED, actor)


def _end(plan: AlertPlan, reason: PlanEnd, actor: Actor) -> None:
    plan.state, plan.end_reason = PlanState.ENDED, reason
    plan.ended_at, plan.ended_by = clock.now(), actor.account_id
    session().flush()
    for _key, holder in sorted(keys.holders_of([plan.data_key_id])):
        vault.revoke(plan.data_key_id, holder=holder, actor=actor)


def _check(text: PlanText, ends_on: date) -> None:
    if not text.helps:
        raise Invalid(_l("请写明怎样接待对这位来电者有帮助。"), field="helps")
    _check_end(ends_on)


def _check_end(ends_on: date) -> None:
    today = clock.today()
    if ends_on < today:
        raise Invalid(_l("截止日期不能早于今天。"), field="ends_on")
    if ends_on > latest_end(today):
        raise Invalid(_l("最长六个月，到期前可以续期。"), field="ends_on")


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, clock.LOCAL_ZONE)


def _record(action: Action, plan: AlertPlan, actor: Actor, details: Mapping[str, Any]) -> None:
    digest = trail.content_digest(plan.sealed_plan)
    trail.record(action, actor=actor, subject_kind="plan", subject_id=plan.id, details=details, digest=digest)
