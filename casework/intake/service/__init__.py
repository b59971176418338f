"""Writes of calls: one verb a function, one audit event each."""

from casework.intake.service import paper
from casework.intake.service.alerts import (
    acknowledge,
    cancel_help,
    level_stored,
    raise_alert,
    record_escalations,
)
from casework.intake.service.contacts import (
    codes_after,
    contact_problems,
    record_contact,
)
from casework.intake.service.corrections import correct
from casework.intake.service.disclosures import (
    may_disclose,
    note_told,
    record_disclosure,
)
from casework.intake.service.drafts import DraftKey, begin_draft, discard_draft, save_draft
from casework.intake.service.finishing import finish
from casework.intake.service.followups import (
    book_missed,
    cancel_followup,
    ending_of,
    hand_followup,
    may_take,
    move_followup,
    reveal_number,
    try_followup,
)
from casework.intake.service.handovers import (
    confirm_handover,
    may_come_in,
    sign_handover,
)
from casework.intake.service.listening import declare_options, listen_to_cases
from casework.intake.service.numbers import division_of, look_up, plans_for, unmask_number
from casework.intake.service.persons import join_person, person_of_call
from casework.intake.service.places import author_until, require_admitted, require_authorised, require_open_desk
from casework.intake.service.planning import (
    plan_followups,
)
from casework.intake.service.quick import log_brief, undo
from casework.intake.service.readiness import (
    admit,
    admit_existing,
    complete_step,
    confirm_step,
    end_admission,
    require_practice,
    withdraw_step,
)
from casework.intake.service.reviews import acknowledge_review, write_review
from casework.intake.service.steps import keep_notes, record_step
from casework.intake.service.triage import assign, settle

__all__ = (
    "DraftKey",
    "acknowledge",
    "acknowledge_review",
    "admit",
    "admit_existing",
    "assign",
    "author_until",
    "begin_draft",
    "book_missed",
    "cancel_followup",
    "cancel_help",
    "codes_after",
    "complete_step",
    "confirm_handover",
    "confirm_step",
    "contact_problems",
    "correct",
    "declare_options",
    "discard_draft",
    "division_of",
    "end_admission",
    "ending_of",
    "finish",
    "hand_followup",
    "join_person",
    "keep_notes",
    "level_stored",
    "listen_to_cases",
    "log_brief",
    "look_up",
    "may_come_in",
    "may_disclose",
    "may_take",
    "move_followup",
    "note_told",
    "paper",
    "person_of_call",
    "plan_followups",
    "plans_for",
    "raise_alert",
    "record_contact",
    "record_disclosure",
    "record_escalations",
    "record_step",
    "require_admitted",
    "require_authorised",
    "require_open_desk",
    "require_practice",
    "reveal_number",
    "save_draft",
    "settle",
    "sign_handover",
    "try_followup",
    "undo",
    "unmask_number",
    "withdraw_step",
    "write_review",
)
