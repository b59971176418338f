"""Pages of calls."""

from casework.intake.views import (
    alerts,
    call,
    danger,
    desk,
    disclosures,
    drafts,
    followups,
    handovers,
    paper,
    persons,
    practice,
    readiness,
    reviews,
    show,
    telephony,
    triage,
)
from casework.intake.views.alerts import frame_alerts
from casework.intake.views.base import blueprint

__all__ = (
    "alerts",
    "blueprint",
    "call",
    "danger",
    "desk",
    "disclosures",
    "drafts",
    "followups",
    "frame_alerts",
    "handovers",
    "paper",
    "persons",
    "practice",
    "readiness",
    "reviews",
    "show",
    "telephony",
    "triage",
)
