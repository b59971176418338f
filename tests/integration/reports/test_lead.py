"""The project lead: sees that the work counts, and finds no way from a number to a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.routing import BuildError

from casework.cases import service as cases
from casework.cases.types import Channel, NoteFields, NoteKind, Population
from casework.core import clock
from casework.core.db import write_transaction
from casework.core.ids import new_id
from casework.intake import service as intake
from casework.intake.service import DraftKey
from casework.intake.types import AgeBand, CallType, Codes, Outcome, Risk, Sex, Topic, Words
from casework.programme import queries as programme
from casework.reports import queries
from tests.support import seed
from tests.support.canaries import NAME, NOTE, NUMBER, SUMMARY, search_text, search_zip
from tests.support.events import entries_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from werkzeug.routing import Rule

    from casework.security.actor import Actor
    from tests.support.client import CheckedClient

# Enough that a count is shown and not "<5".
CALLS = 6
READING = {"GET", "HEAD", "OPTIONS"}
SECRET = {"name": NAME, "number": NUMBER, "summary": SUMMARY, "note": NOTE}


@dataclass(frozen=True)
class Work:
    """Cases that were opened from calls, by what an address may name."""

    numbers: list[str]
    ids: dict[str, list[str]]


@pytest.fixture
def work(app: Flask) -> Work:
    """Give calls with canaries, each assigned to a counselor who wrote a note."""
    found = Work([], {"call_id": [], "case_id": [], "note_id": [], "account_id": [], "line_id": []})
    with app.app_context():
        volunteer, supervisor, counselor = (seed.actor(login) for login in ("zhiyuan", "dudao", "zixun"))
        line = programme.list_lines(volunteer, volunteer.subproject_id)[0].id
        for number in range(CALLS):
            with write_transaction():
                call = _call(volunteer, line, f"1391013870{number}" if number else NUMBER)
                case = intake.assign(call, counselor.account_id, actor=supervisor)
            with write_transaction():
                fields = NoteFields(kind=NoteKind.SESSION, occurred_at=clock.now(), channel=Channel.PHONE, minutes=40)
                note = cases.write_note(case, NOTE, fields, actor=counselor)
            found.numbers.append(case.number)
            found.ids["call_id"].append(str(call.id))
            found.ids["case_id"].append(str(case.id))
            found.ids["note_id"].append(str(note.id))
        found.ids["account_id"].append(str(counselor.account_id))
        found.ids["line_id"].append(str(line))
    return found


def _call(volunteer: Actor, line: Any, number: str) -> Any:  # noqa: ANN401 - a stored call
    codes = Codes(
        call_type=CallType.SELF,
        sex=Sex.FEMALE,
        age_band=AgeBand.FROM_36,
        division="440100",
        population=(Population.NONE,),
        topics=(Topic.SLEEP,),
        risk=Risk.NONE,
        outcome=Outcome.TO_CASE,
    )
    call_id = new_id()
    words = Words(caller_name=NAME, caller_phone=number, summary=SUMMARY)
    return intake.finish(DraftKey(call_id, 0, call_id), codes, words, actor=volunteer, line_id=line)


def test_T2_a_lead_cannot_open_a_case_but_the_totals_include_it(
    app: Flask, work: Work, sign_in: Callable[[str], CheckedClient]
) -> None:
    client = sign_in("fuze")
    for number in work.numbers:
        assert client.get(f"/cases/{number}").status_code in {403, 404}
    assert client.get("/cases").status_code == 403
    with app.app_context():
        found = queries.get_dashboard(seed.actor("fuze"))
        lead = seed.actor("fuze").account_id
        refused = [entry for entry in entries_of(lead) if entry.outcome == "refused"]
    assert found.total.count == CALLS
    assert found.tables["case_opened"].total.count == CALLS
    assert found.tables["case_session"].total.count == CALLS
    assert found.tables["case_mode"].find("online").count == CALLS
    assert found.tables["outcome"].find("to_case").count == CALLS
    assert len(refused) > CALLS, "every refusal is in the trail"
    assert f"n = {CALLS}" in client.get("/reports").text


@pytest.mark.sqlite_only
def test_a_lead_walks_every_address_and_meets_no_person(
    app: Flask, work: Work, sign_in: Callable[[str], CheckedClient]
) -> None:
    client = sign_in("fuze")
    visited, leaks = 0, []
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or set()) or rule.endpoint == "static":
            continue
        for address in _addresses(app, rule, work):
            answer = client.get(address)
            visited += 1
            place = f"{address} {answer.status_code}"
            leaks += search_text(f"{answer.headers}\n{answer.get_data(as_text=True)}", place, SECRET)
    assert visited > 25
    assert leaks == []


@pytest.mark.sqlite_only
def test_a_lead_posts_to_every_address_and_meets_no_person(
    app: Flask, work: Work, sign_in: Callable[[str], CheckedClient]
) -> None:
    client = sign_in("fuze")
    page = client.get("/reports").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    leaks = []
    for rule in app.url_map.iter_rules():
        if not (rule.methods or set()) - READING or rule.endpoint in {"people.sign_out", "people.switch_role"}:
            continue
        for address in _addresses(app, rule, work):
            answer = client.post(address, data={"csrf_token": token, "_key": str(new_id())})
            leaks += search_text(answer.get_data(as_text=True), f"POST {address} {answer.status_code}", SECRET)
    assert leaks == []


@pytest.mark.sqlite_only
def test_the_export_of_a_lead_holds_no_person(work: Work, sign_in: Callable[[str], CheckedClient]) -> None:
    assert work.numbers
    answer = sign_in("fuze").get("/reports/export.xlsx?period=whole&purpose=work_report")
    assert answer.status_code == 200
    assert search_zip(answer.data, "workbook", SECRET) == []
    assert search_text(str(answer.headers), "headers", SECRET) == []


def _addresses(app: Flask, rule: Rule, work: Work) -> Iterator[str]:
    """Return the addresses of a rule with everything put in that belongs to somebody's case."""
    known = [each for ids in work.ids.values() for each in ids[:1]]
    adapter = app.url_map.bind("localhost")
    names = sorted(rule.arguments)
    if not names:
        yield rule.rule
        return
    texts = [work.numbers[0], "GZ", "SZ", "1", *known]
    for value in dict.fromkeys([*texts, *_more(names, work)]):
        for built in (value, int(value) if value.isdecimal() else value):
            try:
                yield adapter.build(
                    rule.endpoint, dict.fromkeys(names, built), method=next(iter(rule.methods or {"GET"}))
                )
            except (BuildError, ValueError, TypeError, AttributeError):
                # The value is of a kind that this address does not take.
                continue


def _more(names: list[str], work: Work) -> list[str]:
    return [each for name in names for each in work.ids.get(name, [])]
