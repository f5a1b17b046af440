"""The list of findings and the page of one."""

from __future__ import annotations

import json
from typing import Any, cast

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from graph.queries.findings import Order
from security.roles import Permission
from usecases import evaluate, findings, verdicts
from usecases.findings import FindingFilter
from webui.bars import money_bars
from webui.context import actor, services
from webui.guard import needs
from webui.nav import Entry
from webui.paging import MAX_OFFSET, choice, number, pages, share

PAGE = Blueprint("findings", __name__, url_prefix="/findings")
NAV = Entry("investigate", 40, _l("Findings"), "flag", Permission.FINDINGS_READ)
PER_PAGE = 50
ORDERS = ("score", "latest", "amount")


@PAGE.get("")
@needs(Permission.FINDINGS_READ)
def index() -> ResponseReturnValue:
    """Findings, filtered and sorted, a page at a time."""
    order = choice("order", ORDERS, "score")
    offset = number("offset", 0, 0, MAX_OFFSET)
    asked = request.args
    wanted = FindingFilter(
        asked.get("kind", "")[:64] or None, asked.get("run_id", "")[:64] or None, share("min_score"),
        asked.get("text", "")[:200] or None,
    )  # fmt: skip
    page = findings.list_findings(services(), actor(), wanted, limit=PER_PAGE, offset=offset, order=cast(Order, order))
    runs = findings.runs(services(), actor())
    return render_template(
        "findings/index.html", page=page, wanted=wanted, order=order, orders=ORDERS, runs=runs,
        standing=verdicts.statuses(services(), actor(), [node.id for node in page.items]),
        rates=evaluate.rates_of(services(), actor(), [node.properties for node in page.items]),
        kinds=sorted({run.kind for run in runs}), at=pages(offset, PER_PAGE, len(page.items), page.total),
    )  # fmt: skip


@PAGE.get("/<id>")
@needs(Permission.FINDINGS_READ)
def one(id: str) -> ResponseReturnValue:
    """Who, why, against, evidence, money by layer, and where the finding comes from."""
    dossier = findings.dossier(services(), actor(), id)
    told = dossier.finding.properties
    names = {node.key: str(node.properties.get("name") or "") for node, *_ in dossier.members}
    places = {node.key: (role, layer) for node, role, layer, *_ in dossier.members}
    return render_template(
        "findings/one.html", dossier=dossier, finding=dossier.finding, told=told, names=names, places=places,
        standing=verdicts.standing(services(), actor(), id), rate=evaluate.rates_of(services(), actor(), [told])[0],
        parameters=_pairs(told.get("parameters")), bars=money_bars(dossier.flows),
    )  # fmt: skip


def _pairs(text: Any) -> dict[str, Any]:
    """A run's parameters as pairs; a text that is no JSON object stands as it is."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {"parameters": text}
    return found if isinstance(found, dict) else {"parameters": text}
