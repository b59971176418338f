"""The state every integration test begins with, made by the same services and migrations as a real installation."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, cast

from flask import Flask
from flask_migrate import upgrade

import config
from casework.core import crypto
from casework.core import db as database
from casework.core.db import db, session, write_transaction
from casework.core.keyring import Keyring
from casework.security.actor import Actor
from casework.web import i18n
from tests.support import engines
from tests.support.engines import Engine, Prepared

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.client import CheckedClient

PASSWORD = "nuanxin-demo-2020"
RECOVERY_FILE = "recovery.bin"
PACKAGES = config.ROOT / "casework"


def prepare(engine: Engine, folder: Path) -> Prepared:
    """Return a system to be copied, whose connections are all closed."""
    prepared = _empty(engine, folder)
    prepare_in(folder, prepared.url)
    return prepared


def prepare_bare(engine: Engine, folder: Path) -> Prepared:
    """Return a keyring and the tables of all models without a row, to be copied."""
    prepared = _empty(engine, folder)
    Keyring.create(_made(folder) / "keyring.json")
    app = bare_app(engines.settings_of(folder, prepared.url))
    with app.app_context():
        with write_transaction():
            db.metadata.create_all(session().connection())
        db.session.remove()
        db.engine.dispose()
    return prepared


def _empty(engine: Engine, folder: Path) -> Prepared:
    if engine is Engine.SQLITE:
        return Prepared(engine, folder)
    prepared = Prepared(engine, folder, engines.fresh_name("template"))
    engines.create_database(prepared.database)
    return prepared


def prepare_in(folder: Path, url: str) -> None:
    """Fill an empty database with tables, programme, pledges and demo accounts; the keyring goes into ``folder``."""
    from casework.app import create_app  # noqa: PLC0415 - unit tests must not pay for all packages

    Keyring.create(_made(folder) / "keyring.json")
    app = create_app(engines.settings_of(folder, url))
    with app.app_context():
        _create_tables()
        fill(folder)
        db.session.remove()
        db.engine.dispose()


def fill(folder: Path) -> None:
    """Load programme, pledges, recovery key and demo accounts into empty tables.

    The private half of the recovery key is left in ``folder``, as the officer's stick would hold it.
    """
    from casework.cli.demo import accounts  # noqa: PLC0415 - unit tests must not pay for all packages
    from casework.directory import service as directory  # noqa: PLC0415 - the same
    from casework.options import service as options  # noqa: PLC0415 - the same
    from casework.people import service as people  # noqa: PLC0415 - the same
    from casework.programme import service as programme  # noqa: PLC0415 - the same
    from casework.vault import service as vault  # noqa: PLC0415 - the same

    pair, system = crypto.generate_key_pair(), Actor.system()
    (folder / RECOVERY_FILE).write_bytes(pair.private)
    with write_transaction():
        programme.load(programme.BUNDLED, actor=system, is_demo=True)
        people.publish_initial_pledges(actor=system)
        options.seed(actor=system)
        directory.seed(actor=system)
        vault.set_recovery_key(pair.public, actor=system)
    with write_transaction():
        accounts.create(accounts.NAMED, actor=system)


def bare_app(settings: config.Settings) -> Flask:
    """Return an application with nothing that answers a request, on a copy of what ``prepare_bare`` made."""
    app = Flask("casework", root_path=str(config.ROOT), instance_path=str(_made(settings.instance_path)))
    keyring = Keyring.load(settings.keyring)
    app.extensions["casework.settings"] = settings
    app.extensions["casework.keyring"] = keyring
    app.config.update(TESTING=True, SECRET_KEY=keyring.secret("cookie", "flask"))
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database
    for path in sorted(PACKAGES.glob("*/models*")):
        importlib.import_module(f"casework.{path.parent.name}.models")
    database.install(app)
    i18n.install(app)
    return app


def client_of(app: Flask) -> CheckedClient:
    """Return a client of its own, with no cookie."""
    return cast("CheckedClient", app.test_client())


def sign_in(app: Flask, login: str, password: str = PASSWORD) -> CheckedClient:
    """Return a client in which somebody is signed in; refused (AssertionError) when the door stays shut."""
    client = client_of(app)
    answer = client.submit("/login", {"login": login, "password": password})
    assert answer.status_code in range(300, 400), f"{login} could not sign in: {answer.status_code}"
    return client


def actor(login: str) -> Actor:
    """Return a demo account as an actor whose private key is open, as after signing in."""
    from casework.people import service as people  # noqa: PLC0415 - unit tests must not pay for all packages

    return people.actor_of(login, PASSWORD)


def _create_tables() -> None:
    if any((config.ROOT / "migrations" / "versions").glob("*.py")):
        upgrade()
        return
    with write_transaction():
        db.metadata.create_all(session().connection())


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
