"""What is installed is exactly what was locked, wherever it comes from."""

from __future__ import annotations

import pytest

from tests.support import locks

HASH = "    --hash=sha256:" + "0" * 64


def test_both_locks_are_complete() -> None:
    assert not locks.faults()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("flask==3.1.3\n", "no hash: flask"),
        (f"flask>=3\n{HASH}\n", "not a locked version: flask>=3"),
        (f"--index-url https://example.org/simple\nflask==3.1.3\n{HASH}\n", "an address or a path"),
        (f"flask @ file:///srv/flask\n{HASH}\n", "an address or a path"),
    ],
)
def test_a_bad_lock_is_found(text: str, fault: str) -> None:
    assert any(fault in found for found in locks.read(text)[1])


def test_a_dependency_that_is_not_locked_is_found() -> None:
    locked, _ = locks.read(f"flask==3.1.3 \\\n{HASH}\n")
    assert not locks.missing(["flask>=3.1,<4"], locked)
    assert len(locks.missing(["flask>=4", "wtforms>=3"], locked)) == 2
