"""What the commands print and how they end: an operator and a monitor both read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from casework.audit import trail
from casework.audit.trail import checkpoints, keys
from casework.audit.types import Flaw
from casework.audit.verify import run
from casework.cli.audit import _SENTENCES, audit
from tests.integration.audit.ledger import SEALED, Ledger

if TYPE_CHECKING:
    from click.testing import Result


def _invoke(ledger: Ledger, *arguments: str) -> Result:
    return ledger.app.test_cli_runner().invoke(audit, list(arguments))


def test_a_sound_trail_is_reported_with_all_that_was_checked(ledger: Ledger) -> None:
    ledger.seal(b"content")
    ledger.write(4)
    trail.write_checkpoint()
    ledger.write(2)
    result = _invoke(ledger, "verify")
    assert result.exit_code == 0, result.output
    for said in (
        "记录合计：7 条",
        "加密内容 thing：比对 1 项",
        "检查点：2 个",
        "保护的尾部：2 条",
        "结论：审计记录完整。",
    ):
        assert said in result.output
    assert keys.public_key(keys.current_kid()).hex() in result.output
    assert "最近检查点：" in result.output


def test_an_empty_trail_is_sound(ledger: Ledger) -> None:
    assert _invoke(ledger, "verify").exit_code == 0


def test_a_finding_ends_with_status_one_and_names_the_place(ledger: Ledger) -> None:
    thing = ledger.seal(b"content")
    with ledger.attack() as connection:
        connection.execute(sa.update(SEALED).values(sealed_text=b"other"))
    (entry,) = ledger.entries()
    ledger.execute("UPDATE audit_entry SET role = 'lead'")
    result = _invoke(ledger, "verify")
    assert result.exit_code == 1
    assert f"链 {entry.chain} 第 1 条" in result.output
    assert f"thing:{thing}" in result.output


def test_verification_changes_nothing(ledger: Ledger) -> None:
    ledger.write(3)
    before = (ledger.entries()[-1].mac, checkpoints.checkpoint_path().read_bytes())
    _invoke(ledger, "verify")
    assert (ledger.entries()[-1].mac, checkpoints.checkpoint_path().read_bytes()) == before


def test_a_checkpoint_is_written_once(ledger: Ledger) -> None:
    ledger.write(2)
    first = _invoke(ledger, "checkpoint")
    assert (first.exit_code, first.output) == (0, "已写入检查点：共 2 条记录。\n")
    assert _invoke(ledger, "checkpoint").output == "自上一个检查点以来没有新记录。\n"
    assert run().tail == 0


def test_a_copy_of_the_checkpoints_can_be_named(ledger: Ledger) -> None:
    ledger.write()
    copy = ledger.directory / "copy.jsonl"
    copy.write_bytes(checkpoints.checkpoint_path().read_bytes())
    checkpoints.checkpoint_path().unlink()
    assert _invoke(ledger, "verify").exit_code == 1
    assert _invoke(ledger, "verify", "--checkpoints", str(copy)).exit_code == 0


@pytest.mark.parametrize("flaw", Flaw)
def test_every_flaw_has_a_sentence(flaw: Flaw) -> None:
    assert flaw in _SENTENCES
