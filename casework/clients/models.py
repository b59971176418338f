"""Tables of clients. Name and number are sealed; the blind index recognises a number without knowing it."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.clients.types import JoinReason, PlanEnd, PlanState
from casework.core.db import Base, Versioned
from casework.core.ids import new_id

if TYPE_CHECKING:
    from enum import StrEnum

_HOLDS: Final = sa.text("parted_at IS NULL")
_ACTIVE: Final = sa.text("state = 'active'")
_HALVES: Final = ("first_index", "second_index")


def _known(column: str, codes: type[StrEnum]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{code}'" for code in codes)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


class Client(Versioned, Base):
    """A person helped in one sub-project. Another sub-project that helps the same person has a record of its own."""

    __tablename__ = "clients_client"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    subproject_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme_subproject.id"), index=True)
    data_key_id: Mapped[UUID] = mapped_column(sa.ForeignKey("vault_data_key.id"))
    sealed_identity: Mapped[bytes]
    created_at: Mapped[datetime]


class ClientNumber(Base):
    """A number of a client, as blind index only. A number belongs to one client of a sub-project."""

    __tablename__ = "clients_number"
    __table_args__ = (sa.UniqueConstraint("subproject_id", "number_index"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    client_id: Mapped[UUID] = mapped_column(sa.ForeignKey("clients_client.id"), index=True)
    subproject_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme_subproject.id"))
    number_index: Mapped[bytes]
    created_at: Mapped[datetime]


class NumberJoin(Base):
    """That two numbers belong to one person of a sub-project, from when to when, and who said so.

    Who is one person follows from the joins that hold and is stored nowhere else: parting ends a row and by that
    restores exactly what was.
    """

    __tablename__ = "clients_number_join"
    __table_args__ = (
        _known("reason", JoinReason),
        sa.CheckConstraint("first_index <> second_index", name="two_numbers"),
        sa.CheckConstraint("(parted_at IS NULL) = (parted_by IS NULL)", name="parted_with_who"),
        *(
            sa.Index(
                f"ix_clients_number_join_{half}", "subproject_id", half, sqlite_where=_HOLDS, postgresql_where=_HOLDS
            )
            for half in _HALVES
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    subproject_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme_subproject.id"))
    first_index: Mapped[bytes]
    second_index: Mapped[bytes]
    reason: Mapped[JoinReason] = mapped_column(sa.String(12))
    joined_at: Mapped[datetime]
    joined_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people_account.id"))
    parted_at: Mapped[datetime | None]
    parted_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people_account.id"))


class AlertPlan(Versioned, Base):
    """What helps somebody who calls again and again, the limits agreed with them, and who speaks with them.

    ``ends_on`` is the last day it holds. ``revision`` counts the versions of the words; each has a place of its own.
    """

    __tablename__ = "clients_alert_plan"
    __table_args__ = (
        _known("state", PlanState),
        _known("end_reason", PlanEnd),
        sa.CheckConstraint("approver_id IS NULL OR approver_id <> author_id", name="four_eyes"),
        sa.CheckConstraint("(approver_id IS NULL) = (approved_at IS NULL)", name="approved_with_who"),
        sa.CheckConstraint("state <> 'active' OR approved_at IS NOT NULL", name="active_is_approved"),
        sa.CheckConstraint(
            "(state = 'ended') = (ended_at IS NOT NULL AND ended_by IS NOT NULL AND end_reason IS NOT NULL)",
            name="ended_with_reason",
        ),
        # Whom a call-taker looks up: one plan holds for a person.
        sa.Index(
            "ix_clients_alert_plan_active", "client_id", unique=True, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE
        ),
        sa.Index("ix_clients_alert_plan_list", "subproject_id", "state", "ends_on", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    subproject_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme_subproject.id"))
    client_id: Mapped[UUID] = mapped_column(sa.ForeignKey("clients_client.id"))
    data_key_id: Mapped[UUID] = mapped_column(sa.ForeignKey("vault_data_key.id"))
    state: Mapped[PlanState] = mapped_column(sa.String(8))
    ends_on: Mapped[date]
    revision: Mapped[int] = mapped_column(default=1)
    sealed_plan: Mapped[bytes]
    author_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people_account.id"))
    written_at: Mapped[datetime]
    approver_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people_account.id"))
    approved_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people_account.id"))
    end_reason: Mapped[PlanEnd | None] = mapped_column(sa.String(10))
