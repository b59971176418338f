"""Files of call records, read line by line: memory grows neither with the file nor with a line or a field of it."""

from __future__ import annotations

import codecs
import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casework.core import clock
from casework.intake import queries
from casework.intake.rules.records import Columns, Ignored, read_row
from casework.intake.types.telephony import LegRecord, Refusal, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import TextIO
    from uuid import UUID

    from casework.intake.queries import OwnLine
    from casework.intake.rules.records import Mapping

LONGEST_LINE: Final = 64 * 1024
_CHUNK: Final = 1024 * 1024
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# With fewer there is no outcome in Asterisk's order of columns.
_FEWEST_COLUMNS: Final = 15
# Without these a call of Asterisk is still known well enough.
_OPTIONAL: Final = frozenset({"id", "answer", "talk", "duration"})


class UnreadableError(ValueError):
    """The file as a whole cannot be read; the message says why and holds nothing of the file."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A call of a file, with the line where it begins and the line of ours that it belongs to."""

    at: int
    record: LegRecord
    line: OwnLine
    key: bytes

    @property
    def place(self) -> tuple[UUID, bytes]:
        """Return by what the call is known: ids are a switchboard's own, so they count within a sub-project."""
        return self.line.subproject_id, self.key


class RecordFile:
    """A file of call records. Refused (UnreadableError): empty, no text, or without the columns that are needed.

    ``share`` is how much of it has been read, from 0 to 1.
    """

    def __init__(self, path: Path, mapping: Mapping, book: queries.LineBook) -> None:
        """Look how the file is written; nothing of it is read yet."""
        self._path, self._mapping, self._book = path, mapping, book
        self._encoding = encoding_of(path)
        self._size = path.stat().st_size
        self.share = 0.0

    def __iter__(self) -> Iterator[Numbered | Ignored | Refusal]:
        """Yield each line as a call, as left out on purpose, or as refused with its reason; blank lines are nothing."""
        columns: Columns | None = None
        with self._path.open(encoding=self._encoding, newline="") as file:
            for begins, cells in _records(file, self._mapping.delimiter):
                self.share = file.buffer.tell() / self._size  # type: ignore[attr-defined]  # an open file's buffer tells
                if isinstance(cells, Trouble):
                    yield Refusal(begins, cells)
                elif columns is None:
                    columns, is_header = _columns(cells, self._mapping)
                    if not is_header:
                        yield self._row(begins, cells, columns)
                else:
                    yield self._row(begins, cells, columns)
        if columns is None:
            msg = "the file holds no line"
            raise UnreadableError(msg)

    def _row(self, begins: int, cells: Sequence[str], columns: Columns) -> Numbered | Ignored | Refusal:
        read = read_row(cells, columns, self._mapping, clock.now())
        if isinstance(read, Ignored):
            return read
        if not isinstance(read, LegRecord):
            return Refusal(begins, *read)
        line = self._book.find(read.line, clock.local_day(read.facts.started_at))
        if isinstance(line, Trouble):
            return Refusal(begins, line, "line")
        return Numbered(begins, read, line, key_of(read, line))


def encoding_of(path: Path) -> str:
    """Return how a file is written: by its mark, else UTF-8 when it is that throughout, else GB 18030 (GBK).

    Refused (UnreadableError): neither of them, or nothing at all.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if not start:
        msg = "the file is empty"
        raise UnreadableError(msg)
    marked = [name for mark, name in _MARKS if start.startswith(mark)]
    found = next((name for name in marked or ("utf-8", "gb18030") if _decodes(path, name)), None)
    if found is None:
        msg = "the file is text neither in UTF-8 nor in GBK"
        raise UnreadableError(msg)
    return found


def key_of(record: LegRecord, line: OwnLine) -> bytes:
    """Return by what a call is found again: the switchboard's id, or else all that is known of the call."""
    if record.record_id:
        return queries.record_key("call", record.record_id)
    facts = record.facts
    moments = (facts.started_at, facts.answered_at, facts.ended_at)
    told = [None if each is None else each.isoformat() for each in moments]
    return queries.record_key("facts", line.id, *told, str(facts.ending or ""), record.number)


def _records(file: TextIO, delimiter: str) -> Iterator[tuple[int, list[str] | Trouble]]:
    """Yield the line where each record begins, and its cells or why there are none."""
    lines = _Lines(file)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        begins = lines.count + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield begins, Trouble.FIELD_TOO_LONG if "limit" in str(error) else Trouble.BADLY_QUOTED
            continue
        if lines.was_too_long:
            yield begins, Trouble.LINE_TOO_LONG
            lines.was_too_long = False
        elif any(cell.strip() for cell in cells):
            yield begins, cells


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _columns(cells: Sequence[str], mapping: Mapping) -> tuple[Columns, bool]:
    """Return the columns of a file, and whether its first line says so."""
    said = {cell.strip().casefold() for cell in cells}
    named = {name.casefold() for places in mapping.columns.values() for place in places for name in place}
    is_header = len(named & said) * 2 >= len(named) if mapping.header is None else mapping.header
    if is_header:
        columns = Columns.of(cells)
    elif mapping.is_asterisk and len(cells) < _FEWEST_COLUMNS:
        msg = "the first line has too few columns for Asterisk's call records; other files need --mapping"
        raise UnreadableError(msg)
    else:
        columns = Columns.of(mapping.names[: len(cells)], len(cells) if mapping.is_asterisk else len(mapping.names))
    lacking = [name for name in columns.missing(mapping) if not (mapping.is_asterisk and name in _OPTIONAL)]
    if lacking:
        msg = f"the file has no column for: {', '.join(lacking)}"
        raise UnreadableError(msg)
    return columns, is_header


class _Lines:
    """The lines of a file, each of bounded length; ``was_too_long`` once one was cut."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.count = 0
        self.was_too_long = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._file.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self.count += 1
        if len(line) == LONGEST_LINE and not line.endswith(("\n", "\r")):
            self.was_too_long = True
            while rest := self._file.readline(LONGEST_LINE):
                if rest.endswith(("\n", "\r")):
                    break
            return "\n"
        return line
