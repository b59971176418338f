"""``flask casework keys`` says what it did, and never shows a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from casework.cli.keys import keys
from casework.core.keyring import KeyClass
from tests.integration.vault.probe import ROWS

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from casework.core.keyring import Keyring
    from tests.support.client import CheckedClient


@pytest.mark.sqlite_only
def test_the_commands_print_counts_and_no_key(ring: Keyring, bare_app: Flask) -> None:
    runner = bare_app.test_cli_runner()
    answer = runner.invoke(keys, ["rotate", "bidx", "--batch", "10"], catch_exceptions=False)
    assert answer.exit_code == 0
    assert f"probe_kept.bidx: {ROWS} moved to {ring.active_kid('bidx')}" in answer.output
    assert f"bidx: {ring.active_kid('bidx')} is active; retired {ring.keys_of('bidx')[0].kid}" in answer.output
    listing = runner.invoke(keys, ["list"], catch_exceptions=False)
    assert listing.output.count("active") == len(KeyClass)
    assert "retired" in listing.output
    text = ring.path.read_text(encoding="utf-8")
    assert not any(part in answer.output + listing.output for part in text.split('"') if len(part) > 40)
    refused = runner.invoke(keys, ["rotate", "pepper"])
    assert refused.exit_code == 1
    assert "nothing was changed" in refused.output


def test_everybody_still_signs_in_after_the_pepper_was_rotated(
    app: Flask, sign_in: Callable[[str], CheckedClient]
) -> None:
    ring: Keyring = app.extensions["casework.keyring"]
    former = ring.active_kid("pepper")
    answer = app.test_cli_runner().invoke(keys, ["rotate", "pepper", "--batch", "3"], catch_exceptions=False)
    assert answer.exit_code == 0
    assert f"retired {former}" in answer.output
    assert sign_in("zixun").get("/cases").status_code == 200
