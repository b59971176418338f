"""``flask casework worker``: what must happen unasked. Every job is idempotent, so any number of workers may run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import click
import structlog

from casework.audit import trail
from casework.core import idempotency
from casework.core.db import write_transaction
from casework.intake import service as intake
from casework.intake.service import telephony
from casework.people import service as people
from casework.security.actor import Actor
from casework.vault import service as vault

if TYPE_CHECKING:
    from collections.abc import Callable

log = structlog.get_logger("casework.worker")
PAUSE_SECONDS: Final = 30.0


def _purge_grants() -> int:
    # An expired grant opens nothing; deleting it keeps a password stolen later from opening the past.
    return vault.purge_expired(actor=Actor.system())


def _purge_lists() -> int:
    return intake.paper.purge_forgotten(actor=Actor.system())


def _record_escalations() -> int:
    return intake.record_escalations(actor=Actor.system())


JOBS: Final[dict[str, Callable[[], int]]] = {
    "alerts passed on": _record_escalations,
    "expired grants deleted": _purge_grants,
    "ended sessions deleted": people.purge_sessions,
    "forgotten sign-in attempts deleted": people.purge_attempts,
    "old form keys deleted": idempotency.purge,
    "forgotten paper lists destroyed": _purge_lists,
    "old numbers and reports of the switchboard deleted": telephony.forget,
}


@click.command("worker")
@click.option("--once", is_flag=True, help="Do everything once and stop.")
def worker(*, once: bool) -> None:
    """Delete what is over, record calls for help that were passed on, write audit checkpoints, every half minute."""
    while True:
        run_jobs()
        if once:
            return
        time.sleep(PAUSE_SECONDS)


def run_jobs() -> dict[str, int]:
    """Run each job in a transaction of its own and return how many rows each touched; one failing stops no other."""
    counts = {}
    for name, job in JOBS.items():
        try:
            with write_transaction():
                counts[name] = job()
        except Exception as error:  # noqa: BLE001 - the next round tries again; the log says which job and what kind
            log.error("job failed", job=name, kind=type(error).__name__)  # noqa: TRY400 - a trace may hold content
            continue
        if counts[name]:
            log.info(name, count=counts[name])
    trail.write_checkpoint(only_when_due=True)
    return counts
