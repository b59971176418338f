"""Values of clients: telephone numbers as people write them, identities as they are shown, alert plans."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from flask_babel import lazy_gettext as _l


class NumberKind(StrEnum):
    """What kind of number it is; a service number (12356) belongs to no person."""

    MOBILE = "mobile"
    FIXED = "fixed"
    TOLL_FREE = "toll_free"
    SERVICE = "service"
    ABROAD = "abroad"


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A number in E.164, or a service number as it is dialled. Never printed by accident.

    ``extension`` tells two people behind one switchboard apart. ``doubtful``: the shape is right, but no such range is
    known to have been given out; it is kept, and the call-taker may look again.
    """

    e164: str = field(repr=False)
    kind: NumberKind
    extension: str = field(default="", repr=False)
    doubtful: bool = False

    @property
    def canonical(self) -> str:
        """The one spelling of this number, from which the blind index is made (RFC 3966 for the extension)."""
        return f"{self.e164};ext={self.extension}" if self.extension else self.e164

    @property
    def identifies(self) -> bool:
        """Whether the number can recognise a person: a service number cannot."""
        return self.kind is not NumberKind.SERVICE


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is, opened. Held for one answer, never stored, logged or printed. Both may be empty."""

    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class MaskedIdentity:
    """What a screen shows of an identity without being asked for more."""

    name: str
    phone: str


class PlanState(StrEnum):
    """Where an alert plan stands. One that is active and past its last day has ended without anybody's doing."""

    DRAFT = "draft"
    WAITING = "waiting"
    ACTIVE = "active"
    ENDED = "ended"


class PlanEnd(StrEnum):
    """Why an alert plan ended before or instead of its last day."""

    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"


class JoinReason(StrEnum):
    """How it is known that two numbers belong to one person."""

    TOLD = "told"
    RECOGNISED = "recognised"
    CASEWORK = "casework"
    AGENCY = "agency"


PLAN_STATE_NAMES: Final = {
    PlanState.DRAFT: _l("草稿"),
    PlanState.WAITING: _l("待审批"),
    PlanState.ACTIVE: _l("生效中"),
    PlanState.ENDED: _l("已结束"),
}
JOIN_REASON_NAMES: Final = {
    JoinReason.TOLD: _l("来电者本人说明"),
    JoinReason.RECOGNISED: _l("接线员在通话中确认"),
    JoinReason.CASEWORK: _l("个案工作中得知"),
    JoinReason.AGENCY: _l("转介机构告知"),
}
LONGEST_PLAN_TEXT: Final = 2000


@dataclass(frozen=True, slots=True)
class PlanText:
    """The words of an alert plan, opened. They are for whoever takes the call, and name nobody."""

    helps: str = field(default="", repr=False)
    limits: str = field(default="", repr=False)
    contact: str = field(default="", repr=False)
