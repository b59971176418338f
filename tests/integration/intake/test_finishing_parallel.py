"""One new call that is finished twice in the same moment: one record, and nothing of the other is left."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import sqlalchemy as sa

from casework.audit.models import AuditEntry
from casework.core.db import session
from casework.core.errors import Conflict
from casework.intake import service
from casework.intake.models import Call, CallDay
from casework.intake.service import DraftKey
from casework.intake.types import Words
from casework.programme import queries as programme
from casework.vault.models import DataKeyRecord
from tests.integration.intake.conftest import CODES, at_once

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from casework.security.actor import Actor


def test_a_call_that_is_finished_twice_at_once_is_one_call(app: Flask, actor: Callable[[str], Actor]) -> None:
    who = [actor("zhiyuan") for _ in range(4)]
    line = programme.list_lines(who[0], who[0].subproject_id)[0].id
    session().rollback()
    call_id = uuid4()

    def finish(by: Actor) -> Callable[[], object]:
        key = DraftKey(call_id, rev=0, writer=uuid4())
        return lambda: service.finish(key, CODES, Words(summary="睡不着。"), actor=by, line_id=line).id

    ends = at_once(app, [finish(each) for each in who])
    assert [end for end in ends if not isinstance(end, Conflict)] == [call_id]
    counted = sa.select(sa.func.sum(CallDay.count)).where(CallDay.dimension == "total")
    assert session().scalar(sa.select(sa.func.count()).select_from(Call)) == 1
    assert session().scalar(sa.select(sa.func.count()).where(DataKeyRecord.object_id == call_id)) == 1
    assert session().scalar(counted) == 1
    for action in ("call.finished", "key.created"):
        assert session().scalar(sa.select(sa.func.count()).where(AuditEntry.action == action)) == 1
