"""Kept views of the explorer, the autosave, sharing, and our own graph file read back."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import request

from graph.model import Subgraph
from security.roles import ROLES, Permission
from security.workspace.views import View
from usecases import graph_file
from usecases import views as usecase
from usecases.views import Ghost
from webui.api._network_models import SubgraphOut
from webui.api._views_models import (
    ColleaguesOut,
    DraftBody,
    DraftOut,
    GhostOut,
    GraphFileOut,
    NoBody,
    OpenedOut,
    PersonOut,
    PlaceOut,
    RoleOut,
    SaveViewBody,
    ShareBody,
    ViewDocument,
    ViewOut,
    ViewsOut,
)
from webui.context import actor, services
from webui.guard import needs
from webui.words import word

API = APIBlueprint("views", __name__, tag="Views")


@API.get("/views")
@needs(Permission.GRAPH_READ)
@API.output(ViewsOut)
@API.doc(summary="One's own views and those shared with one")
def list_views() -> ViewsOut:
    return ViewsOut(views=[_out(view) for view in usecase.list_views(services(), actor())])


@API.post("/views")
@needs(Permission.GRAPH_READ)
@API.input(SaveViewBody, arg_name="body")
@API.output(ViewOut)
@API.doc(summary="Keep a view, or replace one's own (`id` and the `version` that was read)")
def save(body: SaveViewBody) -> ViewOut:
    document = body.document.model_dump(exclude_none=True) | {"as_of": _as_of(body.document)}
    return _out(usecase.save(services(), actor(), body.title, document, view_id=body.id, version=body.version))


@API.get("/views/draft")
@needs(Permission.GRAPH_READ)
@API.output(DraftOut)
@API.doc(summary="One's own last canvas")
def open_draft() -> DraftOut:
    found = usecase.open_draft(services(), actor())
    if found is None:
        return DraftOut(document=None, updated_at_ms=None, subgraph=SubgraphOut.of(Subgraph((), ())), ghosts=[])
    return DraftOut(
        document=ViewDocument.model_validate(found.view.document, strict=False), updated_at_ms=found.view.updated_at_ms,
        subgraph=SubgraphOut.of(found.found), ghosts=_ghosts(found.ghosts),
    )  # fmt: skip


@API.post("/views/draft")
@needs(Permission.GRAPH_READ)
@API.input(DraftBody, arg_name="body")
@API.doc(summary="Keep the canvas as it is now: one draft a person")
def keep_draft(body: DraftBody) -> dict[str, int]:
    document = body.document.model_dump(exclude_none=True) | {"as_of": _as_of(body.document)}
    return {"updated_at_ms": usecase.keep_draft(services(), actor(), document)}


@API.get("/views/<id>")
@needs(Permission.GRAPH_READ)
@API.output(OpenedOut)
@API.doc(summary="A view with its data read anew; nodes gone or restricted are in `ghosts`")
def open_view(id: str) -> OpenedOut:
    found = usecase.open_view(services(), actor(), id)
    return OpenedOut(
        view=_out(found.view), document=ViewDocument.model_validate(found.view.document, strict=False),
        subgraph=SubgraphOut.of(found.found), ghosts=_ghosts(found.ghosts),
    )  # fmt: skip


@API.post("/views/<id>/delete")
@needs(Permission.GRAPH_READ)
@API.input(NoBody, arg_name="_body")
@API.doc(summary="Delete one's own view")
def delete(id: str, _body: NoBody) -> dict[str, str]:
    usecase.delete(services(), actor(), id)
    return {"deleted": id}


@API.post("/views/<id>/share")
@needs(Permission.GRAPH_READ)
@API.input(ShareBody, arg_name="body")
@API.output(ViewOut)
@API.doc(summary="Show one's own view to exactly these people and roles, read-only")
def share(id: str, body: ShareBody) -> ViewOut:
    return _out(usecase.share(services(), actor(), id, body.people, body.roles))


@API.get("/colleagues")
@needs(Permission.GRAPH_READ)
@API.output(ColleaguesOut)
@API.doc(summary="People and roles one can share with")
def colleagues() -> ColleaguesOut:
    people = usecase.colleagues(services(), actor())
    roles = [name for name, given in ROLES.items() if Permission.GRAPH_READ in given]
    return ColleaguesOut(
        people=[PersonOut(name=one.name, full_name=one.full_name) for one in people],
        roles=[RoleOut(name=name, title=word(name, "role")) for name in roles],
    )


@API.post("/graph-file")
@needs(Permission.GRAPH_READ)
@API.output(GraphFileOut)
@API.doc(summary="Read our own JSON file again: what of it is in the graph, the rest as ghosts")
def read_graph_file() -> GraphFileOut:
    found = graph_file.read(services(), actor(), request.get_data())
    return GraphFileOut(
        title=found.title, subgraph=SubgraphOut.of(found.found), ghosts=_ghosts(found.ghosts),
        places=[PlaceOut(label=key[0], id=key[1], x=x, y=y) for key, (x, y) in found.places.items()],
    )  # fmt: skip


def _out(view: View) -> ViewOut:
    acting = actor()
    return ViewOut(
        id=view.id, title=view.title, owner=view.owner_name, mine=view.owner_id == acting.id, nodes=view.nodes,
        shared_with=usecase.names_of(services(), view), updated_at_ms=view.updated_at_ms, version=view.version,
    )  # fmt: skip


def _ghosts(found: tuple[Ghost, ...]) -> list[GhostOut]:
    return [GhostOut(label=ghost.label, id=ghost.id, why=ghost.why) for ghost in found]


def _as_of(document: ViewDocument) -> dict[str, Any] | None:
    return document.as_of.model_dump() if document.as_of else None
