"""The audit viewer, and the page of all privacy rules with the matrix of roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from casework.audit.queries import protection
from casework.audit.types import Wanted
from casework.core.paging import Page
from casework.privacy import queries
from casework.privacy.forms import FilterForm
from casework.privacy.rules import matrix_rows, role_columns, rule_groups, status_counts
from casework.privacy.types import PERMISSION_NAMES
from casework.security.guard import current_actor, permitted
from casework.security.permissions import Permission
from casework.security.roles import REACH_NAMES, ROLE_NAMES, Reach
from casework.security.rules import STATUS_NAMES

if TYPE_CHECKING:
    from casework.privacy.types import EntryLine

blueprint = Blueprint("privacy", __name__)
UNPROCESSABLE = 422


@blueprint.get("/audit")
@permitted(Permission.AUDIT_ENTRY_READ)
def audit() -> tuple[str, int]:
    """Show the entries that the filter in the address asks for."""
    actor = current_actor()
    form = FilterForm(request.args)
    form.offer(queries.list_actors(actor))
    page: Page[EntryLine] = Page([], None, None)
    valid = form.validate()
    if valid:
        page = queries.list_entries(actor, form.wanted, request.args.get("cursor"))
    shown = render_template(
        "privacy/audit.html",
        form=form,
        page=page,
        protection=protection(actor),
        filtered=valid and form.wanted != Wanted(),
    )
    return shown, 200 if valid else UNPROCESSABLE


@blueprint.get("/audit/<int(max=99999999):chain>/<int(max=9223372036854775807):seq>")
@permitted(Permission.AUDIT_ENTRY_READ)
def audit_entry(chain: int, seq: int) -> str:
    """Show one entry with all it holds."""
    return render_template("privacy/audit_entry.html", sheet=queries.get_entry(current_actor(), chain, seq))


@blueprint.get("/privacy/rules")
@permitted(Permission.PRIVACY_RULES_READ)
def rules() -> str:
    """Show every rule with its clause and what enforces it, and how far each role reaches."""
    mine = current_actor().role
    return render_template(
        "privacy/rules.html",
        groups=rule_groups(),
        statuses=STATUS_NAMES,
        counts=status_counts(),
        roles=ROLE_NAMES,
        columns=role_columns(mine),
        matrix=matrix_rows(mine),
        permissions=PERMISSION_NAMES,
        reaches=REACH_NAMES,
        legend=tuple(Reach),
        mine=mine,
    )
