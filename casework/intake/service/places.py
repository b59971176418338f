"""Where and until when somebody may log calls."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import current_app
from flask_babel import lazy_gettext as _l

from casework.core import clock
from casework.core.errors import Invalid, Refused
from casework.intake import queries
from casework.programme import queries as programme
from casework.security.guard import require
from casework.security.permissions import Permission

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from casework.programme.models import Subproject
    from casework.security.actor import Actor

# A page that was open longer than the longest call says nothing about when the call began.
_LONGEST_PAGE = timedelta(hours=12)


def require_open_desk(actor: Actor, *, begun: bool = False) -> Subproject:
    """Return the sub-project in whose name the actor logs calls. Refused (R23, R20) as in ``require_authorised``.

    Refused (R25) for whoever was not let to real calls. What was ``begun`` before that ended is still finished and
    corrected: nothing that was typed is lost with it.
    """
    require(actor, Permission.CALLS_CALL_LOG)
    if actor.subproject_id is None:
        raise Refused(_l("来电须登记在一个子项目下，请先切换到相应角色。"), rule="R1")
    if not begun:
        require_admitted(actor)
    return require_authorised(actor, actor.subproject_id)


def require_admitted(actor: Actor) -> None:
    """Refuse (R25) whoever has not been let to real calls."""
    if not queries.is_admitted(actor):
        raise Refused(_l("你还没有获准接听真实来电。请先完成练习和上岗步骤，再请督导准许。"), rule="R25")


def require_authorised(actor: Actor, subproject_id: UUID) -> Subproject:
    """Return a sub-project that may serve today; refused (R20) without authority and date, or before that date."""
    subproject = programme.get_subproject(actor, subproject_id)
    if not subproject.authorised_by or subproject.authorised_on is None or subproject.authorised_on > clock.today():
        raise Refused(_l("本子项目尚未登记批准单位和批准日期，暂时不能登记来电。请联系项目办公室。"), rule="R20")
    return subproject


def author_until(started_at: datetime) -> datetime:
    """Return until when the author of a call may open it: the end of the shift and some hours.

    Until there are rosters, a shift is taken to begin with the call.
    """
    settings = current_app.extensions["casework.settings"]
    return started_at + timedelta(hours=settings.shift_hours + settings.author_grant_hours)


def line_of(actor: Actor, line_id: UUID | None) -> UUID | None:
    """Return the line of a call; refused (Invalid) for one that is closed or another sub-project's, or for none.

    A sub-project without any line logs calls without one.
    """
    line = None if line_id is None else programme.find_line(actor, line_id)
    if line is not None and line.subproject_id == actor.subproject_id and line.is_open(clock.today()):
        return line.id
    if line_id is None and not programme.list_lines(actor, actor.subproject_id):
        return None
    raise Invalid(_l("请选择线路。"), field="line")


def plausible_start(claimed: datetime | None) -> datetime:
    """Return when the call began: what the page says, unless that lies in the future or too long ago."""
    moment = clock.now()
    if claimed is None or claimed > moment or claimed < moment - _LONGEST_PAGE:
        return moment
    return claimed
