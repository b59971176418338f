from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from casework.core.db import write_transaction
from casework.core.errors import NotFound, Refused
from casework.programme import queries as programme
from casework.reports import queries
from casework.reports.disclosure import Mark
from tests.integration.reports.conftest import BRIEF, LEVELS, MODES, TYPES, History, fill

if TYPE_CHECKING:
    from collections.abc import Callable

    from casework.reports.types import Figure
    from casework.security.actor import Actor


def agrees(figure: Figure, true: int) -> bool:
    """Return whether a figure is the true number, or hidden; a number of 1–4 must be hidden."""
    if figure.mark is Mark.SHOWN:
        return figure.count == true and not 0 < true < 5
    return figure.count is None


def test_every_figure_is_the_recount_or_hidden(history: History, actor: Callable[[str], Actor]) -> None:
    office = actor("bangong")
    shown = 0
    months = sorted({day.isoformat()[:7] for day, *_ in history.calls})
    for code in ("", "YH", "GZ", "BC"):
        for period in ["whole", *months]:
            found = queries.get_dashboard(office, period, code)
            month = "" if period == "whole" else period
            assert agrees(found.total, history.total(code, month))
            for value in TYPES:
                figure = found.tables["brief" if value in BRIEF else "call_type"].find(value)
                assert agrees(figure, history.count(code, month, "call_type", value))
                shown += figure.mark is Mark.SHOWN
            high = found.tables["level"].find("high")
            assert agrees(high, sum(history.count(code, month, "level", level) for level in "34"))
            for value in set(LEVELS) - {"3", "4"}:
                assert agrees(found.tables["level"].find(value), history.count(code, month, "level", value))
    assert shown > 20, "a page that hides everything would pass as well"


def test_figures_stay_exact_when_more_is_counted(history: History, actor: Callable[[str], Actor]) -> None:
    office = actor("bangong")
    before = queries.get_dashboard(office, "whole").total.count
    with write_transaction():
        fill(more := History(), seed=8, calls=40, sessions=0, days=30)
    assert queries.get_dashboard(office, "whole").total.count == len(history.calls) + len(more.calls)
    assert before == len(history.calls)


def test_days_and_months_add_up_to_their_total_as_far_as_shown(history: History, actor: Callable[[str], Actor]) -> None:
    lead = actor("fuze")
    for period in ("whole", "", sorted({day.isoformat()[:7] for day, *_ in history.calls})[1]):
        found = queries.get_dashboard(lead, period)
        points = [point.figure for point in found.series]
        shown = sum(figure.count or 0 for figure in points)
        if all(figure.mark is Mark.SHOWN for figure in points):
            assert shown == found.total.count
        else:
            assert sum(figure.mark is not Mark.SHOWN for figure in points) >= 2
        for point in found.series:
            assert agrees(point.figure, history.total("GZ", point.key))


def test_T16_report_splits_online_and_offline(history: History, actor: Callable[[str], Actor]) -> None:
    found = queries.get_dashboard(actor("bangong"), "whole")
    table = found.tables["case_mode"]
    for mode in MODES:
        assert table.find(mode).count == sum(each == mode for _, _, each in history.sessions)
    assert table.find("online").count + table.find("offline").count == table.total.count == len(history.sessions)  # type: ignore[operator]  # shown, as asserted


def test_subprojects_stand_side_by_side_for_the_office_only(history: History, actor: Callable[[str], Actor]) -> None:
    found = queries.get_dashboard(actor("bangong"), "whole")
    assert [side.code for side in found.sides] == ["YH", "ZK", "BJ", "BD", "SZ", "GZ", "BC", ""]
    for side in found.sides:
        assert agrees(side.figures["total"], history.total(side.code, ""))
    assert queries.get_dashboard(actor("fuze"), "whole").sides == ()


def test_a_lead_reaches_the_own_subproject_only(history: History, actor: Callable[[str], Actor]) -> None:
    lead, office = actor("fuze"), actor("bangong")
    found = queries.get_dashboard(lead, "whole")
    assert found.total.count == history.total("GZ", "")
    assert [each.code for each in found.choices.subprojects] == ["GZ"]
    elsewhere = next(line for line in programme.list_lines(office) if line.subproject_id != lead.subproject_id)
    for address in ({"subproject": "SZ"}, {"line": str(elsewhere.id)}, {"subproject": "GZ", "line": "x"}):
        with pytest.raises(NotFound):
            queries.get_dashboard(lead, "whole", **address)


def test_what_is_hidden_does_not_depend_on_who_looks(history: History, actor: Callable[[str], Actor]) -> None:
    assert history.calls
    lead, office = actor("fuze"), actor("bangong")
    for period in ("whole", ""):
        one, other = queries.get_dashboard(lead, period), queries.get_dashboard(office, period, "GZ")
        assert one.tables == other.tables
        assert one.series == other.series


def test_a_line_has_its_total_and_no_days(history: History, actor: Callable[[str], Actor]) -> None:
    lead = actor("fuze")
    line = programme.list_lines(lead)[0]
    found = queries.get_dashboard(lead, "whole", line=str(line.id))
    assert found.total.count == sum(each == line.id for *_, each, _ in history.calls)
    assert set(found.tables) == {"total"}
    assert queries.get_dashboard(lead, line=str(line.id)).series == []


@pytest.mark.parametrize("period", ["2020-04-01..2020-04-30", "2020-04-05", "1999", "whole;", "2020-W15"])
def test_there_is_no_free_range(period: str, actor: Callable[[str], Actor]) -> None:
    with pytest.raises(NotFound):
        queries.get_dashboard(actor("bangong"), period)


def test_roles_without_statistics_are_refused(actor: Callable[[str], Actor]) -> None:
    for login in ("zhiyuan", "zixun", "guanli", "yishi"):
        with pytest.raises(Refused):
            queries.get_dashboard(actor(login))


def test_an_empty_period_says_so(actor: Callable[[str], Actor]) -> None:
    found = queries.get_dashboard(actor("bangong"), "2020-05")
    assert found.is_empty
    assert found.total.count == 0
