"""Saved queries with tags, sharing, menus, and as a file; texts are kept by usecases/console."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from core.db import transaction
from core.errors import BadInput
from core.message import say
from core.strict_json import loads
from graph.console import parameters
from graph.queries._read import known_label
from security import saved_queries
from security.roles import Actor, Permission
from security.workspace import library
from security.workspace.library import Card
from usecases.auditing import audited
from usecases.changing import recorded
from usecases.services import Services
from usecases.views import targets

FORMAT = "ringtrace-queries"
MAX_IMPORT = 200


def cards(services: Services, actor: Actor) -> list[Card]:
    """One's own queries and those shared with one. Raises NotAllowed."""
    actor.need(Permission.CYPHER_RUN)
    with transaction(services.engine) as session:
        return library.listed(session, actor.id, actor.roles)


def for_label(services: Services, actor: Actor, label: str) -> list[Card]:
    """Queries to offer in the right-click menu of a node of this label. Raises NotAllowed, BadInput."""
    known_label(label)
    return [card for card in cards(services, actor) if card.menu_label == label]


def describe(services: Services, actor: Actor, query_id: str, tags: Sequence[str], label: str, parameter: str) -> Card:
    """Set tags and menu of one's own query. Raises NotFound, NotAllowed, BadInput when the query lacks the parameter."""
    with (
        audited(
            services, actor, Permission.CYPHER_RUN, "query.describe", query_id, tags=list(tags), label=label
        ) as said,
        recorded(services, said) as session,
    ):
        if label:
            known_label(label)
            text = next((card.cypher for card in library.listed(session, actor.id, ()) if card.id == query_id), "")
            if text and parameter not in parameters(text):
                raise BadInput(
                    say("the query has no parameter ${parameter} to take the node's id", parameter=parameter),
                    code="bad_menu",
                )
        return library.describe(session, actor.id, query_id, tags, label, parameter)


def share(services: Services, actor: Actor, query_id: str, people: Sequence[str], roles: Sequence[str]) -> Card:
    """Show one's own query to exactly these people and roles. Raises NotFound, BadInput, NotAllowed."""
    with (
        audited(
            services, actor, Permission.CYPHER_RUN, "query.share", query_id, people=list(people), roles=list(roles)
        ) as said,
        recorded(services, said) as session,
    ):
        return library.share(session, actor.id, query_id, targets(session, people, roles))


def as_file(services: Services, actor: Actor) -> bytes:
    """All queries one sees as JSON: texts, tags and menus, no owners. Raises NotAllowed."""
    found = cards(services, actor)
    rows = [
        {"title": card.title, "cypher": card.cypher, "tags": list(card.tags), "menu_label": card.menu_label,
         "menu_parameter": card.menu_parameter}
        for card in found
    ]  # fmt: skip
    return json.dumps({"format": FORMAT, "version": 1, "queries": rows}, ensure_ascii=False, indent=1).encode()


def from_file(services: Services, actor: Actor, data: bytes) -> int:
    """Keep the queries of such a file as one's own; a title one has already is replaced. Returns how many.

    Nothing is kept unless all can be. Raises BadInput naming the row and field, NotAllowed.
    """
    with (
        audited(services, actor, Permission.CYPHER_RUN, "query.import", f"{len(data)} bytes") as said,
        recorded(services, said) as session,
    ):
        rows = _rows(data)
        for number, row in enumerate(rows, 1):
            try:
                kept = saved_queries.save(session, actor.id, row["title"], row["cypher"])
                library.describe(session, actor.id, kept.id, row["tags"], row["menu_label"], row["menu_parameter"])
            except BadInput as error:
                raise BadInput(f"query {number}: {error}", code=error.code) from error
        said["queries"] = len(rows)
        return len(rows)


def _rows(data: bytes) -> list[dict[str, Any]]:
    try:
        document = loads(data)
    except ValueError as error:
        raise BadInput(f"not a {FORMAT} file: it is not JSON: {str(error)[:120]}", code="bad_file") from error
    if (
        not isinstance(document, dict)
        or document.get("format") != FORMAT
        or not isinstance(document.get("queries"), list)
    ):
        raise BadInput(f"not a {FORMAT} file: expected an object with format and queries", code="bad_file")
    if len(document["queries"]) > MAX_IMPORT:
        raise BadInput(say("a file brings at most {most} queries", most=MAX_IMPORT), code="bad_file")
    return [_row(number, row) for number, row in enumerate(document["queries"], 1)]


def _row(number: int, row: Any) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise BadInput(f"query {number}: expected an object", code="bad_file")
    for name in ("title", "cypher"):
        if not isinstance(row.get(name), str):
            raise BadInput(f"query {number}: field {name}: expected a text", code="bad_file")
    tags = row.get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise BadInput(f"query {number}: field tags: expected a list of texts", code="bad_file")
    label, parameter = row.get("menu_label") or "", row.get("menu_parameter") or ""
    if not isinstance(label, str) or not isinstance(parameter, str):
        raise BadInput(f"query {number}: field menu_label: expected a text", code="bad_file")
    return {"title": row["title"], "cypher": row["cypher"], "tags": tags, "menu_label": known_label(label) if label else "", "menu_parameter": parameter}  # fmt: skip
