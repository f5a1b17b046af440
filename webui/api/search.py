"""Search by any identifier."""

from __future__ import annotations

from apiflask import APIBlueprint

from security.roles import Permission
from usecases import search as usecase
from webui.api._models import HitOut, SearchOut, SearchQuery
from webui.context import actor, services
from webui.guard import needs

API = APIBlueprint("search", __name__, tag="Network")


@API.get("/search")
@needs(Permission.GRAPH_READ)
@API.input(SearchQuery, location="query", arg_name="query")
@API.output(SearchOut)
@API.doc(summary="Nodes by any identifier or name, best first")
def search(query: SearchQuery) -> SearchOut:
    hits = usecase.search(services(), actor(), query.q, query.label, query.limit)
    return SearchOut(hits=[HitOut(label=hit.label, id=hit.id, name=hit.name, matched=hit.matched) for hit in hits])
