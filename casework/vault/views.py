"""The page on which a supervisor gives a colleague the keys back, or for the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casework.core.errors import NotFound
from casework.people import queries as people
from casework.security.guard import current_actor, permitted
from casework.security.permissions import Permission
from casework.vault import queries, service

if TYPE_CHECKING:
    from uuid import UUID

    from werkzeug.wrappers import Response

blueprint = Blueprint("vault", __name__)


@blueprint.get("/keys")
@permitted(Permission.ACCOUNTS_KEY_REGRANT)
def awaiting() -> str:
    """Show the colleagues of the sub-project who wait for a key."""
    actor = current_actor()
    waiting = queries.awaiting(actor)
    return render_template(
        "vault/awaiting.html",
        waiting=waiting,
        names=people.names_of([each.account_id for each in waiting]),
        holds_circle=queries.holds_circle(actor),
        rotation_due=queries.rotation_is_due(actor),
        with_factor=people.colleagues_with_factor(actor),
        offers=queries.offers(actor),
    )


@blueprint.post("/keys/<uuid:account_id>")
@permitted(Permission.ACCOUNTS_KEY_REGRANT)
def regrant(account_id: UUID) -> Response:
    """Seal to a waiting colleague what the acting supervisor can open."""
    actor = current_actor()
    if account_id not in {each.account_id for each in queries.awaiting(actor)}:
        raise NotFound(_l("这位同事没有等待授权，可能已由其他督导处理。"))
    done = service.regrant(account_id, actor=actor)
    if done.left or not (done.keys or done.circle):
        words = _("已授权 %(done)s 份，另有 %(left)s 份你无法打开，请由其他督导处理。", done=done.keys, left=done.left)
        flash(words, "warning")
    else:
        flash(_("已授权，对方刷新页面即可查看。"))
    return redirect(url_for("vault.awaiting"), 303)


@blueprint.post("/keys/renew")
@permitted(Permission.ACCOUNTS_KEY_REGRANT)
def renew() -> Response:
    """Start a new generation of the circle after somebody left."""
    actor = current_actor()
    if actor.subproject_id is None:
        raise NotFound(_l("没有找到子项目。"))
    service.rotate_circle(actor.subproject_id, actor=actor)
    flash(_("已换用新的督导密钥。"))
    return redirect(url_for("vault.awaiting"), 303)
