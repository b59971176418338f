"""A form sent twice has one effect: the key it carries is stored in the same transaction as the effect.

A repeated submit gets the first answer; the same key with another body is refused. The body is kept only as a MAC,
because the plain hash of a short body (a phone number) could be guessed back.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask import g, redirect, render_template, request
from flask_babel import lazy_gettext as _l
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from casework.core import clock, crypto
from casework.core.db import Base, session
from casework.core.errors import Invalid
from casework.core.keyring import current_keyring

if TYPE_CHECKING:
    from flask import Response

FIELD = "_key"
KEPT = timedelta(days=2)
_REDIRECTS = range(300, 400)


class IdempotencyKey(Base):
    """One accepted form submission and how it was answered."""

    __tablename__ = "core_idempotency_key"

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[UUID] = mapped_column(primary_key=True)
    body_mac: Mapped[bytes]
    location: Mapped[str | None] = mapped_column(sa.String(400))
    created_at: Mapped[datetime] = mapped_column(index=True)


def new_form_key() -> str:
    """Return a key for a form that is being shown."""
    return str(uuid4())


def replay(account_id: UUID) -> Response | str | None:
    """Claim the key of this form for the account, or return the first answer when it was claimed before.

    Refused (Invalid) without a key, with a malformed one, or when the key was used for another body.
    A parallel twin waits here until the first commits: on SQLite for the write lock, on PostgreSQL for the row.
    """
    key = _form_key()
    mac = _body_mac()
    values = {"account_id": account_id, "key": key, "body_mac": mac, "created_at": clock.now()}
    insert = postgresql.insert if session().get_bind().dialect.name == "postgresql" else sqlite.insert
    claim = insert(IdempotencyKey).values(**values).on_conflict_do_nothing().returning(IdempotencyKey.key)
    # Not by the row count, which PostgreSQL's driver does not tell for such an insert.
    if session().scalar(claim) is not None:
        g.idempotency = (account_id, key)
        return None
    first = session().get_one(IdempotencyKey, (account_id, key))
    if first.body_mac != mac:
        raise Invalid(_l("这张表单已经提交过，内容又有改动。请重新打开页面再提交。"))
    if first.location:
        return redirect(first.location, 303)  # type: ignore[return-value]  # werkzeug's redirect is a Response
    return render_template("errors/repeated.html")


def remember(response: Response) -> None:
    """Keep the answer beside the claimed key; the caller commits both with the effect."""
    claimed = g.pop("idempotency", None)
    if claimed is None or response.status_code not in _REDIRECTS:
        return
    row = session().get(IdempotencyKey, claimed)
    if row is not None:
        row.location = response.location


def purge() -> int:
    """Delete keys older than two days and return how many there were."""
    gone = session().execute(sa.delete(IdempotencyKey).where(IdempotencyKey.created_at < clock.now() - KEPT))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE always yields a CursorResult


def _form_key() -> UUID:
    try:
        return UUID(request.form.get(FIELD, ""))
    except ValueError:
        raise Invalid(_l("页面已过期。请返回上一页，刷新后再提交；已填写的内容不会被清除。")) from None


def _body_mac() -> bytes:
    parts = [f"{name}={value}" for name, value in request.form.items(multi=True) if name != "csrf_token"]
    files = [f"{name}={item.filename}" for name, item in request.files.items(multi=True)]
    body = "\x00".join([request.path, *parts, *files]).encode("utf-8", "surrogatepass")
    return crypto.mac(current_keyring().secret("cookie", "idempotency"), body)
