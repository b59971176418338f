"""The English catalogue against the strings of the code: nothing missing, left over, empty, doubtful or broken.

``python -m tests.support.catalogue`` says what is wrong; ``--update`` puts new strings into the catalogue, empty.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "casework" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
PLACE = re.compile(r"%\((\w+)\)[sd]")
# A notice by its number, and words that are quoted, stay as they are.
CITED = re.compile("[\u4e00-\u9fff]+〔[0-9]{4}〕[0-9]+号|“[^”]*”|《[^》]*》")
CHINESE = re.compile("[\u4e00-\u9fff]")


def extract(root: Path = ROOT) -> Catalog:
    """Return the strings that stand in code and templates now. Refused (CalledProcessError) for a broken template."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "messages.pot"
        command = [sys.executable, "-m", "babel.messages.frontend", "--quiet", "extract", "--sort-output"]
        command += ["--mapping-file", "pyproject.toml", "--keywords", "_l", "--keywords", "lazy_gettext"]
        command += ["--output-file", str(target), "."]
        subprocess.run(command, cwd=root, check=True, capture_output=True)  # noqa: S603 - a fixed command
        return load(target)


def load(path: Path) -> Catalog:
    """Return a catalogue file."""
    with path.open("rb") as stream:
        return read_po(stream, locale="en")


def faults(fresh: Catalog, committed: Catalog) -> list[str]:
    """Return everything that keeps the catalogue from being complete."""
    wanted = {key for message in fresh if message.id for key in [_key(message)]}
    known = {_key(message): message for message in committed if message.id}
    found = [f"missing: {name}" for name in sorted(wanted - known.keys())]
    found += [f"no longer used: {name}" for name in sorted(known.keys() - wanted)]
    for name in sorted(wanted & known.keys()):
        found += [f"{fault}: {name}" for fault in message_faults(known[name])]
    return found


def message_faults(message: Message) -> list[str]:
    """Return what is wrong with one translation."""
    ids, words = _all(message.id), _all(message.string)
    found = []
    if not words or not all(words):
        found.append("not translated")
    if message.fuzzy:
        found.append("fuzzy")
    if any(CHINESE.search(CITED.sub("", each)) for each in words):
        found.append("Chinese in the English sentence")
    wanted = _places(ids)
    # A singular may leave its number out; a sentence without plural keeps every place.
    if words and (_places(words) != wanted):
        found.append("other placeholders than the original")
    return found


def update(path: Path = CATALOGUE) -> int:
    """Put the strings of today into the catalogue; return how many wait for a translation."""
    fresh = extract()
    committed = load(path) if path.exists() else Catalog(locale="en", project="casework", charset="utf-8")
    committed.update(fresh, no_fuzzy_matching=True)
    committed.obsolete.clear()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        write_po(stream, committed, sort_output=True, no_location=True, omit_header=False, width=120)
    return sum(1 for message in committed if message.id and not all(_all(message.string)))


def _places(sentences: list[str]) -> set[str]:
    return {place for each in sentences for place in PLACE.findall(each)}


def _key(message: Message) -> str:
    return _all(message.id)[0]


def _all(words: str | list[str] | tuple[str, ...] | None) -> list[str]:
    if words is None:
        return []
    return [words] if isinstance(words, str) else list(words)


def main(arguments: list[str]) -> int:
    """Check or update; return the exit code."""
    if "--update" in arguments:
        sys.stdout.write(f"{update()} strings wait for a translation in {CATALOGUE.relative_to(ROOT)}\n")
        return 0
    if not CATALOGUE.exists():
        sys.stdout.write("there is no English catalogue: make translations\n")
        return 1
    found = faults(extract(), load(CATALOGUE))
    sys.stdout.writelines(f"translations: {fault}\n" for fault in found)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
