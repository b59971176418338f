"""Passwords: how a private key is sealed under one, and how a guess is kept slow, rare and uninformative.

Argon2id runs outside every transaction: SQLite's one write lock must not be held for a tenth of a second. At most
``PARALLEL`` computations run at once in a process, so that a flood of sign-ins cannot exhaust the memory.
"""

from __future__ import annotations

import secrets
import threading
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flask import current_app
from flask_babel import lazy_gettext as _l

from casework.core import crypto
from casework.core.crypto import CryptoError, PasswordParams
from casework.core.errors import Invalid, TooMany
from casework.core.ids import new_id
from casework.core.keyring import current_keyring
from casework.people import rules
from casework.people.rules import Weakness
from casework.people.types import SealedPair, SealedPrivateKey

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from casework.core.keyring import Keyring
    from casework.people.models import KeyPair
    from config import Settings

PARALLEL: Final = 2
PATIENCE_SECONDS: Final = 5.0
COMMON_FILE: Final = Path(__file__).resolve().parent.parent / "common_passwords.txt"
# Letters and digits that nobody mistakes when the password is read aloud or copied from paper.
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS: Final = 4
_GROUP_SIZE: Final = 4
_SENTENCES: Final = {
    Weakness.SHORT: _l("口令至少 10 个字符。"),
    Weakness.LONG: _l("口令最多 200 个字符。"),
    Weakness.COMMON: _l("这个口令很常见，容易被猜中。请换一个。"),
    Weakness.HAS_LOGIN: _l("口令中不能包含登录名。"),
    Weakness.FEW_KINDS: _l("口令须包含小写字母、大写字母、数字、符号中的至少三种。"),
}
_seats = threading.BoundedSemaphore(PARALLEL)


def new_pair(account_id: UUID, password: str) -> SealedPair:
    """Return a fresh key pair for an account, sealed under a password. Slow; call it before a transaction begins."""
    pair, pair_id = crypto.generate_key_pair(), new_id()
    return SealedPair(pair_id, account_id, pair.public, seal(pair.private, password, account_id, pair_id))


def seal(private: bytes, password: str, account_id: UUID, pair_id: UUID) -> SealedPrivateKey:
    """Return a private key sealed under a password with a fresh salt, then wrapped by the pepper. Slow."""
    params, salt = _params(), crypto.random_bytes(crypto.SALT_SIZE)
    context = _context(account_id, pair_id)
    inner = crypto.encrypt(_derive(password, salt, params), private, context, padded=False)
    envelope = current_keyring().wrap("pepper", inner, context)
    return SealedPrivateKey(envelope, salt, params.memory_kib, params.passes, params.lanes)


def unseal(sealed: SealedPrivateKey, password: str, account_id: UUID, pair_id: UUID) -> bytes | None:
    """Return the private key, or None when the password is wrong. Slow, and as slow either way."""
    context = _context(account_id, pair_id)
    key = _derive(password, sealed.salt, PasswordParams(sealed.memory_kib, sealed.passes, sealed.lanes))
    try:
        return crypto.decrypt(key, current_keyring().unwrap("pepper", sealed.envelope, context), context)
    except CryptoError:
        return None


def decoy(account_id: UUID, pair_id: UUID) -> SealedPrivateKey:
    """Return something that looks like a sealed private key and that no password opens.

    Trying it costs what a genuine one costs, so that an answer does not tell whether an account exists.
    """
    params, context = _params(), _context(account_id, pair_id)
    inner = crypto.encrypt(crypto.new_key(), crypto.random_bytes(crypto.PRIVATE_KEY_SIZE), context, padded=False)
    envelope = current_keyring().wrap("pepper", inner, context)
    salt = crypto.random_bytes(crypto.SALT_SIZE)
    return SealedPrivateKey(envelope, salt, params.memory_kib, params.passes, params.lanes)


def is_cheaper_than_now(sealed: SealedPrivateKey) -> bool:
    """Return whether guessing this password costs less than the settings ask for today."""
    params = _params()
    return sealed.memory_kib < params.memory_kib or sealed.passes < params.passes


def check(password: str, login: str, *, field: str = "password") -> None:
    """Accept a new password; refused (Invalid, at the field) when it is short, common, or holds the login name."""
    settings: Settings = current_app.extensions["casework.settings"]
    found = rules.weakness(password, login, common_passwords(), mlps=settings.mlps)
    if found is not None:
        raise Invalid(_SENTENCES[found], field=field)


def one_time_password() -> str:
    """Return a random password of 77 bits to be shown once; its capital and hyphens serve the rules of GB/T 22239."""
    groups = ["".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_SIZE)) for _ in range(_GROUPS)]
    return "-".join(["A" + groups[0][1:], *groups[1:]]) + secrets.choice("23456789")


@cache
def common_passwords() -> frozenset[str]:
    """Return the bundled list of common Chinese and English passwords, folded; loaded when first needed."""
    lines = COMMON_FILE.read_text(encoding="utf-8").splitlines()
    return frozenset(rules.fold(line) for line in lines if line and not line.startswith("#"))


def rewrapped(keyring: Keyring, row: KeyPair) -> bytes:
    """Return a sealed private key with its outer layer under the active pepper; the password is not needed."""
    return keyring.rewrap("pepper", row.sealed_private_key or b"", _context(row.account_id, row.id))


def _derive(password: str, salt: bytes, params: PasswordParams) -> bytes:
    with _seat():
        return crypto.derive_password_key(password, salt, params)


@contextmanager
def _seat() -> Iterator[None]:
    if not _seats.acquire(timeout=PATIENCE_SECONDS):
        raise TooMany(_l("现在登录的人较多，请稍后再试。"))
    try:
        yield
    finally:
        _seats.release()


def _params() -> PasswordParams:
    settings: Settings = current_app.extensions["casework.settings"]
    return PasswordParams(settings.argon2_memory_kib, settings.argon2_passes, settings.argon2_lanes)


def _context(account_id: UUID, pair_id: UUID) -> bytes:
    return crypto.bind("people_key_pair.sealed_private_key", account_id, pair_id)
