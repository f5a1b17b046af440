"""One node: its properties, neighbours, findings, and an account's transfers."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from graph.schema import NODES, PROVENANCE
from security.roles import Permission
from usecases import explore
from webui.context import actor, services
from webui.guard import needs
from webui.paging import MAX_OFFSET, choice, number, pages

PAGE = Blueprint("node", __name__, url_prefix="/node")
PER_PAGE = 50


@PAGE.get("")
@needs(Permission.GRAPH_READ)
def index() -> ResponseReturnValue:
    """The page of one node, named by label and id in the query: ids may hold any character."""
    label, id = request.args.get("label", ""), request.args.get("id", "")
    if label not in NODES or not 1 <= len(id) <= 512:
        abort(404)
    view = explore.node(services(), actor(), label, id, counts=True)
    provenance = {prop.name for prop in PROVENANCE}
    shown = [prop.name for prop in NODES[label].columns if prop.name != "id" and prop.name not in provenance]
    transfers, at, direction = None, None, "both"
    names: dict[tuple[str, str], str] = {}
    if label == "Account":
        direction = choice("direction", ("both", "in", "out"), "both")
        offset = number("offset", 0, 0, MAX_OFFSET)
        transfers, names = explore.account_statement(
            services(), actor(), id, direction=direction, limit=PER_PAGE, offset=offset
        )
        at = pages(offset, PER_PAGE, len(transfers.items), transfers.total)
    return render_template(
        "node/index.html", view=view, node=view.node, shown=shown, provenance=[prop.name for prop in PROVENANCE],
        transfers=transfers, at=at, direction=direction, names=names,
    )  # fmt: skip
