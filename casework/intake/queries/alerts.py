"""Alerts: those that live, whose turn it is to answer, and what the office learns of them. Nothing a person said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _l

from casework.core import clock
from casework.core.db import id_param, session
from casework.core.errors import NotFound
from casework.intake.models import Alert, AlertTurn, Call
from casework.intake.queries.steps import answered_steps
from casework.intake.rules import required_steps, turns
from casework.intake.types import AlertState, CallStatus, Turn
from casework.people import queries as people
from casework.security.guard import require
from casework.security.permissions import Permission
from casework.security.reach import reach_clause
from casework.security.roles import Role

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from casework.security.actor import Actor

WATCH: Final = Permission.ALERTS_ALERT_WATCH
# An answered alert whose draft was left lying leaves the board by itself.
KEPT: Final = timedelta(hours=12)
SHOWN: Final = 20
_LATEST: Final = (
    sa.select(Alert).where(Alert.call_id == id_param("call")).order_by(Alert.raised_at.desc(), Alert.id.desc()).limit(1)
)


@dataclass(frozen=True, slots=True)
class Card:
    """A living alert as a board shows it: who, where, how far the steps are, and whether it is the reader's turn."""

    alert: Alert
    author_id: UUID
    line_id: UUID | None
    is_saved: bool
    steps_done: int
    steps_asked: int
    is_mine: bool
    is_at_office: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """All that the office learns: where an alert waits, and since when."""

    subproject_id: UUID
    since: datetime


def latest_alert(call_id: UUID) -> Alert | None:
    """Return the last alert of a call, whatever became of it. Only for whoever obtained the call."""
    return session().scalar(_LATEST, {"call": call_id})


def get_live(actor: Actor, alert_id: UUID) -> Alert:
    """Return an alert of the actor's sub-project, held for a decision; refused (NotFound) when it is out of reach."""
    reach = require(actor, WATCH)
    found = sa.select(Alert).where(Alert.id == alert_id, reach_clause(actor, reach, project=Alert.subproject_id))
    alert = session().scalar(found.with_for_update(), execution_options={"populate_existing": True})
    if alert is None:
        raise NotFound(_l("找不到这次呼叫，或它不在你的工作范围内。"))
    return alert


def hold_unanswered() -> Sequence[Alert]:
    """Return the alerts that nobody has answered, kept from other writers. For the worker."""
    found = sa.select(Alert).where(Alert.state == AlertState.OPEN, Alert.ended_at.is_(None))
    return session().scalars(found.order_by(Alert.raised_at, Alert.id).with_for_update()).all()


def count_unanswered(actor: Actor) -> int:
    """Return how many alerts of the actor's sub-project wait for an answer; one small query."""
    return session().scalar(sa.select(sa.func.count()).select_from(Alert).join(Call).where(*_unanswered(actor))) or 0


def list_cards(actor: Actor) -> list[Card]:
    """Return the living alerts of the actor's sub-project: unanswered first, the longest waiting before the others.

    Refused (R23) for roles that do not watch alerts. One's own calls are left out.
    """
    reach = require(actor, WATCH)
    rows = session().execute(
        sa.select(Alert, Call.author_id, Call.line_id, Call.status)
        .join(Call, Call.id == Alert.call_id)
        .where(
            reach_clause(actor, reach, project=Alert.subproject_id),
            Alert.ended_at.is_(None),
            sa.or_(Alert.state == AlertState.OPEN, Alert.raised_at > clock.now() - KEPT),
            Call.author_id != actor.account_id,
        )
        .order_by(Alert.state.desc(), Alert.raised_at, Alert.id)
        .limit(SHOWN)
    )
    listed = rows.all()
    answered = answered_steps([alert.call_id for alert, *_ in listed])
    return [
        _card(
            actor,
            alert,
            answered[alert.call_id],
            author_id=author,
            line_id=line,
            is_saved=status == CallStatus.FINISHED,
        )
        for alert, author, line, status in listed
    ]


def list_at_office(actor: Actor) -> list[Waiting]:
    """Return the alerts that have come to the programme office. Refused (R23) for roles that do not watch alerts."""
    reach = require(actor, WATCH)
    found = sa.select(Alert).where(
        reach_clause(actor, reach, project=Alert.subproject_id),
        Alert.state == AlertState.OPEN,
        Alert.ended_at.is_(None),
    )
    alerts = session().scalars(found.order_by(Alert.raised_at, Alert.id).limit(SHOWN)).all()
    return [Waiting(each.subproject_id, each.raised_at) for each in alerts if turns_of(each)[-1].account_id is None]


def recorded_turns(alert: Alert) -> list[Turn]:
    """Return the turns that the worker or whoever answered wrote down."""
    found = sa.select(AlertTurn.account_id, AlertTurn.since).where(AlertTurn.alert_id == alert.id)
    return [Turn(*row) for row in session().execute(found.order_by(AlertTurn.number))]


def turns_of(alert: Alert) -> list[Turn]:
    """Return whose turn it has been until now to answer an open alert; the last one's it is."""
    wait = timedelta(minutes=current_app.extensions["casework.settings"].alert_escalate_minutes)
    author = session().scalar(sa.select(Call.author_id).where(Call.id == alert.call_id))
    on_duty = [each for each in people.on_duty(Role.SUPERVISOR, alert.subproject_id) if each.account_id != author]
    return turns(alert.raised_at, clock.now(), wait, on_duty, recorded_turns(alert))


def _card(actor: Actor, alert: Alert, answered: frozenset[str], **facts: Any) -> Card:  # noqa: ANN401 - columns of the call
    asked = required_steps(alert.level)
    turn = turns_of(alert)[-1] if alert.state == AlertState.OPEN else None
    return Card(
        alert,
        **facts,
        steps_done=len(set(asked) & answered),
        steps_asked=len(asked),
        is_mine=turn is not None and turn.account_id == actor.account_id,
        is_at_office=turn is not None and turn.account_id is None,
    )


def _unanswered(actor: Actor) -> tuple[sa.ColumnElement[bool], ...]:
    reach = require(actor, WATCH)
    return (
        reach_clause(actor, reach, project=Alert.subproject_id),
        Alert.state == AlertState.OPEN,
        Alert.ended_at.is_(None),
        Call.author_id != actor.account_id,
    )
