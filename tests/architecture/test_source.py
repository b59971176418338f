"""The house rules that a reader of the source can check. Each has a planted offence that it must catch."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support import source
from tests.support.source import PACKAGE, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.support.source import Offence

CODE = [*source.modules(PACKAGE), ROOT / "config.py", ROOT / "wsgi.py"]
TESTS = source.modules(ROOT / "tests")
ALL = [*CODE, *TESTS, *source.modules(ROOT / "benchmarks"), *source.modules(ROOT / "migrations")]
# The owners of a transaction: the request (app), and short ones of its own (core).
OWNERS = (PACKAGE / "core", PACKAGE / "app.py")
# Commands speak English to operators; the Chinese in them is data they write.
COMMANDS = PACKAGE / "cli"

# Chinese that is matched or listed, never said.
DATA = {
    PACKAGE / "clients" / "rules.py": "the words between a number and its extension, as people write them",
    PACKAGE / "intake" / "types" / "divisions.py": "the names of GB/T 2260, which have no other language",
    PACKAGE / "intake" / "types" / "written.py": "how days, times and numbers are written in Chinese lists",
}


def said(offences: Iterable[Offence]) -> str:
    return "\n".join(map(str, sorted(offences)))


def plant(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_packages_have_their_rooms_and_no_others() -> None:
    assert not said(source.closed_rooms(PACKAGE))


@pytest.mark.parametrize("name", ["cases/utils.py", "cases/notes.py", "core/helpers.py", "cases/views/common.py"])
def test_a_room_that_does_not_belong_is_found(tmp_path: Path, name: str) -> None:
    plant(tmp_path, name, "")
    plant(tmp_path, "cases/service/notes.py", "")
    assert {offence.place for offence in source.closed_rooms(tmp_path)} == {(tmp_path / name).as_posix()}


def test_modules_stay_below_400_lines_and_tests_below_600() -> None:
    assert not said([*source.long_files(CODE, 400), *source.long_files(TESTS, 600)])


def test_functions_stay_below_40_lines() -> None:
    assert not said(source.long_functions([*CODE, *TESTS], 40))


def test_an_oversized_module_and_function_are_found(tmp_path: Path) -> None:
    path = plant(tmp_path, "long.py", "def long() -> None:\n" + "    pass\n" * 40)
    assert [offence.what for offence in source.long_functions([path], 40)] == ["long has 41 lines, at most 40"]
    assert [offence.line for offence in source.long_files([path], 40)] == [41]


def test_nothing_prints() -> None:
    assert not said(source.printing(CODE))


def test_a_print_is_found(tmp_path: Path) -> None:
    assert list(source.printing([plant(tmp_path, "loud.py", "def f() -> None:\n    print('name')\n")]))


def test_only_the_owner_of_the_transaction_commits() -> None:
    others = [path for path in CODE if not any(path.is_relative_to(owner) for owner in OWNERS)]
    assert not said(source.committing(others))


def test_a_commit_in_a_service_is_found(tmp_path: Path) -> None:
    assert list(source.committing([plant(tmp_path, "service.py", "def f() -> None:\n    session().commit()\n")]))


def test_every_chinese_string_is_translatable() -> None:
    assert not said(
        source.untranslated(path for path in CODE if not path.is_relative_to(COMMANDS) and path not in DATA)
    )


def test_an_untranslated_string_is_found(tmp_path: Path) -> None:
    text = '"""说明。"""\nGOOD = _l("保存")\nBAD = "保存"\nWORSE = f"共 {n} 条"\n'
    assert {offence.line for offence in source.untranslated([plant(tmp_path, "words.py", text)])} == {3, 4}


def test_a_silenced_tool_is_explained() -> None:
    assert not said(source.unexplained_silence(path for path in ALL if path.name != "test_source.py"))


@pytest.mark.parametrize(
    ("line", "explained"),
    [
        ("x = 1  # noqa", False),
        ("x = 1  # noqa: S105", False),
        ("x = 1  # type: ignore", False),
        ("x = 1  # type: ignore[attr-defined]", False),
        ("x = 1  # noqa: S105 - the name of an event", True),
        ("x = 1  # type: ignore[attr-defined]  # always a CursorResult", True),
    ],
)
def test_a_silenced_tool_without_a_reason_is_found(tmp_path: Path, line: str, explained: bool) -> None:
    assert bool(list(source.unexplained_silence([plant(tmp_path, "silent.py", line)]))) is not explained


def test_a_function_too_complex_to_hold_in_mind_is_found(tmp_path: Path) -> None:
    body = "".join(f"    if a == {number}:\n        return {number}\n" for number in range(9))
    path = plant(tmp_path, "complex.py", f"def tangled(a: int) -> int:\n{body}    return 0\n")
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--config",
        str(ROOT / "pyproject.toml"),
        "--select",
        "C901",
        str(path),
    ]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - a fixed command
    assert "`tangled` is too complex (10 > 8)" in answer.stdout
