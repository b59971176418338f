"""Tables of calls and of what follows from them."""

from casework.intake.models.calls import Call, CallDay, CallRevision
from casework.intake.models.danger import Alert, AlertTurn, DangerStep
from casework.intake.models.disclosures import Disclosure
from casework.intake.models.followups import Followup, FollowupDay
from casework.intake.models.handovers import Handover
from casework.intake.models.line import LineDay, LineEventSeen, LineLeg, Ringing
from casework.intake.models.paper import PaperBatch, PaperLine
from casework.intake.models.readiness import Admission, ReadinessStep
from casework.intake.models.reviews import CallReview

__all__ = (
    "Admission",
    "Alert",
    "AlertTurn",
    "Call",
    "CallDay",
    "CallReview",
    "CallRevision",
    "DangerStep",
    "Disclosure",
    "Followup",
    "FollowupDay",
    "Handover",
    "LineDay",
    "LineEventSeen",
    "LineLeg",
    "PaperBatch",
    "PaperLine",
    "ReadinessStep",
    "Ringing",
)
