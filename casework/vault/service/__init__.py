"""Everything that can be done with keys. The vault is a mechanism: whoever calls decides who may have a key.

What no grant opens stays closed whatever the caller decides.
"""

from casework.vault.service.circles import (
    add_circle_member,
    circle_for_sealing,
    create_circle,
    has_recovery_key,
    recover,
    remove_circle_member,
    rotate_circle,
    set_recovery_key,
)
from casework.vault.service.keys import (
    create_key,
    grant,
    open_key,
    open_keys,
    purge_expired,
    regrant,
    revoke,
    revoke_all,
    shred,
)
from casework.vault.service.listening import listen_to_people
from casework.vault.service.rotation import rotate_keyring
from casework.vault.service.sealing import open_json, open_text, seal_json, seal_text

__all__ = (
    "add_circle_member",
    "circle_for_sealing",
    "create_circle",
    "create_key",
    "grant",
    "has_recovery_key",
    "listen_to_people",
    "open_json",
    "open_key",
    "open_keys",
    "open_text",
    "purge_expired",
    "recover",
    "regrant",
    "remove_circle_member",
    "revoke",
    "revoke_all",
    "rotate_circle",
    "rotate_keyring",
    "seal_json",
    "seal_text",
    "set_recovery_key",
    "shred",
)
