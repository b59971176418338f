"""Tables of the vault. Nothing here opens without the private key of a person, or the printed recovery key."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.core.db import Base
from casework.core.ids import new_id
from casework.vault.types import GrantReason, KeyPurpose


class RecoveryKey(Base):
    """The public half of a key that is printed and kept off every server. The private half is never here."""

    __tablename__ = "vault_recovery_key"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    public_key: Mapped[bytes]
    # Made with the keyring: who can only write to the database cannot put a public key of their own here.
    public_key_tag: Mapped[bytes]
    fingerprint: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime]


class Circle(Base):
    """The key pair that the supervisors of one sub-project share. A new generation replaces public key and grants.

    ``rotation_due_at``: somebody has left and no remaining supervisor has made a new generation yet.
    """

    __tablename__ = "vault_circle"
    __table_args__ = (sa.CheckConstraint("generation >= 1", name="generation_from_one"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    subproject_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme_subproject.id"), unique=True)
    generation: Mapped[int] = mapped_column(default=1)
    public_key: Mapped[bytes]
    # Made with the keyring, as the recovery key's.
    public_key_tag: Mapped[bytes]
    created_at: Mapped[datetime]
    rotation_due_at: Mapped[datetime | None]


class CircleMember(Base):
    """The private half of a circle's present generation, sealed to one supervisor or to the recovery key."""

    __tablename__ = "vault_circle_member"
    __table_args__ = (
        sa.CheckConstraint("(account_id IS NULL) <> (recovery_key_id IS NULL)", name="one_holder"),
        sa.CheckConstraint("(account_id IS NULL) = (key_pair_id IS NULL)", name="account_with_key_pair"),
        sa.UniqueConstraint("circle_id", "account_id"),
        sa.UniqueConstraint("circle_id", "recovery_key_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    circle_id: Mapped[UUID] = mapped_column(sa.ForeignKey("vault_circle.id"))
    generation: Mapped[int]
    account_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people_account.id"), index=True)
    key_pair_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people_key_pair.id"))
    recovery_key_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("vault_recovery_key.id"))
    sealed_private_key: Mapped[bytes]
    created_at: Mapped[datetime]


class DataKeyRecord(Base):
    """That a data key exists, for what, and whether it was destroyed. The row stays as a tombstone; keys do not."""

    __tablename__ = "vault_data_key"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    purpose: Mapped[KeyPurpose] = mapped_column(sa.String(10))
    object_id: Mapped[UUID]
    subproject_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme_subproject.id"))
    created_at: Mapped[datetime]
    destroyed_at: Mapped[datetime | None]


class KeyGrant(Base):
    """A data key sealed to one account (its key pair at the time) or to one circle (its generation at the time)."""

    __tablename__ = "vault_key_grant"
    __table_args__ = (
        sa.CheckConstraint("(account_id IS NULL) <> (circle_id IS NULL)", name="one_holder"),
        sa.CheckConstraint("(account_id IS NULL) = (key_pair_id IS NULL)", name="account_with_key_pair"),
        sa.CheckConstraint("(circle_id IS NULL) = (circle_generation IS NULL)", name="circle_with_generation"),
        sa.UniqueConstraint("data_key_id", "account_id", "reason"),
        sa.UniqueConstraint("circle_id", "data_key_id"),
        sa.Index(
            "ix_vault_key_grant_expiring",
            "expires_at",
            sqlite_where=sa.text("expires_at IS NOT NULL"),
            postgresql_where=sa.text("expires_at IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    data_key_id: Mapped[UUID] = mapped_column(sa.ForeignKey("vault_data_key.id"))
    account_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people_account.id"), index=True)
    key_pair_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people_key_pair.id"))
    circle_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("vault_circle.id"))
    circle_generation: Mapped[int | None]
    sealed_key: Mapped[bytes]
    reason: Mapped[GrantReason] = mapped_column(sa.String(12))
    expires_at: Mapped[datetime | None]
    granted_by: Mapped[UUID]
    created_at: Mapped[datetime]
