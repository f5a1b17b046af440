"""Search by any identifier."""

from __future__ import annotations

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from security.roles import Permission
from usecases import search as usecase
from webui.api._fields import Given
from webui.context import actor, services
from webui.guard import needs

API = APIBlueprint("search", __name__, tag="Network")


class SearchQuery(Given):
    q: str = Field("", max_length=200, description="Any identifier or name; `phone:138` narrows to a label")
    label: str | None = Field(None, max_length=32)
    limit: int = Field(20, ge=1, le=100)


class HitOut(BaseModel):
    label: str
    id: str
    name: str
    matched: str


class SearchOut(BaseModel):
    hits: list[HitOut]


@API.get("/search")
@needs(Permission.GRAPH_READ)
@API.input(SearchQuery, location="query", arg_name="query")
@API.output(SearchOut)
@API.doc(summary="Nodes by any identifier or name, best first")
def search(query: SearchQuery) -> SearchOut:
    hits = usecase.search(services(), actor(), query.q, query.label, query.limit)
    return SearchOut(hits=[HitOut(label=hit.label, id=hit.id, name=hit.name, matched=hit.matched) for hit in hits])
