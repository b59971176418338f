"""Values of the directory, after the idea of Open Referral's human services data."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from flask_babel import lazy_gettext as _l

LONGEST_NAME: Final = 100
LONGEST_HOURS: Final = 100
LONGEST_NOTE: Final = 500
LONGEST_NUMBER: Final = 30
MOST_NUMBERS: Final = 8
MOST_AREAS: Final = 40
# Older than this, an entry is shown with a warning: numbers change.
STALE_AFTER_DAYS: Final = 90


class Kind(StrEnum):
    """What a resource is for, the most urgent first."""

    EMERGENCY = "emergency"
    HOTLINE = "hotline"
    MEDICAL = "medical"
    AID = "aid"
    COMMUNITY = "community"


KIND_NAMES: Final = {
    Kind.EMERGENCY: _l("紧急求助"),
    Kind.HOTLINE: _l("热线"),
    Kind.MEDICAL: _l("医疗机构"),
    Kind.AID: _l("救助政策"),
    Kind.COMMUNITY: _l("社区与机构"),
}
