"""The gate: every endpoint declares its audience, and what declares none is refused before it runs.

The gate decides in this order: audience declared, signed in, second factor, own password, pledge (R22), permission of
the active role. A refusal names its rule, and is recorded by the hook that ``install`` is given.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from flask import g, redirect, request, url_for
from flask_babel import lazy_gettext as _l

from casework.core.errors import Refused, SignInRequired
from casework.security.roles import Reach

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from werkzeug.wrappers import Response

    from casework.security.actor import Actor
    from casework.security.permissions import Permission

View = TypeVar("View", bound="Callable[..., Any]")
_MARK = "_audience"


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may come in: anybody, whoever is signed in, holders of a permission, or a machine that proves itself.

    ``proof`` is called before the view and raises when the request does not prove where it comes from.
    """

    name: str
    permission: Permission | None = None
    proof: Callable[[], None] | None = field(default=None, compare=False)

    @property
    def is_public(self) -> bool:
        """Whether nobody needs to be known."""
        return self.name == "public"


PUBLIC = Audience("public")
SIGNED_IN = Audience("signed-in")


def public(view: View) -> View:
    """Open a view to anybody. Such a view shows nothing about a person and nothing of the work."""
    return _declare(view, PUBLIC)


def signed_in(view: View) -> View:
    """Open a view to whoever is signed in, pledge or not: signing the pledge, second factor, leaving, help."""
    return _declare(view, SIGNED_IN)


def signed(proof: Callable[[], None]) -> Callable[[View], View]:
    """Open a view to a machine whose request proves itself; nobody is signed in, and cookies mean nothing there."""

    def declare(view: View) -> View:
        return _declare(view, Audience("signed", proof=proof))

    return declare


def permitted(permission: Permission) -> Callable[[View], View]:
    """Open a view to roles that hold a permission, with second factor and pledge in order."""

    def declare(view: View) -> View:
        return _declare(view, Audience("permitted", permission))

    return declare


def audience_of(app: Flask, endpoint: str) -> Audience | None:
    """Return what an endpoint declares, or None."""
    if endpoint == "static":
        return PUBLIC
    declared = getattr(app.view_functions.get(endpoint), _MARK, None)
    return declared if isinstance(declared, Audience) else None


def signed_views(app: Flask) -> list[Callable[..., Any]]:
    """Return the views whose requests prove themselves."""
    found = ((view, audience_of(app, endpoint)) for endpoint, view in app.view_functions.items())
    return [view for view, audience in found if audience is not None and audience.proof is not None]


def undeclared(app: Flask) -> list[str]:
    """Return the endpoints that declare no audience; the application does not start while there is one."""
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    return sorted(endpoint for endpoint in endpoints if audience_of(app, endpoint) is None)


def current_actor() -> Actor:
    """Return who acts in this request; refused (SignInRequired) when nobody is signed in."""
    actor: Actor | None = g.get("actor")
    if actor is None:
        raise SignInRequired(_l("请先登录。"))
    return actor


def require(actor: Actor, permission: Permission) -> Reach:
    """Return how far the actor's permission goes; refused (R23) when the active role does not hold it."""
    reach = actor.reach(permission)
    if reach is Reach.NONE:
        g.refused_permission = permission
        raise Refused(_l("你当前的角色不能使用此功能。"), rule="R23")
    return reach


def install(app: Flask, load_actor: Callable[[], Actor | None]) -> None:
    """Put the gate before every request; ``load_actor`` finds out who is signed in."""

    def gate() -> Response | None:
        audience = audience_of(app, request.endpoint) if request.endpoint else PUBLIC
        if audience is None:
            raise Refused(_l("此页面没有登记访问范围，已拒绝。"), rule="R23")
        if request.endpoint == "static":
            return None
        if audience.proof is not None:
            g.actor = None
            audience.proof()
            return None
        g.actor = load_actor()
        if audience.is_public:
            return None
        return _check(current_actor(), audience)

    app.before_request(gate)


def _check(actor: Actor, audience: Audience) -> Response | None:
    if audience.permission is None:
        return None
    if not actor.second_factor_ok:
        if request.method == "GET":
            return redirect(url_for("people.second_factor"), 303)
        raise Refused(_l("请先完成第二重验证。"), rule="R23")
    if not actor.password_current:
        if request.method == "GET":
            return redirect(url_for("people.password"), 303)
        raise Refused(_l("请先设置自己的口令。"), rule="R23")
    if not actor.pledge_current:
        raise Refused(_l("请先阅读并签署保密承诺书，签署后即可继续。"), rule="R22")
    require(actor, audience.permission)
    return None


def _declare(view: View, audience: Audience) -> View:
    setattr(view, _MARK, audience)
    return view
