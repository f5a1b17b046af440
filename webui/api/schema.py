"""The graph's schema, and who is asking."""

from __future__ import annotations

from collections.abc import Iterable

from apiflask import APIBlueprint
from flask import Response, current_app, jsonify
from flask_babel import get_locale
from flask_wtf.csrf import generate_csrf
from pydantic import BaseModel

from graph.schema import NODES, RELS, SCHEMA_VERSION, Property
from security.roles import Permission
from webui.context import actor
from webui.guard import signed_in

API = APIBlueprint("schema", __name__, tag="About")


class PropertyOut(BaseModel):
    name: str
    kind: str
    doc: str
    required: bool
    privacy: str


class TypeOut(BaseModel):
    name: str
    doc: str
    properties: list[PropertyOut]


class RelTypeOut(TypeOut):
    event: bool
    pairs: list[tuple[str, str]]


class SchemaOut(BaseModel):
    version: int
    labels: list[TypeOut]
    rels: list[RelTypeOut]


class MeOut(BaseModel):
    name: str
    roles: list[str]
    permissions: list[str]
    language: str
    csrf_token: str


@API.get("/schema")
@signed_in()
@API.output(SchemaOut)
@API.doc(summary="Labels, relationship types and their properties")
def schema() -> SchemaOut:
    return SchemaOut(
        version=SCHEMA_VERSION,
        labels=[TypeOut(name=item.label, doc=item.doc, properties=_properties(item.columns)) for item in NODES.values()],
        rels=[
            RelTypeOut(
                name=item.name, doc=item.doc, properties=_properties(item.columns), event=item.event,
                pairs=list(item.pairs),
            )
            for item in RELS.values()
        ],
    )  # fmt: skip


@API.get("/me")
@signed_in()
@API.output(MeOut)
@API.doc(summary="Who is signed in, with the token a change needs in X-CSRFToken")
def me() -> MeOut:
    acting = actor()
    return MeOut(
        name=acting.name, roles=sorted(acting.roles), permissions=[item.value for item in Permission if acting.may(item)],
        language=str(get_locale() or "en"), csrf_token=generate_csrf(),
    )  # fmt: skip


@API.get("/openapi.json")
@signed_in()
@API.doc(hide=True)
def openapi() -> Response:
    """This API's description, OpenAPI 3.1."""
    return jsonify(current_app._get_spec("json"))  # type: ignore[attr-defined]


def _properties(columns: Iterable[Property]) -> list[PropertyOut]:
    return [
        PropertyOut(
            name=item.name, kind=item.kind.value, doc=item.doc, required=item.required, privacy=item.privacy.value
        )
        for item in columns
    ]
