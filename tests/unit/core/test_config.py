"""Settings are read once, refuse what they do not know, and are safe for production unless somebody says otherwise."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import pytest

import config
from config import BOUNDS, Mode, Settings, SettingsError

if TYPE_CHECKING:
    from pathlib import Path


def loaded(folder: Path, **values: str) -> Settings:
    return config.load({"CASEWORK_INSTANCE_PATH": str(folder), **values})


def test_the_default_is_a_safe_production(tmp_path: Path) -> None:
    settings = loaded(tmp_path)
    assert settings.mode is Mode.PRODUCTION
    assert settings.second_factor_required
    assert settings.secure_cookies
    assert not settings.is_demo
    assert settings.database == f"sqlite:///{tmp_path}/casework.sqlite"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CASEWORK_DEBUG", "1"),
        ("CASEWORK_SECRET", "x"),
        ("CASEWORK_MODE", "debug"),
        ("CASEWORK_AUDIT_CHAINS", "many"),
        ("CASEWORK_AUDIT_CHAINS", "0"),
        ("CASEWORK_SESSION_IDLE_MINUTES", "-5"),
        ("CASEWORK_MLPS", "perhaps"),
        ("CASEWORK_SECOND_FACTOR", "off"),
        ("CASEWORK_ARGON2_MEMORY_KIB", "1024"),
        ("CASEWORK_ARGON2_PASSES", "1"),
        ("CASEWORK_LOG_LEVEL", "banana"),
    ],
)
def test_what_is_unknown_malformed_or_unsafe_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=r"CASEWORK_|floor"):
        loaded(tmp_path, **{name: value})


def test_every_number_has_bounds() -> None:
    numbers = {field.name for field in fields(Settings) if field.type == "int"}
    assert numbers == BOUNDS.keys()


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("name", BOUNDS)
def test_a_number_beyond_its_bounds_is_refused_in_every_mode(tmp_path: Path, name: str, mode: Mode) -> None:
    least, most = BOUNDS[name]
    setting = f"CASEWORK_{name.upper()}"
    for value in (least - 1, most + 1, -least - 1):
        with pytest.raises(SettingsError, match=f"{setting} must be from {least} to {most}"):
            loaded(tmp_path, CASEWORK_MODE=mode, **{setting: str(value)})


def test_argon2_has_memory_for_each_lane(tmp_path: Path) -> None:
    given = {"CASEWORK_MODE": "testing", "CASEWORK_ARGON2_MEMORY_KIB": "64"}
    assert loaded(tmp_path, **given, CASEWORK_ARGON2_LANES="8").argon2_lanes == 8
    with pytest.raises(SettingsError, match="a lane"):
        loaded(tmp_path, **given, CASEWORK_ARGON2_LANES="9")


@pytest.mark.parametrize(
    ("name", "value"),
    [("CASEWORK_PUBLIC_HOST", "help.example.org"), ("CASEWORK_TRUSTED_PROXIES", "1"), ("CASEWORK_MLPS", "on")],
)
def test_a_demonstration_does_not_run_on_a_production_configuration(tmp_path: Path, name: str, value: str) -> None:
    assert loaded(tmp_path, **{name: value}).mode is Mode.PRODUCTION
    with pytest.raises(SettingsError, match=f"demo is refused on a production configuration: {name}"):
        loaded(tmp_path, CASEWORK_MODE="demo", **{name: value})


def test_names_of_the_test_suite_and_of_others_are_left_alone(tmp_path: Path) -> None:
    assert loaded(tmp_path, CASEWORK_REQUIRE="browser", HOME="/nowhere") == loaded(tmp_path)


def test_the_instance_file_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / "casework.env").write_text("# a comment\nCASEWORK_MODE=demo\nCASEWORK_SHIFT_HOURS = 6\n\n")
    assert loaded(tmp_path).is_demo
    assert loaded(tmp_path).shift_hours == 6
    assert loaded(tmp_path, CASEWORK_SHIFT_HOURS="5").shift_hours == 5


def test_an_unknown_name_in_the_instance_file_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / "casework.env").write_text("CASEWORK_MOOD=demo\n")
    with pytest.raises(SettingsError, match="CASEWORK_MOOD"):
        loaded(tmp_path)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_postgresql_gets_its_driver(tmp_path: Path, scheme: str) -> None:
    settings = loaded(tmp_path, CASEWORK_DATABASE_URL=f"{scheme}://root@127.0.0.1/casework")
    assert settings.database == "postgresql+psycopg://root@127.0.0.1/casework"


def test_nobody_changes_settings_afterwards(tmp_path: Path) -> None:
    with pytest.raises(AttributeError):
        loaded(tmp_path).mode = Mode.DEMO  # type: ignore[misc]  # refusing this is the point


def test_a_demonstration_is_loud_about_its_second_factor(tmp_path: Path) -> None:
    assert not loaded(tmp_path, CASEWORK_MODE="demo").second_factor_required
