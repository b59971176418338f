"""Content opens at its own place under its own key, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.core.crypto import CryptoError
from casework.vault.service.sealing import open_json, open_text, seal_json, seal_text
from casework.vault.types import SEALED_COLUMNS, DataKey, KeyPurpose, Place

SECRET = bytes(range(32))
ROWS = (UUID(int=1), UUID(int=2))
KEYS = (UUID(int=11), UUID(int=12))
TEXT = "这是一段测试文字"


def key_for(address: str, key_id: UUID = KEYS[0]) -> DataKey:
    return DataKey(key_id, SEALED_COLUMNS[address], SECRET)


def place_at(address: str, row_id: UUID = ROWS[0], version: int = 1) -> Place:
    table, column = address.split(".")
    return Place(table, column, row_id, version)


def every_place() -> list[tuple[DataKey, Place]]:
    """Every listed column, at two rows, two versions and under two data keys that share one secret."""
    return [
        (key_for(address, key_id), place_at(address, row_id, version))
        for address in SEALED_COLUMNS
        for row_id in ROWS
        for version in (1, 2)
        for key_id in KEYS
    ]


def test_ciphertext_moved_between_any_two_places_does_not_open() -> None:
    sealed = [(key, place, seal_text(key, place, TEXT)) for key, place in every_place()]
    for (_, _, envelope), (key, place, _) in permutations(sealed, 2):
        with pytest.raises(CryptoError):
            open_text(key, place, envelope)
    assert all(open_text(key, place, envelope) == TEXT for key, place, envelope in sealed)


@pytest.mark.parametrize("address", SEALED_COLUMNS)
@pytest.mark.parametrize("purpose", list(KeyPurpose))
def test_a_key_of_another_purpose_neither_seals_nor_opens(address: str, purpose: KeyPurpose) -> None:
    place = place_at(address)
    key = DataKey(KEYS[0], purpose, SECRET)
    envelope = seal_text(key_for(address), place, TEXT)
    if SEALED_COLUMNS[address] is purpose:
        assert open_text(key, place, envelope) == TEXT
        return
    with pytest.raises(ValueError, match="not in the inventory"):
        seal_text(key, place, TEXT)
    with pytest.raises(ValueError, match="not in the inventory"):
        open_text(key, place, envelope)


def test_the_purpose_is_bound_even_when_the_inventory_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place("probe_table", "sealed_text", ROWS[0])
    envelopes = {}
    for purpose in KeyPurpose:
        monkeypatch.setattr("casework.vault.service.sealing.SEALED_COLUMNS", {place.address: purpose})
        envelopes[purpose] = seal_text(DataKey(KEYS[0], purpose, SECRET), place, TEXT)
        for other in set(envelopes) - {purpose}:
            with pytest.raises(CryptoError):
                open_text(DataKey(KEYS[0], purpose, SECRET), place, envelopes[other])


def test_nothing_is_sealed_to_a_place_outside_the_inventory() -> None:
    with pytest.raises(ValueError, match=r"cases_note\.sealed_title"):
        seal_text(key_for("cases_note.sealed_text"), Place("cases_note", "sealed_title", ROWS[0]), TEXT)


@pytest.mark.parametrize("address", SEALED_COLUMNS)
def test_another_secret_does_not_open(address: str) -> None:
    place = place_at(address)
    envelope = seal_text(key_for(address), place, TEXT)
    with pytest.raises(CryptoError):
        open_text(replace(key_for(address), secret=bytes(32)), place, envelope)


@given(st.text())
def test_any_text_comes_back_as_it_was(text: str) -> None:
    key, place = every_place()[0]
    assert open_text(key, place, seal_text(key, place, text)) == text


@given(st.dictionaries(st.text(), st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.lists(st.text()))))
def test_any_mapping_comes_back_as_it_was(value: dict[str, object]) -> None:
    key, place = every_place()[0]
    assert open_json(key, place, seal_json(key, place, value)) == value


def test_a_sealed_text_shows_neither_words_nor_length() -> None:
    key, place = every_place()[0]
    short, longer = seal_text(key, place, "是"), seal_text(key, place, "是" * 170)
    assert len(short) == len(longer)
    assert "是".encode() * 3 not in longer


def test_an_opened_key_is_not_printed() -> None:
    assert SECRET.hex()[:12] not in repr(every_place()[0][0])
    assert repr(SECRET) not in repr(every_place()[0][0])
