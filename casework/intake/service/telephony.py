"""What the switchboard reports while a call goes on, and taking such a call to the form."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from casework.audit import trail
from casework.audit.events import Action
from casework.clients import queries as clients
from casework.clients.rules import normalise
from casework.core import clock, crypto, tally
from casework.core.db import session
from casework.core.errors import Conflict, Invalid
from casework.core.keyring import KeyClass, current_keyring
from casework.intake import queries
from casework.intake.models import LineDay, LineEventSeen, LineLeg, Ringing
from casework.intake.rules.line import (
    CALL_BACK_WITHIN,
    LONGEST_CALL,
    NUMBERS_KEPT,
    belong_together,
    end_of,
    needs_call_back,
)
from casework.intake.service import legs
from casework.intake.service.followups import book_missed
from casework.intake.service.places import require_open_desk
from casework.intake.types.telephony import CallBack, Ending, EventKind, LegFacts, Trouble

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from casework.intake.queries import OwnLine
    from casework.intake.types.telephony import LineEvent
    from casework.security.actor import Actor

AHEAD: Final = timedelta(minutes=5)
# Older reports belong into a file: nobody waits for them at a desk.
BEHIND: Final = timedelta(hours=24)
SEEN_FOR: Final = timedelta(days=2)
RINGS_FOR: Final = timedelta(minutes=10)
SPOKEN_FOR: Final = timedelta(hours=2)
ENDED_FOR: Final = timedelta(minutes=10)
_SECRET: Final = "webhook"  # noqa: S105 - the name of a use, not a secret


def webhook_secrets() -> list[bytes]:
    """Return what a switchboard may sign with, the present secret first; none until the keyring has one."""
    keyring = current_keyring()
    if not keyring.keys_of(KeyClass.TELEPHONY):
        return []
    return [keyring.secret(KeyClass.TELEPHONY, _SECRET), *keyring.older_secrets(KeyClass.TELEPHONY, _SECRET)]


def receive(event: LineEvent, body: bytes, *, actor: Actor) -> tuple[UUID, bool]:
    """Take a report and return the id of the call and whether this very report was taken before.

    A report that was taken changes nothing when it is sent again: a switchboard that lost our answer must be able to
    repeat it, and whoever copied it gains nothing. Its event is telephony.event_received. Refused: the same event id
    with another content, or an id of a call that cannot be the same one (Conflict), an unknown line, a time that
    cannot be (Invalid), an answer or end whose beginning nobody reported (Conflict).
    """
    line = _line_of(event)
    _require_plausible(event)
    key = queries.record_key("call", event.call)
    seen, is_new = _claim(queries.record_key("event", event.event_id), body)
    if not is_new and seen.leg_id is not None:
        return seen.leg_id, True
    leg = _take_down(line, key, event, actor)
    seen.leg_id = leg.id
    trail.record(
        Action.TELEPHONY_EVENT_RECEIVED,
        actor=actor,
        subject_kind="line_leg",
        subject_id=leg.id,
        details={"kind": str(event.kind), "line": line.id},
    )
    return leg.id, False


def take(leg_id: UUID, *, actor: Actor) -> Ringing:
    """Let the actor log a call that rings: it leaves the other desks. Its event is telephony.call_taken.

    Refused: a call that is over or elsewhere (NotFound), one that a colleague has taken (Conflict).
    """
    require_open_desk(actor)
    found = queries.get_ringing(actor, leg_id, hold=True)
    if found.taken_by not in {None, actor.account_id}:
        raise Conflict(_l("这通来电已由同事接听登记。"))
    found.taken_by = actor.account_id
    trail.record(
        Action.TELEPHONY_CALL_TAKEN,
        actor=actor,
        subject_kind="call",
        subject_id=leg_id,
        details={"line": found.line_id},
    )
    return found


def number_of_taken(leg_id: UUID, *, actor: Actor) -> tuple[Ringing, str]:
    """Return a call that the actor has taken and its number in full; its event is number.unmasked.

    Refused (NotFound): a call that is over, or that somebody else has taken; (Conflict) one that nobody has.
    """
    found = queries.get_ringing(actor, leg_id)
    if found.taken_by != actor.account_id:
        raise Conflict(_l("请在值班台按“接听登记”打开这通来电。"))
    trail.record(Action.NUMBER_UNMASKED, actor=actor, subject_kind="call", subject_id=leg_id, details={"case": ""})
    return found, _unwrapped(found)


def forget() -> int:
    """Delete what the desk no longer shows, reports that cannot come again, and numbers kept too long; return how many.

    The blind index of a number stays: it opens nothing, and a repeat caller is still recognised.
    """
    now = clock.now()
    statements: tuple[Any, ...] = (
        sa.delete(Ringing).where(Ringing.until <= now),
        sa.delete(LineEventSeen).where(LineEventSeen.seen_at < now - SEEN_FOR),
        sa.update(LineLeg)
        .where(LineLeg.sealed_number.is_not(None), LineLeg.started_at < now - NUMBERS_KEPT)
        .values(sealed_number=None),
    )
    gone: list[Any] = [session().execute(each) for each in statements]
    return sum(each.rowcount for each in gone)


def settle_call_back(leg: LineLeg, phone: str, *, actor: Actor) -> bool:
    """Decide whether somebody who reached nobody is to be called back, and return it."""
    number = normalise(phone) if phone else None
    identifies = number is not None and number.identifies
    if number is None or not identifies:
        return False
    indexes = clients.number_indexes(number.canonical)
    needed = needs_call_back(
        queries.facts_of(leg),
        identifies=identifies,
        is_pending=bool(queries.pending_call_backs(leg.subproject_id, indexes)),
        answered_since=queries.answered_since(leg.subproject_id, indexes, leg.started_at),
        now=clock.now(),
    )
    if needed:
        _call_back(leg, number.canonical, actor=actor)
    return needed


def note_reached(leg: LineLeg) -> None:
    """Let nobody call back a number that has got through since: its earlier calls are reached."""
    if leg.number_index is None or leg.answered_at is None or leg.answered_at < clock.now() - CALL_BACK_WITHIN:
        return
    for earlier in queries.pending_call_backs(leg.subproject_id, [leg.number_index]):
        if earlier.started_at <= leg.answered_at:
            earlier.call_back = CallBack.REACHED


def _call_back(leg: LineLeg, phone: str, *, actor: Actor) -> None:
    """Have somebody called back. The only place where a call-back begins."""
    leg.call_back = CallBack.DUE
    book_missed(
        subproject_id=leg.subproject_id, line_id=leg.line_id, phone=phone, missed_at=leg.started_at, actor=actor
    )


def _line_of(event: LineEvent) -> OwnLine:
    found = queries.LineBook().find(event.line, clock.local_day(event.at))
    if isinstance(found, Trouble):
        raise Invalid(_l("系统里没有这条线路，或不止一条。请核对“项目与热线”里的号码。"), field="line")
    return found


def _require_plausible(event: LineEvent) -> None:
    now = clock.now()
    if event.at > now + AHEAD or (event.started_at or event.at) > event.at:
        raise Invalid(_l("事件时间在将来，请核对交换机的时钟。"), field="at")
    if event.at < now - BEHIND:
        raise Invalid(_l("事件已超过 24 小时，请改用话单导入。"), field="at")
    if event.started_at is not None and event.at - event.started_at > LONGEST_CALL:
        raise Invalid(_l("一通来电不会超过 24 小时，请核对时间。"), field="started_at")


def _claim(event_key: bytes, body: bytes) -> tuple[LineEventSeen, bool]:
    """Return the mark of a report and whether it is new; a twin sent in the same moment waits here for the first."""
    mac = queries.record_key("body", body)
    insert: Any = (postgresql if session().get_bind().dialect.name == "postgresql" else sqlite).insert(LineEventSeen)
    values = {"event_key": event_key, "body_mac": mac, "seen_at": clock.now()}
    claimed = insert.values(**values).on_conflict_do_nothing().returning(LineEventSeen.event_key)
    is_new = session().scalar(claimed) is not None
    seen = session().get_one(LineEventSeen, event_key)
    if not crypto.same(seen.body_mac, mac):
        raise Conflict(_l("这个事件编号已经用过，内容却不同。每个事件请用新的编号。"))
    return seen, is_new


def _take_down(line: OwnLine, key: bytes, event: LineEvent, actor: Actor) -> LineLeg:
    leg = queries.legs_by_key(line.subproject_id, [key]).get(key)
    facts = _facts(event, leg)
    if leg is None:
        leg, is_new = _insert(line, key, facts, event, actor)
        rows = legs.counts_of(leg) if is_new else legs.joined(leg, facts)
    else:
        if leg.line_id != line.id or not belong_together(queries.facts_of(leg), facts):
            raise Conflict(_l("这个通话编号已用于另一通来电。请核对交换机发送的编号。"))
        rows = legs.joined(leg, facts)
    session().flush()
    tally.add(LineDay, rows)
    _show(leg, event, actor)
    return leg


def _insert(line: OwnLine, key: bytes, facts: LegFacts, event: LineEvent, actor: Actor) -> tuple[LineLeg, bool]:
    leg = legs.new_leg(line, key, facts)
    try:
        with session().begin_nested():
            session().add(leg)
            session().flush()
    except IntegrityError:
        # Two reports of one call in the same moment: the other one made the record.
        return queries.legs_by_key(line.subproject_id, [key])[key], False
    number = legs.kept_number(event.number, facts)
    if number is not None:
        legs.Sealer(actor).seal(leg, number)
    return leg, True


def _facts(event: LineEvent, leg: LineLeg | None) -> LegFacts:
    start = event.started_at or (event.at if event.kind is EventKind.RINGING else None)
    if start is None:
        if leg is None:
            raise Conflict(_l("还没有收到这通来电的振铃事件。请先发送 ringing，或在事件里带上 started_at。"))
        start = leg.started_at
    if event.at < start:
        raise Invalid(_l("事件时间早于来电开始时间。"), field="at")
    if event.kind is EventKind.RINGING:
        return LegFacts(started_at=start)
    if event.kind is EventKind.ANSWERED:
        return LegFacts(started_at=start, answered_at=event.at)
    return LegFacts(started_at=start, ended_at=event.at, ending=_ending(event, leg))


def _ending(event: LineEvent, leg: LineLeg | None) -> Ending:
    """Return how an unanswered call ended; ``ended`` alone means that the caller hung up, unless it was said before."""
    if event.kind is EventKind.MISSED:
        return Ending.MISSED
    if event.kind is EventKind.ENDED and leg is not None and leg.ending is not None:
        return Ending(leg.ending)
    return Ending.ABANDONED


def _show(leg: LineLeg, event: LineEvent, actor: Actor) -> None:
    """Put the call on the desk, keep it there, or take it away; decide about a call-back once it is over."""
    row = session().get(Ringing, leg.id, with_for_update=True)
    phone = event.number or ("" if row is None else _unwrapped(row))
    if leg.answered_at is not None:
        note_reached(leg)
    elif leg.ending is not None:
        if row is not None and row.taken_by is None:
            session().delete(row)
        if leg.call_back is None:
            settle_call_back(leg, phone, actor=actor)
        return
    if row is None and end_of(queries.facts_of(leg)) is None:
        row = _new_row(leg, event.number)
    if row is not None:
        row.answered_at = leg.answered_at
        row.until = max(_until(leg), row.until) if row.taken_by else _until(leg)


def _new_row(leg: LineLeg, phone: str) -> Ringing:
    row = Ringing(
        leg_id=leg.id,
        subproject_id=leg.subproject_id,
        line_id=leg.line_id,
        started_at=leg.started_at,
        until=_until(leg),
        wrapped_number=current_keyring().wrap(KeyClass.TELEPHONY, phone.encode(), _context(leg.id)) if phone else None,
    )
    session().add(row)
    return row


def _until(leg: LineLeg) -> datetime:
    end = end_of(queries.facts_of(leg))
    if end is not None:
        return end + ENDED_FOR
    return leg.started_at + RINGS_FOR if leg.answered_at is None else leg.answered_at + SPOKEN_FOR


def _unwrapped(row: Ringing) -> str:
    if row.wrapped_number is None:
        return ""
    return current_keyring().unwrap(KeyClass.TELEPHONY, row.wrapped_number, _context(row.leg_id)).decode()


def _context(leg_id: UUID) -> bytes:
    return crypto.bind("intake_ringing", leg_id)
