"""Pages that belong to nobody: the way to one's own start page, and what a load balancer asks."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from casework.core.db import session
from casework.security.guard import current_actor, public, signed_in
from casework.web.navigation import START

blueprint = Blueprint("web", __name__)
PLAIN: Final = {"Content-Type": "text/plain; charset=utf-8"}


@blueprint.get("/")
@signed_in
def home() -> Response:
    """Send everybody to where their work begins."""
    return redirect(url_for(START[current_actor().role]), 303)


@blueprint.get("/help")
@public
def help_page() -> str:
    """Say how the system is used: keys, saving, secrecy, lost passwords. The same for everybody."""
    return render_template("web/help.html")


@blueprint.get("/healthz")
@public
def healthz() -> Response:
    """Answer that the process lives."""
    return _plain("ok\n")


@blueprint.get("/readyz")
@public
def readyz() -> Response:
    """Answer whether the database can be read; nothing else is told to strangers."""
    try:
        session().execute(sa.text("SELECT 1"))
    except sa.exc.SQLAlchemyError:
        return _plain("database unavailable\n", 503)
    return _plain("ok\n")


def _plain(text: str, status: int = 200) -> Response:
    return Response(text, status, mimetype="text/plain")
