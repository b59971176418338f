"""Where each role's work begins and what its menu holds: one table, read by the layout and compared with the routes."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flask import current_app, request, url_for
from flask_babel import lazy_gettext as _l

from casework.security.roles import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask_babel import LazyString

MOST_ENTRIES: Final = 7

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a menu: where it leads, what it says, which drawing stands before it."""

    endpoint: str
    label: LazyString
    icon: str


@dataclass(frozen=True, slots=True)
class Item:
    """An entry as shown on one page. ``exact``: it is this very page, not one below it. ``count``: what waits there."""

    href: str
    label: str
    icon: str
    current: bool = False
    exact: bool = False
    count: int = 0


DESK: Final = Entry("intake.desk", _l("值班台"), "desk")
NEW_CALL: Final = Entry("intake.new_call", _l("来电登记"), "plus")
FOLLOWUPS: Final = Entry("intake.followups", _l("回访"), "phone")
TRIAGE: Final = Entry("intake.triage", _l("督导台"), "inbox")
CASES: Final = Entry("cases.index", _l("个案"), "folder")
REPORTS: Final = Entry("reports.dashboard", _l("统计看板"), "chart")
PROGRAMME: Final = Entry("programme.index", _l("项目与热线"), "place")
ACCOUNTS: Final = Entry("people.accounts", _l("账户"), "people")
PLEDGES: Final = Entry("people.pledges", _l("承诺书签署"), "pen")
OPTIONS: Final = Entry("options.index", _l("选项列表"), "list")
RESOURCES: Final = Entry("directory.index", _l("资源目录"), "phone")
AUDIT: Final = Entry("privacy.audit", _l("操作留痕"), "list")
KEYS: Final = Entry("vault.awaiting", _l("密钥授权"), "person")
RULES: Final = Entry("privacy.rules", _l("隐私规则"), "shield")
ACCOUNT: Final = Entry("people.account", _l("我的账户"), "person")

MENU: Final[dict[Role, tuple[Entry, ...]]] = {
    Role.VOLUNTEER: (DESK, NEW_CALL, FOLLOWUPS, RESOURCES, RULES),
    Role.COUNSELOR: (CASES, DESK, NEW_CALL, FOLLOWUPS, RESOURCES, RULES),
    Role.SUPERVISOR: (TRIAGE, FOLLOWUPS, CASES, REPORTS, PROGRAMME, KEYS, RULES),
    Role.CONSULTANT: (CASES, RULES),
    Role.LEAD: (REPORTS, PROGRAMME, RULES),
    Role.OFFICE: (PROGRAMME, REPORTS, RESOURCES, RULES),
    Role.COMMUNICATIONS: (ACCOUNT, RULES),
    Role.LOGISTICS: (ACCOUNT, RULES),
    Role.ADMINISTRATOR: (ACCOUNTS, PLEDGES, OPTIONS, RESOURCES, PROGRAMME, RULES),
    Role.AUDITOR: (AUDIT, REPORTS, RULES),
    Role.SYSTEM: (),
}
START: Final[dict[Role, str]] = {role: entries[0].endpoint for role, entries in MENU.items() if entries}
# Links of the frame itself.
SIGN_IN: Final = "people.sign_in"
SIGN_OUT: Final = "people.sign_out"
SET_DUTY: Final = "people.set_duty"
SWITCH_ROLE: Final = "people.switch_role"
HELP: Final = "web.help_page"
HOME: Final = "web.home"
FRAME: Final = (SIGN_IN, SIGN_OUT, SET_DUTY, SWITCH_ROLE, ACCOUNT.endpoint, RULES.endpoint, HELP, HOME)


def endpoints() -> frozenset[str]:
    """Return every endpoint the frame and the menus lead to; a test compares them with the routes."""
    return frozenset(FRAME) | {entry.endpoint for entries in MENU.values() for entry in entries}


def items(role: Role, counts: Mapping[str, int] | None = None) -> list[Item]:
    """Return the menu of a role with the present place marked: the entry whose path is the longest start of ours.

    ``counts``: how much waits behind an endpoint.
    """
    waiting = counts or {}
    known = [(entry, href(entry.endpoint)) for entry in MENU[role]]
    shown = [(entry, address) for entry, address in known if address is not None]
    here = max((address for _, address in shown if _covers(address, request.path)), key=len, default=None)
    return [
        Item(
            address,
            str(entry.label),
            entry.icon,
            address == here,
            address == request.path,
            waiting.get(entry.endpoint, 0),
        )
        for entry, address in shown
    ]


def href(endpoint: str) -> str | None:
    """Return the address of an endpoint, or None with an error in the log when no such view is registered.

    A missing view must not take every page down with it; the test of the navigation map fails instead.
    """
    if endpoint not in current_app.view_functions:
        _log.error("navigation leads to a view that does not exist: %s", endpoint)
        return None
    return url_for(endpoint)


def _covers(address: str, path: str) -> bool:
    return path == address or path.startswith(address.rstrip("/") + "/")
