"""What the switchboard tells of the canaries' calls: events, rightly and wrongly, and files of call records."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import TYPE_CHECKING

from casework.core import clock
from casework.intake.rules.records import ASTERISK
from tests.support.canaries import NAME, NUMBER, SPELLINGS
from tests.support.switchboard import Switchboard, secret_of

if TYPE_CHECKING:
    from tests.integration.leaks.witness import Evidence

LINE = "和悦社工值班热线"
WRONG = (
    {"id": NAME}, {"line": NUMBER}, {"at": NUMBER}, {"event": NAME}, {NAME: NUMBER}, {"number": NUMBER * 9},
)  # fmt: skip


def ring(evidence: Evidence) -> None:
    """Let the canary's number ring, be refused in every field, be taken by a volunteer, and call in vain."""
    board = Switchboard(evidence.anybody(), secret_of(evidence.app), LINE)
    for spelling in (NUMBER, *SPELLINGS):
        assert board.send("ringing", f"call-{board.count}", number=spelling).status_code == 200
    for wrong in WRONG:
        assert board.post(json.dumps(board.body("ringing", "wrong") | wrong).encode()).status_code == 422
    volunteer = evidence.enter("zhiyuan")
    taken = volunteer.submit("/calls", action="/take")
    assert NUMBER in volunteer.get(taken.location).text
    assert evidence.enter("zixun").get(taken.location).status_code == 409
    start = clock.now() - timedelta(minutes=2)
    assert board.send("ringing", NUMBER, start, number=NUMBER).status_code == 200
    assert board.send("abandoned", NUMBER, number=NUMBER).status_code == 200
    assert volunteer.get("/calls/ringing").status_code == 200


def import_records(evidence: Evidence) -> None:
    """Import a file that holds the canary in every column, and lines that are refused for it."""
    now = clock.local(clock.now())
    told = {
        "src": NUMBER, "dst": LINE, "clid": f'"{NAME}" <{NUMBER}>', "channel": f"PJSIP/{NUMBER}", "lastapp": "Dial",
        "lastdata": NUMBER, "start": f"{now - timedelta(hours=1):%F %T}", "end": f"{now - timedelta(minutes=50):%F %T}",
        "duration": "600", "disposition": "NO ANSWER", "uniqueid": NUMBER, "userfield": NAME,
    }  # fmt: skip
    refused = ({**told, name: f"{NAME} {NUMBER}"} for name in ("dst", "start", "disposition"))
    text = io.StringIO()
    csv.DictWriter(text, ASTERISK.names, quoting=csv.QUOTE_ALL).writerows([told, told | {"uniqueid": ""}, *refused])
    path = evidence.folder.parent / "records.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    for options in (["--dry-run"], []):
        arguments = ["casework", "import-cdr", str(path), *options]
        answer = evidence.app.test_cli_runner().invoke(args=arguments, catch_exceptions=False)
        assert answer.output.count("未导入：") == 3
        evidence.heard.write(answer.output)
    path.unlink()
