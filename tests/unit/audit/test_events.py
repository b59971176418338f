"""The vocabulary: closed, ordered, and without room for a word about a person."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.audit.events import CODE, DETAILS, READS, Action, VocabularyError, checked_code, checked_details
from casework.privacy.types import ACTION_NAMES


def test_actions_stand_in_alphabetical_order() -> None:
    names = [action.name for action in Action]
    assert names == sorted(names)


def test_every_action_has_a_name_for_the_screen_and_no_two_share_one() -> None:
    assert ACTION_NAMES.keys() == set(Action)
    assert len({str(name) for name in ACTION_NAMES.values()}) == len(ACTION_NAMES)


def test_every_action_says_which_details_it_has_and_no_other_does() -> None:
    assert DETAILS.keys() == set(Action)


def test_looking_is_told_from_changing() -> None:
    assert {Action.NOTE_READ, Action.NUMBER_UNMASKED, Action.NOTE_DRAFT_READ, Action.REPORT_EXPORTED} <= READS
    assert not {Action.NOTE_WRITTEN, Action.NOTE_CORRECTED, Action.CALL_FINISHED, Action.CALL_REOPENED} & READS


@pytest.mark.parametrize("action", Action)
def test_a_name_says_its_value(action: Action) -> None:
    assert action.name == action.value.replace(".", "_").upper()


@pytest.mark.parametrize("action", Action)
def test_each_action_takes_exactly_its_keys(action: Action) -> None:
    exact = dict.fromkeys(DETAILS[action], "code-1")
    assert checked_details(action, exact) == exact
    with pytest.raises(VocabularyError):
        checked_details(action, {**exact, "another": 1})
    for key in exact:
        with pytest.raises(VocabularyError):
            checked_details(action, {name: value for name, value in exact.items() if name != key})


@pytest.mark.parametrize(
    "value",
    [
        "李晓梅",
        "two words",
        "a,b",
        "a\n",
        "x" * 81,
        "é",
        "１２３",
        1.5,
        None,
        [1],
        {"a": 1},
        b"x",
        datetime.now(UTC),
        2**63,
    ],
)
def test_a_value_that_could_be_a_text_is_refused_and_not_repeated(value: object) -> None:
    with pytest.raises(VocabularyError) as refused:
        checked_details(Action.AUDIT_READ, {"view": value})
    if isinstance(value, str):
        assert value not in str(refused.value)


@pytest.mark.parametrize(("value", "stored"), [(True, True), (7, 7), ("a.b_c:d/e-F9", "a.b_c:d/e-F9"), ("", "")])
def test_codes_numbers_and_yes_or_no_are_stored_as_they_are(value: object, stored: object) -> None:
    assert checked_details(Action.AUDIT_READ, {"view": value}) == {"view": stored}


def test_an_id_is_stored_as_text() -> None:
    value = uuid4()
    assert checked_details(Action.AUDIT_READ, {"view": value}) == {"view": str(value)}


@given(st.text(max_size=100))
def test_a_code_is_refused_unless_it_matches(text: str) -> None:
    if CODE.fullmatch(text):
        assert checked_code("rule", text) == text
    else:
        with pytest.raises(VocabularyError):
            checked_code("rule", text)
