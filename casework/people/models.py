"""Tables of people. There is no password hash: a password is right when it opens the private key."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.core import clock, crypto
from casework.core.db import Base, Versioned
from casework.core.ids import new_id
from casework.people.types import Duty
from casework.security.roles import Role

if TYPE_CHECKING:
    from casework.core.keyring import Keyring

_USE: Final = "public-key"
_ON_DUTY: Final = sa.text("duty = 'online'")


class Account(Versioned, Base):
    """A person who works here. The display name is a staff name, not a client's."""

    __tablename__ = "people_account"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    login: Mapped[str] = mapped_column(sa.String(40), unique=True)
    display_name: Mapped[str] = mapped_column(sa.String(60))
    # The language somebody chose; empty: whatever the browser asks for.
    locale: Mapped[str] = mapped_column(sa.String(5), default="")
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    # The first sign-in after an administrator issued a password must choose a new one.
    must_change_password: Mapped[bool] = mapped_column(default=False)


class KeyPair(Base):
    """A person's key pair. ``sealed_private_key`` is sealed by the password, then wrapped by the pepper.

    A lost password retires the pair and issues another; what was sealed to the old one is re-granted. A retired pair
    keeps its public half as proof; the sealed private half is gone, so that a password found later opens nothing.
    """

    __tablename__ = "people_key_pair"
    __table_args__ = (
        sa.Index(
            "ix_people_key_pair_current",
            "account_id",
            unique=True,
            sqlite_where=sa.text("retired_at IS NULL"),
            postgresql_where=sa.text("retired_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people_account.id"), index=True)
    public_key: Mapped[bytes]
    # Made with the keyring: who can only write to the database cannot have grants sealed to a key of their own.
    public_key_tag: Mapped[bytes]
    sealed_private_key: Mapped[bytes | None]
    salt: Mapped[bytes]
    memory_kib: Mapped[int]
    passes: Mapped[int]
    lanes: Mapped[int]
    created_at: Mapped[datetime]
    # When the present password was set; under GB/T 22239 it is good for 90 days.
    password_set_at: Mapped[datetime] = mapped_column(default=clock.now)
    retired_at: Mapped[datetime | None]

    def attest(self, keyring: Keyring) -> None:
        """Sign the public half for this pair and this account, as part of writing the row."""
        self.public_key_tag = keyring.attest(_USE, self._public())

    def is_attested(self, keyring: Keyring) -> bool:
        """Return whether this system itself wrote the public half here."""
        return keyring.is_attested(_USE, self._public(), self.public_key_tag)

    def _public(self) -> bytes:
        return crypto.bind("account", self.id, self.account_id, self.public_key)


class RoleGrant(Base):
    """A role somebody holds; in one sub-project, or in the whole programme when that is None. Never deleted, ended."""

    __tablename__ = "people_role_grant"
    __table_args__ = (
        sa.CheckConstraint("caseload_limit BETWEEN 0 AND 200", name="caseload_limit_in_range"),
        sa.Index(
            "ix_people_role_grant_live",
            "account_id",
            "role",
            "subproject_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        # To an index no NULL equals another, so roles of the whole programme need one of their own.
        sa.Index(
            "ix_people_role_grant_live_everywhere",
            "account_id",
            "role",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL AND subproject_id IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL AND subproject_id IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people_account.id"), index=True)
    role: Mapped[Role] = mapped_column(sa.String(20))
    subproject_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("programme_subproject.id"), index=True)
    caseload_limit: Mapped[int] = mapped_column(default=12)
    granted_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SignInSession(Base):
    """A session. The row alone opens nothing: the private key is sealed under a secret that only the cookie has."""

    __tablename__ = "people_session"
    __table_args__ = (
        sa.CheckConstraint("duty IN ('online', 'break', 'offline')", name="duty_known"),
        # Who is on duty, asked whenever somebody needs a supervisor.
        sa.Index(
            "ix_people_session_duty", "role_grant_id", "duty_since", sqlite_where=_ON_DUTY, postgresql_where=_ON_DUTY
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    token_digest: Mapped[bytes] = mapped_column(unique=True)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people_account.id"), index=True)
    role_grant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people_role_grant.id"), index=True)
    sealed_private_key: Mapped[bytes]
    second_factor_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    # Belongs to the session, so that it ends with it; empty is off duty.
    duty: Mapped[Duty | None] = mapped_column(sa.String(10))
    duty_since: Mapped[datetime | None]


class SecondFactor(Base):
    """A TOTP seed, wrapped by the keyring. ``last_step`` stops a code from being used twice (RFC 6238 §5.2)."""

    __tablename__ = "people_second_factor"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people_account.id"), primary_key=True)
    wrapped_seed: Mapped[bytes]
    confirmed_at: Mapped[datetime]
    last_step: Mapped[int] = mapped_column(sa.BigInteger, default=0)


class RecoveryCode(Base):
    """A one-time code for a lost authenticator; only the id of the MAC's key and the MAC itself are kept."""

    __tablename__ = "people_recovery_code"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people_account.id"), index=True)
    code_mac: Mapped[bytes]
    used_at: Mapped[datetime | None]


class SignInThrottle(Base):
    """Failed attempts of one login name (as a MAC, so that unknown names leave no trace of a person) or one address."""

    __tablename__ = "people_sign_in_throttle"

    subject: Mapped[bytes] = mapped_column(primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    blocked_until: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(index=True)
    # Set by a success from an address: until then its attempts from there do not wait for anybody else's.
    known_until: Mapped[datetime | None]


class PledgeText(Base):
    """A version of the confidentiality pledge of one role (R22). Published texts never change."""

    __tablename__ = "people_pledge_text"
    __table_args__ = (sa.UniqueConstraint("role", "version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    role: Mapped[Role] = mapped_column(sa.String(20))
    version: Mapped[int]
    body_zh: Mapped[str] = mapped_column(sa.Text)
    body_en: Mapped[str] = mapped_column(sa.Text)
    digest: Mapped[bytes]
    published_at: Mapped[datetime]
    published_by: Mapped[UUID]


class PledgeSignature(Base):
    """Proof that somebody promised: who, when, which version, and the hash of the words they saw (R22)."""

    __tablename__ = "people_pledge_signature"
    __table_args__ = (sa.UniqueConstraint("account_id", "pledge_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people_account.id"), index=True)
    pledge_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people_pledge_text.id"), index=True)
    digest: Mapped[bytes]
    signed_at: Mapped[datetime]
