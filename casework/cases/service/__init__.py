"""Writes of cases: one verb a function, one audit event each."""

from casework.cases.service.notes import correct_note, discard_note_draft, save_note_draft, write_note
from casework.cases.service.opening import assign, join, open_case, unassign
from casework.cases.service.progress import close_case, move_stage, record_measure

__all__ = (
    "assign",
    "close_case",
    "correct_note",
    "discard_note_draft",
    "join",
    "move_stage",
    "open_case",
    "record_measure",
    "save_note_draft",
    "unassign",
    "write_note",
)
