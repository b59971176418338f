"""Accounts: creating, giving and ending roles, disabling, new keys for a lost password. Nothing here opens anything."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from casework.core.errors import CaseworkError
from casework.core.ids import new_id
from casework.people import queries
from casework.people import service as people
from casework.people.forms import AccountForm, LimitForm, NameForm, RoleForm, SearchForm
from casework.people.views.base import apart, blueprint
from casework.security.guard import current_actor, permitted
from casework.security.permissions import Permission
from casework.security.roles import PROJECT_ROLES, ROLE_NAMES, Role
from casework.web.forms import options

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

manage_accounts = permitted(Permission.ACCOUNTS_ACCOUNT_MANAGE)


@blueprint.get("/admin")
@manage_accounts
def accounts() -> ResponseReturnValue:
    """List accounts with their roles, and what is missing for each to work."""
    form = SearchForm(request.args)
    known = form.validate()
    role = Role(form.role.data) if known and form.role.data else None
    found = queries.list_accounts(
        current_actor(), words=form.q.data or "" if known else "", role=role, disabled=form.state.data == "disabled"
    )
    ids = [each.id for each in found]
    return render_template(
        "people/accounts.html",
        form=form,
        accounts=found,
        holdings=queries.holdings_of(ids),
        unsigned={each.account_id for each in queries.unsigned()},
        factors=queries.accounts_with_factor(ids) if _factor_required() else set(ids),
        places=_places(),
        role_names=ROLE_NAMES,
        filtered=bool(form.q.data or form.role.data or form.state.data),
    )


@blueprint.route("/admin/new", methods=["GET", "POST"])
@manage_accounts
def new_account() -> ResponseReturnValue:
    """Create an account and show its one-time password, once."""
    form, status = AccountForm(), HTTPStatus.OK
    if form.validate_on_submit():
        password = people.one_time_password()
        try:
            pair = apart(lambda: people.new_pair(new_id(), password))
            account = people.add_account(
                form.login.data or "", form.display_name.data or "", pair=pair, actor=current_actor()
            )
        except CaseworkError as error:
            form.refuse(error)
            status = HTTPStatus(error.status)
        else:
            return render_template("people/one_time_password.html", account=account, password=password, fresh=True)
    elif form.errors:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    return render_template("people/account_new.html", form=form), status


@blueprint.get("/admin/<uuid:account_id>")
@manage_accounts
def manage(account_id: UUID) -> ResponseReturnValue:
    """Show one account and what can be done with it."""
    return _page(account_id, None, HTTPStatus.OK)


@blueprint.post("/admin/<uuid:account_id>/name")
@manage_accounts
def rename(account_id: UUID) -> ResponseReturnValue:
    """Change the staff name."""
    form = NameForm()
    if not form.validate_on_submit():
        return _page(account_id, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    people.rename_account(account_id, form.display_name.data or "", actor=current_actor())
    return _back(account_id, _("姓名已修改。"))


@blueprint.post("/admin/<uuid:account_id>/disable")
@manage_accounts
def disable(account_id: UUID) -> ResponseReturnValue:
    """Shut the account at once."""
    people.disable_account(account_id, actor=current_actor())
    return _back(account_id, _("账户已停用，其登录已全部退出。"))


@blueprint.post("/admin/<uuid:account_id>/enable")
@manage_accounts
def enable(account_id: UUID) -> ResponseReturnValue:
    """Let somebody sign in again."""
    people.enable_account(account_id, actor=current_actor())
    return _back(account_id, _("账户已恢复。"))


@blueprint.post("/admin/<uuid:account_id>/roles")
@manage_accounts
def grant_role(account_id: UUID) -> ResponseReturnValue:
    """Give a role."""
    form = _with_places(RoleForm())
    if not form.validate_on_submit():
        return _page(account_id, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    role, place = Role(form.role.data), form.subproject.data
    limit = 12 if form.caseload_limit.data is None else form.caseload_limit.data
    try:
        people.grant_role(account_id, role, UUID(place) if place else None, actor=current_actor(), caseload_limit=limit)
    except CaseworkError as error:
        form.refuse(error)
        return _page(account_id, form, HTTPStatus(error.status))
    return _back(account_id, _("已授予“%(role)s”角色。", role=ROLE_NAMES[role]))


@blueprint.post("/admin/<uuid:account_id>/roles/<uuid:grant_id>/end")
@manage_accounts
def end_role(account_id: UUID, grant_id: UUID) -> ResponseReturnValue:
    """End a role and every session of the account."""
    people.end_role(account_id, grant_id, actor=current_actor())
    return _back(account_id, _("角色已结束，其登录已全部退出。"))


@blueprint.post("/admin/<uuid:account_id>/roles/<uuid:grant_id>/limit")
@manage_accounts
def set_limit(account_id: UUID, grant_id: UUID) -> ResponseReturnValue:
    """Change a caseload limit."""
    form = LimitForm().beside(grant_id)
    if not form.validate_on_submit():
        return _page(account_id, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    people.set_caseload_limit(account_id, grant_id, int(form.caseload_limit.data or 0), actor=current_actor())
    return _back(account_id, _("个案上限已修改。"))


@blueprint.route("/admin/<uuid:account_id>/keys", methods=["GET", "POST"])
@manage_accounts
def renew_keys(account_id: UUID) -> ResponseReturnValue:
    """Say what a lost password means, then issue a new key pair and show its one-time password, once."""
    actor = current_actor()
    account = queries.get_account(actor, account_id)
    if request.method == "GET":
        held = queries.holdings_of([account_id])[account_id]
        last = [each for each in held if each.role is Role.SUPERVISOR and _is_alone(account_id, each.subproject_id)]
        return render_template(
            "people/keys_new.html", account=account, last=[_places().get(each.subproject_id) for each in last]
        )
    password = people.one_time_password()
    people.renew_keys(account_id, pair=apart(lambda: people.new_pair(account_id, password)), actor=actor)
    return render_template("people/one_time_password.html", account=account, password=password, fresh=False)


@blueprint.post("/admin/<uuid:account_id>/second-factor/reset")
@manage_accounts
def reset_second_factor(account_id: UUID) -> ResponseReturnValue:
    """Remove a lost second factor."""
    people.reset_second_factor(account_id, actor=current_actor())
    return _back(account_id, _("第二重验证已重置，下次登录时重新设置。"))


@blueprint.post("/keys/<uuid:account_id>/second-factor/reset")
@permitted(Permission.ACCOUNTS_KEY_REGRANT)
def reset_colleagues_second_factor(account_id: UUID) -> ResponseReturnValue:
    """Let a supervisor remove the lost second factor of a colleague in the same sub-project."""
    people.reset_second_factor(account_id, actor=current_actor())
    flash(_("第二重验证已重置，对方下次登录时重新设置。"))
    return redirect(url_for("vault.awaiting"), 303)


def _page(account_id: UUID, refused: RoleForm | NameForm | LimitForm | None, status: HTTPStatus) -> ResponseReturnValue:
    """Return the page of an account with its forms as they are, but the refused one as it was sent."""
    actor = current_actor()
    account = queries.get_account(actor, account_id)
    holdings = queries.holdings_of([account_id])[account_id]
    limits = {
        each.grant_id: LimitForm(formdata=None, caseload_limit=each.caseload_limit).beside(each.grant_id)
        for each in holdings
    }
    if isinstance(refused, LimitForm) and refused.grant_id in limits:
        limits[refused.grant_id] = refused
    return render_template(
        "people/manage.html",
        account=account,
        refused=refused,
        form=_with_places(refused if isinstance(refused, RoleForm) else RoleForm(formdata=None)),
        name_form=refused if isinstance(refused, NameForm) else NameForm(formdata=None, obj=account),
        limits=limits,
        holdings=holdings,
        factor=queries.second_factor_of(account_id),
        pair=queries.current_pair(account_id),
        sessions=queries.sessions_of(account_id),
        signatures=queries.signatures_of(account_id),
        unsigned={each.role for each in queries.unsigned() if each.account_id == account_id},
        places=_places(),
        role_names=ROLE_NAMES,
        place_roles={str(role) for role in PROJECT_ROLES},
        own=account_id == actor.account_id,
    ), status


def _factor_required() -> bool:
    return bool(current_app.extensions["casework.settings"].second_factor_required)


def _with_places(form: RoleForm) -> RoleForm:
    places = [(place.id, place.name) for place in people.places()]
    form.subproject.choices = options(places, _("全项目（不限子项目）"))
    return form


def _places() -> dict[UUID | None, str]:
    return {place.id: place.name for place in people.places()}


def _is_alone(account_id: UUID, subproject_id: UUID | None) -> bool:
    return queries.holders_of_role(Role.SUPERVISOR, subproject_id) == [account_id]


def _back(account_id: UUID, message: str) -> ResponseReturnValue:
    flash(message)
    return redirect(url_for("people.manage", account_id=account_id), 303)
