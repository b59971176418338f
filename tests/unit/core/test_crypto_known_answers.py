"""The primitives compute what their standards say, and what was sealed once keeps opening."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from casework.core import crypto
from casework.core.crypto import PasswordParams

KEPT = {
    name: bytes.fromhex(value)
    for name, value in json.loads((Path(__file__).parent / "kept_envelopes.json").read_text(encoding="ascii")).items()
}


def test_aes_gcm_agrees_with_test_case_16_of_the_gcm_specification() -> None:
    key = bytes.fromhex("feffe9928665731c6d6a8f9467308308" * 2)
    nonce = bytes.fromhex("cafebabefacedbaddecaf888")
    aad = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    plain = bytes.fromhex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
    )
    sealed = bytes.fromhex(
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        "76fc6ece0f4e1768cddf8853bb2d551b"
    )
    assert AESGCM(key).encrypt(nonce, plain, aad) == sealed


def test_aes_siv_agrees_with_rfc_5297_a1() -> None:
    key = bytes.fromhex("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")
    aad = bytes.fromhex("101112131415161718191a1b1c1d1e1f2021222324252627")
    sealed = AESSIV(key).encrypt(bytes.fromhex("112233445566778899aabbccddee"), [aad])
    assert sealed == bytes.fromhex("85632d07c6e8f37f950acd320a2ecc9340c02b9690c4dc04daef7f6afe5c")


@pytest.mark.parametrize(
    ("key", "data", "tag"),
    [
        (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (b"\xaa" * 20, b"\xdd" * 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
    ],
)
def test_mac_agrees_with_rfc_4231(key: bytes, data: bytes, tag: str) -> None:
    assert crypto.mac(key, data).hex() == tag
    assert crypto.verify_mac(key, data, bytes.fromhex(tag))


def test_derive_agrees_with_rfc_5869_a3() -> None:
    okm = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    assert crypto.derive(b"\x0b" * 22, "", 42).hex() == okm


def test_argon2id_agrees_with_rfc_9106_5_3() -> None:
    derived = Argon2id(
        salt=b"\x02" * 16, length=32, iterations=3, lanes=4, memory_cost=32, ad=b"\x04" * 12, secret=b"\x03" * 8
    ).derive(b"\x01" * 32)
    assert derived.hex() == "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"


@pytest.mark.parametrize(
    ("params", "key"),
    [
        (PasswordParams(65536, 2, 1), "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"),
        (PasswordParams(256, 2, 1), "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"),
        (PasswordParams(256, 2, 2), "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037"),
    ],
)
def test_password_key_agrees_with_the_reference_implementation(params: PasswordParams, key: str) -> None:
    assert crypto.derive_password_key("password", b"somesalt", params).hex() == key


@pytest.mark.parametrize(
    ("private", "public", "message", "signature"),
    [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            (
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
                "d25bf5f0595bbe24655141438e7a100b"
            ),
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            (
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
                "387b2eaeb4302aeeb00d291612bb0c00"
            ),
        ),
    ],
)
def test_signature_agrees_with_rfc_8032(private: str, public: str, message: str, signature: str) -> None:
    assert crypto.signing_public_half(bytes.fromhex(private)).hex() == public
    assert crypto.sign(bytes.fromhex(private), bytes.fromhex(message)).hex() == signature
    assert crypto.verify(bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature))


def test_what_was_sealed_to_a_person_once_keeps_opening() -> None:
    assert crypto.open_sealed(KEPT["private"], KEPT["sealed"], KEPT["context"]) == KEPT["payload"]
    assert crypto.public_half(KEPT["private"]) == KEPT["public"]


def test_what_was_sealed_under_a_key_once_keeps_opening() -> None:
    assert crypto.decrypt(KEPT["key"], KEPT["padded"], KEPT["context"]).decode() == "暖心守护"
    assert crypto.decrypt(KEPT["key"], KEPT["exact"], KEPT["context"]) == KEPT["payload"]


def test_the_blind_index_of_once_is_found_again() -> None:
    assert crypto.encrypt_deterministic(KEPT["key"], b"kept value", KEPT["context"]) == KEPT["deterministic"]
    assert crypto.stretch(b"+8613800138000", b"0123456789abcdef") == KEPT["stretched"]
