"""Reads our own source: every scanner takes files and returns offences, so that a planted one can be shown to it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "casework"
CHINESE = re.compile("[\u4e00-\u9fff]")
TRANSLATORS = frozenset(
    {"_", "_l", "gettext", "lazy_gettext", "ngettext", "lazy_ngettext", "pgettext", "lazy_pgettext"}
)

DOMAINS = (
    "reports",
    "privacy",
    "intake",
    "scheduling",
    "cases",
    "assessments",
    "clients",
    "vault",
    "programme",
    "directory",
    "options",
    "people",
)
ROOMS = frozenset({"__init__", "types", "rules", "models", "queries", "service", "forms", "views"})
EXTRA_ROOMS = {"scheduling": frozenset({"solver", "staffing"}), "reports": frozenset({"disclosure", "documents"})}
# What is called so in every language: two notices by their numbers, and a language by its own name.
PROPER_NAMES = frozenset({"国卫办疾控函〔2020〕194号", "国发明电〔2020〕8号", "中文"})
# Names under which rooms without walls usually begin, in any package.
VAGUE = frozenset({"utils", "util", "helpers", "helper", "misc", "common", "lib", "tools", "shared"})


@dataclass(frozen=True, slots=True, order=True)
class Offence:
    """What is wrong and where."""

    place: str
    line: int
    what: str

    def __str__(self) -> str:
        """Say it as tools do, so that editors can jump there."""
        return f"{self.place}:{self.line}: {self.what}"


def modules(folder: Path) -> list[Path]:
    """Return the Python files below a folder, in order."""
    return sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)


def name_of(path: Path) -> str:
    """Return a path as written from the root."""
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.as_posix()


def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def closed_rooms(package: Path) -> Iterator[Offence]:
    """Find modules of a domain package that are none of its rooms, and vague names anywhere."""
    for path in modules(package):
        first, *deeper = path.relative_to(package).with_suffix("").parts
        allowed = ROOMS | EXTRA_ROOMS.get(first, frozenset())
        if first in DOMAINS and deeper and deeper[0] not in allowed:
            yield Offence(name_of(path), 1, f"{deeper[0]} is no room of a package")
        vague = VAGUE.intersection(deeper or [first])
        if vague:
            yield Offence(name_of(path), 1, f"{', '.join(vague)} says nothing about what is inside")


def long_files(paths: Iterable[Path], most: int) -> Iterator[Offence]:
    """Find files with more lines than ``most``."""
    for path in paths:
        count = len(path.read_text(encoding="utf-8").splitlines())
        if count > most:
            yield Offence(name_of(path), count, f"{count} lines, at most {most}")


def long_functions(paths: Iterable[Path], most: int) -> Iterator[Offence]:
    """Find functions with more lines than ``most``, from ``def`` to the last statement."""
    for path in paths:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                count = (node.end_lineno or node.lineno) - node.lineno + 1
                if count > most:
                    yield Offence(name_of(path), node.lineno, f"{node.name} has {count} lines, at most {most}")


def printing(paths: Iterable[Path]) -> Iterator[Offence]:
    """Find calls of print: what the program says goes to a page, a log of ids, or a command's output."""
    for path in paths:
        for call in calls(path):
            if isinstance(call.func, ast.Name) and call.func.id == "print":
                yield Offence(name_of(path), call.lineno, "print")


def committing(paths: Iterable[Path]) -> Iterator[Offence]:
    """Find commits of a session: one owner of the transaction ends it, nobody else."""
    for path in paths:
        for call in calls(path):
            if isinstance(call.func, ast.Attribute) and call.func.attr == "commit":
                yield Offence(name_of(path), call.lineno, "commit")


def untranslated(paths: Iterable[Path]) -> Iterator[Offence]:
    """Find Chinese strings that no translator sees; docstrings are for readers of the code."""
    for path in paths:
        tree = tree_of(path)
        seen = {id(node) for node in _translated(tree)} | {id(node) for node in _docstrings(tree)}
        strings = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        for node in strings:
            words = str(node.value)
            if CHINESE.search(words) and words not in PROPER_NAMES and id(node) not in seen:
                yield Offence(name_of(path), node.lineno, f"not translated: {words[:20]}")


def unexplained_silence(paths: Iterable[Path]) -> Iterator[Offence]:
    """Find ``noqa`` and ``type: ignore`` without a rule or without a reason behind them."""
    mark = re.compile(
        r"#\s*(noqa|type:\s*ignore)(?P<rule>:\s*[A-Z]+[0-9]+(,\s*[A-Z]+[0-9]+)*|\[[a-z, -]+\])?(?P<rest>[^#]*(#.*)?)$"
    )
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found = mark.search(line)
            if found and (not found["rule"] or not re.search("[A-Za-z]{2}", found["rest"])):
                yield Offence(name_of(path), number, "a silenced tool without a rule and a reason")


def calls(path: Path) -> Iterator[ast.Call]:
    """Yield every call in a file."""
    return (node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call))


def called_name(call: ast.Call) -> str:
    """Return the last name of what is called: ``record`` for ``trail.record(…)``."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def attributes_of(paths: Iterable[Path], *owners: str) -> set[str]:
    """Return the names X of every ``Owner.X`` in the files."""
    return {
        node.attr
        for path in paths
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in owners
    }


def _translated(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called_name(node) in TRANSLATORS:
            for argument in node.args:
                yield from ast.walk(argument)


def _docstrings(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        body = getattr(node, "body", ())
        for each in body if isinstance(body, list) else ():
            if isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant):
                yield each.value
