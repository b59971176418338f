"""Accounts, their roles and their key pairs: what an administrator does. None of it opens anything sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.events import Action
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict, Invalid, NotFound, Refused
from casework.core.ids import new_id
from casework.core.keyring import current_keyring
from casework.people import queries, rules
from casework.people.models import Account, KeyPair, RecoveryCode, RoleGrant, SecondFactor
from casework.people.service import hooks, passwords
from casework.people.service.sessions import end_sessions
from casework.security.guard import require
from casework.security.permissions import Permission
from casework.security.roles import Role

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from casework.people.types import SealedPair
    from casework.security.actor import Actor

DEFAULT_CASELOAD: Final = 12
MOST_CASES: Final = 200
# Who holds one of these can be given keys; nobody gives such a role to themselves.
_KEY_ROLES: Final = frozenset({Role.VOLUNTEER, Role.COUNSELOR, Role.SUPERVISOR, Role.CONSULTANT})


def create_account(
    login: str, display_name: str, *, password: str, actor: Actor, must_change: bool = False, locale: str = ""
) -> Account:
    """Return a new account whose key pair this password opens. Slow; for commands, which disturb nobody.

    Refused (Invalid): a login name that is malformed or taken, a weak password unless it must be changed anyway.
    """
    if not must_change:
        passwords.check(password, login)
    pair = passwords.new_pair(new_id(), password)
    return add_account(login, display_name, pair=pair, actor=actor, must_change=must_change, locale=locale)


def add_account(
    login: str, display_name: str, *, pair: SealedPair, actor: Actor, must_change: bool = True, locale: str = ""
) -> Account:
    """Return a new account with a key pair that was made before. Refused as ``create_account``."""
    _require(actor)
    login = login.strip().lower()
    if not rules.LOGIN.fullmatch(login):
        raise Invalid(_l("登录名为 2–40 个小写字母、数字或 . _ -，以字母或数字开头。"), field="login")
    if queries.account_by_login(login) is not None:
        raise Invalid(_l("这个登录名已被使用。"), field="login")
    account = Account(id=pair.account_id, login=login, display_name=display_name.strip(), locale=locale)
    account.created_at, account.must_change_password = clock.now(), must_change
    session().add(account)
    session().flush()
    _add_pair(pair)
    _record(Action.ACCOUNT_CREATED, account.id, actor)
    return account


def rename_account(account_id: UUID, display_name: str, *, actor: Actor) -> None:
    """Change the staff name that colleagues see."""
    _managed(account_id, actor).display_name = display_name.strip()
    _record(Action.ACCOUNT_CHANGED, account_id, actor, {"fields": "display_name"})


def set_language(locale: str, *, actor: Actor) -> None:
    """Remember the language in which somebody wants to work, on every computer."""
    queries.get_account(actor, actor.account_id).locale = locale
    _record(Action.ACCOUNT_CHANGED, actor.account_id, actor, {"fields": "locale"})


def disable_account(account_id: UUID, *, actor: Actor) -> None:
    """Shut an account at once: its sessions end and nobody signs in. Can be taken back without loss.

    Roles and keys stay, so that the mistake of a moment does not lock a sub-project's records; whoever leaves for good
    loses them by ``end_role``. Refused (Conflict): one's own account, the last administrator.
    """
    account = _managed(account_id, actor)
    if account_id == actor.account_id:
        raise Conflict(_l("不能停用自己的账户，请由另一位系统管理员操作。"))
    if account.disabled_at is not None:
        return
    _keep_an_administrator(account_id)
    account.disabled_at = clock.now()
    end_sessions(account_id)
    _record(Action.ACCOUNT_DISABLED, account_id, actor)


def enable_account(account_id: UUID, *, actor: Actor) -> None:
    """Let somebody sign in again, with the roles that are still held."""
    account = _managed(account_id, actor)
    if account.disabled_at is None:
        return
    account.disabled_at = None
    _record(Action.ACCOUNT_ENABLED, account_id, actor)


def grant_role(
    account_id: UUID,
    role: Role,
    subproject_id: UUID | None,
    *,
    actor: Actor,
    caseload_limit: int = DEFAULT_CASELOAD,
) -> RoleGrant:
    """Give a role; the account's sessions end, so that its next one begins with all its roles.

    Refused: an account that does not exist (NotFound), a role that does not fit its place or a limit beyond 0–200
    (Invalid), one that is held already (Conflict), a role with access to people helped given to oneself (Refused, R23).
    """
    account = _managed(account_id, actor)
    if not rules.may_hold(role, subproject_id):
        raise Invalid(_l("请为此角色选择子项目；全项目角色不选子项目。"), field="subproject")
    if not 0 <= caseload_limit <= MOST_CASES:
        raise Invalid(_l("个案上限为 0–200。"), field="caseload_limit")
    if account_id == actor.account_id and role in _KEY_ROLES:
        raise Refused(_l("不能给自己分配接触求助者信息的角色，请由另一位系统管理员操作。"), rule="R23")
    # Of two who give the same role at once, the second waits here and then sees what the first gave.
    session().refresh(account, with_for_update=True)
    if queries.is_granted(account_id, role, subproject_id):
        raise Conflict(_l("该账户已有此角色。"), field="role")
    grant = RoleGrant(id=new_id(), account_id=account_id, role=role, subproject_id=subproject_id)
    grant.caseload_limit, grant.granted_at = caseload_limit, clock.now()
    session().add(grant)
    session().flush()
    end_sessions(account_id, keep=actor.session_id)
    hooks.role_changed(account_id, role, subproject_id, granted=True, actor=actor)
    _record(Action.ACCOUNT_ROLE_GRANTED, account_id, actor, _place(role, subproject_id))
    return grant


def end_role(account_id: UUID, grant_id: UUID, *, actor: Actor) -> None:
    """End a role: all sessions of the account end at once. Refused (Conflict) for the last administrator."""
    _require(actor)
    grant = queries.get_grant(account_id, grant_id)
    role = Role(grant.role)
    if role is Role.ADMINISTRATOR:
        _keep_an_administrator(account_id)
    grant.ended_at = clock.now()
    session().flush()
    end_sessions(account_id)
    hooks.role_changed(account_id, role, grant.subproject_id, granted=False, actor=actor)
    _record(Action.ACCOUNT_ROLE_ENDED, account_id, actor, _place(role, grant.subproject_id))


def set_caseload_limit(account_id: UUID, grant_id: UUID, limit: int, *, actor: Actor) -> None:
    """Change how many cases somebody should hold at most. Refused (Invalid) beyond 0–200."""
    _require(actor)
    if not 0 <= limit <= MOST_CASES:
        raise Invalid(_l("个案上限为 0–200。"), field="caseload_limit")
    queries.get_grant(account_id, grant_id).caseload_limit = limit
    _record(Action.ACCOUNT_CHANGED, account_id, actor, {"fields": "caseload_limit"})


def renew_keys(account_id: UUID, *, pair: SealedPair, actor: Actor) -> None:
    """Retire the key pair of a lost password and put one in its place that a one-time password opens.

    The former private half is deleted. What was sealed to it stays closed, to the administrator as to everybody,
    until a supervisor grants it again or the recovery key is used. Refused (Conflict): one's own account.
    """
    account = _managed(account_id, actor)
    if account_id == actor.account_id:
        raise Conflict(_l("不能为自己重发密钥；修改口令请到“我的账户”。"))
    former = queries.current_pair(account_id)
    if former is not None:
        former.retired_at, former.sealed_private_key = clock.now(), None
        session().flush()
    _add_pair(pair)
    account.must_change_password = True
    end_sessions(account_id)
    hooks.keys_changed(account_id, actor=actor)
    _record(Action.ACCOUNT_KEY_RENEWED, account_id, actor)


def reset_second_factor(account_id: UUID, *, actor: Actor) -> None:
    """Remove a lost second factor with its recovery codes; the next sign-in sets up another. Sessions end.

    Allowed to administrators, and to supervisors for whoever works in their sub-project (NotFound otherwise, and for
    an account that does not exist). Refused (Conflict): one's own.
    """
    if account_id == actor.account_id:
        raise Conflict(_l("不能重置自己的第二重验证，请由另一位同事操作。"))
    if actor.role is Role.SUPERVISOR:
        require(actor, Permission.ACCOUNTS_KEY_REGRANT)
        held = queries.holdings_of([account_id])[account_id]
        if not any(each.subproject_id == actor.subproject_id for each in held):
            raise NotFound(_l("找不到这个账户，或它不在你的工作范围内。"))
    else:
        _managed(account_id, actor)
    session().execute(sa.delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    session().execute(sa.delete(SecondFactor).where(SecondFactor.account_id == account_id))
    end_sessions(account_id)
    _record(Action.ACCOUNT_SECOND_FACTOR_RESET, account_id, actor)


def _add_pair(pair: SealedPair) -> None:
    row = KeyPair(id=pair.id, account_id=pair.account_id, public_key=pair.public_key, created_at=clock.now())
    row.attest(current_keyring())
    store(row, pair)
    session().add(row)
    session().flush()


def store(row: KeyPair, pair: SealedPair) -> None:
    """Put a freshly sealed private key into its row."""
    row.sealed_private_key, row.salt = pair.sealed.envelope, pair.sealed.salt
    row.memory_kib, row.passes, row.lanes = pair.sealed.memory_kib, pair.sealed.passes, pair.sealed.lanes
    row.password_set_at = clock.now()


def _managed(account_id: UUID, actor: Actor) -> Account:
    _require(actor)
    if actor.role is Role.SYSTEM:
        return session().get_one(Account, account_id)
    return queries.get_account(actor, account_id)


def _require(actor: Actor) -> None:
    if actor.role is not Role.SYSTEM:
        require(actor, Permission.ACCOUNTS_ACCOUNT_MANAGE)


def _keep_an_administrator(account_id: UUID) -> None:
    # Two administrators who remove each other at once: the second waits here and then finds itself the last.
    queries.lock_grants_of(Role.ADMINISTRATOR)
    administrators = queries.holders_of_role(Role.ADMINISTRATOR, None)
    if administrators == [account_id]:
        raise Conflict(_l("这是最后一位系统管理员，须先指定另一位。"))


def _place(role: Role, subproject_id: UUID | None) -> dict[str, object]:
    return {"role": str(role), "subproject": subproject_id or ""}


def _record(action: Action, account_id: UUID, actor: Actor, details: Mapping[str, object] | None = None) -> None:
    trail.record(action, actor=actor, subject_kind="account", subject_id=account_id, details=details)
