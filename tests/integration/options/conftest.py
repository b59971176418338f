"""Lists as the administrator publishes them, and a call to see them in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from casework.options import queries, service

if TYPE_CHECKING:
    from collections.abc import Callable

    from casework.options.types import Entry, OptionList
    from casework.security.actor import Actor


@pytest.fixture
def admin(actor: Callable[[str], Actor]) -> Actor:
    """Give the administrator; signing in once, since that ends the transaction that is open."""
    return actor("guanli")


@pytest.fixture
def publish(admin: Actor) -> Callable[..., int]:
    """Give a function that changes one option: ``publish(OptionList.TOPIC, "sleep", name_zh="失眠")``."""

    def change(option_list: OptionList, code: str, *more: Entry, **changes: Any) -> int:  # noqa: ANN401 - fields of Entry
        entries, version = queries.get_list(admin, option_list)
        changed = [replace(entry, **changes) if entry.code == code else entry for entry in entries]
        return service.publish(option_list, [*changed, *more], seen_version=version, actor=admin)

    return change
