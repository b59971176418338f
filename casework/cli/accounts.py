"""``flask casework recover`` and ``… accounts``: what is done at the machine, because nobody can sign in."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext

from casework.core.db import write_transaction
from casework.core.errors import CaseworkError
from casework.people import queries
from casework.people import service as people
from casework.security.actor import Actor
from casework.vault import service as vault

if TYPE_CHECKING:
    from casework.people.models import Account


@click.command("recover")
@click.argument("login")
@click.option(
    "--key",
    "source",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File with the recovery key; without it you are asked, and what you type is not shown.",
)
@with_appcontext
def recover(login: str, source: Path | None) -> None:
    """Give the supervisor LOGIN the keys of their sub-projects back, when no other supervisor can.

    Needs the printed recovery key. First let an administrator issue new keys for the account; afterwards the supervisor
    grants the colleagues theirs on the page 密钥授权. Nothing is shown or written but sealed keys.
    """
    words = source.read_text(encoding="ascii") if source else click.prompt("Recovery key", hide_input=True)
    private, account = _decoded(words), _account(login)
    try:
        with write_transaction():
            circles = vault.recover(private, account.id, actor=Actor.system())
    except CaseworkError as error:
        raise click.ClickException(str(error.message)) from error
    if not circles:
        msg = f"{login} is no supervisor of a sub-project; nothing was changed"
        raise click.ClickException(msg)
    click.echo(f"{login} can open {circles} sub-project(s) again, from the next page on; keep the key off this machine")


@click.group("accounts")
def accounts() -> None:
    """Look after accounts when nobody who could do it can sign in."""


@accounts.command("list")
@with_appcontext
def list_accounts() -> None:
    """Show login, state and roles of every account."""
    found = queries.all_accounts()
    holdings = queries.holdings_of(account.id for account in found)
    for account in found:
        roles = ", ".join(str(each.role) for each in holdings[account.id]) or "no role"
        click.echo(f"{account.login:<20} {'disabled' if account.disabled_at else 'active':<9} {roles}")


@accounts.command("reset")
@click.argument("login")
@click.confirmation_option(prompt="What was sealed to this account stays closed until it is granted again. Go on?")
@with_appcontext
def reset(login: str) -> None:
    """Issue new keys and a one-time password for LOGIN, and remove its second factor: for a lost administrator."""
    account = _account(login)
    password = people.one_time_password()
    pair = people.new_pair(account.id, password)
    with write_transaction():
        people.renew_keys(account.id, pair=pair, actor=Actor.system())
        people.reset_second_factor(account.id, actor=Actor.system())
    click.echo(f"{login} signs in with the one-time password {password}")


def _account(login: str) -> Account:
    account = queries.account_by_login(login.strip().lower())
    if account is None:
        msg = f"there is no account {login}"
        raise click.ClickException(msg)
    return account


def _decoded(words: str) -> bytes:
    """Return the key of what was printed: base32 in any case, with blanks and line breaks."""
    joined = "".join(words.split()).upper().rstrip("=")
    try:
        return base64.b32decode(joined + "=" * (-len(joined) % 8))
    except binascii.Error:
        msg = "this is no recovery key: it consists of the letters A–Z and the digits 2–7"
        raise click.ClickException(msg) from None
