"""Exports of what is on screen."""

from __future__ import annotations

import io
from typing import Annotated

from apiflask import APIBlueprint
from flask import Response, send_file
from flask_babel import get_locale
from pydantic import BaseModel, Field, StrictFloat, StrictInt, StrictStr, StringConstraints

from core.message import say
from graph.schema import NODES, RELS
from security.roles import Permission
from usecases import exporting
from usecases.explore import Window
from usecases.exporting import ExportFile, ExportOrder
from usecases.reach_notes import ReachOrder
from webui.api._fields import Given, Id, Key, Label, TimeMs
from webui.api.money_flow import ReachableBody
from webui.context import actor, services
from webui.guard import needs
from webui.sentences import asked, translate
from webui.words import word

API = APIBlueprint("exports", __name__, tag="Exports")


class Position(Given):
    label: Label
    id: Id
    x: Annotated[StrictFloat | StrictInt, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
    y: Annotated[StrictFloat | StrictInt, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]


Color = Annotated[StrictStr, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]


class Look(Given):
    label: Label
    id: Id
    color: Color
    size: Annotated[StrictFloat | StrictInt, Field(ge=1, le=200, allow_inf_nan=False)]


class ColorSaid(Given):
    color: Color
    text: Annotated[StrictStr, StringConstraints(min_length=1, max_length=80)]


class ExportBody(Given):
    keys: Annotated[list[Key], Field(min_length=1, max_length=5000)]
    rel_ids: Annotated[list[Id], Field(max_length=50_000)] | None = None
    positions: Annotated[list[Position], Field(max_length=5000)] = Field(default_factory=list)
    title: Annotated[StrictStr, StringConstraints(min_length=1, max_length=200)]
    filters: Annotated[list[Annotated[StrictStr, StringConstraints(max_length=300)]], Field(max_length=50)] = Field(
        default_factory=list
    )
    from_ms: TimeMs | None = None
    to_ms: TimeMs | None = None
    looks: Annotated[list[Look], Field(max_length=5000)] = Field(default_factory=list)
    colors: Annotated[list[ColorSaid], Field(max_length=30)] = Field(default_factory=list)
    reach: ReachableBody | None = None


class FormatOut(BaseModel):
    name: str
    title: str
    media_type: str
    suffix: str


class ExportsOut(BaseModel):
    formats: list[FormatOut]


@API.get("/exports")
@needs(Permission.GRAPH_EXPORT)
@API.output(ExportsOut)
@API.doc(summary="Formats on offer")
def formats() -> ExportsOut:
    return ExportsOut(
        formats=[
            FormatOut(name=item.name, title=asked(say(item.title)), media_type=item.media_type, suffix=item.suffix)
            for item in exporting.formats(actor())
        ]
    )


@API.post("/exports/<format>")
@needs(Permission.GRAPH_EXPORT)
@API.input(ExportBody, arg_name="body")
@API.doc(summary="Write nodes and what joins them as a file; the graph is read anew", responses={200: "The file"})
def export(format: str, body: ExportBody) -> Response:
    order = ExportOrder(
        body.keys, body.title, None if body.rel_ids is None else frozenset(body.rel_ids),
        {(at.label, at.id): (float(at.x), float(at.y)) for at in body.positions},
        Window(body.from_ms, body.to_ms), str(get_locale() or "en"), tuple(body.filters),
        looks={(at.label, at.id): (at.color, float(at.size)) for at in body.looks}, names=_names(),
        colors_said=tuple((said.color, said.text) for said in body.colors),
        reach=_reach(body.reach), translate=translate,
    )  # fmt: skip
    return as_download(exporting.export(services(), actor(), format, order))


def _reach(body: ReachableBody | None) -> ReachOrder | None:
    return None if body is None else ReachOrder(body.victims, body.accounts, body.rule, body.as_of_ms)


def _names() -> dict[str, str]:
    """What legends call labels and types, as the canvas does: in English a relationship keeps its name of the schema."""
    labels = {name: word(name, "label") for name in NODES}
    return labels if str(get_locale()) == "en" else labels | {name: word(name, "rel") for name in RELS}


def as_download(file: ExportFile) -> Response:
    """The file as an attachment, named per RFC 6266 with an ASCII name for old clients."""
    return send_file(io.BytesIO(file.content), file.media_type, as_attachment=True, download_name=file.name)
