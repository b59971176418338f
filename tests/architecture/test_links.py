"""What the documents point to exists: files, images, targets of the Makefile, commands of the application."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

import click
import pytest
from flask import Flask

from casework import cli
from tests.support import source
from tests.support.source import ROOT, Offence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

DOCUMENTS = [*sorted(ROOT.glob("README*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^\s*(```|~~~)")
CODE = re.compile(r"`([^`\n]+)`")
# [words](target "title"), an image likewise, and [name]: target at the beginning of a line.
LINK = re.compile(r"\]\(\s*<?([^\s)>]+)>?[^)]*\)|^\s*\[[^\]]+\]:\s*<?([^\s>]+)>?")
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
# Both begin a command, so that "install make git" and "we make notes" name no target.
MAKE = re.compile(r"^\s*(?:[A-Z_]+=\S+\s+)*make((?:\s+[a-z][a-z-]*(?=\s|$))?)")
FLASK = re.compile(r"^\s*(?:[A-Z_]+=\S+\s+)*(?:\S*/)?flask casework((?:\s+[a-z][a-z-]*(?=\s|$))*)")
TARGET = re.compile(r"^([a-z][a-z-]*):(?!=)", re.MULTILINE)


def targets_of(makefile: str) -> set[str]:
    """Return the targets of a Makefile that a person would type."""
    return set(TARGET.findall(makefile))


def commands() -> click.Command:
    """Return ``flask casework``; neither settings nor a database are needed to name its commands."""
    app = Flask("documents")
    cli.install(app)
    return app.cli.commands["casework"]


def broken_links(paths: Iterable[Path], root: Path) -> Iterator[Offence]:
    """Find relative links and images that lead to no file within ``root``."""
    for path in paths:
        for number, line in prose(path):
            for inline, defined in LINK.findall(CODE.sub("", line)):
                target = unquote((inline or defined).partition("#")[0])
                if not target or ELSEWHERE.match(target):
                    continue
                found = (path.parent / target).resolve()
                if not found.is_relative_to(root.resolve()) or not found.exists():
                    yield Offence(source.name_of(path), number, f"{target} does not exist")


def unknown_commands(paths: Iterable[Path], targets: set[str], casework: click.Command) -> Iterator[Offence]:
    """Find ``make X`` and ``flask casework X`` in code that nobody could run."""
    for path in paths:
        for number, text in code(path):
            made = MAKE.match(text)
            if made and made[1].strip() and made[1].strip() not in targets:
                yield Offence(source.name_of(path), number, f"make {made[1].strip()} is no target")
            called = FLASK.match(text)
            if called and (wrong := unknown_word(casework, called[1].split())):
                yield Offence(source.name_of(path), number, f"flask casework has no {wrong}")


def unknown_word(command: click.Command, words: list[str]) -> str:
    """Return the words up to the first that names no command, or nothing; what follows a command are its arguments."""
    for position, word in enumerate(words):
        if not isinstance(command, click.Group):
            return ""
        if word not in command.commands:
            return " ".join(words[: position + 1])
        command = command.commands[word]
    return ""


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """Return the numbered lines outside fences."""
    return ((number, line) for number, line, fenced in lines(path) if not fenced)


def code(path: Path) -> Iterator[tuple[int, str]]:
    """Return the numbered lines within fences, and what stands between back-ticks elsewhere."""
    for number, line, fenced in lines(path):
        yield from ((number, each) for each in ([line] if fenced else CODE.findall(line)))


def lines(path: Path) -> Iterator[tuple[int, str, bool]]:
    """Return number, text and whether it stands within a fence; the fences themselves are left out."""
    fenced = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if FENCE.match(line):
            fenced = not fenced
        else:
            yield number, line, fenced


def said(offences: Iterable[Offence]) -> str:
    return "\n".join(map(str, sorted(offences)))


def test_links_and_images_lead_to_files() -> None:
    assert not said(broken_links(DOCUMENTS, ROOT))


def test_commands_exist() -> None:
    targets = targets_of((ROOT / "Makefile").read_text(encoding="utf-8"))
    assert not said(unknown_commands(DOCUMENTS, targets, commands()))


def test_there_are_links_and_commands_to_look_at() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in DOCUMENTS}
    assert {"README.md", "README.zh-CN.md", "docs/operations.md", "docs/zh/guide-lead.md"} <= names
    everything = [text for path in DOCUMENTS for _, text in code(path)]
    assert any(MAKE.match(text) for text in everything)
    assert any(FLASK.match(text) for text in everything)
    assert any(LINK.search(line) for path in DOCUMENTS for _, line in prose(path))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[guide](guide.md)", ""),
        ("[guide](guide.md#here 'words'), [here](#here), [out](https://example.org/x)", ""),
        ("![picture](a%20b.png)", ""),
        ("`[not](a-link.md)`\n```\n[nor](this.md)\n```", ""),
        ("[guide](guides.md)", "guides.md does not exist"),
        ("words\n![picture](images/call.png)", "images/call.png does not exist"),
        ("[guide]: <gone.md>", "gone.md does not exist"),
        ("[guide](../../outside.md)", "../../outside.md does not exist"),
    ],
)
def test_a_link_that_leads_nowhere_is_found(tmp_path: Path, text: str, found: str) -> None:
    root = tmp_path / "root"
    (root / "docs").mkdir(parents=True)
    for name in ("docs/guide.md", "docs/a b.png", "../outside.md"):
        (root / name).write_text("", encoding="utf-8")
    page = root / "docs" / "page.md"
    page.write_text(text, encoding="utf-8")
    assert [offence.what for offence in broken_links([page], root)] == ([found] if found else [])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("`make run`, `PORT=5077 make run`, `make`, we make nothing else", ""),
        ("```\nsudo apt-get install make git\nmake run     all of it\n```", ""),
        ("`flask casework keys rotate pepper`, `flask casework recover LOGIN`", ""),
        ("```\n.venv/bin/flask casework init --recovery-key x\n```", ""),
        ("`make instal`", "make instal is no target"),
        ("```\nPORT=5077 make walk\n```", "make walk is no target"),
        ("`flask casework destroy`", "flask casework has no destroy"),
        ("```\n.venv/bin/flask casework keys turn pepper\n```", "flask casework has no keys turn"),
    ],
)
def test_a_command_that_does_not_exist_is_found(tmp_path: Path, text: str, found: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    targets = targets_of("PORT := 5000\n.PHONY: run\nrun: install ## start\n\tmake walk\n%.mo: %.po\n")
    assert targets == {"run"}
    assert [offence.what for offence in unknown_commands([page], targets, commands())] == ([found] if found else [])
