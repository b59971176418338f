"""A checkpoint line is read only if it is exactly what would have been written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.audit.rules import NO_CHECKPOINT, Malformed, from_line, signed_part, to_line
from casework.audit.types import Checkpoint, Head

HEADS = st.builds(Head, st.integers(0, 64), st.integers(0, 2**62), st.binary(min_size=32, max_size=32))
CHECKPOINTS = st.builds(
    Checkpoint,
    at=st.datetimes(timezones=st.just(UTC)),
    count=st.integers(0, 2**62),
    heads=st.lists(HEADS, max_size=4).map(tuple),
    previous=st.just(NO_CHECKPOINT) | st.binary(min_size=32, max_size=32).map(bytes.hex),
    kid=st.binary(min_size=4, max_size=4).map(bytes.hex),
    signature=st.binary(min_size=64, max_size=64),
)
ONE = Checkpoint(
    at=datetime(2020, 4, 5, 6, 7, 8, tzinfo=UTC),
    count=3,
    heads=(Head(0, 3, b"\x01" * 32),),
    previous=NO_CHECKPOINT,
    kid="00ff00ff",
    signature=b"\x02" * 64,
)


@given(CHECKPOINTS)
def test_a_line_reads_back_as_the_checkpoint_it_was_made_from(checkpoint: Checkpoint) -> None:
    assert from_line(to_line(checkpoint)) == checkpoint
    assert to_line(checkpoint).count(b"\n") == 1


@given(CHECKPOINTS, CHECKPOINTS)
def test_different_checkpoints_have_different_signed_parts(first: Checkpoint, second: Checkpoint) -> None:
    same_but_signature = to_line(first).replace(first.signature.hex().encode(), b"") == to_line(second).replace(
        second.signature.hex().encode(), b""
    )
    assert (signed_part(first) == signed_part(second)) == same_but_signature


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"{}\n",
        b"[]\n",
        to_line(ONE).rstrip(b"\n"),
        to_line(ONE).replace(b",", b", "),
        to_line(ONE).replace(b'"count":3', b'"count":3,"count":4'),
        to_line(ONE).replace(b'"count":3', b'"count":3.0'),
        to_line(ONE).replace(b'"version":1', b'"version":2'),
        to_line(ONE).replace(b'"kid"', b'"extra":1,"kid"'),
        b"\xff\xfe\n",
    ],
)
def test_anything_else_is_not_a_checkpoint(line: bytes) -> None:
    with pytest.raises(Malformed):
        from_line(line)
