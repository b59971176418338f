"""What a sealed key is bound to: at any other key, holder, generation, reason or end it does not open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext as _l

from casework.core import crypto
from casework.core.errors import Refused
from casework.core.keyring import current_keyring
from casework.vault.models import Circle

if TYPE_CHECKING:
    from casework.vault.models import CircleMember, KeyGrant, RecoveryKey

_USE: Final = "public-key"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def of_grant(grant: KeyGrant, purpose: str) -> bytes:
    """Return the context of a grant. The end is part of it, so prolonging a grant in the database makes it useless."""
    return crypto.bind(
        "casework/grant",
        grant.data_key_id,
        str(purpose),
        grant.account_id,
        grant.key_pair_id,
        grant.circle_id,
        grant.circle_generation,
        str(grant.reason),
        None if grant.expires_at is None else (grant.expires_at - _EPOCH) // timedelta(microseconds=1),
    )


def of_member(member: CircleMember) -> bytes:
    """Return the context of a circle's private key as one member holds it."""
    return crypto.bind(
        "casework/circle-member",
        member.circle_id,
        member.generation,
        member.account_id,
        member.key_pair_id,
        member.recovery_key_id,
    )


def attest(row: Circle | RecoveryKey) -> None:
    """Sign the public key of a row with the keyring, as part of writing it."""
    row.public_key_tag = current_keyring().attest(_USE, _public(row))


def require_attested(row: Circle | RecoveryKey) -> None:
    """Refuse (Refused, R23) to seal anything to a public key that this system did not write itself.

    Otherwise somebody who can only write to the database could have everything new sealed to a key of their own.
    """
    if not current_keyring().is_attested(_USE, _public(row), row.public_key_tag):
        raise Refused(_l("子项目密钥校验未通过，为保护来电者已停止保存。请立即联系系统管理员。"), rule="R23")


def _public(row: Circle | RecoveryKey) -> bytes:
    if isinstance(row, Circle):
        return crypto.bind("circle", row.id, row.subproject_id, row.generation, row.public_key)
    return crypto.bind("recovery", row.id, row.public_key)
