"""Everything that can be done with accounts, passwords, sessions, second factors and pledges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.core.rotation import register_rewrapper, rewrapper_of
from casework.people.models import KeyPair, SecondFactor
from casework.people.queries import any_account
from casework.people.service import cookie, passwords, second_factor
from casework.people.service.accounts import (
    add_account,
    create_account,
    disable_account,
    enable_account,
    end_role,
    grant_role,
    rename_account,
    renew_keys,
    reset_second_factor,
    set_caseload_limit,
    set_language,
)
from casework.people.service.cookie import load_actor, locale_of
from casework.people.service.hooks import (
    key_hooks,
    places,
    register_key_hook,
    register_places,
    register_role_hook,
    role_hooks,
)
from casework.people.service.passwords import new_pair, one_time_password
from casework.people.service.pledges import publish_initial_pledges, publish_pledge, sign_pledge
from casework.people.service.sessions import (
    end_own_session,
    end_sessions,
    purge_sessions,
    set_duty,
    sign_out,
    switch_role,
)
from casework.people.service.sign_in import (
    actor_of,
    change_password,
    open_private_key,
    prepare_new_password,
    sign_in,
)
from casework.people.service.throttle import purge as purge_attempts

if TYPE_CHECKING:
    from flask import Flask

__all__ = (
    "actor_of",
    "add_account",
    "any_account",
    "change_password",
    "create_account",
    "disable_account",
    "enable_account",
    "end_own_session",
    "end_role",
    "end_sessions",
    "grant_role",
    "install",
    "key_hooks",
    "load_actor",
    "locale_of",
    "new_pair",
    "one_time_password",
    "open_private_key",
    "places",
    "prepare_new_password",
    "publish_initial_pledges",
    "publish_pledge",
    "purge_attempts",
    "purge_sessions",
    "register_key_hook",
    "register_places",
    "register_role_hook",
    "rename_account",
    "renew_keys",
    "reset_second_factor",
    "role_hooks",
    "set_caseload_limit",
    "set_duty",
    "set_language",
    "sign_in",
    "sign_out",
    "sign_pledge",
    "switch_role",
)


def install(app: Flask) -> None:
    """Make the application know its people: the cookie, and how what is sealed here moves to another key."""
    cookie.install(app)
    register_rewrapper(
        "pepper",
        "people_key_pair.sealed_private_key",
        rewrapper_of("pepper", KeyPair.sealed_private_key, passwords.rewrapped),
    )
    register_rewrapper(
        "totp",
        "people_second_factor.wrapped_seed",
        rewrapper_of("totp", SecondFactor.wrapped_seed, second_factor.rewrapped),
    )
