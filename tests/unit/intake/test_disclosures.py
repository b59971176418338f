"""Nothing is told to others without a ground, and every ground says which clause it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from casework.intake.rules import disclosure_gap
from casework.intake.types import CLAUSES, GROUND_NAMES, Consulted, Disclosed, Ground, NotTold, Receiver, Told

NOW = datetime(2020, 4, 5, 12, tzinfo=UTC)
GOOD = Disclosed(
    ground=Ground.SELF,
    receiver=Receiver.POLICE,
    fields=(Told.PLACE,),
    disclosed_at=NOW - timedelta(hours=1),
    consulted=Consulted.BEFORE,
    consulted_id=uuid4(),
    not_told=NotTold.DANGER,
    facts="说已经站在桥上",
)


def test_every_ground_has_its_clause_and_its_words() -> None:
    assert set(CLAUSES) == set(GROUND_NAMES) == set(Ground)
    assert all(source and text for source, text in CLAUSES.values())


@pytest.mark.parametrize("ground", sorted(set(Ground) - {Ground.DOCUMENT}))
def test_a_whole_record_has_no_gap(ground: Ground) -> None:
    assert disclosure_gap(replace(GOOD, ground=ground), NOW) is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"fields": ()}, "fields"),
        ({"facts": "  "}, "facts"),
        ({"disclosed_at": NOW + timedelta(seconds=1)}, "disclosed_at"),
        ({"ground": Ground.DOCUMENT}, "document"),
        ({"ground": "E7"}, "ground"),
        ({"consulted_id": None}, "consulted_id"),
        ({"consulted": Consulted.NOT_YET}, "consulted_id"),
        ({"not_told": None}, "not_told"),
        ({"told_at": NOW}, "not_told"),
        ({"told_at": NOW - timedelta(hours=2), "not_told": None}, "told_at"),
        ({"told_at": NOW + timedelta(hours=2), "not_told": None}, "told_at"),
    ],
)
def test_every_gap_is_found(changes: dict[str, object], field: str) -> None:
    assert disclosure_gap(replace(GOOD, **changes), NOW) == field  # type: ignore[arg-type]  # fields by name


def test_a_legal_document_and_having_told_the_person_fill_the_gaps() -> None:
    assert disclosure_gap(replace(GOOD, ground=Ground.DOCUMENT, document="某法 2020-1"), NOW) is None
    assert disclosure_gap(replace(GOOD, told_at=NOW, not_told=None), NOW) is None
    assert disclosure_gap(replace(GOOD, consulted=Consulted.NOT_YET, consulted_id=None), NOW) is None
