"""The locked requirements: every dependency of ours locked, every lock hashed, no address of an index."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?P<rest>.*)$")
HASH = re.compile(r"^\s+--hash=sha256:[0-9a-f]{64}")
ADDRESS = re.compile(r"https?://|--(extra-)?index-url|--find-links|file:|(^|\s)/")


def read(text: str) -> tuple[dict[str, list[Version]], list[str]]:
    """Return the locked versions by name (several where a marker decides), and what is wrong with the file."""
    locked: dict[str, list[Version]] = {}
    found: list[str] = []
    hashes: dict[str, int] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if ADDRESS.search(line):
            found.append(f"an address or a path: {line.strip()}")
        pinned = PINNED.match(line)
        if pinned:
            name = canonicalize_name(pinned["name"])
            locked.setdefault(name, []).append(Version(pinned["version"]))
            hashes.setdefault(name, 0)
        elif HASH.match(line):
            hashes[name] = hashes.get(name, 0) + 1
        else:
            found.append(f"not a locked version: {line.strip()}")
    found += [f"no hash: {each}" for each, count in hashes.items() if not count]
    return locked, found


def missing(wanted: list[str], locked: dict[str, list[Version]]) -> list[str]:
    """Return the dependencies that the lock does not satisfy."""
    found = []
    for line in wanted:
        requirement = Requirement(line)
        versions = locked.get(canonicalize_name(requirement.name), [])
        if not any(requirement.specifier.contains(version, prereleases=True) for version in versions):
            found.append(f"the lock does not satisfy {line}; run make lock")
    return found


def faults(root: Path = ROOT) -> list[str]:
    """Return everything that is wrong with both locks."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    run, dev = project["dependencies"], project["optional-dependencies"]["dev"]
    found = []
    for name, wanted in (("requirements.txt", run), ("requirements-dev.txt", [*run, *dev])):
        locked, own = read((root / name).read_text(encoding="utf-8"))
        found += [f"{name}: {fault}" for fault in own + missing(wanted, locked)]
    return found


if __name__ == "__main__":
    problems = faults()
    sys.stdout.writelines(f"{problem}\n" for problem in problems)
    sys.exit(bool(problems))
