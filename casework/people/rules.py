"""Pure decisions of people: how long to wait, which password is good enough, where a link may lead."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from casework.people.types import Subject
from casework.security.roles import PROJECT_ROLES, Role

if TYPE_CHECKING:
    from collections.abc import Container
    from datetime import datetime
    from uuid import UUID

LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}", re.ASCII)
# The password of every demonstration account, shown on its sign-in page. Production refuses a database that holds it.
DEMO_PASSWORD: Final = "nuanxin-demo-2020"  # noqa: S105 - public by design
PASSWORD_LEAST: Final = 10
PASSWORD_MOST: Final = 200
# GB/T 22239-2019 8.1.4.1 asks for complexity and regular change without figures; these are the customary ones.
MLPS_KINDS: Final = 3
MLPS_LIFETIME: Final = timedelta(days=90)

# Failures that cost nothing. A whole hotline may sign in from one address at the change of a shift.
FREE: Final = {Subject.LOGIN: 4, Subject.ADDRESS: 40, Subject.KNOWN: 4, Subject.PASSWORD: 4, Subject.CODE: 4}
FIRST_DELAY: Final = timedelta(seconds=5)
LONGEST_DELAY: Final = timedelta(minutes=15)
FORGOTTEN_AFTER: Final = timedelta(hours=24)
# How long a success makes a login name known at an address: longer than a holiday between two shifts.
KNOWN_FOR: Final = timedelta(days=30)

# Call-takers, and the supervisors whom alerts address.
_ON_CALL: Final = frozenset({Role.VOLUNTEER, Role.COUNSELOR, Role.SUPERVISOR})
_UNSAFE: Final = re.compile(r"[\x00-\x20\\\x7f]")


class Weakness(StrEnum):
    """What is wrong with a password."""

    SHORT = "short"
    LONG = "long"
    COMMON = "common"
    HAS_LOGIN = "has_login"
    FEW_KINDS = "few_kinds"


def delay_after(subject: Subject, failures: int) -> timedelta:
    """Return how long a subject must wait after that many failures: nothing, then 5 s doubling up to 15 minutes."""
    beyond = failures - FREE[subject]
    if beyond <= 0:
        return timedelta()
    # The exponent is bounded before the power: thousands of failures must not build thousands of digits.
    factor: int = 1 << min(beyond - 1, 16)
    return min(FIRST_DELAY * factor, LONGEST_DELAY)


def is_blocked(blocked_until: datetime | None, now: datetime) -> bool:
    """Return whether an attempt must wait; at the very moment the delay ends it need not."""
    return blocked_until is not None and now < blocked_until


def is_forgotten(updated_at: datetime, now: datetime) -> bool:
    """Return whether earlier failures no longer count: a day without an attempt."""
    return now - updated_at >= FORGOTTEN_AFTER


def weakness(password: str, login: str, common: Container[str], *, mlps: bool = False) -> Weakness | None:
    """Return the first thing that is wrong with a new password, or None.

    At least 10 characters, not a common one, without the login name, no composition rule (design §3). With ``mlps``
    also three of the four kinds of characters (GB/T 22239).
    """
    folded = fold(password)
    if len(password) < PASSWORD_LEAST:
        return Weakness.SHORT
    if len(password) > PASSWORD_MOST:
        return Weakness.LONG
    if fold(login) in folded:
        return Weakness.HAS_LOGIN
    if folded in common or is_monotonous(folded):
        return Weakness.COMMON
    if mlps and kinds_of(password) < MLPS_KINDS:
        return Weakness.FEW_KINDS
    return None


def fold(text: str) -> str:
    """Return a text as it is compared: compatibility forms (full-width letters) and upper case make no difference."""
    return unicodedata.normalize("NFKC", text).casefold()


def is_monotonous(folded: str) -> bool:
    """Return whether a text is one short piece again and again, or a run of neighbours such as 1234567890."""
    if any(folded == (folded[:size] * len(folded))[: len(folded)] for size in range(1, 5)):
        return True
    steps = {(ord(after) - ord(before)) % 10 for before, after in pairwise(folded)}
    return folded.isdigit() and steps in ({1}, {9})


def kinds_of(password: str) -> int:
    """Return how many of four kinds there are: small letters, capitals, digits, others."""
    tests = (str.islower, str.isupper, str.isdigit, lambda each: not each.isalnum())
    return sum(any(test(each) for each in password) for test in tests)


def is_expired(set_at: datetime, now: datetime, *, mlps: bool) -> bool:
    """Return whether a password must be changed because of its age; only under GB/T 22239."""
    return mlps and now - set_at >= MLPS_LIFETIME


def may_hold(role: Role, subproject_id: UUID | None) -> bool:
    """Return whether a role fits its place: roles of a sub-project have one, roles of the programme have none."""
    return role is not Role.SYSTEM and (role in PROJECT_ROLES) == (subproject_id is not None)


def keeps_duty(role: Role) -> bool:
    """Return whether others rely on somebody in this role being there or not."""
    return role in _ON_CALL


def safe_target(target: str | None) -> str | None:
    """Return an address to go to after signing in when it is a path on this host, else None.

    Two slashes, a backslash, schemes and control characters are ways to lead somebody to a copy of our page.
    """
    if not target or not target.startswith("/") or target.startswith("//") or _UNSAFE.search(target):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


def blocks(text: str) -> list[tuple[str, list[str]]]:
    """Return the parts of a pledge to be set: ("heading", [words]), ("list", points) or ("text", [words])."""
    found: list[tuple[str, list[str]]] = []
    for part in filter(None, (each.strip() for each in re.split(r"\n\s*\n", text))):
        lines = [line.strip() for line in part.split("\n")]
        if lines[0].startswith("# "):
            found.append(("heading", [lines[0].removeprefix("# ")]))
            lines = lines[1:]
        points = [line.removeprefix("- ") for line in lines if line.startswith("- ")]
        plain = " ".join(line for line in lines if not line.startswith("- "))
        found += [("text", [plain])] if plain else []
        found += [("list", points)] if points else []
    return found
