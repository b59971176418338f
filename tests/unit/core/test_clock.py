from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from casework.core import clock

# Five past ten in the evening in Shanghai.
NOW = datetime(2020, 4, 5, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOW, "22:05"),
        (NOW - timedelta(hours=22), "00:05"),
        (NOW - timedelta(hours=23), "2020-04-04 23:05"),
        (NOW - timedelta(days=366), "2019-04-05 22:05"),
        (NOW + timedelta(hours=2), "2020-04-06 00:05"),
    ],
)
def test_a_day_that_is_not_today_in_shanghai_is_named(moment: datetime, words: str) -> None:
    with clock.frozen(NOW):
        assert clock.told(moment) == words
