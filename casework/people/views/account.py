"""One's own account: roles, language, password, second factor, sessions, promises."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from casework.core.errors import Invalid
from casework.people import queries, rules
from casework.people import service as people
from casework.people.forms import LanguageForm
from casework.people.types import Duty
from casework.people.views.base import blueprint, proven
from casework.security.guard import current_actor, signed_in
from casework.security.roles import ROLE_NAMES
from casework.web import i18n

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


@blueprint.get("/me")
@signed_in
@proven
def account() -> ResponseReturnValue:
    """Show one's own account."""
    actor = current_actor()
    own = queries.get_account(actor, actor.account_id)
    return render_template(
        "people/account.html",
        account=own,
        form=LanguageForm(formdata=None, locale=own.locale),
        holdings=queries.own_holdings(actor),
        factor=queries.second_factor_of(actor.account_id),
        codes=len(queries.unused_codes(actor.account_id)),
        pair=queries.current_pair(actor.account_id),
        sessions=queries.sessions_of(actor.account_id),
        signatures=queries.signatures_of(actor.account_id),
        places={place.id: place.name for place in people.places()},
        role_names=ROLE_NAMES,
        current_session=actor.session_id,
        active_role=actor.role,
        active_place=actor.subproject_id,
    )


@blueprint.route("/me/role", methods=["GET", "POST"])
@signed_in
@proven
def switch_role() -> ResponseReturnValue:
    """Choose the role to work in. One at a time, so that what belongs to one never shows in another."""
    actor = current_actor()
    if request.method == "GET":
        return render_template(
            "people/switch_role.html",
            holdings=queries.own_holdings(actor),
            places={place.id: place.name for place in people.places()},
            role_names=ROLE_NAMES,
            active_role=actor.role,
            active_place=actor.subproject_id,
        )
    try:
        role = people.switch_role(UUID(request.form.get("grant", "")), actor=actor)
    except ValueError:
        raise Invalid(_("请选择一个角色。")) from None
    flash(_("现在以“%(role)s”工作。", role=ROLE_NAMES[role]))
    return redirect(url_for("people.onward"), 303)


@blueprint.post("/me/duty")
@signed_in
@proven
def set_duty() -> ResponseReturnValue:
    """Say whether one can be called on, and go back to where one was."""
    chosen = request.form.get("duty", "")
    if chosen not in set(Duty):
        raise Invalid(_("请从列出的选项中选择。"))
    people.set_duty(Duty(chosen), actor=current_actor())
    return redirect(rules.safe_target(request.form.get("next")) or url_for("web.home"), 303)


@blueprint.post("/me/language")
@signed_in
@proven
def set_language() -> ResponseReturnValue:
    """Remember the language somebody works in, here and on every other computer."""
    form = LanguageForm()
    if not form.validate_on_submit():
        raise Invalid(_("请从列出的选项中选择。"))
    chosen = i18n.choose(form.locale.data)
    people.set_language(chosen, actor=current_actor())
    with force_locale(chosen):
        flash(_("界面语言已保存。"))
    # The address carries the language once, so that an older cookie does not win over the new wish.
    return redirect(url_for("people.account", lang=chosen), 303)


@blueprint.post("/me/sessions/<uuid:session_id>/end")
@signed_in
@proven
def end_session(session_id: UUID) -> ResponseReturnValue:
    """End one of one's own sessions elsewhere."""
    people.end_own_session(session_id, actor=current_actor())
    flash(_("已退出该处登录。"))
    return redirect(url_for("people.account") + "#sessions", 303)
