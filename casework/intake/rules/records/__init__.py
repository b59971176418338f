"""Files of call records: how columns are read, and why a line is not taken."""

from casework.intake.rules.records.mapping import ASTERISK, Mapping, MappingError, parse_mapping
from casework.intake.rules.records.rows import Columns, Ignored, read_row

__all__ = ("ASTERISK", "Columns", "Ignored", "Mapping", "MappingError", "parse_mapping", "read_row")
