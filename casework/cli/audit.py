"""``flask casework audit …``: check the whole trail, and seal a checkpoint of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from flask.cli import AppGroup
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.types import Flaw
from casework.audit.verify import run
from casework.core import clock

if TYPE_CHECKING:
    from flask_babel import LazyString

    from casework.audit.types import Finding
    from casework.audit.verify import Report

_SENTENCES: Final[dict[Flaw, LazyString]] = {
    Flaw.ALTERED: _l("记录内容与其校验码不符：被修改、插入或调换"),
    Flaw.BEHIND_CHECKPOINT: _l("记录止于此处，检查点却到过后面的序号：尾部被截断或数据库被回退"),
    Flaw.BROKEN_LINK: _l("与前一条记录不衔接"),
    Flaw.CHECKPOINT_BROKEN_CHAIN: _l("检查点与前一个检查点不衔接（行号见括号）"),
    Flaw.CHECKPOINT_FORGED: _l("检查点签名无效（行号见括号）"),
    Flaw.CHECKPOINT_MISMATCH: _l("与检查点记下的校验码不同：记录被重新编制"),
    Flaw.CHECKPOINT_UNREADABLE: _l("检查点无法读取（行号见括号）"),
    Flaw.CHECKPOINTS_MISSING: _l("有记录，却没有任何检查点：检查点文件被删除或从未写成"),
    Flaw.CONTENT_CHANGED: _l("加密内容与最后一次记录的摘要不符"),
    Flaw.CONTENT_MISSING: _l("有记录的加密内容已不存在，且没有销毁记录"),
    Flaw.CONTENT_RETURNED: _l("记录为已销毁的加密内容又出现了"),
    Flaw.HEAD_MISMATCH: _l("链头与最后一条记录不符（链头序号见括号）"),
    Flaw.HEAD_MISSING: _l("链头不存在"),
    Flaw.MISSING_ENTRIES: _l("缺少记录（序号见括号）"),
    Flaw.OLDER_DATABASE: _l("所有链都停在同一时刻：数据库很可能回到了旧备份（时刻见括号）"),
    Flaw.UNKNOWN_KEY: _l("校验码所用的密钥不在密钥环中"),
}


audit = AppGroup("audit", help="Check the audit trail and seal checkpoints of it.")


@audit.command("verify")
@click.option(
    "--checkpoints",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A copy of the checkpoint file kept elsewhere.",
)
def verify(checkpoints: Path | None) -> None:
    """Check every entry, checkpoint and recorded digest. Exit status 1 when anything is wrong."""
    report = run(checkpoints)
    _print_checked(report)
    for finding in report.findings:
        click.echo(f"✗ {_sentence(finding)}")
    if report.more:
        click.echo(_("另有 %(n)s 处问题未列出。", n=report.more))
    if not report.is_sound:
        click.echo(_("结论：审计记录有问题。请保留现场，联系隐私专员。"))
        raise SystemExit(1)
    click.echo(_("结论：审计记录完整。"))


@audit.command("checkpoint")
def checkpoint() -> None:
    """Append a signed checkpoint of all chains, unless nothing was added since the last one."""
    sealed = trail.write_checkpoint()
    if sealed is None:
        click.echo(_("自上一个检查点以来没有新记录。"))
    else:
        click.echo(_("已写入检查点：共 %(n)s 条记录。", n=sealed.count))


def _print_checked(report: Report) -> None:
    for chain, entries in sorted(report.entries.items()):
        click.echo(_("链 %(chain)s：%(n)s 条记录", chain=chain, n=entries))
    click.echo(_("记录合计：%(n)s 条", n=report.total))
    for kind, subjects in sorted(report.contents.items()):
        click.echo(_("加密内容 %(kind)s：比对 %(n)s 项", kind=kind, n=subjects))
    click.echo(_("检查点：%(n)s 个", n=report.seals.checked))
    if report.seals.last_at is not None:
        click.echo(_("最近检查点：%(at)s", at=f"{clock.local(report.seals.last_at):%Y-%m-%d %H:%M:%S}"))
    for kid, public in sorted(report.seals.public_keys.items()):
        click.echo(_("签名公钥 %(kid)s：%(key)s", kid=kid, key=public))
    click.echo(_("尚无检查点保护的尾部：%(n)s 条（运行 audit checkpoint 可立即封存）", n=report.tail))


def _sentence(finding: Finding) -> str:
    place = ""
    if finding.chain is not None:
        place = _("链 %(chain)s 第 %(seq)s 条：", chain=finding.chain, seq=finding.seq)
    note = f"（{finding.note}）" if finding.note else ""
    return f"{place}{_SENTENCES[finding.flaw]}{note}"
