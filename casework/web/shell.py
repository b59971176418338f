"""The frame around every page: who is signed in, as what and where, and the ways out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from flask import current_app, g
from flask_babel import gettext as _

from casework.security.roles import ROLE_NAMES
from casework.web import i18n, navigation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Flask

    from casework.security.actor import Actor

_TELLER: Final = "casework.shell"


@dataclass(frozen=True, slots=True)
class Alerts:
    """Who needs somebody now, as every page of those who watch shows it: where to ask, how many, in which words."""

    url: str
    board: str
    count: int
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Duty:
    """Whether the person can be called on, and what else they may say: (code, label)."""

    state: str
    label: str
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What packages above know: names of programme and sub-project, other roles of the person, duty and alerts.

    ``counts``: how much waits for them, by endpoint of the menu.
    """

    programme: str = ""
    subproject: str = ""
    several_roles: bool = False
    alerts: Alerts | None = None
    duty: Duty | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """All that ``layout.html`` shows beside the page itself."""

    html_lang: str
    programme: str
    demo: bool
    home: str
    languages: list[i18n.LanguageLink] = field(default_factory=list)
    actor: Actor | None = None
    role_name: str = ""
    subproject: str = ""
    items: list[navigation.Item] = field(default_factory=list)
    help: str | None = None
    rules: str | None = None
    account: str | None = None
    alerts: Alerts | None = None
    duty: Duty | None = None
    set_duty: str | None = None
    switch_role: str | None = None
    sign_in: str | None = None
    sign_out: str | None = None


def tell(app: Flask, teller: Callable[[Actor | None], Facts]) -> None:
    """Register who tells the facts about whoever is there (None: a stranger); called once a page."""
    app.extensions[_TELLER] = teller


def build() -> Shell:
    """Return the frame of the present request. After a failure (``g.bare_shell``) it asks the database nothing."""
    actor: Actor | None = None if g.get("bare_shell") else g.get("actor")
    facts = Facts() if g.get("bare_shell") else current_app.extensions.get(_TELLER, _nothing)(actor)
    programme = facts.programme or _("心理援助工作系统")
    if actor is None:
        return Shell(
            html_lang=i18n.html_lang(),
            programme=programme,
            demo=bool(current_app.config["DEMO"]),
            home=navigation.href(navigation.HOME) or "/",
            languages=i18n.language_links(),
            help=navigation.href(navigation.HELP),
            sign_in=None if g.get("bare_shell") else navigation.href(navigation.SIGN_IN),
        )
    ready = actor.password_current and actor.second_factor_ok and actor.pledge_current
    return Shell(
        html_lang=i18n.html_lang(),
        programme=programme,
        demo=bool(current_app.config["DEMO"]),
        home=navigation.href(navigation.HOME) or "/",
        languages=i18n.language_links(),
        actor=actor,
        role_name=str(ROLE_NAMES[actor.role]),
        subproject=facts.subproject,
        # Before pledge and second factor every menu entry would only be refused.
        items=navigation.items(actor.role, facts.counts) if ready else [],
        help=navigation.href(navigation.HELP),
        rules=navigation.href(navigation.RULES.endpoint) if ready else None,
        account=navigation.href(navigation.ACCOUNT.endpoint),
        alerts=facts.alerts if ready else None,
        duty=facts.duty if ready else None,
        set_duty=navigation.href(navigation.SET_DUTY),
        switch_role=navigation.href(navigation.SWITCH_ROLE) if facts.several_roles else None,
        sign_out=navigation.href(navigation.SIGN_OUT),
    )


def _nothing(_actor: Actor | None) -> Facts:
    return Facts()
