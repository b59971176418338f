"""Pure decisions about resources."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from casework.directory.types import LONGEST_NUMBER, MOST_AREAS, MOST_NUMBERS, STALE_AFTER_DAYS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

# As it is dialled or read out, also with an extension in words of its own; never a text.
_NUMBER: Final = re.compile(rf"[0-9+()#*,;\- ]{{2,{LONGEST_NUMBER}}}", re.ASCII)
_AREA: Final = re.compile(r"[1-9][0-9]([0-9]{2}([0-9]{2})?)?", re.ASCII)


def is_stale(verified_on: date | None, today: date) -> bool:
    """Return whether nobody has verified a resource within the last 90 days."""
    return verified_on is None or verified_on < today - timedelta(days=STALE_AFTER_DAYS)


def are_numbers(numbers: Sequence[str]) -> bool:
    """Return whether each is something that can be dialled, and there are not too many."""
    return len(numbers) <= MOST_NUMBERS and all(_NUMBER.fullmatch(number) for number in numbers)


def are_areas(areas: Sequence[str]) -> bool:
    """Return whether each is the beginning of a GB/T 2260 code: two digits a province, four a city, six a district."""
    return len(areas) <= MOST_AREAS and all(_AREA.fullmatch(area) for area in areas)
