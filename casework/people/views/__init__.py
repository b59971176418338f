"""Pages of people."""

from casework.people.views import account, admin, again, entry, pledge
from casework.people.views.base import blueprint

__all__ = ("account", "admin", "again", "blueprint", "entry", "pledge")
