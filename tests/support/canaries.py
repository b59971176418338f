"""Texts that belong to one imagined person. Written through every flow, they must be found in no place that leaks."""

from __future__ import annotations

import base64
import binascii
import json
import logging
import re
import zipfile
import zlib
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import TYPE_CHECKING
from urllib.parse import quote

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from sqlalchemy.engine import Connection

NAME = "欧阳金丝雀"
NUMBER = "13800138765"
NUMBER_TAIL = "8765"
SUMMARY = "金丝雀摘要：夜里总听见窗外的脚步声，不敢告诉家里人。"
NOTE = "金丝雀记录：谈到父亲住院那一周，手一直在抖。"
DRAFT = "金丝雀草稿：电话那头先是哭了很久。"
CORRECTION = "金丝雀更正：脚步声其实是邻居上夜班回来。"
PLAN = "金丝雀预案：先问今天吃过饭没有，不提他的女儿。"
COMMENT = "金丝雀评语：问风险之前停顿了太久，可以更直接。"
PASSWORD = "Jinsique-Tuoluo-4471"
WORDS = {
    "name": NAME,
    "number": NUMBER,
    "summary": SUMMARY,
    "note": NOTE,
    "draft": DRAFT,
    "correction": CORRECTION,
    "plan": PLAN,
    "comment": COMMENT,
    "password": PASSWORD,
}
# How people write the same number.
SPELLINGS = ("138 0013 8765", "138-0013-8765", "+86 13800138765", "１３８００１３８７６５", "0086-138-0013-8765")


@dataclass(frozen=True, slots=True)
class Leak:
    """Where which canary was found, and in which clothes."""

    place: str
    canary: str
    form: str

    def __str__(self) -> str:
        """Say it in a line."""
        return f"{self.canary} as {self.form} in {self.place}"


def disguises(word: str) -> dict[str, bytes]:
    """Return the forms in which a text could lie somewhere without looking like itself."""
    plain = word.encode()
    forms = {
        "text": plain,
        "gb18030": word.encode("gb18030"),
        "utf-16": word.encode("utf-16-le"),
        "utf-16 the other way": word.encode("utf-16-be"),
        "json": json.dumps(word)[1:-1].encode(),
        "html": word.encode("ascii", "xmlcharrefreplace"),
        "url": quote(word).encode(),
        "url in small letters": re.sub("%..", lambda found: found[0].lower(), quote(word)).encode(),
        "hex": plain.hex().encode(),
        "hex in capitals": plain.hex().upper().encode(),
        "escaped bytes": repr(plain)[2:-1].encode(),
    }
    # Base64 of a text inside a longer one depends on where it begins: three cases.
    for shift in range(3):
        core = base64.b64encode(b"\0" * shift + plain)[4 if shift else 0 : -4]
        forms[f"base64+{shift}"] = core
        forms[f"base64 for addresses+{shift}"] = core.translate(bytes.maketrans(b"+/", b"-_"))
    if word == NUMBER:
        forms |= _spelled(word)
    return forms


def _spelled(number: str) -> dict[str, bytes]:
    """Return a number as people write it, and its end: eight digits are enough to find the person."""
    forms = {f"spelled {spelling}": spelling.encode() for spelling in SPELLINGS}
    groups = (number[:3], number[3:7], number[7:])
    forms |= {f"grouped by {mark!r}": mark.join(groups).encode() for mark in (" ", "-", "\u00a0", "%20", "+")}
    return forms | {"last eight digits": number[-8:].encode(), "e164": f"+86{number}".encode()}


def search_bytes(data: bytes, place: str, words: dict[str, str] | None = None) -> Iterator[Leak]:
    """Yield every canary in some bytes."""
    for canary, word in (words or WORDS).items():
        for form, needle in disguises(word).items():
            if len(needle) > len("1234") and needle in data:
                yield Leak(place, canary, form)


def search_files(paths: Iterable[Path], words: dict[str, str] | None = None) -> list[Leak]:
    """Return every canary in files and folders: database, WAL, journals, logs, checkpoints, exports."""
    leaks: list[Leak] = []
    for path in paths:
        files = [each for each in sorted(path.rglob("*")) if each.is_file()] if path.is_dir() else [path]
        for each in files:
            leaks += search_bytes(each.read_bytes(), each.name, words)
    return leaks


def search_rows(connection: Connection, words: dict[str, str] | None = None) -> list[Leak]:
    """Return every canary in any column of any table, whatever the engine."""
    leaks: list[Leak] = []
    for name in sa.inspect(connection).get_table_names():
        for row in connection.execute(sa.text(f"SELECT * FROM {name}")).mappings():  # noqa: S608 - names of our tables
            for column, value in row.items():
                data = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                leaks += search_bytes(data, f"{name}.{column}", words)
    return leaks


def search_text(text: str, place: str, words: dict[str, str] | None = None) -> list[Leak]:
    """Return every canary in a page, a header, an address or a log."""
    return list(search_bytes(text.encode(), place, words))


def search_zip(data: bytes, place: str, words: dict[str, str] | None = None) -> list[Leak]:
    """Return every canary in the parts of a packed file, as a workbook is one."""
    with zipfile.ZipFile(BytesIO(data)) as packed:
        return [
            leak
            for name in packed.namelist()
            for leak in [
                *search_text(name, f"{place}/{name}", words),
                *search_bytes(packed.read(name), f"{place}/{name}", words),
            ]
        ]


def unpacked_cookie(value: str) -> bytes:
    """Return what a signed cookie carries, unsigned, decoded and unpacked, beside the cookie as it is."""
    inner = value.removeprefix(".").split(".")[0]
    try:
        data = base64.urlsafe_b64decode(inner + "=" * (-len(inner) % 4))
        plain = zlib.decompress(data) if value.startswith(".") else data
    except (binascii.Error, ValueError, zlib.error):
        plain = b""
    return value.encode() + b"\n" + plain


@contextmanager
def overheard() -> Iterator[StringIO]:
    """Give everything that is logged at any level by any library, and everything printed, as it grows."""
    heard = StringIO()
    handler = logging.StreamHandler(heard)
    talkers = {logging.getLogger(): logging.DEBUG, logging.getLogger("sqlalchemy.engine"): logging.INFO}
    before = {logger: logger.level for logger in talkers}
    logging.getLogger().addHandler(handler)
    for logger, level in talkers.items():
        logger.setLevel(level)
    try:
        with redirect_stdout(heard), redirect_stderr(heard):
            yield heard
    finally:
        logging.getLogger().removeHandler(handler)
        for logger, level in before.items():
            logger.setLevel(level)
