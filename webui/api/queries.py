"""Saved queries offered in a node's right-click menu."""

from __future__ import annotations

from apiflask import APIBlueprint
from pydantic import Field

from security.roles import Permission
from usecases import query_library
from webui.api._fields import Given
from webui.api._views_models import MenuQueriesOut, MenuQueryOut
from webui.context import actor, services
from webui.guard import needs

API = APIBlueprint("queries", __name__, tag="Analysis")


class LabelQuery(Given):
    label: str = Field(min_length=1, max_length=32)


@API.get("/queries/menu")
@needs(Permission.CYPHER_RUN)
@API.input(LabelQuery, location="query", arg_name="query")
@API.output(MenuQueriesOut)
@API.doc(summary="Saved queries, one's own and shared ones, offered for a label")
def menu(query: LabelQuery) -> MenuQueriesOut:
    found = query_library.for_label(services(), actor(), query.label)
    return MenuQueriesOut(
        queries=[
            MenuQueryOut(id=card.id, title=card.title, cypher=card.cypher, parameter=card.menu_parameter)
            for card in found
        ]
    )
