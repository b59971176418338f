"""How days, times and numbers are written in Chinese lists: patterns and marks, not words of ours."""

from __future__ import annotations

import re
from typing import Final

from casework.intake.types.paper import Approximate

DAY: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]0{1,2}:00(?::00)?)?")
TIME: Final = re.compile(r"(\d{1,2})[:：时点](\d{1,2})?(?:[:：]\d{1,2})?分?")
COUNT: Final = re.compile(r"(约|近)?([0-9]{1,7})(余|多|\+)?(?:通|人次|次)?(余|多|\+)?")
MINUTES: Final = re.compile(r"([0-9]{1,5})(?:\.0)?(?:分钟|分)?")
BETWEEN: Final = re.compile(r"[、，,;；/|]")
MARKS: Final = {
    "约": Approximate.ABOUT,
    "近": Approximate.NEARLY,
    "余": Approximate.OVER,
    "+": Approximate.OVER,
    "多": Approximate.MANY,
}
