"""The keyring: secrets that must never share a place with the database, in one file that only its owner can read.

Classes: ``pepper`` (outer layer of password-sealed private keys), ``totp`` (seeds of second factors), ``bidx`` (blind
index of numbers), ``audit`` (MAC of audit entries), ``cookie`` (session cookies, form keys), ``telephony`` (what the
switchboard signs with, numbers while they ring). Each is a list of keys with a key id. The active one seals; a retiring
one still opens and is searched for while rows move to the active one; a retired one opens what an older backup brings
back, and nothing else.

A wrapped value is: version, suite (both authenticated), four bytes of key id, envelope of ``core.crypto``.
The file is read again when it has changed, so running processes see a rotation at once.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from flask import current_app

from casework.core import clock, crypto
from casework.core.crypto import CryptoError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

FILE_MODE: Final = 0o400
FORMAT: Final = 1
EXTENSION: Final = "casework.keyring"
WRAP_VERSION: Final = 1
SUITE_WRAP: Final = 0x21
SUITE_INDEX: Final = 0x22
KID_SIZE: Final = 4
PREFIX_SIZE: Final = 2 + KID_SIZE


class KeyringError(Exception):
    """The keyring file is missing, malformed or readable by others; the message says what to do, never a secret."""


class KeyClass(StrEnum):
    """What a key is for. One class never opens what another sealed."""

    PEPPER = "pepper"
    TOTP = "totp"
    BIDX = "bidx"
    AUDIT = "audit"
    COOKIE = "cookie"
    TELEPHONY = "telephony"


class KeyState(StrEnum):
    """Active seals and opens; retiring opens and is searched for; retired opens only."""

    ACTIVE = "active"
    RETIRING = "retiring"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class RingKey:
    """One key of a class. ``kid`` is eight hexadecimal digits; the key itself is never printed."""

    kid: str
    key: bytes = field(repr=False)
    created_at: datetime
    state: KeyState


# Classes younger than the first files: a file without them is whole, and gets its first key when one is asked for.
LATER: Final = frozenset({KeyClass.TELEPHONY})
_loaded: dict[Path, Keyring] = {}


@dataclass(slots=True)
class _Contents:
    """What the file says."""

    stamp: tuple[int, int, int]
    salt: bytes
    keys: dict[KeyClass, tuple[RingKey, ...]]


class Keyring:
    """The keys of one file. Never printed, never pickled, never stored anywhere else."""

    def __init__(self, path: Path, contents: _Contents) -> None:
        """Use ``Keyring.load``; one object serves all requests of the process."""
        self._path = path
        self._contents = contents

    @classmethod
    def create(cls, path: Path) -> Keyring:
        """Write a new file with one active key in each class, mode 0400; refused when the file exists."""
        if path.exists():
            msg = f"{path} exists already; a keyring is never overwritten, because what it sealed would be lost"
            raise KeyringError(msg)
        path.parent.mkdir(parents=True, exist_ok=True)
        keys: dict[KeyClass, tuple[RingKey, ...]] = {each: (_new_key(),) for each in KeyClass}
        _write(path, _Contents(stamp=(0, 0, 0), salt=crypto.random_bytes(crypto.SALT_SIZE), keys=keys))
        return cls.load(path)

    @classmethod
    def load(cls, path: Path) -> Keyring:
        """Return the keyring of a file, read once a process and again when it changes.

        Refused (KeyringError): no file, not ours, or readable by group or others.
        """
        path = path.absolute()
        if path not in _loaded:
            _loaded[path] = cls(path, _read(path))
        ring = _loaded[path]
        ring._current()  # noqa: SLF001 - its own class
        return ring

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return self._path

    def keys_of(self, cls: str) -> tuple[RingKey, ...]:
        """Return the keys of a class, oldest first."""
        return self._current().keys[KeyClass(cls)]

    def active_kid(self, cls: str) -> str:
        """Return the id of the key that seals at present."""
        return self._active(cls).kid

    def wrap(self, cls: str, payload: bytes, aad: bytes) -> bytes:
        """Return the payload sealed under the active key of a class, for one context. Its length shows."""
        active = self._active(cls)
        prefix = _prefix(SUITE_WRAP, active.kid)
        return prefix + crypto.encrypt(active.key, payload, _context(cls, prefix, aad), padded=False)

    def unwrap(self, cls: str, wrapped: bytes, aad: bytes) -> bytes:
        """Return what ``wrap`` sealed; refused (CryptoError) for another class, context, key or byte."""
        prefix, key = self._opened_prefix(cls, SUITE_WRAP, wrapped)
        return crypto.decrypt(key.key, wrapped[PREFIX_SIZE:], _context(cls, prefix, aad))

    def rewrap(self, cls: str, wrapped: bytes, aad: bytes) -> bytes:
        """Return the same payload under the active key."""
        return self.wrap(cls, self.unwrap(cls, wrapped, aad), aad)

    def mac(self, cls: str, data: bytes) -> tuple[str, bytes]:
        """Return the id of the active key and the HMAC under it."""
        active = self._active(cls)
        return active.kid, crypto.mac(active.key, data)

    def verify_mac(self, cls: str, kid: str, data: bytes, tag: bytes) -> bool:
        """Return whether the tag belongs to the data under that key, also a retired one; an unknown key: no."""
        key = self._find(cls, kid)
        return key is not None and crypto.verify_mac(key.key, data, tag)

    def secret(self, cls: str, label: str, kid: str | None = None) -> bytes:
        """Return a key of 32 bytes for one use, derived from the active key of a class, or from the one named.

        Refused (CryptoError) for an unknown kid.
        """
        key = self._active(cls) if kid is None else self._find(cls, kid)
        if key is None:
            raise _closed()
        return crypto.derive(key.key, f"casework/{KeyClass(cls)}/{label}")

    def older_secrets(self, cls: str, label: str) -> list[bytes]:
        """Return the same for the retiring keys of a class: what they signed is still accepted."""
        return [self.secret(cls, label, key.kid) for key in self._live(cls)[1:]]

    def attest(self, use: str, data: bytes) -> bytes:
        """Return a tag that says: this system itself wrote these data into the database."""
        kid = self.active_kid(KeyClass.AUDIT)
        return bytes.fromhex(kid) + crypto.mac(self.secret(KeyClass.AUDIT, f"attest/{use}", kid), data)

    def is_attested(self, use: str, data: bytes, tag: bytes) -> bool:
        """Return whether ``attest`` made the tag for the same use and data; also under an older key."""
        kid = tag[:KID_SIZE].hex()
        if self._find(KeyClass.AUDIT, kid) is None:
            return False
        return crypto.verify_mac(self.secret(KeyClass.AUDIT, f"attest/{use}", kid), data, tag[KID_SIZE:])

    def blind_index(self, value: bytes) -> bytes:
        """Return the index under which a value is stored: the same for the same value, useless without the keyring.

        Costs one stretch (10–20 ms).
        """
        return self.blind_indexes(value)[0]

    def blind_indexes(self, value: bytes) -> list[bytes]:
        """Return the indexes under which a value may be stored, the active first; several only during a rotation."""
        stretched = crypto.stretch(value, self._current().salt)
        return [_index(key, stretched) for key in self._live(KeyClass.BIDX)]

    def reindex(self, index: bytes) -> bytes:
        """Return the same index under the active key, without knowing the value; refused (CryptoError) if not ours."""
        return self.indexes_like(index)[0]

    def indexes_like(self, index: bytes) -> list[bytes]:
        """Return every index under which the value of this one may be stored, the active first, without knowing it.

        Refused (CryptoError) if not ours.
        """
        prefix, key = self._opened_prefix(KeyClass.BIDX, SUITE_INDEX, index)
        stretched = crypto.decrypt_deterministic(key.key, index[PREFIX_SIZE:], _context(KeyClass.BIDX, prefix, b""))
        return [_index(each, stretched) for each in self._live(KeyClass.BIDX)]

    def current_prefix(self, cls: str) -> bytes:
        """Return the first bytes of everything sealed under the active key, to find the rows that are not."""
        suite = SUITE_INDEX if KeyClass(cls) is KeyClass.BIDX else SUITE_WRAP
        return _prefix(suite, self.active_kid(cls))

    def add_key(self, cls: str) -> str:
        """Add a new active key to a class and return its id; the one that was active is retiring from now on."""
        new = _new_key()
        with self._edit() as keys:
            older = tuple(_moved(key, KeyState.ACTIVE, KeyState.RETIRING) for key in keys[KeyClass(cls)])
            keys[KeyClass(cls)] = (*older, new)
        return new.kid

    def retire(self, cls: str) -> list[str]:
        """Retire the retiring keys of a class and return their ids. Only when no row is sealed under them."""
        retiring = [key.kid for key in self.keys_of(cls) if key.state is KeyState.RETIRING]
        with self._edit() as keys:
            keys[KeyClass(cls)] = tuple(
                _moved(key, KeyState.RETIRING, KeyState.RETIRED) if key.kid in retiring else key
                for key in keys[KeyClass(cls)]
            )
        return retiring

    def __repr__(self) -> str:
        return f"Keyring({str(self._path)!r})"

    def __reduce__(self) -> Any:  # noqa: ANN401 - the protocol's own type
        msg = "a keyring does not leave its process"
        raise TypeError(msg)

    def _current(self) -> _Contents:
        if _stamp(self._path) != self._contents.stamp:
            self._contents = _read(self._path)
        return self._contents

    def _live(self, cls: str) -> list[RingKey]:
        order = (KeyState.ACTIVE, KeyState.RETIRING)
        live = [key for key in self.keys_of(cls) if key.state in order]
        return sorted(live, key=lambda key: order.index(key.state))

    def _active(self, cls: str) -> RingKey:
        live = self._live(cls)
        if not live:
            msg = f"the keyring has no {KeyClass(cls)} key yet; run: flask casework keys rotate {KeyClass(cls)}"
            raise KeyringError(msg)
        return live[0]

    def _find(self, cls: str, kid: str) -> RingKey | None:
        return next((key for key in self.keys_of(cls) if key.kid == kid), None)

    def _opened_prefix(self, cls: str, suite: int, wrapped: bytes) -> tuple[bytes, RingKey]:
        prefix = wrapped[:PREFIX_SIZE]
        if len(prefix) != PREFIX_SIZE or prefix[:2] != bytes((WRAP_VERSION, suite)):
            raise _closed()
        key = self._find(cls, prefix[2:].hex())
        if key is None:
            raise _closed()
        return prefix, key

    @contextmanager
    def _edit(self) -> Iterator[dict[KeyClass, tuple[RingKey, ...]]]:
        """Change the keys of the newest file and write it; two writers take turns."""
        directory = os.open(self._path.parent, os.O_RDONLY)
        try:
            fcntl.flock(directory, fcntl.LOCK_EX)
            contents = _read(self._path)
            keys = dict(contents.keys)
            yield keys
            _write(self._path, _Contents(stamp=contents.stamp, salt=contents.salt, keys=keys))
            self._contents = _read(self._path)
        finally:
            os.close(directory)


def create(path: Path) -> Keyring:
    """Write a new keyring file; refused (KeyringError) when there is one."""
    return Keyring.create(path)


def current_keyring() -> Keyring:
    """Return the keyring of this application."""
    ring = current_app.extensions[EXTENSION]
    if not isinstance(ring, Keyring):
        msg = "the application has no keyring"
        raise KeyringError(msg)
    return ring


def _new_key() -> RingKey:
    return RingKey(crypto.random_bytes(KID_SIZE).hex(), crypto.new_key(), clock.now(), KeyState.ACTIVE)


def _moved(key: RingKey, before: KeyState, after: KeyState) -> RingKey:
    return replace(key, state=after) if key.state is before else key


def _prefix(suite: int, kid: str) -> bytes:
    return bytes((WRAP_VERSION, suite)) + bytes.fromhex(kid)


def _context(cls: str, prefix: bytes, aad: bytes) -> bytes:
    return crypto.bind("casework/keyring", str(KeyClass(cls)), prefix, aad)


def _index(key: RingKey, stretched: bytes) -> bytes:
    prefix = _prefix(SUITE_INDEX, key.kid)
    return prefix + crypto.encrypt_deterministic(key.key, stretched, _context(KeyClass.BIDX, prefix, b""))


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        status = path.stat()
    except OSError:
        msg = f"no keyring at {path}; `flask casework init` creates one, a restore brings its own"
        raise KeyringError(msg) from None
    return status.st_mtime_ns, status.st_ino, status.st_size


def _read(path: Path) -> _Contents:
    stamp = _stamp(path)
    if path.stat().st_mode & 0o077:
        msg = f"{path} can be read by others than its owner; run: chmod 400 {path}"
        raise KeyringError(msg)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        classes = {**{each: [] for each in LATER}, **data["classes"]}
        keys = {each: tuple(_parsed(entry) for entry in classes[each]) for each in KeyClass}
        salt = base64.b64decode(data["salt"], validate=True)
        known = data["format"] == FORMAT and all(_is_whole(each, group) for each, group in keys.items())
    except (ValueError, KeyError, TypeError):
        known, keys, salt = False, {}, b""
    if not known:
        msg = f"{path} is not a keyring of format {FORMAT}"
        raise KeyringError(msg)
    return _Contents(stamp=stamp, salt=salt, keys=keys)


def _is_whole(cls: KeyClass, keys: Iterable[RingKey]) -> bool:
    active = [key.state for key in keys].count(KeyState.ACTIVE)
    return active == 1 or (cls in LATER and not tuple(keys))


def _parsed(entry: dict[str, str]) -> RingKey:
    key = base64.b64decode(entry["key"], validate=True)
    if len(key) != crypto.KEY_SIZE or len(bytes.fromhex(entry["kid"])) != KID_SIZE:
        raise ValueError
    return RingKey(entry["kid"], key, datetime.fromisoformat(entry["created_at"]), KeyState(entry["state"]))


def _write(path: Path, contents: _Contents) -> None:
    """Replace the file in one step: whoever reads sees the old or the new, also after a power cut."""
    classes = {str(each): [_written(key) for key in keys] for each, keys in contents.keys.items()}
    data = {"format": FORMAT, "salt": base64.b64encode(contents.salt).decode(), "classes": classes}
    draft = path.with_name(f".{path.name}.{crypto.random_bytes(KID_SIZE).hex()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "w", encoding="utf-8") as file:
            json.dump(data, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _written(key: RingKey) -> dict[str, str]:
    return {
        "kid": key.kid,
        "key": base64.b64encode(key.key).decode(),
        "created_at": key.created_at.isoformat(),
        "state": str(key.state),
    }


def _closed() -> CryptoError:
    return CryptoError("sealed content did not open")
