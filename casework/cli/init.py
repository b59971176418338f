"""``flask casework init``: everything an empty machine needs before the first sign-in."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask_migrate import upgrade

from casework.core import crypto
from casework.core.db import write_transaction
from casework.core.errors import CaseworkError
from casework.core.keyring import Keyring
from casework.directory import service as directory
from casework.options import service as options
from casework.people import service as people
from casework.programme import queries as programme_queries
from casework.programme import service as programme
from casework.security.actor import Actor
from casework.security.roles import Role
from casework.vault import service as vault
from config import Mode

if TYPE_CHECKING:
    from config import Settings

FIRST_LOGIN = "admin"


@click.command("init")
@click.option("--programme", "source", type=click.Path(path_type=Path, exists=True), help="Another programme.")
@click.option("--recovery-key", type=click.Path(path_type=Path), help="Write the recovery key here.")
def init(source: Path | None, recovery_key: Path | None) -> None:
    """Create keyring, tables, programme, lists, recovery key, pledges and the first administrator. Safe to repeat."""
    settings: Settings = current_app.extensions["casework.settings"]
    _ensure_keyring(settings)
    upgrade()
    if settings.is_demo:
        _remember_demo_mode(settings)
    actor = Actor.system()
    loaded = _ensure_programme(settings, source, actor)
    click.echo("programme: loaded" if loaded else "programme: already there")
    _ensure_recovery_key(settings, recovery_key, actor)
    if not settings.is_demo:
        _ensure_administrator(actor)


def _ensure_keyring(settings: Settings) -> None:
    if settings.keyring.exists():
        click.echo("keyring: already there")
        return
    keyring = Keyring.create(settings.keyring)
    current_app.extensions["casework.keyring"] = keyring
    current_app.secret_key = keyring.secret("cookie", "flask")
    click.echo(f"keyring: created at {settings.keyring.name}; keep a copy apart from every copy of the database")


def _remember_demo_mode(settings: Settings) -> None:
    # So that later commands need no further settings, and so that a demonstration stays one.
    marker = settings.instance_path / "casework.env"
    if not marker.exists():
        marker.write_text("CASEWORK_MODE=demo\n", encoding="utf-8")


def _ensure_programme(settings: Settings, source: Path | None, actor: Actor) -> bool:
    # Without a file named, whatever programme is there is the right one: it need not be the one we bring.
    try:
        with write_transaction():
            wanted = source or (programme.BUNDLED if programme_queries.find_programme() is None else None)
            public = settings.mode is not Mode.PRODUCTION
            loaded = wanted is not None and programme.load(wanted, actor=actor, is_demo=public)
            people.publish_initial_pledges(actor=actor)
            options.seed(actor=actor)
            directory.seed(actor=actor)
    except CaseworkError as error:
        raise click.ClickException(str(error.message)) from error
    return loaded


def _ensure_recovery_key(settings: Settings, target: Path | None, actor: Actor) -> None:
    if vault.has_recovery_key():
        click.echo("recovery key: already there")
        return
    pair = crypto.generate_key_pair()
    words = base64.b32encode(pair.private).decode().rstrip("=")
    target = target or (settings.instance_path / "recovery.key" if settings.is_demo else None)
    # The public half is stored once and for all. Whoever commits it before the private half is safe loses the key.
    if target is None:
        with write_transaction():
            vault.set_recovery_key(pair.public, actor=actor)
            _print_key(words)
        return
    _write_key(target, words)
    try:
        with write_transaction():
            vault.set_recovery_key(pair.public, actor=actor)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    click.echo(f"recovery key: written to {target.name}; take it off this machine")


def _print_key(words: str) -> None:
    click.echo("recovery key: print this, give it to the privacy officer, and keep it off every server:")
    for start in range(0, len(words), 52):
        click.echo(f"  {words[start : start + 52]}")


def _write_key(target: Path, words: str) -> None:
    """Leave the key in a new file that only its owner reads, on the disk; refused when a file is there already."""
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        msg = f"recovery key: {target} cannot be created ({error.strerror}); no key was made, run init again"
        raise click.ClickException(msg) from error
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(words + "\n")
            file.flush()
            os.fsync(file.fileno())
        _sync_folder(target.parent)
    except OSError as error:
        target.unlink(missing_ok=True)
        msg = f"recovery key: {target} cannot be written ({error.strerror}); no key was made, run init again"
        raise click.ClickException(msg) from error


def _sync_folder(folder: Path) -> None:
    # A file is safe from a power cut when its folder knows it, too.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _ensure_administrator(actor: Actor) -> None:
    if people.any_account():
        click.echo("first administrator: already there")
        return
    password = people.one_time_password()
    with write_transaction():
        account = people.create_account(FIRST_LOGIN, "系统管理员", password=password, must_change=True, actor=actor)
        people.grant_role(account.id, Role.ADMINISTRATOR, None, actor=actor)
        # Said before it is committed: an administrator whose password nobody read could not be made again.
        click.echo(f"first administrator: sign in as {FIRST_LOGIN} with the one-time password {password}")
