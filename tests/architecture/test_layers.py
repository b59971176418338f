"""Packages and rooms point one way. The contracts stand in pyproject.toml; here they run, and are shown to catch."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.source import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PACKAGES = (
    "cli", "reports", "privacy", "intake", "cases", "assessments", "clients", "vault", "programme", "options",
    "directory", "people", "audit", "web", "security", "core",
)  # fmt: skip


def lint(folder: Path) -> str:
    """Return what import-linter says of the tree in a folder, with the contracts of this project."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
    command += ["--no-cache", "--config", str(ROOT / "pyproject.toml")]
    environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONUTF8": "1"}
    answer = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - a fixed command
    return answer.stdout + answer.stderr


def house(folder: Path, offence: dict[str, str]) -> None:
    """Build a small house of the same packages, with what is planted in it."""
    files = {"__init__.py": "", "app.py": ""}
    for package in PACKAGES:
        files[f"{package}/__init__.py"] = ""
    for room in ("types", "rules", "models", "queries", "service", "forms", "views"):
        files[f"cases/{room}.py"] = ""
    files["core/crypto.py"] = "import cryptography\n"
    files["core/db.py"] = "import sqlalchemy\n"
    files["core/clock.py"] = ""
    for name, text in (files | offence).items():
        path = folder / "casework" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_the_contracts_hold() -> None:
    assert "0 broken" in lint(ROOT), lint(ROOT)


def test_a_house_in_order_passes(tmp_path: Path) -> None:
    house(
        tmp_path, {"app.py": "from casework.cases import views\n", "cases/views.py": "import casework.cases.queries\n"}
    )
    assert "6 kept, 0 broken" in lint(tmp_path)


@pytest.mark.parametrize(
    ("contract", "offence"),
    [
        ("Packages point one way", {"core/db.py": "import casework.people\n"}),
        ("Packages point one way", {"people/models.py": "import casework.cases.models\n"}),
        ("Packages point one way", {"reports/queries.py": "import casework.privacy\n"}),
        ("Rooms of a package point one way", {"cases/queries.py": "import casework.cases.service\n"}),
        ("Rooms of a package point one way", {"cases/types.py": "import casework.cases.rules\n"}),
        ("Rules and types know neither web nor database nor clock", {"cases/rules.py": "import sqlalchemy\n"}),
        ("Rules and types know neither web nor database nor clock", {"cases/types.py": "import casework.core.db\n"}),
        (
            "Rules and types know neither web nor database nor clock",
            {"cases/rules.py": "from casework.core import clock\n"},
        ),
        ("Forms hold shape and messages only", {"cases/forms.py": "import casework.cases.queries\n"}),
        ("Only the application imports views", {"cli/run.py": "import casework.cases.views\n"}),
        ("core.crypto is the only door to cryptography", {"people/service.py": "from cryptography import x509\n"}),
    ],
)
def test_a_bad_import_is_found(tmp_path: Path, contract: str, offence: dict[str, str]) -> None:
    house(tmp_path, offence)
    assert f"{contract} BROKEN" in lint(tmp_path)


def test_a_package_that_stands_in_no_layer_is_found(tmp_path: Path) -> None:
    house(tmp_path, {"extra/__init__.py": ""})
    assert "0 broken" not in lint(tmp_path)
