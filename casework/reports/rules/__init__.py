"""Decisions about statistics: which periods there are, what is measured, and which numbers are shown."""

from casework.reports.disclosure import Tree
from casework.reports.rules.cube import ROOT, Cube, Totals, table_of, values_of, with_remainder
from casework.reports.rules.measures import BRIEF, HOURS, MEASURES, NOT_ASKED, SLOT_HOURS, TALK, WEEKDAYS, measure, slot
from casework.reports.rules.periods import (
    WHOLE_KEY,
    find_period,
    month_key,
    periods_between,
    quarter_of,
    quarter_tree,
    time_tree,
)

__all__ = (
    "BRIEF",
    "HOURS",
    "MEASURES",
    "NOT_ASKED",
    "ROOT",
    "SLOT_HOURS",
    "TALK",
    "WEEKDAYS",
    "WHOLE_KEY",
    "Cube",
    "Totals",
    "Tree",
    "find_period",
    "measure",
    "month_key",
    "periods_between",
    "quarter_of",
    "quarter_tree",
    "slot",
    "table_of",
    "time_tree",
    "values_of",
    "with_remainder",
)
