"""The audit vocabulary and its use agree: no action that never happens, no detail that was not announced."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from casework.audit.events import DETAILS, Action
from tests.support import source
from tests.support.source import Offence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

VOCABULARY = source.PACKAGE / "audit" / "events.py"


def code() -> list[Path]:
    return [path for path in source.modules(source.PACKAGE) if path != VOCABULARY]


def wrong_details(paths: Iterable[Path]) -> Iterator[Offence]:
    """Find calls of ``record`` whose literal details have other keys than the vocabulary names."""
    for path in paths:
        for call in source.calls(path):
            if source.called_name(call) != "record" or not call.args:
                continue
            action = call.args[0]
            if isinstance(action, ast.Attribute) and action.attr in Action.__members__:
                given = details_of(call)
                wanted = DETAILS[Action[action.attr]]
                if given is not None and given != wanted:
                    what = f"{action.attr} with {sorted(given)} instead of {sorted(wanted)}"
                    yield Offence(source.name_of(path), call.lineno, what)


def details_of(call: ast.Call) -> set[str] | None:
    """Return the keys of a literal ``details``, none when it is left out, None when it is not literal."""
    for keyword in call.keywords:
        if keyword.arg == "details":
            if not isinstance(keyword.value, ast.Dict):
                return None
            keys = keyword.value.keys
            return None if None in keys else {str(each.value) for each in keys if isinstance(each, ast.Constant)}
    return set()


def test_actions_are_in_alphabetical_order_and_each_has_its_details() -> None:
    assert [action.name for action in Action] == sorted(action.name for action in Action)
    assert set(DETAILS) == set(Action)


def test_every_action_happens_somewhere() -> None:
    used = source.attributes_of(code(), "Action")
    assert not [action.value for action in Action if action.name not in used]


def test_every_action_in_use_is_in_the_vocabulary() -> None:
    assert not source.attributes_of(code(), "Action") - set(Action.__members__)


def test_details_have_the_keys_the_vocabulary_names() -> None:
    assert not "\n".join(map(str, wrong_details(code())))


def test_a_detail_nobody_announced_is_found(tmp_path: Path) -> None:
    path = tmp_path / "service.py"
    path.write_text('trail.record(Action.CALL_READ, actor=a, details={"name": n})\n', encoding="utf-8")
    assert len(list(wrong_details([path]))) == 1
    path.write_text('trail.record(Action.CALL_READ, actor=a, details={"part": n})\n', encoding="utf-8")
    assert not list(wrong_details([path]))
