"""The Cypher console: run, look as table or graph, keep, download."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from core.errors import BadInput, QueryRefused, QueryStopped
from core.strict_json import loads
from graph.console import parameters
from graph.schema import NODES, RELS
from security.roles import ROLES, Permission
from security.workspace.library import Card
from usecases import console, query_library, views
from usecases.console import Answer
from usecases.exporting import ExportFile
from webui.api.exports import as_download
from webui.context import actor, services
from webui.guard import needs
from webui.nav import Entry
from webui.words import sentence

PAGE = Blueprint("console", __name__, url_prefix="/console")
NAV = Entry("analyse", 10, _l("Cypher console"), "terminal", Permission.CYPHER_RUN)
EXAMPLES = (
    "MATCH (f:Finding)-[i:INVOLVES]->(a:Account)\nRETURN f.title, i.role, a.id, f.score\nORDER BY f.score DESC LIMIT 50",
    "MATCH (a:Account)-[t:TRANSFER]->(b:Account)\nWHERE t.amount_minor >= 5000000\nRETURN a, t, b LIMIT 50",
    "MATCH (a:Account)-[:USED_DEVICE]->(d:Device)<-[:USED_DEVICE]-(b:Account)\nWHERE a.id < b.id\nRETURN d.id, count(*) AS pairs ORDER BY pairs DESC LIMIT 20",
)


@PAGE.get("")
@needs(Permission.CYPHER_RUN)
def index() -> ResponseReturnValue:
    """The empty console, or one of the person's kept queries ready to run."""
    kept = query_library.cards(services(), actor())
    chosen = next((item for item in kept if item.id == request.args.get("saved")), None)
    return _page(chosen.cypher if chosen else EXAMPLES[0], title=chosen.title if chosen else "", chosen=chosen)


@PAGE.post("")
@needs(Permission.CYPHER_RUN)
def run() -> ResponseReturnValue:
    """Run the query: the whole page, with the reason in place of rows when it was refused or stopped."""
    cypher, params = request.form.get("cypher", ""), request.form.get("params", "")
    try:
        answer = console.run(services(), actor(), cypher, _parameters(params))
    except (BadInput, QueryRefused, QueryStopped) as error:
        return _page(cypher, params=params, error=sentence(error.code, str(error))), error.status
    return _page(cypher, params=params, answer=answer)


@PAGE.post("/plan")
@needs(Permission.CYPHER_RUN)
def plan() -> ResponseReturnValue:
    """How the store would run the query, without running it."""
    cypher, params = request.form.get("cypher", ""), request.form.get("params", "")
    try:
        found = console.plan(services(), actor(), cypher, _parameters(params))
    except (BadInput, QueryRefused, QueryStopped) as error:
        return _page(cypher, params=params, error=sentence(error.code, str(error))), error.status
    return _page(cypher, params=params, plan=found)


@PAGE.post("/csv")
@needs(Permission.CYPHER_RUN)
def csv() -> ResponseReturnValue:
    """Run the query again and download the rows."""
    params = _parameters(request.form.get("params", ""))
    answer = console.run(services(), actor(), request.form.get("cypher", ""), params)
    return as_download(ExportFile("query.csv", "text/csv", console.as_csv(answer.result)))


@PAGE.post("/saved")
@needs(Permission.CYPHER_RUN)
def save() -> ResponseReturnValue:
    """Keep the query for oneself."""
    kept = console.save(services(), actor(), request.form.get("title", ""), request.form.get("cypher", ""))
    return redirect(url_for("console.index", saved=kept.id), 303)


@PAGE.post("/saved/<id>/describe")
@needs(Permission.CYPHER_RUN)
def describe(id: str) -> ResponseReturnValue:
    """Tags, the menu it is offered in, and whom it is shared with."""
    form = request.form
    tags = [tag for tag in form.get("tags", "").split(",") if tag.strip()]
    people = [name.strip() for name in form.get("people", "").split(",") if name.strip()]
    query_library.describe(
        services(), actor(), id, tags, form.get("menu_label", ""), form.get("menu_parameter", "").lstrip("$")
    )
    query_library.share(services(), actor(), id, people, form.getlist("roles"))
    return redirect(url_for("console.index", saved=id), 303)


@PAGE.get("/saved.json")
@needs(Permission.CYPHER_RUN)
def export_saved() -> ResponseReturnValue:
    """All queries one sees as a file."""
    return as_download(ExportFile("queries.json", "application/json", query_library.as_file(services(), actor())))


@PAGE.post("/saved.json")
@needs(Permission.CYPHER_RUN)
def import_saved() -> ResponseReturnValue:
    """Keep the queries of a file as one's own."""
    file = request.files.get("file")
    number = query_library.from_file(services(), actor(), file.read() if file else b"")
    flash(gettext("%(n)s queries kept.", n=number))
    return redirect(url_for("console.index"), 303)


@PAGE.post("/saved/<id>/delete")
@needs(Permission.CYPHER_RUN)
def delete(id: str) -> ResponseReturnValue:
    """Forget one of one's own queries."""
    console.delete(services(), actor(), id)
    return redirect(url_for("console.index"), 303)


def _page(
    cypher: str, *, params: str = "", title: str = "", error: str = "", answer: Answer | None = None, plan: str = "",
    chosen: Card | None = None,
) -> str:  # fmt: skip
    acting = actor()
    mine = chosen is not None and chosen.owner_id == acting.id
    colleagues = views.colleagues(services(), acting) if mine and acting.may(Permission.GRAPH_READ) else []
    names = {person.id: person.name for person in colleagues}
    shared = [names.get(to, to) for kind, to in chosen.shared_with if kind == "person"] if chosen else []
    return render_template(
        "console/index.html", cypher=cypher, params=params, title=title, error=error, answer=answer, flat=console.flat,
        limits=console.limits(services()), kept=query_library.cards(services(), acting), examples=EXAMPLES, plan=plan,
        chosen=chosen, mine=mine, shared=shared, roles=list(ROLES), labels=tuple(NODES.values()),
        rels=tuple(RELS.values()), needed=sorted(parameters(chosen.cypher)) if chosen else [],
    )  # fmt: skip


def _parameters(text: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    try:
        found = loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise BadInput(
            gettext('Parameters must be one JSON object, for example {"id": "6222…"}.'), code="bad_parameters"
        )
    return found
