"""``flask casework keys …``: look at the keyring and rotate it, without stopping the service."""

from __future__ import annotations

from collections import Counter

import click
from flask.cli import with_appcontext

from casework.core.keyring import KeyClass, KeyringError, current_keyring
from casework.security.actor import Actor
from casework.vault import service as vault


@click.group("keys")
def keys() -> None:
    """Look at the keys of the keyring, and rotate them."""


@keys.command("list")
@with_appcontext
def list_keys() -> None:
    """Show class, id, state and age of each key; never a key itself."""
    for cls in KeyClass:
        for key in current_keyring().keys_of(cls):
            click.echo(f"{cls:<7} {key.kid} {key.state:<9} {key.created_at:%Y-%m-%d %H:%M} UTC")


@keys.command("rotate")
@click.argument("name", metavar="CLASS", type=click.Choice([str(each) for each in KeyClass]))
@click.option(
    "--batch", default=500, show_default=True, type=click.IntRange(1, 10_000), help="Rows in one transaction."
)
@with_appcontext
def rotate(name: str, batch: int) -> None:
    """Add a key to CLASS, move every row to it, then retire the older one.

    Work goes on meanwhile. Stopped at any point, nothing is lost: run it again and it goes on.
    """
    moved: Counter[str] = Counter()
    try:
        for step in vault.rotate_keyring(name, actor=Actor.system(), batch=batch):
            moved[step.place] += step.rows
            if step.done:
                _report(name, step.kid, moved, step.retired)
    except KeyringError as error:
        raise click.ClickException(str(error)) from error


def _report(name: str, kid: str, moved: Counter[str], retired: tuple[str, ...]) -> None:
    for place, rows in sorted(moved.items()):
        if place:
            click.echo(f"{place}: {rows} moved to {kid}")
    click.echo(
        f"{name}: {kid} is active; retired {', '.join(retired) or 'none'}. Copy the keyring file to its backup now."
    )
