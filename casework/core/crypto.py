"""The only door to the cryptographic library: few primitives, all standard, bytes in and bytes out.

Every envelope begins with a version and a suite byte, which are authenticated. An unknown version or suite, a
changed byte, a wrong key or a wrong context all end in the same ``CryptoError`` without saying which: fail closed.

====== ============================================== ==========================================================
suite  what it is                                     layout after the two header bytes
====== ============================================== ==========================================================
0x01   AES-256-GCM, padded (text, JSON)               nonce 12, ciphertext, tag 16
0x02   AES-256-GCM, exact (keys of a fixed length)    nonce 12, ciphertext, tag 16
0x03   AES-256-SIV, RFC 5297 (the blind index)        synthetic IV 16, ciphertext
0x11   HPKE, RFC 9180, ML-KEM-768 + X25519 hybrid,    encapsulated key 1120, ciphertext, tag 16
       HKDF-SHA-256, AES-256-GCM
====== ============================================== ==========================================================

Size classes of padding, in bytes: 512 and its doubles up to 64 KiB, then multiples of 64 KiB. One byte is taken by
the marker (ISO/IEC 7816-4: 0x80, then zeros), so up to 511 bytes, about 170 Chinese characters, look the same.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import unicodedata
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION: Final = 1
SUITE_GCM_PADDED: Final = 0x01
SUITE_GCM_EXACT: Final = 0x02
SUITE_SIV: Final = 0x03
SUITE_HPKE: Final = 0x11

KEY_SIZE: Final = 32
SALT_SIZE: Final = 16
NONCE_SIZE: Final = 12
HEADER_SIZE: Final = 2
PRIVATE_KEY_SIZE: Final = 96
PUBLIC_KEY_SIZE: Final = 1216
_MLKEM_SEED_SIZE: Final = 64
_MLKEM_PUBLIC_SIZE: Final = 1184

SMALLEST_CLASS: Final = 512
LARGEST_DOUBLE: Final = 64 * 1024
_MARKER: Final = b"\x80"

# Measured at 10–20 ms. A number has at most 10^10 candidates: with the bidx key in hand, trying them all costs
# about four processor-years instead of minutes.
STRETCH_MEMORY_KIB: Final = 16 * 1024
STRETCH_PASSES: Final = 1

_HYBRID: Final = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


class CryptoError(Exception):
    """Something sealed did not open, or was not asked for correctly. Never says more than that."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A hybrid key pair. ``private`` is the ML-KEM seed (64 bytes) and the raw X25519 key (32); never printed."""

    private: bytes = field(repr=False)
    public: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PasswordParams:
    """What Argon2id costs: memory in KiB, passes, lanes. Stored beside each result, so that it can be raised later."""

    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 4


def random_bytes(size: int) -> bytes:
    """Return that many unpredictable bytes."""
    return os.urandom(size)


def new_key() -> bytes:
    """Return a fresh symmetric key of 32 bytes."""
    return os.urandom(KEY_SIZE)


def sha256(data: bytes) -> bytes:
    """Return the SHA-256 digest."""
    return hashlib.sha256(data).digest()


def bind(*parts: str | bytes | int | UUID | None) -> bytes:
    """Return one unambiguous encoding of a context: each part with its kind and length, so no two contexts collide."""
    return b"".join(_bound(part) for part in parts)


def encrypt(key: bytes, plaintext: bytes, aad: bytes, *, padded: bool = True) -> bytes:
    """Return the plaintext sealed under a 32-byte key for one context; the same context is needed to open it.

    Padded to a size class, unless the length is the same for every value (keys).
    """
    header = _header(SUITE_GCM_PADDED if padded else SUITE_GCM_EXACT)
    nonce = os.urandom(NONCE_SIZE)
    body = pad(plaintext) if padded else plaintext
    return header + nonce + AESGCM(_checked(key)).encrypt(nonce, body, header + aad)


def decrypt(key: bytes, envelope: bytes, aad: bytes) -> bytes:
    """Return what ``encrypt`` sealed; refused (CryptoError) for any other key, context, version, suite or byte."""
    suite = _suite(envelope, SUITE_GCM_PADDED, SUITE_GCM_EXACT)
    nonce = envelope[HEADER_SIZE : HEADER_SIZE + NONCE_SIZE]
    try:
        body = AESGCM(_checked(key)).decrypt(nonce, envelope[HEADER_SIZE + NONCE_SIZE :], envelope[:HEADER_SIZE] + aad)
    except (InvalidTag, ValueError):
        raise _closed() from None
    return unpad(body) if suite == SUITE_GCM_PADDED else body


def encrypt_deterministic(key: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Return the same envelope for the same input (AES-SIV), so that it can be searched for and opened again."""
    header = _header(SUITE_SIV)
    return header + AESSIV(_siv_key(key)).encrypt(plaintext, [header, aad])


def decrypt_deterministic(key: bytes, envelope: bytes, aad: bytes) -> bytes:
    """Return what ``encrypt_deterministic`` sealed; refused (CryptoError) for anything else."""
    _suite(envelope, SUITE_SIV)
    try:
        return AESSIV(_siv_key(key)).decrypt(envelope[HEADER_SIZE:], [envelope[:HEADER_SIZE], aad])
    except (InvalidTag, ValueError):
        raise _closed() from None


def generate_key_pair() -> KeyPair:
    """Return a fresh hybrid key pair: private 96 bytes, public 1,216."""
    mlkem, x25519 = MLKEM768PrivateKey.generate(), X25519PrivateKey.generate()
    return KeyPair(
        private=mlkem.private_bytes_raw() + x25519.private_bytes_raw(),
        public=mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw(),
    )


def public_half(private: bytes) -> bytes:
    """Return the public key that belongs to a private one; refused (CryptoError) when it is malformed."""
    mlkem, x25519 = _private_parts(private)
    return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


def seal_to(public: bytes, payload: bytes, info: bytes) -> bytes:
    """Return the payload sealed to a public key for one context; a 32-byte key becomes 1,170 bytes.

    Refused (CryptoError) for a malformed public key.
    """
    header = _header(SUITE_HPKE)
    if len(public) != PUBLIC_KEY_SIZE:
        raise _closed()
    try:
        recipient = hpke.MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC_SIZE]),
            X25519PublicKey.from_public_bytes(public[_MLKEM_PUBLIC_SIZE:]),
        )
        return header + _HYBRID.encrypt(payload, recipient, info=header + info)
    except ValueError:
        raise _closed() from None


def open_sealed(private: bytes, sealed: bytes, info: bytes) -> bytes:
    """Return what ``seal_to`` sealed; refused (CryptoError) for any other key, context, version, suite or byte."""
    _suite(sealed, SUITE_HPKE)
    key = hpke.MLKEM768X25519PrivateKey(*_private_parts(private))
    try:
        return _HYBRID.decrypt(sealed[HEADER_SIZE:], key, info=sealed[:HEADER_SIZE] + info)
    except (InvalidTag, ValueError):
        raise _closed() from None


def derive_password_key(password: str, salt: bytes, params: PasswordParams) -> bytes:
    """Return the 32-byte key of a password by Argon2id (RFC 9106).

    The password is brought to Unicode form NFC first (RFC 8265), because two keyboards may write the same character
    in two ways.
    """
    secret = unicodedata.normalize("NFC", password).encode()
    return _argon2id(secret, salt, params)


def stretch(value: bytes, salt: bytes) -> bytes:
    """Return 32 bytes that cost 16 MiB and 10–20 ms to compute, so that short values are dear to guess."""
    return _argon2id(value, salt, PasswordParams(STRETCH_MEMORY_KIB, STRETCH_PASSES, lanes=1))


def mac(key: bytes, data: bytes) -> bytes:
    """Return HMAC-SHA-256."""
    return hmac.digest(key, data, "sha256")


def verify_mac(key: bytes, data: bytes, tag: bytes) -> bool:
    """Return whether the tag belongs to the data, in time that does not depend on where they differ."""
    return hmac.compare_digest(mac(key, data), tag)


def same(left: bytes, right: bytes) -> bool:
    """Return whether two secrets are equal, in constant time."""
    return hmac.compare_digest(left, right)


def derive(key: bytes, label: str, size: int = KEY_SIZE) -> bytes:
    """Return a key for one use, from a strong key (HKDF-SHA-256, RFC 5869); the label keeps uses apart."""
    return HKDF(algorithm=hashes.SHA256(), length=size, salt=None, info=label.encode()).derive(key)


def sign(private: bytes, data: bytes) -> bytes:
    """Return the Ed25519 signature under a 32-byte private key."""
    return Ed25519PrivateKey.from_private_bytes(private).sign(data)


def signing_public_half(private: bytes) -> bytes:
    """Return the Ed25519 public key of a 32-byte private key (any 32 random or derived bytes are one)."""
    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def verify(public: bytes, data: bytes, signature: bytes) -> bool:
    """Return whether the Ed25519 signature is right; a malformed key or signature is not."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def size_class(length: int) -> int:
    """Return the padded size of a plaintext of that many bytes."""
    needed = length + 1
    if needed > LARGEST_DOUBLE:
        return -(-needed // LARGEST_DOUBLE) * LARGEST_DOUBLE
    size = SMALLEST_CLASS
    while size < needed:
        size *= 2
    return size


def pad(plaintext: bytes) -> bytes:
    """Return the plaintext filled up to its size class."""
    return (plaintext + _MARKER).ljust(size_class(len(plaintext)), b"\x00")


def unpad(padded: bytes) -> bytes:
    """Return the plaintext; refused (CryptoError) when the padding is not ours. Only for authenticated bytes."""
    body = padded.rstrip(b"\x00")
    if not body.endswith(_MARKER) or len(padded) != size_class(len(body) - 1):
        raise _closed()
    return body[:-1]


def _bound(part: str | bytes | int | UUID | None) -> bytes:
    kind, data = _encoded(part)
    return kind + len(data).to_bytes(4, "big") + data


def _encoded(part: str | bytes | int | UUID | None) -> tuple[bytes, bytes]:
    if part is None:
        return b"n", b""
    if isinstance(part, UUID):
        return b"u", part.bytes
    if isinstance(part, bytes):
        return b"b", part
    if isinstance(part, str):
        return b"s", part.encode()
    return b"i", str(int(part)).encode()


def _header(suite: int) -> bytes:
    return bytes((VERSION, suite))


def _suite(envelope: bytes, *known: int) -> int:
    """Return the suite number of an envelope that one of the known suites can open."""
    if len(envelope) < HEADER_SIZE or envelope[0] != VERSION or envelope[1] not in known:
        raise _closed()
    return envelope[1]


def _checked(key: bytes) -> bytes:
    # AES would take a shorter key silently and be a weaker suite than the header says.
    if len(key) != KEY_SIZE:
        raise _closed()
    return key


def _siv_key(key: bytes) -> bytes:
    return derive(_checked(key), "casework/siv", 2 * KEY_SIZE)


def _private_parts(private: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    if len(private) != PRIVATE_KEY_SIZE:
        raise _closed()
    return (
        MLKEM768PrivateKey.from_seed_bytes(private[:_MLKEM_SEED_SIZE]),
        X25519PrivateKey.from_private_bytes(private[_MLKEM_SEED_SIZE:]),
    )


def _argon2id(secret: bytes, salt: bytes, params: PasswordParams) -> bytes:
    return Argon2id(
        salt=salt, length=KEY_SIZE, iterations=params.passes, lanes=params.lanes, memory_cost=params.memory_kib
    ).derive(secret)


def _closed() -> CryptoError:
    return CryptoError("sealed content did not open")
