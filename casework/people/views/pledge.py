"""The confidentiality pledge: reading and signing it, seeing who has not, publishing a new version."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from casework.core.errors import CaseworkError, NotFound
from casework.people import queries, rules
from casework.people import service as people
from casework.people.forms import PledgeForm, PledgeTextForm
from casework.people.views.base import blueprint, onward, proven
from casework.security.guard import current_actor, permitted, signed_in
from casework.security.permissions import Permission
from casework.security.roles import ROLE_NAMES, Role
from casework.web import i18n

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from casework.people.models import PledgeText


@blueprint.route("/pledge", methods=["GET", "POST"])
@signed_in
@proven
def pledge() -> ResponseReturnValue:
    """Show the present pledge of the active role, and take the signature."""
    actor = current_actor()
    form, text = PledgeForm(next=request.args.get("next")), _present(actor.role)
    signed = queries.signature_of(actor.account_id, text.id)
    status = HTTPStatus.OK
    if form.validate_on_submit():
        try:
            people.sign_pledge(UUID(form.pledge.data), actor=actor)
        except (CaseworkError, ValueError) as error:
            form.refuse(error) if isinstance(error, CaseworkError) else form.form_errors.append(_("页面已过期。"))
            status = HTTPStatus.CONFLICT
        else:
            flash(_("已签署保密承诺书。"))
            return onward(form)
    elif form.errors:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    form.pledge.data = str(text.id)
    earlier = [each for each in queries.signatures_of(actor.account_id) if each[1].role == actor.role]
    return render_template(
        "people/pledge.html",
        form=form,
        text=text,
        blocks=rules.blocks(_body(text)),
        role_name=ROLE_NAMES[actor.role],
        signed=signed,
        earlier=earlier,
    ), status


@blueprint.get("/admin/pledges")
@permitted(Permission.ACCOUNTS_PLEDGE_MANAGE)
def pledges() -> ResponseReturnValue:
    """Show which version each role works under and who has not signed it."""
    waiting = queries.unsigned()
    return render_template(
        "people/pledges.html",
        texts=queries.current_pledges(),
        counts=queries.signature_counts(),
        waiting=waiting,
        names=queries.names_of(each.account_id for each in waiting),
        places={place.id: place.name for place in people.places()},
        role_names=ROLE_NAMES,
    )


@blueprint.get("/admin/pledges/<uuid:pledge_id>")
@permitted(Permission.ACCOUNTS_PLEDGE_MANAGE)
def pledge_text(pledge_id: UUID) -> ResponseReturnValue:
    """Show one published version with its hash, as it was signed."""
    text = queries.get_pledge(pledge_id)
    return render_template(
        "people/pledge_text.html",
        text=text,
        role_name=ROLE_NAMES[Role(text.role)],
        chinese=rules.blocks(text.body_zh),
        english=rules.blocks(text.body_en),
        count=queries.signature_counts().get(text.id, 0),
    )


@blueprint.route("/admin/pledges/<role>/new", methods=["GET", "POST"])
@permitted(Permission.ACCOUNTS_PLEDGE_MANAGE)
def publish_pledge(role: str) -> ResponseReturnValue:
    """Write a new version, look at it, publish it."""
    text = _present(_role(role))
    form = PledgeTextForm(body_zh=text.body_zh, body_en=text.body_en)
    valid, status = form.validate_on_submit(), HTTPStatus.OK
    if valid and request.form.get("step") == "publish":
        try:
            fresh = people.publish_pledge(
                Role(text.role), form.body_zh.data or "", form.body_en.data or "", actor=current_actor()
            )
        except CaseworkError as error:
            form.refuse(error)
            valid, status = False, HTTPStatus(error.status)
        else:
            flash(_("已发布第 %(n)s 版。担任此角色的人员须重新签署后才能继续工作。", n=fresh.version))
            return redirect(url_for("people.pledges"), 303)
    elif form.errors:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    preview = valid and request.form.get("step") != "edit"
    return render_template(
        "people/pledge_new.html",
        form=form,
        text=text,
        role_name=ROLE_NAMES[Role(text.role)],
        chinese=rules.blocks(form.body_zh.data or "") if preview else None,
        english=rules.blocks(form.body_en.data or "") if preview else None,
    ), status


def _present(role: Role) -> PledgeText:
    text = queries.current_pledge(role)
    if text is None:
        raise NotFound(_("此角色还没有承诺书。请联系系统管理员。"))
    return text


def _role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError:
        raise NotFound(_("没有这个角色。")) from None


def _body(text: PledgeText) -> str:
    return text.body_en if i18n.current_code() == "en" else text.body_zh
