"""Tables as people keep them: a workbook or a text file, read as rows of texts and never executed."""

from __future__ import annotations

import csv
import zipfile
from datetime import date, datetime, time
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

# A workbook is a compressed folder; a small one that unfolds to this much was made to break the reader.
MOST_UNFOLDED: Final = 64 * 1024 * 1024
_WORKBOOK: Final = b"PK\x03\x04"
_ENCODINGS: Final = ("utf-8-sig", "gb18030", "utf-16")
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


class UnreadableError(Exception):
    """The file is neither a workbook nor a text file with separated columns."""


def rows_of(content: bytes) -> Iterator[list[str]]:
    """Yield the rows of the first sheet of a workbook (.xlsx) or of a CSV file, all cells as texts.

    Text files may be UTF-8 (with or without mark), UTF-16 with a mark, or GB 18030, separated by commas, semicolons or
    tabs. Refused (UnreadableError): anything else. Formulas are not computed: what was last shown is read.
    """
    if content.startswith(_WORKBOOK):
        yield from _sheet(content)
    else:
        yield from _separated(content)


def _sheet(content: bytes) -> Iterator[list[str]]:
    from openpyxl import load_workbook  # noqa: PLC0415 - heavy, and only files of this kind need it

    try:
        _require_small(content)
        book = load_workbook(BytesIO(content), read_only=True, data_only=True)
        for row in book.worksheets[0].iter_rows(values_only=True):
            yield [_text(cell) for cell in row]
    except UnreadableError:
        raise
    except Exception as error:
        # The library's errors are many and undocumented; whatever it is, this is no workbook we can read.
        raise UnreadableError from error


def _require_small(content: bytes) -> None:
    with zipfile.ZipFile(BytesIO(content)) as folder:
        if sum(entry.file_size for entry in folder.infolist()) > MOST_UNFOLDED:
            raise UnreadableError


def _separated(content: bytes) -> Iterator[list[str]]:
    text = _decoded(content)
    if "\0" in text:
        raise UnreadableError
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    try:
        yield from csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    except csv.Error as error:
        raise UnreadableError from error


def _decoded(content: bytes) -> str:
    encodings = ("utf-16",) if content.startswith(_UTF16) else _ENCODINGS[:2]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableError


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="minutes")
    if isinstance(cell, time):
        return cell.isoformat(timespec="minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
