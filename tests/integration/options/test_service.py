"""Publishing a list: all of it or nothing, by whom it may be, seen by the next reader."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict, Invalid, Refused
from casework.intake.types import BUILT_IN
from casework.options import queries, service
from casework.options.models import OptionEntry
from casework.options.types import Entry, OptionList
from casework.security.actor import Actor
from tests.support.events import entries_of

if TYPE_CHECKING:
    from collections.abc import Callable

OWN = Entry(code="long_covid", name_zh="新冠后遗症", name_en="Long covid", is_built_in=False, keywords="后遗")


@pytest.mark.usefixtures("admin")
def test_every_built_in_option_is_stored_once_in_both_languages() -> None:
    assert session().scalar(sa.select(sa.func.count()).select_from(OptionEntry)) == sum(
        len(built_in.names) for built_in in BUILT_IN.values()
    )
    sleep = session().scalars(sa.select(OptionEntry).where(OptionEntry.code == "sleep")).one()
    assert (sleep.name_zh, sleep.name_en, sleep.is_built_in) == ("睡眠", "Sleep", True)
    assert {"shuimian", "sm", "睡眠", "sleep"} <= set(sleep.search.split())
    assert service.seed(actor=Actor.system()) == 0


def test_publishing_leaves_one_event_with_codes_and_counts_only(admin: Actor, publish: Callable[..., int]) -> None:
    assert publish(OptionList.TOPIC, "sleep", OWN, name_zh="失眠") == 2
    assert publish(OptionList.TOPIC, "sleep") == 0
    session().commit()
    events = [each.details for each in entries_of(admin.account_id) if each.action == "options.published"]
    assert events == [{"added": 1, "changed": 1, "list": "topic"}]
    assert queries.names(OptionList.TOPIC)["long_covid"] == "新冠后遗症"
    assert "houyi" in session().scalars(sa.select(OptionEntry.search).where(OptionEntry.code == "long_covid")).one()


def test_only_the_administrator_publishes(actor: Callable[[str], Actor]) -> None:
    entries, version = queries.get_list(actor("guanli"), OptionList.TOPIC)
    for login in ("zhiyuan", "dudao", "fuze", "bangong", "shenji"):
        with pytest.raises(Refused):
            service.publish(OptionList.TOPIC, entries, seen_version=version, actor=actor(login))
        with pytest.raises(Refused):
            queries.get_list(actor(login), OptionList.TOPIC)


def test_a_list_that_somebody_published_meanwhile_is_not_overwritten(admin: Actor, publish: Callable[..., int]) -> None:
    entries, version = queries.get_list(admin, OptionList.TOPIC)
    publish(OptionList.TOPIC, "sleep", name_zh="失眠")
    with pytest.raises(Conflict):
        service.publish(OptionList.TOPIC, entries, seen_version=version, actor=admin)
    assert queries.names(OptionList.TOPIC)["sleep"] == "失眠"


def test_options_are_neither_deleted_nor_protected_ones_retired(admin: Actor, publish: Callable[..., int]) -> None:
    entries, version = queries.get_list(admin, OptionList.TOPIC)
    with pytest.raises(Invalid, match="不能删除"):
        service.publish(OptionList.TOPIC, entries[1:], seen_version=version, actor=admin)
    with pytest.raises(Invalid, match="不能停用"):
        publish(OptionList.RISK, "not_assessed", offered_until=clock.today())
    with pytest.raises(Invalid, match="不能增加"):
        publish(OptionList.SEX, "male", OWN)


def test_order_and_days_are_what_is_offered(admin: Actor, publish: Callable[..., int]) -> None:
    entries, version = queries.get_list(admin, OptionList.CATEGORY)
    service.publish(OptionList.CATEGORY, entries[::-1], seen_version=version, actor=admin)
    assert queries.catalogue().offered[OptionList.CATEGORY][0] == entries[-1].code
    publish(OptionList.CATEGORY, "inbound", offered_until=clock.today() - timedelta(days=1))
    publish(OptionList.CATEGORY, "public", offered_from=clock.today() + timedelta(days=1))
    offered = queries.catalogue().offered[OptionList.CATEGORY]
    assert not {"inbound", "public"} & set(offered)
    assert queries.names(OptionList.CATEGORY)["inbound"] == "入境人员"
