"""The tools that keep the house in order, each held against an offence that it must not let pass."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import engines
from tests.support.source import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

TOOLS = Path(sys.executable).parent
PROJECT = str(ROOT / "pyproject.toml")
# In two parts: this file itself silences nothing.
SILENCE = "# type: " + "ignore"
HEAD = '"""A module."""\n\nfrom __future__ import annotations\n\n\n'


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a tool of the environment in the root, as ``make check`` does."""
    return subprocess.run(  # noqa: S603 - fixed commands
        [str(TOOLS / command[0]), *command[1:]],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def plant(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


LINTED = {
    "F401": "import os\n",
    "ANN201": 'def answer():\n    """Answer."""\n    return 42\n',
    "D103": "def answer() -> int:\n    return 42\n",
    "S608": 'def ask(name: str) -> str:\n    """Ask."""\n    return f"SELECT * FROM people WHERE name = {name}"\n',
    "T201": 'def say() -> None:\n    """Say."""\n    print(1)\n',
    "DTZ005": "import datetime\n\nNOW = datetime.datetime.now()\n",
    "BLE001": "try:\n    A = 1\nexcept Exception:\n    A = 2\n",
    "FIX002": "A = 1  # TODO\n",
    "ERA001": "# A = 1\n",
    "PLR0915": 'def long() -> None:\n    """Do much."""\n' + "".join(f"    a{n} = {n}\n" for n in range(41)),
}


def test_ruff_finds_each_planted_offence(tmp_path: Path) -> None:
    paths = [plant(tmp_path, f"{code.lower()}.py", HEAD + text) for code, text in LINTED.items()]
    answer = run("ruff", "check", "--no-cache", "--config", PROJECT, "--output-format", "concise", *paths)
    assert answer.returncode == 1
    found = {
        code
        for code in LINTED
        if any(f"{code.lower()}.py" in line and f" {code} " in line for line in answer.stdout.splitlines())
    }
    assert found == LINTED.keys()


@pytest.mark.parametrize(("text", "status"), [("A = {'a':1}\n", 1), ('A = {"a": 1}\n', 0)])
def test_ruff_finds_code_out_of_form(tmp_path: Path, text: str, status: int) -> None:
    path = plant(tmp_path, "shape.py", text)
    assert run("ruff", "format", "--check", "--no-cache", "--config", PROJECT, path).returncode == status


def test_mypy_finds_each_planted_offence(tmp_path: Path) -> None:
    text = (
        "def untyped(a): return a\n"
        "def wrong(a: int) -> str: return a\n"
        "def bare(a: list) -> None: ...\n"
        "def dead(a: int) -> None:\n    if isinstance(a, str):\n        a += 1\n"
        "def unbound(a: bool) -> int:\n    if a:\n        b = 1\n    return b\n"
        f"silent = 1 + ''  {SILENCE}\n"
        f"idle = 1  {SILENCE}[operator]\n"
    )
    answer = run(
        "mypy",
        "--strict",
        "--config-file",
        PROJECT,
        "--cache-dir",
        str(tmp_path / "cache"),
        plant(tmp_path, "typed.py", text),
    )
    assert answer.returncode == 1
    wanted = (
        "no-untyped-def", "return-value", "type-arg", "unreachable", "possibly-undefined", "ignore-without-code",
        "unused-ignore",
    )  # fmt: skip
    assert [code for code in wanted if f"[{code}]" not in answer.stdout] == []


TEMPLATES = {
    "H013": '<img src="/a.png" width="1" height="1">\n',
    "H021": '<p style="color: red">a</p>\n',
    "H025": "<div>\n",
    "J004": '<link rel="stylesheet" href="/static/a.css">\n',
    "T001": "<p>{{a}}</p>\n",
}


@pytest.mark.parametrize("code", TEMPLATES)
def test_djlint_finds_a_planted_offence(tmp_path: Path, code: str) -> None:
    plant(tmp_path, "page.html", TEMPLATES[code])
    answer = run("djlint", str(tmp_path), "--configuration", PROJECT, "--lint", "--quiet")
    assert answer.returncode == 1
    assert code in answer.stdout


@pytest.mark.parametrize(("text", "status"), [("<div><p>a</p></div>\n", 1), ("<div>\n  <p>a</p>\n</div>\n", 0)])
def test_djlint_finds_a_template_out_of_form(tmp_path: Path, text: str, status: int) -> None:
    plant(tmp_path, "page.html", text)
    answer = run("djlint", str(tmp_path), "--configuration", PROJECT, "--check", "--lint", "--quiet")
    assert answer.returncode == status


@pytest.fixture
def _nothing_there(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let nobody listen where PostgreSQL is asked for, and no program be found."""
    monkeypatch.setenv("CASEWORK_TEST_DATABASE_URL", "postgresql://postgres@127.0.0.1:1/postgres")
    monkeypatch.setenv("PATH", "")
    known = (engines.postgresql_missing, engines.chromium)
    for each in known:
        each.cache_clear()
    yield
    for each in known:
        each.cache_clear()


@pytest.mark.usefixtures("_nothing_there")
@pytest.mark.parametrize(
    ("required", "said"),
    [
        ("", []),
        ("postgres", ["postgres is required: not reachable at postgresql://postgres@127.0.0.1:1/postgres"]),
        ("browser", ["browser is required: no Chromium found"]),
        ("browser, postgres", ["browser is required", "postgres is required"]),
        ("oracle", ["CASEWORK_REQUIRE names 'oracle'"]),
    ],
)
def test_what_is_required_and_missing_is_named(monkeypatch: pytest.MonkeyPatch, required: str, said: list[str]) -> None:
    monkeypatch.setenv("CASEWORK_REQUIRE", required)
    found = engines.unmet()
    assert len(found) == len(said)
    assert all(each.startswith(beginning) for each, beginning in zip(found, said, strict=True))


def test_no_test_begins_when_something_required_is_missing() -> None:
    paths = ("-p", "no:cacheprovider", "-n0", "tests/unit/core/test_config.py")
    answer = run("python", "-m", "pytest", *paths, PATH="", CASEWORK_REQUIRE="browser")
    assert answer.returncode == pytest.ExitCode.USAGE_ERROR
    assert "browser is required: no Chromium found" in answer.stderr
    assert "passed" not in answer.stdout
