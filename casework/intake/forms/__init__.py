"""Shape and messages of the forms about calls."""

from casework.intake.forms.call import CallForm
from casework.intake.forms.desk import AssignForm, QuickForm, SettleForm
from casework.intake.forms.disclosures import DisclosureForm, ToldForm
from casework.intake.forms.followups import CancelForm, ContactForm, HandForm, MoveForm
from casework.intake.forms.handovers import HandoverForm

__all__ = (
    "AssignForm",
    "CallForm",
    "CancelForm",
    "ContactForm",
    "DisclosureForm",
    "HandForm",
    "HandoverForm",
    "MoveForm",
    "QuickForm",
    "SettleForm",
    "ToldForm",
)
