"""Reads of people. Names and roles of colleagues are known within the house; accounts are the administrators'."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from casework.core import clock
from casework.core.db import id_param, session
from casework.core.errors import NotFound, Refused
from casework.core.keyring import current_keyring
from casework.people.models import (
    Account,
    KeyPair,
    PledgeSignature,
    PledgeText,
    RecoveryCode,
    RoleGrant,
    SecondFactor,
    SignInSession,
)
from casework.people.types import Counselor, Duty, Holding, Present, PublicKey
from casework.security.permissions import Permission
from casework.security.roles import Reach, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from casework.security.actor import Actor

MANAGE = Permission.ACCOUNTS_ACCOUNT_MANAGE
_LIVE = RoleGrant.ended_at.is_(None)
_PAIR_NOW: Final = sa.select(KeyPair).where(KeyPair.account_id == id_param("account"), KeyPair.retired_at.is_(None))


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """Everything about a session that one request needs, read in one query."""

    row: SignInSession
    account: Account
    grant: RoleGrant
    password_set_at: datetime | None
    has_factor: bool
    pledge_current: bool


def get_account(actor: Actor, account_id: UUID) -> Account:
    """Return an account; refused (NotFound) unless it is one's own or the actor manages accounts."""
    account = session().get(Account, account_id)
    if account is None or not (actor.reach(MANAGE) is Reach.PROGRAMME or account_id == actor.account_id):
        raise NotFound(_l("找不到这个账户，或它不在你的工作范围内。"))
    return account


def list_accounts(
    actor: Actor, *, words: str = "", role: Role | None = None, disabled: bool = False
) -> Sequence[Account]:
    """Return the accounts the actor manages by login: those whose login or name has the words, and who hold a role."""
    if actor.reach(MANAGE) is not Reach.PROGRAMME:
        return []
    found = sa.select(Account).where(Account.disabled_at.is_not(None) if disabled else Account.disabled_at.is_(None))
    if words:
        found = found.where(
            Account.login.contains(words.lower(), autoescape=True)
            | Account.display_name.contains(words, autoescape=True)
        )
    if role is not None:
        found = found.where(Account.id.in_(sa.select(RoleGrant.account_id).where(RoleGrant.role == role, _LIVE)))
    return session().scalars(found.order_by(Account.login, Account.id)).all()


def all_accounts() -> Sequence[Account]:
    """Return every account by login. For commands at the machine."""
    return session().scalars(sa.select(Account).order_by(Account.login)).all()


def account_by_login(login: str) -> Account | None:
    """Return the account with a login name, whatever its state. For signing in and for commands."""
    return session().scalar(sa.select(Account).where(Account.login == login))


def demonstration_accounts() -> list[tuple[Role, str]]:
    """Return the first login of each role, for the sign-in page of the demonstration and for nothing else."""
    found = (
        sa.select(RoleGrant.role, Account.login)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(_LIVE, Account.disabled_at.is_(None))
        .order_by(RoleGrant.granted_at, RoleGrant.id)
    )
    first: dict[Role, str] = {}
    for role, login in session().execute(found):
        first.setdefault(Role(role), login)
    return [(role, first[role]) for role in Role if role in first]


def any_account() -> bool:
    """Return whether anybody works here yet."""
    return session().scalar(sa.select(Account.id).limit(1)) is not None


def names_of(account_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the staff names of these accounts; disabled ones keep theirs."""
    wanted = set(account_ids)
    if not wanted:
        return {}
    found = sa.select(Account.id, Account.display_name).where(Account.id.in_(wanted))
    return dict(session().execute(found).all())


def current_pair(account_id: UUID) -> KeyPair | None:
    """Return the key pair an account has now."""
    return session().scalar(_PAIR_NOW, {"account": account_id})


def public_key_of(account_id: UUID) -> PublicKey | None:
    """Return the public half of the key pair an account has now, to seal keys to.

    Refused (Refused, R23): a public key that this system did not write there itself. Otherwise somebody who can only
    write to the database could have everything that is granted from now on sealed to a key of their own.
    """
    pair = current_pair(account_id)
    if pair is None:
        return None
    if not pair.is_attested(current_keyring()):
        raise Refused(_l("账户密钥校验未通过，为保护求助者已停止操作。请立即联系系统管理员。"), rule="R23")
    return PublicKey(pair.id, account_id, pair.public_key)


def holders_of_role(role: Role, subproject_id: UUID | None) -> list[UUID]:
    """Return the accounts that hold a role at present and are not disabled, in order of their staff names."""
    return [each.account_id for each in _holdings(role, subproject_id)]


def counselors_of(subproject_id: UUID) -> list[Counselor]:
    """Return to whom a sub-project may assign cases, in order of their staff names."""
    holdings = _holdings(Role.COUNSELOR, subproject_id)
    names = names_of(each.account_id for each in holdings)
    return [Counselor(each.account_id, names[each.account_id], each.caseload_limit) for each in holdings]


def caseload_limit(account_id: UUID, subproject_id: UUID | None) -> int:
    """Return how many cases a counselor should hold at most in a sub-project; 0 when they do not counsel there."""
    found = sa.select(RoleGrant.caseload_limit).where(
        RoleGrant.account_id == account_id,
        RoleGrant.role == Role.COUNSELOR,
        RoleGrant.subproject_id == subproject_id,
        _LIVE,
    )
    return session().scalar(found) or 0


def holdings_of(account_ids: Iterable[UUID]) -> dict[UUID, list[Holding]]:
    """Return the roles each account holds at present, the oldest first; every account asked for has an entry."""
    found: dict[UUID, list[Holding]] = {each: [] for each in account_ids}
    rows = sa.select(RoleGrant).where(RoleGrant.account_id.in_(list(found)), _LIVE)
    for row in session().scalars(rows.order_by(RoleGrant.granted_at, RoleGrant.id)):
        found[row.account_id].append(_holding(row))
    return found


def own_holdings(actor: Actor) -> list[Holding]:
    """Return the roles the acting person can switch to, the active one included."""
    return holdings_of([actor.account_id])[actor.account_id]


def get_grant(account_id: UUID, grant_id: UUID) -> RoleGrant:
    """Return a role that an account holds at present; refused (NotFound) otherwise."""
    grant = session().get(RoleGrant, grant_id)
    if grant is None or grant.account_id != account_id or grant.ended_at is not None:
        raise NotFound(_l("该角色已经结束。请刷新页面。"))
    return grant


def is_granted(account_id: UUID, role: Role, subproject_id: UUID | None) -> bool:
    """Return whether an account was given a role that has not ended, even when the account is disabled."""
    found = sa.select(RoleGrant.id).where(RoleGrant.account_id == account_id, RoleGrant.role == role)
    return session().scalar(found.where(_at(subproject_id), _LIVE)) is not None


def granted_at(account_id: UUID, role: Role, subproject_id: UUID | None) -> datetime | None:
    """Return when an account was given a role that has not ended; None when it does not hold it."""
    found = sa.select(RoleGrant.granted_at).where(RoleGrant.account_id == account_id, RoleGrant.role == role)
    return session().scalar(found.where(_at(subproject_id), _LIVE))


def lock_grants_of(role: Role) -> None:
    """Let nobody else decide about who holds a role until this transaction ends.

    What was decided meanwhile is seen by the next statement, not by this one.
    """
    found = sa.select(RoleGrant.id).where(RoleGrant.role == role, _LIVE)
    session().execute(found.order_by(RoleGrant.id).with_for_update())


def session_facts(token_digest: bytes) -> SessionFacts | None:
    """Return a session that has not ended, of an account that is not disabled, in a role that is still held."""
    factor = sa.exists().where(SecondFactor.account_id == Account.id)
    found = (
        sa.select(
            SignInSession, Account, RoleGrant, KeyPair.password_set_at, factor, _has_signed(Account.id, RoleGrant.role)
        )
        .join(Account, Account.id == SignInSession.account_id)
        .join(RoleGrant, RoleGrant.id == SignInSession.role_grant_id)
        .join(KeyPair, sa.and_(KeyPair.account_id == Account.id, KeyPair.retired_at.is_(None)), isouter=True)
        .where(
            SignInSession.token_digest == token_digest,
            SignInSession.expires_at > clock.now(),
            Account.disabled_at.is_(None),
            _LIVE,
        )
    )
    row = session().execute(found).first()
    return None if row is None else SessionFacts(*row)


def sessions_of(account_id: UUID) -> Sequence[SignInSession]:
    """Return the sessions of an account that have not ended, newest first."""
    found = sa.select(SignInSession).where(
        SignInSession.account_id == account_id, SignInSession.expires_at > clock.now()
    )
    return session().scalars(found.order_by(SignInSession.created_at.desc(), SignInSession.id)).all()


def duty_of(actor: Actor) -> Duty:
    """Return whether the acting person said, in this session and role, that they can be called on."""
    row = None if actor.session_id is None else session().get(SignInSession, actor.session_id)
    return Duty.OFFLINE if row is None or row.duty is None else Duty(row.duty)


def session_lives(actor: Actor) -> bool:
    """Return whether the session in which somebody came, its role and its account have not ended since."""
    found = (
        sa.select(sa.literal(1))
        .select_from(SignInSession)
        .join(RoleGrant, RoleGrant.id == SignInSession.role_grant_id)
        .join(Account, Account.id == SignInSession.account_id)
        .where(
            SignInSession.id == actor.session_id,
            SignInSession.expires_at > clock.now(),
            RoleGrant.role == actor.role,
            _LIVE,
            Account.disabled_at.is_(None),
        )
    )
    return session().scalar(found) is not None


def on_duty(role: Role, subproject_id: UUID) -> list[Present]:
    """Return who is on duty in a role of a sub-project, in the order in which they came.

    Being on duty ends with the session, the role and the account, whoever ends them, because it is read from there.
    """
    since = sa.func.min(SignInSession.duty_since)
    found = (
        sa.select(SignInSession.account_id, sa.type_coerce(since, SignInSession.duty_since.type))
        .join(RoleGrant, RoleGrant.id == SignInSession.role_grant_id)
        .join(Account, Account.id == SignInSession.account_id)
        .where(
            SignInSession.duty == Duty.ONLINE,
            SignInSession.expires_at > clock.now(),
            RoleGrant.role == role,
            RoleGrant.subproject_id == subproject_id,
            _LIVE,
            Account.disabled_at.is_(None),
        )
        .group_by(SignInSession.account_id)
        .order_by(since, SignInSession.account_id)
    )
    return [Present(*row) for row in session().execute(found)]


def second_factor_of(account_id: UUID) -> SecondFactor | None:
    """Return the second factor of an account."""
    return session().get(SecondFactor, account_id)


def accounts_with_factor(account_ids: Iterable[UUID]) -> set[UUID]:
    """Return which of these accounts have a second factor."""
    found = sa.select(SecondFactor.account_id).where(SecondFactor.account_id.in_(list(account_ids)))
    return set(session().scalars(found))


def colleagues_with_factor(actor: Actor) -> list[tuple[UUID, str]]:
    """Return id and staff name of the others of the actor's sub-project who have a second factor, by name."""
    if actor.subproject_id is None:
        return []
    team = sa.select(RoleGrant.account_id).where(RoleGrant.subproject_id == actor.subproject_id, _LIVE)
    found = (
        sa.select(Account.id, Account.display_name)
        .join(SecondFactor, SecondFactor.account_id == Account.id)
        .where(Account.id.in_(team), Account.id != actor.account_id, Account.disabled_at.is_(None))
    )
    return [(row.id, row.display_name) for row in session().execute(found.order_by(Account.display_name, Account.id))]


def unused_codes(account_id: UUID) -> Sequence[RecoveryCode]:
    """Return the recovery codes of an account that still work."""
    found = sa.select(RecoveryCode).where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    return session().scalars(found.order_by(RecoveryCode.id)).all()


def current_pledge(role: Role) -> PledgeText | None:
    """Return the newest version of a role's pledge."""
    found = sa.select(PledgeText).where(PledgeText.role == role).order_by(PledgeText.version.desc()).limit(1)
    return session().scalar(found)


def current_pledges() -> dict[Role, PledgeText]:
    """Return the newest version of every role's pledge."""
    rows = session().scalars(sa.select(PledgeText).order_by(PledgeText.role, PledgeText.version))
    newest = {Role(row.role): row for row in rows}
    return {role: newest[role] for role in Role if role in newest}


def get_pledge(pledge_id: UUID) -> PledgeText:
    """Return a version of a pledge; refused (NotFound) when there is none. Their words are no secret."""
    pledge = session().get(PledgeText, pledge_id)
    if pledge is None:
        raise NotFound(_l("找不到这份承诺书。"))
    return pledge


def signature_of(account_id: UUID, pledge_id: UUID) -> PledgeSignature | None:
    """Return the proof that somebody signed a version."""
    found = sa.select(PledgeSignature).where(
        PledgeSignature.account_id == account_id, PledgeSignature.pledge_id == pledge_id
    )
    return session().scalar(found)


def signatures_of(account_id: UUID) -> Sequence[tuple[PledgeSignature, PledgeText]]:
    """Return every proof of an account with the version it signed, newest first."""
    found = sa.select(PledgeSignature, PledgeText).join(PledgeText, PledgeText.id == PledgeSignature.pledge_id)
    found = found.where(PledgeSignature.account_id == account_id)
    return session().execute(found.order_by(PledgeSignature.signed_at.desc(), PledgeSignature.id)).all()


def unsigned(role: Role | None = None) -> list[Holding]:
    """Return who holds a role without having signed the present version of its pledge (R22)."""
    found = (
        sa.select(RoleGrant)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(_LIVE, Account.disabled_at.is_(None), sa.not_(_has_signed(RoleGrant.account_id, RoleGrant.role)))
    )
    if role is not None:
        found = found.where(RoleGrant.role == role)
    return [
        _holding(row) for row in session().scalars(found.order_by(RoleGrant.role, RoleGrant.granted_at, RoleGrant.id))
    ]


def signature_counts() -> dict[UUID, int]:
    """Return how many people have signed each version."""
    counted = sa.select(PledgeSignature.pledge_id, sa.func.count()).group_by(PledgeSignature.pledge_id)
    return dict(session().execute(counted).all())


def pledge_is_current(account_id: UUID, role: Role) -> bool:
    """Return whether an account has signed the present version of a role's pledge. No text, no signature: False."""
    return bool(session().scalar(sa.select(_has_signed(sa.literal(account_id, sa.Uuid()), sa.literal(str(role))))))


def _has_signed(
    account_id: sa.ColumnElement[UUID] | sa.orm.InstrumentedAttribute[UUID], role: object
) -> sa.ColumnElement[bool]:
    newest = (
        sa.select(PledgeText.id)
        .where(PledgeText.role == role)
        .order_by(PledgeText.version.desc())
        .limit(1)
        .correlate_except(PledgeText)
        .scalar_subquery()
    )
    return sa.exists().where(PledgeSignature.account_id == account_id, PledgeSignature.pledge_id == newest)


def _holdings(role: Role, subproject_id: UUID | None) -> list[Holding]:
    found = (
        sa.select(RoleGrant)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(RoleGrant.role == role, _at(subproject_id), _LIVE, Account.disabled_at.is_(None))
    )
    return [_holding(row) for row in session().scalars(found.order_by(Account.display_name, Account.id))]


def _at(subproject_id: UUID | None) -> sa.ColumnElement[bool]:
    return RoleGrant.subproject_id.is_(None) if subproject_id is None else RoleGrant.subproject_id == subproject_id


def _holding(row: RoleGrant) -> Holding:
    return Holding(row.id, row.account_id, Role(row.role), row.subproject_id, row.caseload_limit)
