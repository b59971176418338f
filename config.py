"""Settings: typed, frozen, read once from the environment; unknown names are refused.

Every default is safe in production and fit to be public. ``instance/casework.env`` (NAME=value lines) is read
first, so that ``flask casework …`` works from the root without further settings; the environment wins over it.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parent
PREFIX = "CASEWORK_"
# Names that belong to the test suite and the make targets; the running system ignores them.
FOREIGN_NAMES = frozenset({"CASEWORK_TEST_DATABASE_URL", "CASEWORK_REQUIRE"})
# OWASP's floor for Argon2id (19 MiB, t = 2); below it production refuses to start.
ARGON2_FLOOR_KIB = 19 * 1024
ARGON2_FLOOR_PASSES = 2
SERIES = re.compile(r"[1-9]\d?[dwm](,[1-9]\d?[dwm]){0,11}", re.ASCII)
# Argon2 divides its memory among the lanes, at least 8 KiB each (RFC 9106 §3.1).
ARGON2_KIB_A_LANE = 8
# The least and the most of each number; beyond them it is a slip of the hand or an open door.
BOUNDS: Final = {
    "alert_escalate_minutes": (1, 120),
    "push_streams": (0, 200),
    "risk_prompt_minutes": (1, 60),
    "audit_chains": (1, 64),
    "session_idle_minutes": (1, 8 * 60),
    "session_absolute_hours": (1, 24),
    "argon2_memory_kib": (ARGON2_KIB_A_LANE, 4 * 1024 * 1024),
    "argon2_passes": (1, 100),
    "argon2_lanes": (1, 64),
    "shift_hours": (1, 24),
    "author_grant_hours": (0, 7 * 24),
    "followup_grace_days": (1, 90),
    "missed_call_hours": (1, 14 * 24),
    "trusted_proxies": (0, 10),
}


class SettingsError(Exception):
    """The configuration is unknown, malformed or unsafe; the message says which name and what to do."""


class Mode(StrEnum):
    """What the process is for. Production is the default, so that forgetting to choose is safe."""

    PRODUCTION = "production"
    DEMO = "demo"
    TESTING = "testing"


class LogLevel(StrEnum):
    """The least important thing that is still logged."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that an operator can choose. Times are minutes, hours or days as the name says, memory is KiB.

    ``followup_series``: when a caller of high risk is called again, in days (d), weeks (w) and months (m).
    """

    mode: Mode = Mode.PRODUCTION
    instance_path: Path = ROOT / "instance"
    database_url: str = ""
    keyring_path: Path | None = None
    audit_checkpoint_path: Path | None = None
    audit_chains: int = 8
    session_idle_minutes: int = 30
    session_absolute_hours: int = 12
    argon2_memory_kib: int = 64 * 1024
    argon2_passes: int = 3
    argon2_lanes: int = 4
    shift_hours: int = 4
    author_grant_hours: int = 24
    alert_escalate_minutes: int = 2
    risk_prompt_minutes: int = 8
    push_streams: int = 0
    followup_series: str = "1d,1w,1m,3m,12m"
    followup_grace_days: int = 7
    missed_call_hours: int = 2
    trusted_proxies: int = 0
    public_host: str = ""
    mlps: bool = False
    second_factor: bool = True
    log_level: LogLevel = LogLevel.INFO

    @property
    def is_demo(self) -> bool:
        """Whether this is the loud demonstration with known passwords."""
        return self.mode is Mode.DEMO

    @property
    def second_factor_required(self) -> bool:
        """Whether nobody works without a second factor: always in production."""
        return self.mode is Mode.PRODUCTION or (self.mode is Mode.TESTING and self.second_factor)

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies travel over TLS only: always in production."""
        return self.mode is Mode.PRODUCTION

    @property
    def database(self) -> str:
        """SQLAlchemy address of the database; an SQLite file beside the keyring unless one is given."""
        if not self.database_url:
            return f"sqlite:///{self.instance_path / 'casework.sqlite'}"
        return _with_driver(self.database_url)

    @property
    def keyring(self) -> Path:
        """Where the keyring file lies. It must never share a backup with the database."""
        return self.keyring_path or self.instance_path / "keyring.json"

    @property
    def audit_checkpoints(self) -> Path:
        """Where signed audit checkpoints are appended; outside the database by design."""
        return self.audit_checkpoint_path or self.instance_path / "checkpoints.jsonl"

    def check(self) -> Settings:
        """Return itself when safe; refuse a number out of bounds and whatever would weaken a production system."""
        for name, (least, most) in BOUNDS.items():
            if not least <= getattr(self, name) <= most:
                msg = f"{PREFIX}{name.upper()} must be from {least} to {most}"
                raise SettingsError(msg)
        if self.argon2_memory_kib < ARGON2_KIB_A_LANE * self.argon2_lanes:
            msg = f"CASEWORK_ARGON2_MEMORY_KIB must be at least {ARGON2_KIB_A_LANE} KiB a lane"
            raise SettingsError(msg)
        if not SERIES.fullmatch(self.followup_series):
            msg = f"{PREFIX}FOLLOWUP_SERIES is a list such as 1d,1w,1m,3m,12m: days, weeks, months after the call"
            raise SettingsError(msg)
        if self.mode is Mode.PRODUCTION:
            self._check_production()
        if self.mode is Mode.DEMO:
            self._check_demo()
        return self

    def _check_production(self) -> None:
        if self.argon2_memory_kib < ARGON2_FLOOR_KIB or self.argon2_passes < ARGON2_FLOOR_PASSES:
            msg = f"CASEWORK_ARGON2_* is below the floor of {ARGON2_FLOOR_KIB} KiB and {ARGON2_FLOOR_PASSES} passes"
            raise SettingsError(msg)
        if not self.second_factor:
            msg = "CASEWORK_SECOND_FACTOR=off is refused in production"
            raise SettingsError(msg)

    def _check_demo(self) -> None:
        # Whoever names a host or a proxy has people from outside in mind, and the demonstration's password is public.
        signs = {"PUBLIC_HOST": self.public_host, "TRUSTED_PROXIES": self.trusted_proxies, "MLPS": self.mlps}
        found = [f"{PREFIX}{name}" for name, value in signs.items() if value]
        if found:
            msg = f"CASEWORK_MODE=demo is refused on a production configuration: {', '.join(found)} is set"
            raise SettingsError(msg)


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the instance file and the environment.

    Refuses unknown ``CASEWORK_`` names, values of the wrong kind and unsafe production values (SettingsError).
    """
    given = dict(os.environ if environ is None else environ)
    instance = Path(given.get(f"{PREFIX}INSTANCE_PATH") or ROOT / "instance")
    values = _file_values(instance / "casework.env")
    values.update({name: value for name, value in given.items() if name.startswith(PREFIX)})
    known = {f"{PREFIX}{field.name.upper()}": field for field in fields(Settings)}
    unknown = sorted(set(values) - set(known) - FOREIGN_NAMES)
    if unknown:
        msg = f"unknown setting {', '.join(unknown)}; known are {', '.join(sorted(known))}"
        raise SettingsError(msg)
    parsed = {
        known[name].name: _parse(name, str(known[name].type), value) for name, value in values.items() if name in known
    }
    return Settings(**parsed).check()


def _with_driver(url: str) -> str:
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def _file_values(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def _parse(name: str, kind: str, value: str) -> Any:  # noqa: ANN401 - the field's own type decides
    readers: dict[str, Any] = {"Mode": Mode, "LogLevel": LogLevel, "int": int, "bool": _boolean, "str": str}
    try:
        return readers.get(kind, Path)(value)
    except ValueError as error:
        msg = f"{name} is not a valid {kind}"
        raise SettingsError(msg) from error


def _boolean(value: str) -> bool:
    words = {"on": True, "true": True, "1": True, "yes": True, "off": False, "false": False, "0": False, "no": False}
    if value.lower() not in words:
        raise ValueError(value)
    return words[value.lower()]
