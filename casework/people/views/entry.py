"""Coming and going: password, second factor, leaving."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from casework.core.errors import CaseworkError
from casework.people import queries, rules
from casework.people import service as people
from casework.people.forms import CodeForm, FactorForm, PasswordForm, SignInForm
from casework.people.service import cookie, second_factor
from casework.people.views.base import apart, blueprint, onward, proven
from casework.security.guard import current_actor, public, signed_in
from casework.security.roles import ROLE_NAMES

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from casework.people.forms import EntryForm


@blueprint.route("/login", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """Ask for login name and password, and begin a session."""
    form = SignInForm(next=request.args.get("next"), login=request.args.get("login"))
    if request.method == "GET" and g.get("actor") is not None:
        return redirect(url_for("people.onward", next=form.next.data), 303)
    if not form.validate_on_submit():
        return _sign_in_page(form, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK)
    try:
        signed = people.sign_in(form.login.data or "", form.password.data or "", address=request.remote_addr or "")
    except CaseworkError as error:
        form.refuse(error)
        return _sign_in_page(form, error.status)
    cookie.begin(signed)
    if form.kept.data and queries.second_factor_of(signed.account_id) is not None:
        # The words cannot travel in an address, so the next step answers at once.
        return render_template("people/verify.html", form=_carried(CodeForm(formdata=None), form))
    return onward(form)


@blueprint.get("/onward", endpoint="onward")
@signed_in
def onward_page() -> ResponseReturnValue:
    """Send whoever signed in to the step that is still missing, then to where they were going."""
    actor, target = current_actor(), rules.safe_target(request.args.get("next"))
    missing = (
        (actor.second_factor_ok, "people.second_factor"),
        (actor.password_current, "people.password"),
        (actor.pledge_current, "people.pledge"),
    )
    step = next((endpoint for done, endpoint in missing if not done), None)
    if step is not None:
        return redirect(url_for(step, next=target), 303)
    return redirect(target or url_for("web.home"), 303)


@blueprint.post("/logout")
@signed_in
def sign_out() -> ResponseReturnValue:
    """End the session and take everything from the browser."""
    people.sign_out(actor=current_actor())
    cookie.end()
    flash(_("已退出登录。"))
    return redirect(url_for("people.sign_in"), 303)


@blueprint.route("/second-factor", methods=["GET", "POST"], endpoint="second_factor")
@signed_in
def second_factor_page() -> ResponseReturnValue:
    """Ask for a code of the second factor, or set one up where there is none or another is wanted."""
    actor = current_actor()
    form = CodeForm(next=request.args.get("next"))
    if actor.second_factor_ok or queries.second_factor_of(actor.account_id) is None:
        return _offer_page(FactorForm(formdata=None, next=form.next.data), HTTPStatus.OK)
    if not form.validate_on_submit():
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        return render_template("people/verify.html", form=form), status
    try:
        apart(lambda: second_factor.claim(actor))
        used = second_factor.verify(form.code.data or "", actor=actor)
    except CaseworkError as error:
        form.refuse(error)
        return render_template("people/verify.html", form=form), error.status
    if used == "recovery":
        left = len(queries.unused_codes(actor.account_id))
        flash(_("恢复码已使用，还剩 %(n)s 个。手机遗失请尽快重新设置第二重验证。", n=left), "warning")
    return onward(form)


@blueprint.post("/second-factor/new")
@signed_in
def set_up_second_factor() -> ResponseReturnValue:
    """Take the first code of a new authenticator and show the recovery codes, once."""
    form = FactorForm()
    if not form.validate_on_submit():
        return _offer_page(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        codes = second_factor.set_up(form.offer.data or "", form.code.data or "", actor=current_actor())
    except CaseworkError as error:
        form.refuse(error)
        return _offer_page(form, error.status)
    return render_template("people/recovery_codes.html", codes=codes, next=rules.safe_target(form.next.data))


@blueprint.route("/password", methods=["GET", "POST"])
@signed_in
@proven
def password() -> ResponseReturnValue:
    """Choose another password; the private key is sealed again and the other sessions end."""
    actor = current_actor()
    form = PasswordForm(next=request.args.get("next"))
    status = HTTPStatus.OK
    if form.validate_on_submit():
        try:
            prepared = apart(lambda: people.prepare_new_password(actor, form.current.data or "", form.new.data or ""))
            people.change_password(prepared, actor=actor)
        except CaseworkError as error:
            form.refuse(error)
            status = HTTPStatus(error.status)
        else:
            flash(_("口令已修改。其他电脑上的登录已全部退出。"))
            return onward(form)
    elif form.errors:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    mlps = current_app.extensions["casework.settings"].mlps
    return render_template("people/password.html", form=form, first=not actor.password_current, mlps=mlps), status


def _sign_in_page(form: SignInForm, status: int) -> ResponseReturnValue:
    found = queries.demonstration_accounts() if current_app.config["DEMO"] else []
    accounts = [(ROLE_NAMES[role], login) for role, login in found]
    return render_template(
        "people/sign_in.html", form=form, expired=False, accounts=accounts, demo_password=rules.DEMO_PASSWORD
    ), status


def _offer_page(form: FactorForm, status: int) -> ResponseReturnValue:
    actor = current_actor()
    form.offer.data = form.offer.data or second_factor.offer_seed(actor)
    try:
        picture, key = second_factor.picture_of(form.offer.data, actor), second_factor.key_of(form.offer.data, actor)
    except CaseworkError:
        # An offer of an ended session: begin with a new one.
        form.offer.data = second_factor.offer_seed(actor)
        picture, key = second_factor.picture_of(form.offer.data, actor), second_factor.key_of(form.offer.data, actor)
    replaces = queries.second_factor_of(actor.account_id) is not None
    return render_template("people/enrol.html", form=form, picture=picture, key=key, replaces=replaces), status


def _carried(after: CodeForm, before: EntryForm) -> CodeForm:
    after.next.data, after.kept.data = before.next.data, before.kept.data
    return after
