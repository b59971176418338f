"""The switchboard's door, and the calls that ring on the desk."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

import structlog
from flask import jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _

from casework.core import clock, crypto
from casework.core.errors import CaseworkError, Unproven
from casework.intake.forms.telephony import line_event
from casework.intake.service import telephony
from casework.intake.views.base import blueprint, shown_ringing
from casework.security.actor import Actor
from casework.security.guard import current_actor, permitted, signed
from casework.security.permissions import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from flask.typing import ResponseReturnValue

LARGEST_BODY: Final = 16 * 1024
WINDOW_SECONDS: Final = 300
TIME, SIGNATURE = "X-Casework-Time", "X-Casework-Signature"
SCHEME: Final = "sha256="
_DIGITS: Final = 12
log = structlog.get_logger("casework.telephony")


def require_signature() -> None:
    """Refuse what a known secret did not sign within the last five minutes, before anything in it is looked at.

    Signed is the time, a full stop and the body, byte for byte. A body that is too large is refused (413) unread.
    """
    request.max_content_length = LARGEST_BODY
    secrets = telephony.webhook_secrets()
    if not secrets:
        raise _unproven(_("话务接口还没有密钥。请运行 flask casework telephony secret。"), reason="no-secret")
    body = request.get_data()
    stamp, given = request.headers.get(TIME, ""), request.headers.get(SIGNATURE, "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= _DIGITS) or not given.startswith(SCHEME):
        raise _unproven(_("缺少签名：请按运维手册发送 X-Casework-Time 和 X-Casework-Signature。"), reason="missing")
    tag = b""
    with suppress(ValueError):
        tag = bytes.fromhex(given.removeprefix(SCHEME))
    message = f"{stamp}.".encode() + body
    # Every secret is tried, so that the time it takes does not tell which one was near.
    matches = [crypto.verify_mac(secret, message, tag) for secret in secrets]
    if not any(matches):
        raise _unproven(_("签名不正确。"), reason="forged")
    if abs(clock.now().timestamp() - int(stamp)) > WINDOW_SECONDS:
        raise _unproven(_("签名时间与本机相差超过 5 分钟，请核对交换机的时钟。"), reason="old")


@blueprint.post("/api/v1/telephony/events")
@signed(require_signature)
def telephony_event() -> ResponseReturnValue:
    """Take one event of the switchboard. Sent again, it is answered alike and changes nothing."""
    if not request.is_json:
        raise _NotJsonType(_("请用 Content-Type: application/json 发送。"))
    body = request.get_data()
    leg_id, repeated = telephony.receive(line_event(body), body, actor=Actor.system())
    return jsonify(status="repeated" if repeated else "accepted", call=str(leg_id))


@blueprint.get("/calls/ringing")
@permitted(Permission.CALLS_CALL_LOG)
def ringing() -> ResponseReturnValue:
    """Answer what rings now (JSON): the part of the desk as HTML when it differs from the one the page knows."""
    found = shown_ringing(current_actor())
    if found.mark == request.args.get("known", ""):
        return jsonify(mark=found.mark)
    return jsonify(mark=found.mark, html=render_template("intake/ringing.html", ringing=found))


@blueprint.post("/calls/ringing/<uuid:leg_id>/take")
@permitted(Permission.CALLS_CALL_LOG)
def take_ringing(leg_id: UUID) -> ResponseReturnValue:
    """Take a call from the desk to the form. The number goes with it on the server, never in an address."""
    actor = current_actor()
    telephony.take(leg_id, actor=actor)
    return redirect(url_for("intake.new_call", ringing=leg_id), 303)


class _NotJsonType(CaseworkError):
    status = 415


def _unproven(message: str, *, reason: str) -> Unproven:
    log.warning("signature refused", reason=reason)
    return Unproven(message)
