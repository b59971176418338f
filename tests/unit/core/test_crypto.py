"""Sealed values open for the right key in the right context, and for nothing else."""

from __future__ import annotations

import time
import unicodedata
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.core import crypto
from casework.core.crypto import CryptoError, PasswordParams

KEY = bytes(range(32))
PAIR = crypto.generate_key_pair()
OTHER_PAIR = crypto.generate_key_pair()
AAD = crypto.bind("test", 1)
GCM_REGIONS = {"version": 0, "suite": 1, "nonce": 5, "ciphertext": 20, "tag": -1}
SIV_REGIONS = {"version": 0, "suite": 1, "synthetic iv": 4, "ciphertext": 20}
HPKE_REGIONS = {"version": 0, "suite": 1, "ml-kem": 10, "x25519": 1100, "ciphertext": 1130, "tag": -1}
PARTS = st.one_of(st.none(), st.text(max_size=8), st.binary(max_size=8), st.integers(), st.uuids())


def flipped(envelope: bytes, at: int) -> bytes:
    changed = bytearray(envelope)
    changed[at] ^= 0x01
    return bytes(changed)


@given(st.binary(max_size=3000), st.binary(max_size=50), st.booleans())
def test_encrypt_round_trip(plaintext: bytes, aad: bytes, padded: bool) -> None:
    assert crypto.decrypt(KEY, crypto.encrypt(KEY, plaintext, aad, padded=padded), aad) == plaintext


@given(st.binary(max_size=300), st.binary(max_size=50))
def test_deterministic_round_trip_and_equality(plaintext: bytes, aad: bytes) -> None:
    envelope = crypto.encrypt_deterministic(KEY, plaintext, aad)
    assert envelope == crypto.encrypt_deterministic(KEY, plaintext, aad)
    assert crypto.decrypt_deterministic(KEY, envelope, aad) == plaintext


@settings(deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=50))
def test_seal_round_trip(payload: bytes, info: bytes) -> None:
    assert crypto.open_sealed(PAIR.private, crypto.seal_to(PAIR.public, payload, info), info) == payload


def test_a_sealed_key_has_the_documented_size() -> None:
    assert len(PAIR.private) == 96
    assert len(PAIR.public) == 1216
    assert len(crypto.seal_to(PAIR.public, crypto.new_key(), AAD)) == 1170


def test_two_seals_of_the_same_value_differ() -> None:
    assert crypto.encrypt(KEY, b"x", AAD) != crypto.encrypt(KEY, b"x", AAD)
    assert crypto.seal_to(PAIR.public, b"x", AAD) != crypto.seal_to(PAIR.public, b"x", AAD)


@pytest.mark.parametrize("region", GCM_REGIONS)
@pytest.mark.parametrize("padded", [True, False])
def test_a_changed_byte_of_an_encrypted_value_is_refused(region: str, padded: bool) -> None:
    envelope = crypto.encrypt(KEY, b"thirty-two bytes of a test value", AAD, padded=padded)
    with pytest.raises(CryptoError):
        crypto.decrypt(KEY, flipped(envelope, GCM_REGIONS[region]), AAD)


@pytest.mark.parametrize("region", SIV_REGIONS)
def test_a_changed_byte_of_a_deterministic_value_is_refused(region: str) -> None:
    envelope = crypto.encrypt_deterministic(KEY, b"thirty-two bytes of a test value", AAD)
    with pytest.raises(CryptoError):
        crypto.decrypt_deterministic(KEY, flipped(envelope, SIV_REGIONS[region]), AAD)


@pytest.mark.parametrize("region", HPKE_REGIONS)
def test_a_changed_byte_of_a_sealed_key_is_refused(region: str) -> None:
    envelope = crypto.seal_to(PAIR.public, KEY, AAD)
    with pytest.raises(CryptoError):
        crypto.open_sealed(PAIR.private, flipped(envelope, HPKE_REGIONS[region]), AAD)


@pytest.mark.parametrize("size", [0, 1, 2, 13, 20, 100])
def test_a_truncated_value_is_refused(size: int) -> None:
    with pytest.raises(CryptoError):
        crypto.decrypt(KEY, crypto.encrypt(KEY, b"x" * 200, AAD)[:size], AAD)
    with pytest.raises(CryptoError):
        crypto.decrypt_deterministic(KEY, crypto.encrypt_deterministic(KEY, b"x" * 200, AAD)[:size], AAD)
    with pytest.raises(CryptoError):
        crypto.open_sealed(PAIR.private, crypto.seal_to(PAIR.public, KEY, AAD)[:size], AAD)


@pytest.mark.parametrize("other", [b"", AAD + b"x", crypto.bind("test", 2), crypto.bind("tes", "t", 1)])
def test_another_context_is_refused(other: bytes) -> None:
    with pytest.raises(CryptoError):
        crypto.decrypt(KEY, crypto.encrypt(KEY, b"x", AAD), other)
    with pytest.raises(CryptoError):
        crypto.decrypt_deterministic(KEY, crypto.encrypt_deterministic(KEY, b"x", AAD), other)
    with pytest.raises(CryptoError):
        crypto.open_sealed(PAIR.private, crypto.seal_to(PAIR.public, KEY, AAD), other)


def test_another_key_is_refused() -> None:
    other = crypto.new_key()
    with pytest.raises(CryptoError):
        crypto.decrypt(other, crypto.encrypt(KEY, b"x", AAD), AAD)
    with pytest.raises(CryptoError):
        crypto.decrypt_deterministic(other, crypto.encrypt_deterministic(KEY, b"x", AAD), AAD)
    with pytest.raises(CryptoError):
        crypto.open_sealed(OTHER_PAIR.private, crypto.seal_to(PAIR.public, KEY, AAD), AAD)


def test_a_padded_value_does_not_open_as_an_exact_one() -> None:
    envelope = bytearray(crypto.encrypt(KEY, b"x", AAD))
    envelope[1] = crypto.SUITE_GCM_EXACT
    with pytest.raises(CryptoError):
        crypto.decrypt(KEY, bytes(envelope), AAD)


@pytest.mark.parametrize("suite", [0x00, 0x03, 0x04, 0x11, 0xFF])
def test_an_unknown_suite_fails_closed(suite: int) -> None:
    envelope = bytearray(crypto.encrypt(KEY, b"x", AAD))
    envelope[1] = suite
    with pytest.raises(CryptoError):
        crypto.decrypt(KEY, bytes(envelope), AAD)


@pytest.mark.parametrize("key", [b"", b"x" * 16, b"x" * 24, b"x" * 31, b"x" * 33])
def test_a_key_of_another_length_is_refused(key: bytes) -> None:
    with pytest.raises(CryptoError):
        crypto.encrypt(key, b"x", AAD)
    with pytest.raises(CryptoError):
        crypto.encrypt_deterministic(key, b"x", AAD)


def test_malformed_key_pairs_are_refused() -> None:
    sealed = crypto.seal_to(PAIR.public, KEY, AAD)
    with pytest.raises(CryptoError):
        crypto.open_sealed(PAIR.private[:-1], sealed, AAD)
    with pytest.raises(CryptoError):
        crypto.seal_to(PAIR.public[:-1], KEY, AAD)
    with pytest.raises(CryptoError):
        crypto.seal_to(b"\xff" * crypto.PUBLIC_KEY_SIZE, KEY, AAD)


def test_an_error_says_nothing_about_what_was_sealed() -> None:
    with pytest.raises(CryptoError) as caught:
        crypto.decrypt(KEY, flipped(crypto.encrypt(KEY, b"secret words", AAD), 30), AAD)
    assert str(caught.value) == "sealed content did not open"
    assert caught.value.__cause__ is None


def test_key_pairs_are_not_printed() -> None:
    assert PAIR.private.hex()[:16] not in repr(PAIR)
    assert repr(PAIR) == "KeyPair()"


@given(st.binary(max_size=70_000).filter(lambda value: len(value) < 100 or len(value) > 65_000))
def test_padding_round_trip_into_a_class(plaintext: bytes) -> None:
    padded = crypto.pad(plaintext)
    assert len(padded) == crypto.size_class(len(plaintext))
    assert crypto.unpad(padded) == plaintext


@given(st.binary(max_size=600).map(lambda value: value + b"\x80\x00\x00"))
def test_a_text_that_looks_like_padding_survives(plaintext: bytes) -> None:
    assert crypto.unpad(crypto.pad(plaintext)) == plaintext


@pytest.mark.parametrize(
    ("length", "size"),
    [
        (0, 512),
        (1, 512),
        (511, 512),
        (512, 1024),
        (1023, 1024),
        (1024, 2048),
        (32_767, 32_768),
        (65_535, 65_536),
        (65_536, 131_072),
        (131_071, 131_072),
        (131_072, 196_608),
    ],
)
def test_size_classes(length: int, size: int) -> None:
    assert crypto.size_class(length) == size


def test_the_length_of_a_short_note_does_not_show() -> None:
    lengths = {len(crypto.encrypt(KEY, ("很" * count).encode(), AAD)) for count in range(171)}
    assert lengths == {512 + 2 + 12 + 16}


@pytest.mark.parametrize("padded", [b"", b"\x00" * 512, b"\x80" + b"\x00" * 10, b"a" * 512, b"\x80" + b"\x00" * 1023])
def test_foreign_padding_is_refused(padded: bytes) -> None:
    with pytest.raises(CryptoError):
        crypto.unpad(padded)


@given(st.lists(PARTS, max_size=4), st.lists(PARTS, max_size=4))
def test_contexts_are_equal_only_when_their_parts_are(left: list[object], right: list[object]) -> None:
    typed = [[(type(part), part) for part in parts] for parts in (left, right)]
    assert (crypto.bind(*left) == crypto.bind(*right)) == (typed[0] == typed[1])  # type: ignore[arg-type]  # drawn parts


def test_contexts_keep_kinds_apart() -> None:
    parts = [None, "", b"", 0, "0", b"0", UUID(int=0), "n", "1", 1]
    assert len({crypto.bind(part) for part in parts}) == len(parts)
    for left, right in combinations([("ab", "c"), ("a", "bc"), ("abc",), ("abc", "")], 2):
        assert crypto.bind(*left) != crypto.bind(*right)


def test_a_password_is_the_same_however_its_characters_are_composed() -> None:
    params, salt = PasswordParams(64, 1, 1), b"0123456789abcdef"
    word = "é-café-密码"
    composed, decomposed = unicodedata.normalize("NFC", word), unicodedata.normalize("NFD", word)
    assert composed != decomposed
    assert crypto.derive_password_key(composed, salt, params) == crypto.derive_password_key(decomposed, salt, params)


def test_password_and_stretch_depend_on_salt_and_cost() -> None:
    keys = {
        crypto.derive_password_key("password", b"0123456789abcdef", PasswordParams(64, 1, 1)),
        crypto.derive_password_key("password", b"0123456789abcdeF", PasswordParams(64, 1, 1)),
        crypto.derive_password_key("password", b"0123456789abcdef", PasswordParams(64, 2, 1)),
        crypto.derive_password_key("passwore", b"0123456789abcdef", PasswordParams(64, 1, 1)),
    }
    assert len(keys) == 4
    assert crypto.stretch(b"1", b"0" * 16) != crypto.stretch(b"1", b"1" * 16)


def test_the_default_password_cost_is_the_one_of_the_design() -> None:
    assert PasswordParams() == PasswordParams(memory_kib=65_536, passes=3, lanes=4)


def test_stretching_is_dear() -> None:
    started = time.process_time()
    crypto.stretch(b"+8613800138000", b"0" * 16)
    assert time.process_time() - started > 0.002


def test_labels_keep_derived_keys_apart() -> None:
    assert crypto.derive(KEY, "a") != crypto.derive(KEY, "b")
    assert len(crypto.derive(KEY, "a")) == 32


def test_a_wrong_mac_or_signature_is_noticed() -> None:
    assert not crypto.verify_mac(KEY, b"data", crypto.mac(KEY, b"date"))
    assert not crypto.verify_mac(KEY, b"data", b"")
    public = crypto.signing_public_half(KEY)
    assert not crypto.verify(public, b"date", crypto.sign(KEY, b"data"))
    assert not crypto.verify(public, b"data", b"short")
    assert not crypto.verify(b"short", b"data", crypto.sign(KEY, b"data"))


def test_random_values_have_their_size_and_do_not_repeat() -> None:
    assert len(crypto.random_bytes(16)) == 16
    assert len({crypto.new_key() for _ in range(100)}) == 100
    assert crypto.same(KEY, bytes(KEY))
    assert not crypto.same(KEY, crypto.new_key())
    assert crypto.sha256(b"").hex().startswith("e3b0c44298fc1c14")
