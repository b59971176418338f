"""Values of people: what a throttle counts, what a key pair is worth, where a sign-in stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext as _l

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from casework.security.roles import Role


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public half of somebody's current key pair, to which keys are sealed."""

    key_pair_id: UUID
    account_id: UUID
    public_key: bytes


@dataclass(frozen=True, slots=True)
class Counselor:
    """Somebody to whom a sub-project may assign cases, and how many of them at most."""

    account_id: UUID
    display_name: str
    caseload_limit: int


@dataclass(frozen=True, slots=True)
class Holding:
    """A role that somebody holds at present; ``subproject_id`` is None for a role of the whole programme."""

    grant_id: UUID
    account_id: UUID
    role: Role
    subproject_id: UUID | None
    caseload_limit: int


@dataclass(frozen=True, slots=True)
class Place:
    """A sub-project as this package needs it: what to write beside a role."""

    id: UUID
    name: str


class Duty(StrEnum):
    """Whether somebody can be called on: online, on a short break, or off duty."""

    ONLINE = "online"
    BREAK = "break"
    OFFLINE = "offline"


DUTY_NAMES: Final = {Duty.ONLINE: _l("在线"), Duty.BREAK: _l("小休"), Duty.OFFLINE: _l("离线")}


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody who is on duty in a role, and since when."""

    account_id: UUID
    since: datetime


class Subject(StrEnum):
    """What a throttle counts failures of.

    ``KNOWN`` is a login name at an address from which it signed in before, ``PASSWORD`` the present password of
    somebody who is signed in, ``CODE`` a second factor.
    """

    LOGIN = "login"
    ADDRESS = "address"
    KNOWN = "known"
    PASSWORD = "password"  # noqa: S105 - what is counted, no password
    CODE = "code"


class Failure(StrEnum):
    """Why a sign-in failed, for the audit trail. The person is told one sentence for all of them."""

    CODE = "code"
    DISABLED = "disabled"
    NO_ROLE = "no_role"
    OTHER_PERSON = "other_person"
    PASSWORD = "password"  # noqa: S105 - the name of a reason
    UNKNOWN = "unknown"


class Factor(StrEnum):
    """What proved a person beside the password."""

    NONE = "none"
    PENDING = "pending"
    RECOVERY = "recovery"
    TOTP = "totp"


@dataclass(frozen=True, slots=True)
class Attempts:
    """What a throttle remembers of one subject."""

    failures: int
    blocked_until: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class SealedPair:
    """A key pair whose private half only the password opens; made before a transaction begins, because it is slow."""

    id: UUID
    account_id: UUID
    public_key: bytes
    sealed: SealedPrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealedPrivateKey:
    """A private key under a password and the pepper, and what Argon2id cost at the time (KiB, passes, lanes)."""

    envelope: bytes = field(repr=False)
    salt: bytes = field(repr=False)
    memory_kib: int
    passes: int
    lanes: int


@dataclass(frozen=True, slots=True)
class Opened:
    """An account whose password was right. ``private_key`` is in memory for this request only."""

    account_id: UUID
    key_pair_id: UUID
    private_key: bytes = field(repr=False)
    salt: bytes = field(repr=False)
    password_set_at: datetime
    costs_less_than_now: bool = False


@dataclass(frozen=True, slots=True)
class Seat:
    """Whose page it is and in which role it was opened: who signs in over a page goes on exactly there."""

    account_id: UUID
    role: Role | None = None
    subproject_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that was just begun: what the cookie carries, and which steps are still to be taken."""

    token: str = field(repr=False)
    account_id: UUID
    must_change_password: bool
