"""``flask casework …``: thin commands that call services. Import of heavy parts waits until a command needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask.cli import AppGroup

from casework.cli import accounts, audit, demo, init, keys, paper, telephony, worker

if TYPE_CHECKING:
    import click
    from flask import Flask


def install(app: Flask) -> None:
    """Put the commands under ``flask casework``."""
    group = AppGroup("casework", help="Set up and look after casework.")
    commands: tuple[click.Command, ...] = (
        init.init,
        demo.demo,
        accounts.recover,
        accounts.accounts,
        audit.audit,
        keys.keys,
        paper.import_calls,
        telephony.import_cdr,
        telephony.telephony,
        worker.worker,
    )
    for command in commands:
        group.add_command(command)
    app.cli.add_command(group)
