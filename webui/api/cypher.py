"""Analysts' own read-only Cypher."""

from __future__ import annotations

from typing import Annotated, Any

from apiflask import APIBlueprint
from pydantic import BaseModel, Field, StrictStr, StringConstraints

from graph.model import Node, Path, Rel
from security.roles import Permission
from usecases import console
from webui.api._fields import Given
from webui.api._network_models import SubgraphOut
from webui.context import actor, services
from webui.guard import needs

API = APIBlueprint("cypher", __name__, tag="Analysis")


class CypherBody(Given):
    query: Annotated[StrictStr, StringConstraints(min_length=1, max_length=20_000)]
    params: dict[str, Any] = Field(default_factory=dict)


class CypherOut(BaseModel):
    columns: list[str]
    rows: list[list[Any]]
    truncated: bool
    over_bytes: bool
    """Cut at the limit of bytes, not of rows."""
    elapsed_ms: float
    subgraph: SubgraphOut


@API.post("/cypher")
@needs(Permission.CYPHER_RUN)
@API.input(CypherBody, arg_name="body")
@API.output(CypherOut)
@API.doc(summary="Run one read-only query in the sandbox, under its limits of time, rows and bytes")
def cypher(body: CypherBody) -> CypherOut:
    answer = console.run(services(), actor(), body.query, body.params)
    result = answer.result
    return CypherOut(
        columns=list(result.columns), rows=[[plain(value) for value in row] for row in result.rows],
        truncated=result.truncated, over_bytes=result.over_bytes, elapsed_ms=result.elapsed_ms, subgraph=SubgraphOut.of(answer.subgraph),
    )  # fmt: skip


def plain(value: Any) -> Any:
    """A value of a row as JSON: nodes and relationships as objects that name what they are."""
    match value:
        case Node():
            return {"label": value.label, "id": value.id, "properties": dict(value.properties)}
        case Rel():
            return {"type": value.type, "id": value.id, "start": list(value.start), "end": list(value.end),
                    "properties": dict(value.properties)}  # fmt: skip
        case Path():
            return [plain(item) for item in (*value.nodes, *value.rels)]
        case dict():
            return {name: plain(item) for name, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case float():
            return value if value - value == 0 else str(value)  # NaN and infinity are not JSON
    return value
