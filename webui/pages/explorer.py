"""The network explorer: one page, drawn in the browser from the JSON API."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from scoring.transfer import decoded
from security.roles import Permission
from usecases import alerts, leads
from webui.context import actor, services
from webui.guard import needs
from webui.nav import Entry

PAGE = Blueprint("explorer", __name__, url_prefix="/explorer")
NAV = Entry("investigate", 30, _l("Explorer"), "network", Permission.GRAPH_READ)


#: Accounts of a lead's trace that are opened at once: those with most left come first.
MOST_OF_A_LEAD = 60


@PAGE.get("")
@needs(Permission.GRAPH_READ)
def index() -> ResponseReturnValue:
    """Starts empty, at a node (`label`, `id`), with a finding (`finding`), a saved view (`view`), or from the console.

    `lead` opens the accounts and phones of a lead and where its money went, `alert` the two ends of a scored transfer;
    whoever may not see those gets what their own pages would say.
    """
    asked = request.args.get
    keys = [(asked("label", ""), asked("id", ""))] if asked("label") and asked("id") else []
    if asked("lead"):
        keys = _of_lead(asked("lead", ""))
    elif asked("alert"):
        transfer = decoded(alerts.read(services(), actor(), asked("alert", "")).transfer.encode())
        keys = [("Account", transfer.payer), ("Account", transfer.payee)]
    return render_template(
        "explorer/index.html",
        keys=keys,
        finding=asked("finding", ""),
        view=asked("view", ""),
        from_console="console" in request.args,
    )


def _of_lead(id: str) -> list[tuple[str, str]]:
    found = leads.one(services(), actor(), id)
    told = [
        ("Account" if item.kind == "account" else "Phone", item.value)
        for item in found.items
        if item.kind in ("account", "phone") and item.state != "rejected"
    ]
    positions = (found.trace or {}).get("positions", ())[:MOST_OF_A_LEAD]
    return list(
        dict.fromkeys(
            [*told, *(("Wallet" if at["kind"] == "wallet" else "Account", at["account"]) for at in positions)]
        )
    )
