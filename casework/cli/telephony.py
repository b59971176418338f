"""``flask casework telephony secret`` and ``flask casework import-cdr FILE``: the switchboard's side of the line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from flask.cli import AppGroup, with_appcontext
from flask_babel import gettext as _

from casework.audit import trail
from casework.audit.events import Action
from casework.core import clock
from casework.core.db import read_transaction, session, write_transaction
from casework.core.keyring import KeyClass, current_keyring
from casework.intake import queries
from casework.intake.rules.records import ASTERISK, MappingError, parse_mapping
from casework.intake.service import telephony as service
from casework.intake.service.record_files import Numbered, RecordFile, UnreadableError
from casework.intake.service.records import BATCH, Import, Verdict
from casework.intake.types.telephony import TROUBLE_NAMES, Refusal, Trouble
from casework.security.actor import Actor

if TYPE_CHECKING:
    from casework.intake.rules.records import Mapping

LONGEST_MAPPING: Final = 256 * 1024
PROGRESS: Final = 5000

telephony = AppGroup("telephony", help="Connect a switchboard.")


@telephony.command("secret")
def secret() -> None:
    """Print the secret with which the switchboard signs its events (hexadecimal); made when there is none yet.

    Replace it with `flask casework keys rotate telephony`: the former one is accepted until the next rotation.
    """
    keyring = current_keyring()
    if not keyring.keys_of(KeyClass.TELEPHONY):
        keyring.add_key(KeyClass.TELEPHONY)
    with write_transaction():
        trail.record(
            Action.TELEPHONY_SECRET_SHOWN,
            actor=Actor.system(),
            subject_kind="keyring.telephony",
            subject_id=None,
            details={"kid": keyring.active_kid(KeyClass.TELEPHONY)},
        )
    click.echo(service.webhook_secrets()[0].hex())


@click.command("import-cdr")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--mapping",
    "mapping_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="JSON or TOML that says which column means what; without it, Asterisk's cdr.csv.",
)
@click.option("--line", default="", help="Number, name or id of the line that all calls of the file belong to.")
@click.option("--dry-run", is_flag=True, help="Write nothing; list every line that would be refused, and why.")
@with_appcontext
def import_cdr(file: Path, mapping_file: Path | None, line: str, *, dry_run: bool) -> None:
    """Take call records from a CSV file. The same file twice changes nothing; stopped, it can be run again."""
    mapping = _mapping(mapping_file)
    if line:
        mapping = replace(mapping, line=line)
    try:
        with read_transaction():
            book = queries.LineBook()
        if mapping.line and isinstance(book.find(mapping.line, clock.today()), Trouble):
            msg = "--line: no line, or several, have this number, name or id"
            raise click.ClickException(msg)
        _run(RecordFile(file, mapping, book), Import(Actor.system()), dry_run=dry_run)
    except UnreadableError as error:
        raise click.ClickException(str(error)) from error


def _mapping(path: Path | None) -> Mapping:
    if path is None:
        return ASTERISK
    try:
        if path.stat().st_size > LONGEST_MAPPING:
            raise MappingError(["the file is too large for a mapping"])  # noqa: TRY301 - told like every other fault
        return parse_mapping(path.read_text(encoding="utf-8-sig"), is_toml=path.suffix.casefold() == ".toml")
    except UnicodeError as error:
        msg = "--mapping: the file is not in UTF-8"
        raise click.ClickException(msg) from error
    except MappingError as error:
        raise click.ClickException("--mapping: " + "\n  ".join(error.faults)) from error


def _run(records: RecordFile, work: Import, *, dry_run: bool) -> None:
    batch: list[Numbered] = []
    read = 0
    for row in records:
        read += 1
        if isinstance(row, Numbered):
            batch.append(row)
        elif isinstance(row, Refusal):
            _refuse(row, work)
        else:
            work.counts[Verdict.IGNORED] += 1
        if len(batch) == BATCH:
            _take(batch, work, dry_run=dry_run)
        if read % PROGRESS == 0:
            click.echo(_("已读 %(n)s 行，%(share)s", n=read, share=f"{records.share:.0%}"), err=True)
    _take(batch, work, dry_run=dry_run)
    due = 0
    if not dry_run:
        with write_transaction():
            due = work.settle()
    _report(work, read, due, dry_run=dry_run)


def _take(batch: list[Numbered], work: Import, *, dry_run: bool) -> None:
    if not batch:
        return
    if dry_run:
        with read_transaction():
            refused = work.look(batch)
    else:
        with write_transaction():
            refused = work.take_in(batch)
    for each in refused:
        _refuse(each, work, counted=True)
    session().expunge_all()
    batch.clear()


def _refuse(refusal: Refusal, work: Import, *, counted: bool = False) -> None:
    if not counted:
        work.counts[Verdict.REFUSED] += 1
    column = f"（{refusal.column}）" if refusal.column else ""
    click.echo(_("第 %(n)s 行未导入：%(why)s", n=refusal.line, why=TROUBLE_NAMES[refusal.trouble]) + column)


def _report(work: Import, read: int, due: int, *, dry_run: bool) -> None:
    counts = work.counts
    click.echo(_("试运行：没有写入任何内容。") if dry_run else _("导入完成。"))
    click.echo(
        _(
            "共 %(read)s 行：新增 %(added)s，补充 %(changed)s，重复 %(repeated)s，"
            "按对照表略过 %(ignored)s，未导入 %(refused)s。",
            read=read,
            added=counts[Verdict.ADDED],
            changed=counts[Verdict.CHANGED],
            repeated=counts[Verdict.REPEATED],
            ignored=counts[Verdict.IGNORED],
            refused=counts[Verdict.REFUSED],
        )
    )
    if work.unreadable_numbers:
        click.echo(_("有 %(n)s 通来电的号码读不出，来电计入，号码不保存。", n=work.unreadable_numbers))
    if due:
        click.echo(_("需要回拨 %(n)s 个号码。", n=due))
