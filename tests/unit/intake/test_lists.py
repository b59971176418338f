"""The built-in lists and the rules: every code that a rule names is protected from being retired."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from casework.cases.types import Population, ServiceType
from casework.intake import types
from casework.intake.types import BUILT_IN
from casework.options.rules import CODE
from casework.options.types import LIST_NAMES, OptionList
from tests.support import source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from enum import StrEnum
    from pathlib import Path

CODES: dict[str, tuple[OptionList, type[StrEnum]]] = {
    "CallType": (OptionList.CALL_TYPE, types.CallType),
    "ForWhom": (OptionList.FOR_WHOM, types.ForWhom),
    "Sex": (OptionList.SEX, types.Sex),
    "AgeBand": (OptionList.AGE_BAND, types.AgeBand),
    "Population": (OptionList.POPULATION, Population),
    "Topic": (OptionList.TOPIC, types.Topic),
    "Risk": (OptionList.RISK, types.Risk),
    "RiskReason": (OptionList.RISK_REASON, types.RiskReason),
    "Outcome": (OptionList.OUTCOME, types.Outcome),
    "ServiceType": (OptionList.SERVICE, ServiceType),
    "Consent": (OptionList.CONSENT, types.Consent),
    "Category": (OptionList.CATEGORY, types.Category),
}


def deciding() -> list[Path]:
    """Return the modules in which something is decided: all but types, commands and pages."""
    return [
        path
        for path in source.modules(source.PACKAGE)
        if not {"types", "types.py", "cli", "views", "views.py"} & set(path.relative_to(source.PACKAGE).parts)
    ]


def unprotected(paths: Iterable[Path]) -> Iterator[str]:
    """Find codes that a module names although the administrator might retire them."""
    for path in paths:
        for node in ast.walk(source.tree_of(path)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in CODES:
                option_list, kind = CODES[node.value.id]
                code = kind.__members__.get(node.attr)
                if code is not None and code not in BUILT_IN[option_list].protected:
                    yield f"{source.name_of(path)}:{node.lineno}: {node.value.id}.{node.attr} is not protected"


def test_every_code_a_rule_depends_on_is_protected() -> None:
    assert not list(unprotected(deciding()))


def test_a_rule_on_a_code_that_may_be_retired_is_found(tmp_path: Path) -> None:
    path = tmp_path / "rules.py"
    path.write_text("def f(t):\n    return t == Topic.SLEEP or t == Topic.INFORMATION\n", encoding="utf-8")
    assert [line.rpartition(": ")[2] for line in unprotected([path])] == ["Topic.SLEEP is not protected"]


def test_every_list_is_declared_with_all_codes_and_a_name() -> None:
    assert set(BUILT_IN) == set(OptionList) == set(LIST_NAMES)
    for option_list, kind in CODES.values():
        assert set(BUILT_IN[option_list].names) == set(kind)
        assert BUILT_IN[option_list].protected <= set(kind)


@pytest.mark.parametrize("option_list", list(OptionList))
def test_built_in_codes_are_short_enough_to_be_stored(option_list: OptionList) -> None:
    assert all(len(code) <= 24 and code for code in BUILT_IN[option_list].names)
    assert CODE.fullmatch("long_covid")
    assert not CODE.fullmatch("x" * 25)
