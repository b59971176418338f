"""The protocol file, read strictly: a misspelt key or a weight that makes more danger weigh less stops the program."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from casework.intake.types import HOPELESSNESS, Gauge, Protocol, Risk, Sign, Step, StepCode

if TYPE_CHECKING:
    from collections.abc import Iterable

BUNDLED: Final = Path(__file__).parents[1] / "data" / "protocol.json"
RATINGS: Final = ("intention", "hopelessness", "distress")
_LEVELS: Final = range(1, 5)
# The seven-step question in order of danger; "not assessed" weighs nothing because nobody knows.
_ORDER: Final = (Risk.NONE, Risk.IDEATION, Risk.PLAN, Risk.PLAN_WEEK, Risk.PLAN_72H, Risk.ATTEMPT)
_LONGEST_VERSION: Final = 20


class ProtocolError(ValueError):
    """The protocol file is not what it must be; the message says where."""


def read_protocol(data: Any) -> Protocol:  # noqa: ANN401 - whatever JSON holds
    """Return the protocol a file describes. Refused (ProtocolError): unknown or missing keys, codes and levels.

    Weights are whole numbers that never fall when danger rises, so that no answer can hide another.
    """
    whole = _keys("file", data, {"steps", "gauge"}, remark=True)
    steps = _keys("steps", whole["steps"], {"version", "list"})
    if not isinstance(steps["list"], list):
        _refuse("steps.list", "is no list")
    listed = tuple(_step(index, each) for index, each in enumerate(steps["list"]))
    if sorted(each.code for each in listed) != sorted(StepCode):
        _refuse("steps.list", "does not name every step once")
    return Protocol(_version("steps", steps["version"]), listed, _gauge(whole["gauge"]))


def _step(index: int, data: Any) -> Step:  # noqa: ANN401 - the same
    where = f"steps.list[{index}]"
    given = _keys(where, data, {"code", "from", "required_from"})
    if given["code"] not in set(StepCode):
        _refuse(where, "has an unknown code")
    shown, required = _whole(where, given["from"]), given["required_from"]
    if shown not in _LEVELS or (required is not None and _whole(where, required) not in range(shown, 5)):
        _refuse(where, "has levels that cannot be")
    return Step(StepCode(given["code"]), shown, required)


def _gauge(data: Any) -> Gauge:  # noqa: ANN401 - the same
    given = _keys("gauge", data, {"version", "risk", "signs", "levels", *RATINGS})
    risk = _weights("gauge.risk", given["risk"], _ORDER)
    _rising("gauge.risk", [risk[each] for each in _ORDER])
    levels = {int(key): value for key, value in _weights("gauge.levels", given["levels"], map(str, _LEVELS)).items()}
    _rising("gauge.levels", [levels[each] for each in _LEVELS])
    return Gauge(
        _version("gauge", given["version"]),
        MappingProxyType(risk),
        MappingProxyType({name: _rating(f"gauge.{name}", given[name]) for name in RATINGS}),
        MappingProxyType(_weights("gauge.signs", given["signs"], Sign)),
        MappingProxyType(levels),
    )


def _rating(where: str, data: Any) -> MappingProxyType[int, int]:  # noqa: ANN401 - the same
    if not isinstance(data, dict) or not all(key.isdecimal() and int(key) in HOPELESSNESS for key in data):
        _refuse(where, "must be keyed by ratings from 0 to 10")
    found = {int(key): _whole(where, value) for key, value in data.items()}
    _rising(where, [found[key] for key in sorted(found)])
    return MappingProxyType(found)


def _weights(where: str, data: Any, wanted: Iterable[str]) -> dict[str, int]:  # noqa: ANN401 - the same
    given = _keys(where, data, {str(each) for each in wanted})
    return {key: _whole(where, value) for key, value in given.items()}


def _rising(where: str, values: list[int]) -> None:
    if any(after < before for before, after in pairwise(values)):
        _refuse(where, "falls although danger rises")


def _keys(where: str, data: Any, wanted: set[str], *, remark: bool = False) -> dict[str, Any]:  # noqa: ANN401 - the same
    if not isinstance(data, dict):
        _refuse(where, "is no object")
    given = {key: value for key, value in data.items() if not (remark and key == "_")}
    if given.keys() != wanted:
        _refuse(where, f"must have exactly the keys {sorted(wanted)}")
    return given


def _whole(where: str, value: Any) -> int:  # noqa: ANN401 - the same
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        _refuse(where, "holds something that is no whole number from 0 on")
    return int(value)


def _version(where: str, value: Any) -> str:  # noqa: ANN401 - the same
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_VERSION:
        _refuse(where, "has no version")
    return str(value)


def _refuse(where: str, what: str) -> None:
    msg = f"protocol: {where} {what}"
    raise ProtocolError(msg)


PROTOCOL: Final = read_protocol(json.loads(BUNDLED.read_text(encoding="utf-8")))
