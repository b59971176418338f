"""The keyring file is private, replaced in one step, and each key opens only what its class sealed."""

from __future__ import annotations

import json
import pickle
from multiprocessing import get_context
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from casework.core import crypto, keyring
from casework.core.crypto import CryptoError
from casework.core.keyring import KeyClass, Keyring, KeyringError, KeyState, current_keyring

if TYPE_CHECKING:
    from pathlib import Path

NUMBER = b"+8613800138000"
AAD = crypto.bind("people_key_pair", 1)
SEALING = [KeyClass.PEPPER, KeyClass.TOTP]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "instance" / "keyring.json"


@pytest.fixture
def ring(path: Path) -> Keyring:
    return Keyring.create(path)


def add_many(path: Path, count: int) -> None:
    for _ in range(count):
        Keyring.load(path).add_key("cookie")


def test_a_new_keyring_has_one_active_key_a_class_and_only_its_owner_reads_it(ring: Keyring, path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o400
    for cls in KeyClass:
        assert [key.state for key in ring.keys_of(cls)] == [KeyState.ACTIVE]
        assert ring.active_kid(cls) == ring.keys_of(cls)[0].kid
    assert len({key.key for cls in KeyClass for key in ring.keys_of(cls)}) == len(KeyClass)


def test_a_keyring_is_never_overwritten(ring: Keyring) -> None:
    with pytest.raises(KeyringError, match="never overwritten"):
        Keyring.create(ring.path)
    with pytest.raises(KeyringError, match="never overwritten"):
        keyring.create(ring.path)


@pytest.mark.parametrize("mode", [0o440, 0o404, 0o444, 0o640, 0o604, 0o777, 0o420])
def test_a_keyring_that_others_may_touch_is_refused(ring: Keyring, mode: int) -> None:
    ring.add_key("cookie")
    ring.path.chmod(mode)
    keyring._loaded.clear()
    with pytest.raises(KeyringError, match="chmod 400"):
        Keyring.load(ring.path)


def test_a_loaded_keyring_stops_when_its_file_is_replaced_by_one_that_others_read(ring: Keyring) -> None:
    text = ring.path.read_text(encoding="utf-8")
    ring.path.unlink()
    ring.path.write_text(text, encoding="utf-8")
    ring.path.chmod(0o644)
    with pytest.raises(KeyringError, match="chmod 400"):
        ring.active_kid("totp")


def test_a_missing_keyring_says_how_to_get_one(path: Path) -> None:
    with pytest.raises(KeyringError, match="casework init"):
        Keyring.load(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.update(format=2),
        lambda data: data.pop("salt"),
        lambda data: data["classes"].pop("totp"),
        lambda data: data["classes"]["totp"].clear(),
        lambda data: data["classes"]["totp"].append(data["classes"]["totp"][0]),
        lambda data: data["classes"]["totp"][0].update(key="c2hvcnQ="),
        lambda data: data["classes"]["totp"][0].update(key="not base64"),
        lambda data: data["classes"]["totp"][0].update(kid="xyz"),
        lambda data: data["classes"]["totp"][0].update(state="unknown"),
        lambda data: data["classes"]["totp"][0].pop("created_at"),
    ],
)
def test_a_malformed_keyring_is_refused_without_showing_it(ring: Keyring, change: object) -> None:
    data = json.loads(ring.path.read_text(encoding="utf-8"))
    change(data)  # type: ignore[operator]  # a lambda of the table above
    ring.path.unlink()
    ring.path.write_text(json.dumps(data), encoding="utf-8")
    ring.path.chmod(0o400)
    with pytest.raises(KeyringError, match="not a keyring") as caught:
        ring.keys_of("totp")
    assert data["classes"].get("audit", [{"key": "?"}])[0]["key"] not in str(caught.value)


def test_garbage_is_not_a_keyring(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("garbage", encoding="utf-8")
    path.chmod(0o400)
    with pytest.raises(KeyringError, match="not a keyring"):
        Keyring.load(path)


@pytest.mark.parametrize("cls", SEALING)
def test_wrap_round_trip_with_the_key_id_in_front(ring: Keyring, cls: KeyClass) -> None:
    wrapped = ring.wrap(cls, b"payload", AAD)
    assert wrapped[:6] == bytes((1, 0x21)) + bytes.fromhex(ring.active_kid(cls))
    assert wrapped.startswith(ring.current_prefix(cls))
    assert ring.unwrap(cls, wrapped, AAD) == b"payload"


def test_another_class_or_context_does_not_unwrap(ring: Keyring) -> None:
    wrapped = ring.wrap("pepper", b"payload", AAD)
    with pytest.raises(CryptoError):
        ring.unwrap("totp", wrapped, AAD)
    with pytest.raises(CryptoError):
        ring.unwrap("pepper", wrapped, AAD + b"x")


@pytest.mark.parametrize("at", [0, 1, 2, 5, 6, 7, 9, 25, -1])
def test_a_changed_byte_does_not_unwrap(ring: Keyring, at: int) -> None:
    wrapped = bytearray(ring.wrap("pepper", b"payload", AAD))
    wrapped[at] ^= 1
    with pytest.raises(CryptoError):
        ring.unwrap("pepper", bytes(wrapped), AAD)


def test_a_value_of_another_keyring_does_not_unwrap(ring: Keyring, tmp_path: Path) -> None:
    other = Keyring.create(tmp_path / "other.json")
    with pytest.raises(CryptoError):
        ring.unwrap("pepper", other.wrap("pepper", b"payload", AAD), AAD)
    with pytest.raises(CryptoError):
        ring.reindex(other.blind_index(NUMBER))


def test_a_new_key_seals_and_the_older_one_still_opens(ring: Keyring) -> None:
    before, old = ring.wrap("totp", b"payload", AAD), ring.active_kid("totp")
    new = ring.add_key("totp")
    assert new != old
    assert ring.active_kid("totp") == new
    assert [key.state for key in ring.keys_of("totp")] == [KeyState.RETIRING, KeyState.ACTIVE]
    assert ring.unwrap("totp", before, AAD) == b"payload"
    after = ring.rewrap("totp", before, AAD)
    assert after.startswith(ring.current_prefix("totp"))
    assert not before.startswith(ring.current_prefix("totp"))
    assert ring.retire("totp") == [old]
    assert [key.state for key in ring.keys_of("totp")] == [KeyState.RETIRED, KeyState.ACTIVE]
    assert ring.unwrap("totp", after, AAD) == b"payload"


def test_a_retired_key_still_opens_what_an_older_backup_brings_back(ring: Keyring) -> None:
    before = ring.wrap("pepper", b"payload", AAD)
    ring.add_key("pepper")
    ring.retire("pepper")
    assert ring.unwrap("pepper", before, AAD) == b"payload"


def test_the_file_stays_private_and_alone_after_a_change(ring: Keyring) -> None:
    ring.add_key("totp")
    assert ring.path.stat().st_mode & 0o777 == 0o400
    assert [each.name for each in ring.path.parent.iterdir()] == ["keyring.json"]


def test_a_failed_write_leaves_the_keyring_as_it_was(ring: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    before = ring.path.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        ring.add_key("totp")
    monkeypatch.undo()
    assert ring.path.read_bytes() == before
    assert [each.name for each in ring.path.parent.iterdir()] == ["keyring.json"]


def test_another_process_sees_a_rotation_at_once(ring: Keyring) -> None:
    process = get_context("spawn").Process(target=add_many, args=(ring.path, 1))
    process.start()
    process.join()
    assert process.exitcode == 0
    assert len(ring.keys_of("cookie")) == 2


def test_two_processes_that_add_keys_lose_none(ring: Keyring) -> None:
    workers = [get_context("spawn").Process(target=add_many, args=(ring.path, 10)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    keys = ring.keys_of("cookie")
    assert len(keys) == 21
    assert [key.state for key in keys].count(KeyState.ACTIVE) == 1


def test_one_object_serves_the_process(ring: Keyring) -> None:
    assert Keyring.load(ring.path) is ring


def test_a_mac_carries_its_key_id_and_is_verified_after_rotation(ring: Keyring) -> None:
    kid, tag = ring.mac("audit", b"entry")
    assert kid == ring.active_kid("audit")
    ring.add_key("audit")
    ring.retire("audit")
    assert ring.verify_mac("audit", kid, b"entry", tag)
    assert not ring.verify_mac("audit", kid, b"other", tag)
    assert not ring.verify_mac("audit", "00000000", b"entry", tag)
    assert not ring.verify_mac("cookie", kid, b"entry", tag)


def test_secrets_differ_by_class_label_and_key(ring: Keyring) -> None:
    old = ring.active_kid("cookie")
    first = ring.secret("cookie", "flask")
    assert first != ring.secret("cookie", "other")
    assert first != ring.secret("audit", "flask")
    assert ring.older_secrets("cookie", "flask") == []
    ring.add_key("cookie")
    assert ring.secret("cookie", "flask") != first
    assert ring.older_secrets("cookie", "flask") == [first]
    assert ring.secret("cookie", "flask", old) == first
    with pytest.raises(CryptoError):
        ring.secret("cookie", "flask", "00000000")


def test_a_blind_index_is_the_same_for_the_same_number_only(ring: Keyring, tmp_path: Path) -> None:
    index = ring.blind_index(NUMBER)
    assert index == ring.blind_index(NUMBER)
    assert index != ring.blind_index(b"+8613800138001")
    assert index != Keyring.create(tmp_path / "other.json").blind_index(NUMBER)
    assert NUMBER not in index
    assert index.startswith(ring.current_prefix("bidx"))


def test_a_blind_index_is_renewed_without_the_number_and_found_under_either_key(ring: Keyring) -> None:
    before = ring.blind_index(NUMBER)
    ring.add_key("bidx")
    during = ring.blind_indexes(NUMBER)
    assert during[1] == before
    assert ring.reindex(before) == during[0] == ring.blind_index(NUMBER)
    assert ring.reindex(during[0]) == during[0]
    ring.retire("bidx")
    assert ring.blind_indexes(NUMBER) == [during[0]]


@pytest.mark.parametrize("at", [0, 1, 3, 6, 7, 10, 30])
def test_a_changed_blind_index_is_not_renewed(ring: Keyring, at: int) -> None:
    index = bytearray(ring.blind_index(NUMBER))
    index[at] ^= 1
    with pytest.raises(CryptoError):
        ring.reindex(bytes(index))


def test_wrapped_values_and_indexes_are_not_mistaken_for_each_other(ring: Keyring) -> None:
    with pytest.raises(CryptoError):
        ring.unwrap("bidx", ring.blind_index(NUMBER), b"")
    with pytest.raises(CryptoError):
        ring.reindex(ring.wrap("bidx", b"x" * 32, b""))
    with pytest.raises(CryptoError):
        ring.unwrap("bidx", b"", b"")


def test_a_keyring_is_neither_printed_nor_pickled(ring: Keyring) -> None:
    key = ring.keys_of("totp")[0]
    assert repr(ring) == f"Keyring({str(ring.path)!r})"
    assert key.key.hex()[:12] not in repr(key)
    with pytest.raises(TypeError, match="does not leave"):
        pickle.dumps(ring)


def test_the_application_carries_its_keyring(ring: Keyring) -> None:
    app = Flask("test")
    app.extensions["casework.keyring"] = ring
    with app.app_context():
        assert current_keyring() is ring
    app.extensions["casework.keyring"] = None
    with app.app_context(), pytest.raises(KeyringError, match="no keyring"):
        current_keyring()


def test_an_unknown_class_is_refused(ring: Keyring) -> None:
    with pytest.raises(ValueError, match="nonsense"):
        ring.active_kid("nonsense")


def test_an_attestation_holds_for_its_use_and_data_also_after_rotation(ring: Keyring, tmp_path: Path) -> None:
    tag = ring.attest("public-key", b"data")
    ring.add_key("audit")
    ring.retire("audit")
    assert ring.is_attested("public-key", b"data", tag)
    assert not ring.is_attested("public-key", b"date", tag)
    assert not ring.is_attested("other", b"data", tag)
    assert not ring.is_attested("public-key", b"data", b"")
    assert not ring.is_attested("public-key", b"data", bytes(36))
    assert not Keyring.create(tmp_path / "other.json").is_attested("public-key", b"data", tag)
