"""``flask casework demo``: accounts with a known password and ten months of invented work."""

from __future__ import annotations

import gc
import time
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Final

import click
from flask import current_app

from casework.audit import trail
from casework.audit.events import Action
from casework.cli.demo import accounts, aftercare, callers, history
from casework.cli.demo.plan import DAYS, plan_calls
from casework.core import clock
from casework.core.db import write_transaction
from casework.people import service as people
from casework.security.actor import Actor
from casework.security.roles import Role
from config import ARGON2_FLOOR_KIB, ARGON2_FLOOR_PASSES

# With the calls back that follow from them about five thousand.
CALLS: Final = 4700


@click.command("demo")
@click.option(
    "--calls", default=CALLS, show_default=True, type=click.IntRange(0, 200_000), help="How many calls come in."
)
@click.option("--seed", default=20200327, show_default=True, help="The same seed gives the same history.")
def demo(calls: int, seed: int) -> None:
    """Fill an initialised, empty demonstration with people, calls and cases. Refused on anything else."""
    if not current_app.extensions["casework.settings"].is_demo:
        msg = "demonstration data has a public password: set CASEWORK_MODE=demo on a database of its own"
        raise click.ClickException(msg)
    if people.any_account():
        click.echo("demo: already there")
        return
    started = time.monotonic()
    click.echo(f"demo: writing {calls} calls and the work that followed; for {CALLS} this takes a minute or two")
    _make_passwords_cheap()
    # Millions of short-lived rows: looking for cycles among them would take a tenth of the time.
    gc.disable()
    actor, end, random = Actor.system(), clock.now(), Random(seed)  # noqa: S311 - a repeatable history, not a secret
    planned = plan_calls(random, calls, end)
    history.stretch_ahead(planned)
    staff = history.everybody()
    with write_transaction():
        accounts.create(accounts.NAMED, actor=actor)
        accounts.create(staff, actor=actor)
    office = accounts.signed_in(next(person for person in accounts.NAMED if person.role is Role.OFFICE))
    crews = history.crews(staff, office, opened_on=clock.local_day(end - timedelta(days=DAYS)))
    counts = history.write(planned, random, end, crews)
    aftercare.write(random, end, crews, counts)
    callers.write(Random(seed), end, crews, counts)  # noqa: S311 - the same: it must not change what came before
    with write_transaction():
        details = {"calls": counts["calls"], "seed": seed}
        trail.record(Action.DEMO_LOADED, actor=actor, subject_kind="programme", subject_id=None, details=details)
    for name, count in counts.items():
        click.echo(f"{name}: {count}")
    click.echo(f"demo: ready after {time.monotonic() - started:.0f} s; password of every account: {accounts.PASSWORD}")


def _make_passwords_cheap() -> None:
    # The password is public anyway; at full cost the accounts alone would take half a minute. Signing in raises it.
    settings = current_app.extensions["casework.settings"]
    cheap = replace(settings, argon2_memory_kib=ARGON2_FLOOR_KIB, argon2_passes=ARGON2_FLOOR_PASSES, argon2_lanes=1)
    current_app.extensions["casework.settings"] = cheap
