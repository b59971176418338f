"""The canonical encoding is injective: what the MAC covers can be read back in only one way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.audit.rules import ENTRY_DOMAIN, Malformed, content_digest, encode_entry, together
from casework.audit.types import Event, Value

if TYPE_CHECKING:
    from collections.abc import Callable

SCALARS = st.one_of(st.booleans(), st.integers(-(2**63), 2**63 - 1), st.text(max_size=20))
MAYBE_UUID = st.none() | st.uuids()
EVENTS = st.builds(
    Event,
    at=st.datetimes(timezones=st.just(UTC)),
    actor_id=st.uuids(),
    role=st.text(max_size=8),
    session_id=MAYBE_UUID,
    action=st.text(max_size=8),
    subject_kind=st.text(max_size=8),
    subject_id=MAYBE_UUID,
    details=st.dictionaries(st.text(max_size=8), SCALARS, max_size=4),
    outcome=st.text(max_size=8),
    rule=st.none() | st.text(max_size=8),
    digest=st.none() | st.binary(max_size=32),
)
PLACES = st.tuples(st.integers(0, 64), st.integers(1, 2**62), st.binary(max_size=32))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _decoded(data: bytes) -> list[Any]:
    """Read an encoding back; that this is possible at all is what makes it injective."""
    values: list[Any] = []
    while data:
        tag, length = data[:1], int.from_bytes(data[1:9], "big")
        payload, data = data[9 : 9 + length], data[9 + length :]
        assert len(payload) == length
        values.append(_value(tag, payload))
    return values


def _value(tag: bytes, payload: bytes) -> Any:  # noqa: ANN401 - as many kinds as there are tags
    readers: dict[bytes, Callable[[], Any]] = {
        b"E": lambda: ("domain", payload),
        b"N": lambda: None,
        b"L": lambda: payload == b"1",
        b"I": lambda: int(payload),
        b"S": lambda: payload.decode("utf-8", "surrogatepass"),
        b"B": lambda: payload,
        b"U": lambda: UUID(bytes=payload),
        b"T": lambda: EPOCH + timedelta(microseconds=int(payload)),
    }
    if tag == b"D":
        flat = _decoded(payload)
        return dict(zip(flat[::2], flat[1::2], strict=True))
    return readers[tag]()


@given(PLACES, EVENTS)
def test_an_encoding_reads_back_as_the_entry_it_was_made_from(place: tuple[int, int, bytes], event: Event) -> None:
    chain, seq, previous = place
    decoded = _decoded(encode_entry(chain, seq, previous, event))
    fields = [getattr(event, name) for name in Event.__slots__]
    expected = [("domain", ENTRY_DOMAIN), chain, seq, previous, *fields]
    assert decoded == expected
    assert [type(value) for value in decoded] == [type(value) for value in expected]
    inner = next(value for value in decoded if isinstance(value, dict))
    assert {key: type(value) for key, value in inner.items()} == {
        key: type(value) for key, value in event.details.items()
    }


@given(EVENTS, EVENTS)
def test_different_events_never_share_an_encoding(first: Event, second: Event) -> None:
    same = encode_entry(0, 1, b"", first) == encode_entry(0, 1, b"", second)
    assert same == (repr(_sorted(first)) == repr(_sorted(second)))


@given(EVENTS)
def test_the_order_in_which_details_were_given_does_not_matter(event: Event) -> None:
    turned = replace(event, details=dict(reversed(list(event.details.items()))))
    assert encode_entry(0, 1, b"", event) == encode_entry(0, 1, b"", turned)


@pytest.mark.parametrize(("left", "right"), [(1, True), (0, False), (1, "1"), ("", 0)])
def test_values_that_python_or_json_take_for_equal_differ(left: Value, right: Value) -> None:
    event = Event(
        at=EPOCH,
        actor_id=UUID(int=0),
        role="",
        session_id=None,
        action="",
        subject_kind="",
        subject_id=None,
        details={},
        outcome="",
        rule=None,
        digest=None,
    )
    one = replace(event, details={"a": left})
    other = replace(event, details={"a": right})
    assert encode_entry(0, 1, b"", one) != encode_entry(0, 1, b"", other)


def test_an_absent_field_differs_from_an_empty_one() -> None:
    assert together(b"a", None) != together(b"a", b"")


@pytest.mark.parametrize("value", [1.5, ["a"], {"b": [1]}, object()])
def test_a_kind_that_is_never_recorded_has_no_encoding(value: object) -> None:
    event = Event(
        at=EPOCH,
        actor_id=UUID(int=0),
        role="",
        session_id=None,
        action="",
        subject_kind="",
        subject_id=None,
        details={"a": value},  # type: ignore[dict-item]  # what an attacker may put there
        outcome="",
        rule=None,
        digest=None,
    )
    with pytest.raises(Malformed):
        encode_entry(0, 1, b"", event)


@given(st.lists(st.none() | st.binary(max_size=8), min_size=2, max_size=4))
def test_columns_that_are_digested_together_stay_apart(parts: list[bytes | None]) -> None:
    assert _decoded(together(*parts)) == parts
    assert content_digest(*parts) == content_digest(together(*parts))


def _sorted(event: Event) -> Event:
    return replace(event, details=dict(sorted(event.details.items())))
