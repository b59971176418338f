"""What the pages of people share: the steps of signing in, slow work beside the transaction, ended sessions."""

from __future__ import annotations

from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.events import Action
from casework.audit.trail import Outcome
from casework.core import idempotency
from casework.core.db import session
from casework.core.errors import Conflict, Refused, SignInRequired
from casework.people.forms import SignInForm
from casework.people.service import cookie, kept
from casework.security.guard import current_actor
from casework.web import pages

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response
    from flask.typing import ResponseReturnValue

    from casework.people.forms import EntryForm

T = TypeVar("T")
View = TypeVar("View", bound="Callable[..., Any]")

blueprint = Blueprint("people", __name__)


def proven(view: View) -> View:
    """Open a view only to a session whose second factor, where there is one, is proven: a password is not enough."""

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever the view takes and returns
        if current_actor().second_factor_ok:
            return view(*args, **kwargs)
        if request.method == "GET":
            return redirect(url_for("people.second_factor"), 303)
        raise Refused(_l("请先完成第二重验证。"), rule="R23")

    return checked  # type: ignore[return-value]  # wraps keeps the signature


def apart(work: Callable[[], T]) -> T:
    """Run something slow with no transaction open, then claim the form's key again and go on in a new one."""
    session().rollback()
    result = work()
    if idempotency.replay(current_actor().account_id) is not None:
        raise Conflict(_l("这张表单刚才已经提交过。"))
    return result


def onward(form: EntryForm) -> ResponseReturnValue:
    """Go on after a step of signing in: send again what an ended session left, or to where the person was going."""
    account_id = cookie.last_account()
    found = None if account_id is None else kept.opened(form.kept.data, account_id)
    if found is not None:
        return render_template("people/resume.html", kept=found)
    return redirect(url_for("people.onward", next=form.next.data or None), 303)


@blueprint.app_errorhandler(SignInRequired)
def on_sign_in_required(error: SignInRequired) -> ResponseReturnValue:
    """Ask to sign in: a program is told, a page is fetched again afterwards, and a form keeps what was typed."""
    session().rollback()
    if request.headers.get("HX-Request") == "true":
        answer = make_response("", HTTPStatus.UNAUTHORIZED)
        answer.headers["HX-Redirect"] = url_for("people.sign_in")
        return answer
    if pages.wants_json():
        return pages.error_response(error.status, error.message)
    if request.method in {"GET", "HEAD"}:
        return redirect(url_for("people.sign_in", next=request.full_path.rstrip("?")), 303)
    account_id = cookie.last_account()
    if account_id is None or request.blueprint == blueprint.name or not request.form:
        return pages.error_response(error.status, error.message)
    form = SignInForm(formdata=None)
    form.kept.data = kept.keep(request.path, request.form.items(multi=True), account_id)
    return render_template("people/sign_in.html", form=form, expired=True, accounts=[]), HTTPStatus.UNAUTHORIZED


@blueprint.app_errorhandler(Refused)
def on_refused(error: Refused) -> Response:
    """Show which rule refused, and record that it did (R23)."""
    session().rollback()
    actor = g.get("actor")
    if actor is not None:
        trail.record(
            Action.ACCESS_REFUSED,
            actor=actor,
            subject_kind="page",
            subject_id=None,
            details={"endpoint": request.endpoint or "", "permission": str(g.get("refused_permission") or "")},
            outcome=Outcome.REFUSED,
            rule=error.rule,
        )
    return pages.error_response(error.status, error.message, rule=error.rule, field=error.field)
