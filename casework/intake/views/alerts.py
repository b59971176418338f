"""Alerts on the screens of those who answer them: cards for supervisors, a sentence without content for the office."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _

from casework.core import clock, crypto
from casework.core.errors import Conflict, NotFound
from casework.intake import queries, service
from casework.intake.types import CallStatus
from casework.intake.views import streams
from casework.intake.views.base import answer_again, blueprint
from casework.people import queries as people
from casework.programme import queries as programme
from casework.security.guard import current_actor, permitted
from casework.security.permissions import Permission
from casework.security.roles import Reach
from casework.web import shell

if TYPE_CHECKING:
    from uuid import UUID

    from flask.typing import ResponseReturnValue

    from casework.security.actor import Actor

NOT_MODIFIED = 304
UNAVAILABLE = 503


@blueprint.get("/alerts")
@permitted(Permission.ALERTS_ALERT_WATCH)
def alerts() -> ResponseReturnValue:
    """Answer what waits (JSON), or 304 while it is what the asking page shows. Asked every other second."""
    actor = current_actor()
    with_cards = request.args.get("cards") == "1"
    mark = _mark(actor, with_cards=with_cards)
    if request.headers.get("If-None-Match") == mark:
        answer = Response(status=NOT_MODIFIED)
    else:
        answer = jsonify(count=_count(actor), html=_strip(actor, with_cards=with_cards))
    answer.headers["ETag"] = mark
    return answer


@blueprint.get("/triage/events")
@permitted(Permission.ALERTS_ALERT_WATCH)
def events() -> ResponseReturnValue:
    """Tell a page whenever there is news, as server-sent events; 503 when this process holds no more streams."""
    actor = current_actor()
    if current_app.extensions["casework.settings"].push_streams == 0:
        raise NotFound(_("这里没有开启实时推送，页面会自动查询。"))
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's own way to hand it on
    stream = streams.opened(app, actor, lambda: _mark(actor, with_cards=True))
    if stream is None:
        return Response(status=UNAVAILABLE, mimetype="text/plain")
    return Response(stream, mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})


@blueprint.post("/alerts/<uuid:alert_id>/acknowledge")
@permitted(Permission.CALLS_CALL_ASSIGN)
def acknowledge(alert_id: UUID) -> ResponseReturnValue:
    """Answer an alert; the volunteer sees it within two seconds."""
    actor = current_actor()
    try:
        call = service.acknowledge(queries.get_live(actor, alert_id), actor=actor)
    except Conflict as error:
        message = str(error.message)
        return answer_again(lambda: render_template("intake/stale.html", message=message, case=None), error.status)
    flash(_("已响应，接线人会看到。"))
    if call.status == CallStatus.FINISHED:
        return redirect(url_for("intake.show", call_id=call.id), 303)
    return redirect(url_for("intake.triage"), 303)


def frame_alerts(actor: Actor) -> shell.Alerts | None:
    """Return what the frame of every page says to those who watch alerts; None for everybody else."""
    reach = actor.reach(Permission.ALERTS_ALERT_WATCH)
    if reach is Reach.NONE or not (actor.pledge_current and actor.second_factor_ok):
        return None
    url = url_for("intake.alerts")
    if reach is Reach.PROGRAMME:
        lines = office_lines(actor)
        return shell.Alerts(url, "", len(lines), lines)
    return shell.Alerts(url, url_for("intake.triage"), queries.count_unanswered(actor))


def office_lines(actor: Actor) -> tuple[str, ...]:
    """Return a sentence for each alert that has come to the office: where and since when, and nothing else."""
    waiting = queries.list_at_office(actor)
    names = {each.id: each.name for each in programme.list_subprojects(actor)} if waiting else {}
    return tuple(
        _(
            "“%(place)s”有一次呼叫督导自 %(at)s 起没有人响应，请立即联系该子项目的督导。",
            place=names.get(each.subproject_id, ""),
            at=f"{clock.local(each.since):%H:%M}",
        )
        for each in waiting
    )


def alert_cards(actor: Actor) -> dict[str, Any]:
    """Return what the cards of the board say."""
    cards = queries.list_cards(actor)
    people_ids = {card.author_id for card in cards} | {
        card.alert.acknowledged_by for card in cards if card.alert.acknowledged_by is not None
    }
    lines = programme.list_all_lines(actor, actor.subproject_id) if cards else []
    names = people.names_of(people_ids)
    return {"cards": cards, "names": names, "lines": {line.id: line.name for line in lines}}


def _strip(actor: Actor, *, with_cards: bool) -> str:
    if actor.reach(Permission.ALERTS_ALERT_WATCH) is Reach.PROJECT:
        return render_template("intake/alerts.html", **alert_cards(actor)) if with_cards else ""
    return render_template("intake/office.html", lines=office_lines(actor))


def _count(actor: Actor) -> int:
    if actor.reach(Permission.ALERTS_ALERT_WATCH) is Reach.PROJECT:
        return queries.count_unanswered(actor)
    return len(queries.list_at_office(actor))


def _mark(actor: Actor, *, with_cards: bool) -> str:
    """Return what changes exactly when the answer does. While nothing waits it costs one small query."""
    facts: list[object] = [actor.account_id, with_cards]
    if actor.reach(Permission.ALERTS_ALERT_WATCH) is Reach.PROJECT:
        for card in queries.list_cards(actor):
            alert = card.alert
            facts += [alert.id, alert.row_version, card.is_saved, card.steps_done, card.is_mine, card.is_at_office]
    else:
        facts += [(each.subproject_id, each.since) for each in queries.list_at_office(actor)]
    return f'"{crypto.sha256(repr(facts).encode()).hex()[:32]}"'
