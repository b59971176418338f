"""Each place that is searched is searched in earnest: a canary left there in clear is found."""

from __future__ import annotations

import logging
import sys
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

import flask
import pytest
import sqlalchemy as sa
import structlog

from casework.core.db import db, session, write_transaction
from casework.people.models import Account
from casework.programme.models import Subproject
from tests.integration.leaks.places import dump, leaks_of
from tests.integration.leaks.witness import Evidence, Witness
from tests.support import canaries
from tests.support.canaries import NAME, NUMBER, SUMMARY, WORDS, search_bytes, search_files, search_rows, search_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask


def left_in(app: Flask, value: str) -> None:
    """Write a text into a plain column, as a careless program would."""
    with app.app_context(), write_transaction():
        session().execute(sa.update(Account).where(Account.login == "zixun").values(display_name=value))


@pytest.mark.parametrize("value", [NAME, NUMBER, NUMBER[-8:], "138-0013-8765", NAME.encode().hex()])
def test_what_lies_in_a_plain_column_is_found(app: Flask, value: str) -> None:
    left_in(app, value)
    with app.app_context(), db.engine.connect() as connection:
        assert {leak.place for leak in search_rows(connection)} == {"people_account.display_name"}
    url = app.extensions["casework.settings"].database_url
    assert (
        list(search_bytes(dump(url), "dump"))
        if url
        else search_files([app.extensions["casework.settings"].instance_path])
    )


@pytest.mark.sqlite_only
@pytest.mark.parametrize("name", ["keyring.json", "checkpoints.jsonl", "casework.sqlite-journal"])
def test_what_lies_in_another_file_is_found(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x00" + SUMMARY.encode("utf-16-le"))
    assert {leak.canary for leak in search_files([tmp_path])} == {"summary"}


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "say",
    [
        lambda: structlog.get_logger("casework").error("failed", kind=NAME),
        lambda: logging.getLogger("casework.audit").debug("saved %s", NAME),
        lambda: sys.stderr.write(NAME),
        lambda: sys.stdout.write(repr(NAME.encode())),
    ],
    ids=["structlog", "logging", "stderr", "stdout"],
)
def test_what_is_said_aloud_is_found(say: Callable[[], object]) -> None:
    with canaries.overheard() as heard:
        say()
    assert search_text(heard.getvalue(), "log")


def test_parameters_of_a_statement_are_heard_unless_they_are_hidden(app: Flask) -> None:
    loud = sa.create_engine(app.extensions["casework.settings"].database, hide_parameters=False)
    with canaries.overheard() as heard, loud.connect() as connection:
        connection.execute(sa.select(Account.id).where(Account.login == NAME))
    loud.dispose()
    assert search_text(heard.getvalue(), "log")


@pytest.mark.sqlite_only
@pytest.mark.parametrize("length", [1, 400])
def test_what_a_cookie_carries_is_found(app: Flask, length: int) -> None:
    with app.test_request_context():
        flask.session["_flashes"] = [["message", NAME]] * length
        answer = app.response_class()
        app.session_interface.save_session(app, flask.session, answer)
    value = answer.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    assert list(search_bytes(canaries.unpacked_cookie(value), "cookie"))


@pytest.mark.sqlite_only
def test_what_is_packed_is_found() -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/sharedStrings.xml", "".join(f"<t>{number} {SUMMARY}</t>" for number in range(50)))
    assert canaries.search_zip(packed.getvalue(), "book")


@pytest.mark.sqlite_only
def test_what_a_page_shows_to_the_wrong_people_is_found(app: Flask, tmp_path: Path) -> None:
    app.test_client_class = Witness
    with app.app_context(), write_transaction():
        session().execute(sa.update(Subproject).where(Subproject.code == "GZ").values(responsible=WORDS["note"]))
    with canaries.overheard() as heard:
        evidence = Evidence(app, tmp_path, "", heard, known={"code": ["GZ"]})
        found = {leak.place for leak in leaks_of(evidence, evidence.enter("bangong"), least=20)}
    assert found
    assert all("/programme" in place for place in found)
