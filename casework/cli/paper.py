"""``flask casework import-calls``: take over calls that were kept on paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext

from casework.core.db import read_transaction, write_transaction
from casework.core.errors import CaseworkError
from casework.intake import service as intake
from casework.intake.types.paper import COLUMN_TITLES, FLAW_NAMES
from casework.people import queries as people
from casework.security.actor import Actor
from casework.security.roles import Role

if TYPE_CHECKING:
    from casework.intake.types.paper import PaperList


@click.command("import-calls")
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--as", "login", required=True, help="Login of the supervisor in whose sub-project the calls were taken.")
@click.option("--dry-run", is_flag=True, help="Only look the file through.")
@with_appcontext
def import_calls(source: Path, login: str, *, dry_run: bool) -> None:
    """Import past calls from FILE (.csv or .xlsx), whole or not at all; every bad line is named with its reason."""
    content = source.read_bytes()
    try:
        with read_transaction():
            actor = _supervisor(login)
        if dry_run:
            with read_transaction():
                found = intake.paper.look(content, actor=actor)
            _tell(found)
            return
        with write_transaction():
            batch, found = intake.paper.take_over(content, actor=actor)
    except CaseworkError as error:
        raise click.ClickException(str(error.message)) from error
    _tell(found)
    if batch is not None:
        click.echo(f"imported: {batch.calls} calls from {batch.lines} lines, {batch.approximate} of them approximate")


def _supervisor(login: str) -> Actor:
    account = people.account_by_login(login)
    held = [] if account is None else people.holdings_of([account.id])[account.id]
    place = next((each.subproject_id for each in held if each.role is Role.SUPERVISOR), None)
    if account is None or place is None:
        msg = f"{login} is no supervisor of a sub-project"
        raise click.ClickException(msg)
    # Sealing towards the circle needs no private key, so nobody has to sign in at the machine.
    return Actor(account_id=account.id, role=Role.SUPERVISOR, subproject_id=place, pledge_current=True)


def _tell(found: PaperList) -> None:
    for each in found.found:
        click.echo(f"line {each.row}, {COLUMN_TITLES[each.column]}: {FLAW_NAMES[each.flaw]}")
    for name in found.unknown:
        click.echo(f"column left out: {name}")
    if found.found:
        msg = f"{len(found.found)} flaws; nothing was imported"
        raise click.ClickException(msg)
    click.echo(f"{len(found.calls)} lines are fine")
