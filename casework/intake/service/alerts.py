"""Alerts: raised in the transaction of whatever says that a supervisor is needed; answered, taken back, passed on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.events import Action
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict, NotFound
from casework.core.ids import new_id
from casework.intake import queries
from casework.intake.models import Alert, AlertTurn
from casework.intake.rules import danger_level, raises_alert
from casework.intake.types import AlertState, CallStatus, Risk
from casework.people import queries as people

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casework.intake.models import Call
    from casework.security.actor import Actor

# Ten seconds are promised on screen; the rest is for a slow line.
CANCEL_FOR: Final = timedelta(seconds=20)
_TOLD: Final = frozenset({AlertState.OPEN, AlertState.ACKNOWLEDGED})


def raise_alert(call: Call, level: int, *, actor: Actor, help_wanted: bool = False) -> Alert | None:
    """Tell the supervisors of a call when they do not know yet, and return the alert; None when there is nothing new.

    An open alert is raised to more danger or to a call for help; after an answer a new one begins. Its event is
    alert.raised. The call is held by the caller.
    """
    if not raises_alert(level, alerted=None, help_wanted=help_wanted):
        return None
    latest = queries.latest_alert(call.id)
    alerted = latest.level if latest is not None and latest.state in _TOLD else None
    if not raises_alert(level, alerted=alerted, help_wanted=help_wanted):
        return None
    alert = latest if latest is not None and latest.state == AlertState.OPEN else _begin(call, latest, level)
    alert.level = max(alert.level, level)
    if help_wanted and alert.help_at is None:
        alert.help_at = clock.now()
    session().add(alert)
    session().flush()
    details = {"call": call.id, "help": help_wanted, "level": alert.level}
    trail.record(Action.ALERT_RAISED, actor=actor, subject_kind="alert", subject_id=alert.id, details=details)
    return alert


def level_typed(content: Mapping[str, Any]) -> int:
    """Return the danger level of what was typed so far, right or not."""
    risk, chosen = str(content.get("risk", "")), str(content.get("risk_level", ""))
    return danger_level(Risk(risk) if risk in set(Risk) else None, int(chosen) if chosen in set("01234") else None)


def level_stored(call: Call) -> int:
    """Return the danger level of what a call says for good; nothing is stored of a draft but what was told of it."""
    return danger_level(None if call.risk is None else Risk(call.risk), call.risk_level)


def cancel_help(call: Call, *, actor: Actor) -> None:
    """Take a call for help back that was just made; its event is alert.cancelled.

    Refused (Conflict): somebody has answered already, or it was too long ago. High risk stays told.
    """
    alert = queries.latest_alert(call.id)
    if alert is None or alert.help_at is None or alert.state == AlertState.CANCELLED:
        raise NotFound(_l("没有可以取消的呼叫。"))
    if alert.state != AlertState.OPEN:
        raise Conflict(_l("督导已经响应，不能取消。"))
    if clock.now() > alert.help_at + CANCEL_FOR:
        raise Conflict(_l("已超过可取消的时间。如不再需要，请告诉督导。"))
    if raises_alert(alert.level, alerted=None, help_wanted=False):
        alert.help_at = None
    else:
        alert.state, alert.ended_at = AlertState.CANCELLED, clock.now()
    session().flush()
    details = {"call": call.id}
    trail.record(Action.ALERT_CANCELLED, actor=actor, subject_kind="alert", subject_id=alert.id, details=details)


def acknowledge(alert: Alert, *, actor: Actor) -> Call:
    """Answer an alert and return its call; its event is alert.acknowledged, and whose turn it was is written down.

    Refused (Conflict): somebody was faster, or it was taken back.
    """
    call = queries.find_call(alert.call_id)
    if alert.state != AlertState.OPEN or call is None:
        raise Conflict(_answered(alert))
    if call.author_id == actor.account_id:
        raise NotFound(_l("找不到这次呼叫，或它不在你的工作范围内。"))
    record_turns(alert, actor=actor)
    now = clock.now()
    alert.state, alert.acknowledged_at, alert.acknowledged_by = AlertState.ACKNOWLEDGED, now, actor.account_id
    alert.ended_at = now if call.status == CallStatus.FINISHED else None
    session().flush()
    details = {"call": call.id, "seconds": int((now - alert.raised_at).total_seconds())}
    trail.record(Action.ALERT_ACKNOWLEDGED, actor=actor, subject_kind="alert", subject_id=alert.id, details=details)
    return call


def answer_by_deciding(call: Call, *, actor: Actor) -> None:
    """Take a decision about a call for an answer to its alert: nobody else must come running."""
    alert = queries.latest_alert(call.id)
    if alert is not None and alert.state == AlertState.OPEN:
        acknowledge(alert, actor=actor)


def end_alert(call: Call, *, discarded: bool = False) -> None:
    """Let an answered alert end when its call is saved, and any alert when its draft is thrown away."""
    alert = queries.latest_alert(call.id)
    if alert is None or alert.ended_at is not None:
        return
    if alert.state == AlertState.ACKNOWLEDGED:
        alert.ended_at = clock.now()
    elif discarded:
        alert.state, alert.ended_at = AlertState.CLOSED, clock.now()


def record_turns(alert: Alert, *, actor: Actor) -> int:
    """Write down whose turn it was until now and return how often it was passed on; each leaves alert.escalated."""
    known = len(queries.recorded_turns(alert))
    passed = 0
    for number, turn in list(enumerate(queries.turns_of(alert)))[known:]:
        session().add(AlertTurn(alert_id=alert.id, number=number, account_id=turn.account_id, since=turn.since))
        if number == 0 and turn.account_id is not None:
            continue
        passed += 1
        details = {"account": turn.account_id or "", "turn": number}
        trail.record(Action.ALERT_ESCALATED, actor=actor, subject_kind="alert", subject_id=alert.id, details=details)
    session().flush()
    return passed


def record_escalations(*, actor: Actor) -> int:
    """Write down whose turn it is for every unanswered alert and return how many were passed on. For the worker."""
    return sum(record_turns(alert, actor=actor) for alert in queries.hold_unanswered())


def _begin(call: Call, latest: Alert | None, level: int) -> Alert:
    now = clock.now()
    if latest is not None and latest.ended_at is None:
        latest.ended_at = now
        session().flush()
    return Alert(
        id=new_id(),
        call_id=call.id,
        subproject_id=call.subproject_id,
        state=AlertState.OPEN,
        level=level,
        raised_at=now,
    )


def _answered(alert: Alert) -> Any:  # noqa: ANN401 - a lazy string
    if alert.acknowledged_by is None or alert.acknowledged_at is None:
        return _l("这次呼叫已经取消。")
    name = people.names_of([alert.acknowledged_by]).get(alert.acknowledged_by, "")
    return _l("%(who)s已于 %(at)s 响应。", who=name, at=f"{clock.local(alert.acknowledged_at):%H:%M:%S}")
