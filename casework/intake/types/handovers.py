"""Values of shift handovers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from uuid import UUID

LONGEST_NOTE: Final = 2_000
# What a handover keeps of each kind; more than this is told as a number only.
MOST_ITEMS: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItems:
    """What is open at the end of a shift, by id: the page shows each as it stands when it is read."""

    calls: tuple[UUID, ...] = ()
    followups: tuple[UUID, ...] = ()
    drafts: tuple[UUID, ...] = ()
    incomplete: tuple[UUID, ...] = ()

    @property
    def count(self) -> int:
        """How many things are open in all."""
        return len(self.calls) + len(self.followups) + len(self.drafts) + len(self.incomplete)
