"""Assignment is a cryptographic act: who is not assigned opens nothing, whatever they call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from casework.cases import queries, service
from casework.cases.queries import linked_key_sources, note_place
from casework.cases.types import ClosingReason
from casework.clients.queries import data_key_of
from casework.core.crypto import CryptoError
from casework.core.db import session
from casework.core.errors import Refused
from casework.core.ids import new_id
from casework.vault import service as vault
from casework.vault.queries import can_open
from casework.vault.types import KeyPurpose
from tests.integration.cases.conftest import TEXT, House, session_fields

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from casework.cases.models import Case


def opens(house: House, name: str, key_id: UUID) -> bool:
    return key_id in vault.open_keys([key_id], actor=house.actor(name))


def who_opens(house: House, key_id: UUID) -> set[str]:
    session().flush()
    return {name for name in house.people if opens(house, name, key_id)}


@pytest.fixture
def calls() -> Iterator[dict[UUID, list[UUID]]]:
    """Stand for the package above: the data keys of the calls of each case."""
    keys: dict[UUID, list[UUID]] = {}

    def source(case: Case) -> list[UUID]:
        return keys.get(case.id, [])

    linked_key_sources.append(source)
    yield keys
    linked_key_sources.remove(source)


def test_T2_a_case_opens_for_its_counselor_and_the_supervisors_of_its_sub_project(house: House) -> None:
    case = house.open()
    assert who_opens(house, case.data_key_id) == {"dudao", "zixun"}
    assert who_opens(house, _client_key(case)) == {"dudao", "zixun"}


def test_before_anybody_is_assigned_only_the_supervisors_open_it(house: House) -> None:
    assert who_opens(house, house.open(counselor=None).data_key_id) == {"dudao"}


def test_a_new_counselor_opens_it_and_the_one_before_no_longer(house: House) -> None:
    case = house.open()
    note = service.write_note(case, TEXT, session_fields(), actor=house.actor("zixun"))
    service.assign(case, house.people["zixun3"].account_id, actor=house.actor("dudao"))
    assert who_opens(house, case.data_key_id) == {"dudao", "zixun3"}
    assert who_opens(house, _client_key(case)) == {"dudao", "zixun3"}
    assert queries.open_note(house.actor("zixun3"), note).text == TEXT


def test_T2_an_unassigned_counselor_cannot_open_a_note_even_by_calling_the_vault(house: House) -> None:
    note = service.write_note(house.open(), TEXT, session_fields(), actor=house.actor("zixun"))
    for name in ("zixun3", "zixun2", "fuze", "zhiyuan", "yishi", "bangong", "dudao2"):
        stranger = house.actor(name)
        assert not can_open(stranger, note.data_key_id)
        with pytest.raises(Refused):
            queries.open_note(stranger, note)
        with pytest.raises(Refused):
            vault.open_text(vault.open_key(note.data_key_id, actor=stranger), note_place(note.id), note.sealed_text)


def test_unassigning_and_closing_take_the_key_away(house: House) -> None:
    first, second = house.open(), house.open()
    service.unassign(first, actor=house.actor("dudao"))
    service.close_case(second, ClosingReason.CLIENT_WISH, actor=house.actor("zixun"))
    for case in (first, second):
        assert who_opens(house, case.data_key_id) == {"dudao"}
        assert who_opens(house, _client_key(case)) == {"dudao"}


def test_an_opened_key_is_forgotten_when_the_counselor_closes(house: House) -> None:
    case, counselor = house.open(), house.actor("zixun")
    vault.open_key(case.data_key_id, actor=counselor)
    service.close_case(case, ClosingReason.CLIENT_WISH, actor=counselor)
    with pytest.raises(Refused):
        vault.open_key(case.data_key_id, actor=counselor)


def test_linked_keys_follow_the_case(house: House, calls: dict[UUID, list[UUID]]) -> None:
    case = house.open()
    call = _call_key(house)
    service.join(case, call_id=new_id(), data_key_id=call, actor=house.actor("dudao"))
    calls[case.id] = [call]
    assert who_opens(house, call) == {"dudao", "zixun"}
    service.assign(case, house.people["zixun3"].account_id, actor=house.actor("dudao"))
    assert who_opens(house, call) == {"dudao", "zixun3"}
    service.unassign(case, actor=house.actor("dudao"))
    assert who_opens(house, call) == {"dudao"}


def test_a_joined_call_raises_risk_and_adds_groups_and_never_takes_any_away(house: House) -> None:
    case, supervisor = house.open(["none"], risk=2), house.actor("dudao")
    for risk, groups in ((4, ["child"]), (1, ["unknown"]), (None, [])):
        service.join(
            case, call_id=new_id(), data_key_id=_call_key(house), actor=supervisor, risk_level=risk, populations=groups
        )
        session().flush()
    assert (case.risk_level, case.populations) == (4, ["child"])


def test_notes_moved_between_cases_or_rows_do_not_open(house: House) -> None:
    first, second = house.open(), house.open()
    counselor = house.actor("zixun")
    one = service.write_note(first, TEXT, session_fields(), actor=counselor)
    two = service.write_note(second, "另一个个案的文字", session_fields(), actor=counselor)
    three = service.write_note(first, "同一个个案的文字", session_fields(), actor=counselor)
    for other in (two, three):
        kept = one.sealed_text
        one.sealed_text = other.sealed_text
        with pytest.raises(CryptoError):
            queries.open_note(house.actor("zixun"), one)
        one.sealed_text = kept


def _client_key(case: Case) -> UUID:
    return data_key_of(case.client_id)


def _call_key(house: House) -> UUID:
    return vault.create_key(
        KeyPurpose.CALL, new_id(), subproject_id=house.places["GZ"], actor=house.actor("zhiyuan")
    ).id
