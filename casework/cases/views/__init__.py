"""Pages of cases."""

from casework.cases.views import listing, showing, writing
from casework.cases.views.base import blueprint

__all__ = ("blueprint", "listing", "showing", "writing")
