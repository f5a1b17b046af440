"""Views of the explorer: kept, opened with the reader's own rights, shared read-only, and the autosave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.db import transaction
from core.errors import BadInput
from core.message import say
from graph.model import Subgraph
from security import users
from security.roles import ROLES, Actor, Permission
from security.users import Person
from security.workspace import views
from security.workspace.views import View
from usecases import privacy
from usecases.asking import asking
from usecases.auditing import audited
from usecases.changing import recorded
from usecases.explore import joined
from usecases.services import Services

Key = tuple[str, str]
MAX_RELS = 50_000


@dataclass(frozen=True, slots=True)
class Ghost:
    """A node a view names that is no longer in the graph, or not this reader's to see."""

    label: str
    id: str
    why: Literal["gone", "restricted"]


@dataclass(frozen=True, slots=True)
class Opened:
    """A view with its data read anew; `ghosts` are drawn and counted, never dropped."""

    view: View
    found: Subgraph
    ghosts: tuple[Ghost, ...]


def list_views(services: Services, actor: Actor) -> list[View]:
    """One's own views and those shared with one. Raises NotAllowed."""
    actor.need(Permission.GRAPH_READ)
    with transaction(services.engine) as session:
        return views.listed(session, actor.id, actor.roles)


def save(
    services: Services, actor: Actor, title: str, document: Mapping[str, Any], *, view_id: str = "", version: int = 0
) -> View:
    """Keep a new view, or replace one's own of this version. Raises BadInput, NotFound, Conflict, NotAllowed."""
    with (
        audited(
            services, actor, Permission.GRAPH_READ, "view.save", view_id or title[:200], nodes=len(document["nodes"])
        ) as said,
        recorded(services, said) as session,
    ):
        if view_id:
            return views.change(session, actor.id, actor.name, view_id, version, title, document)
        return views.create(session, actor.id, actor.name, title, document)


def open_view(services: Services, actor: Actor, view_id: str) -> Opened:
    """A view and its data as this reader may see them. Raises NotFound (also for a foreign one), NotAllowed."""
    with (
        audited(services, actor, Permission.GRAPH_READ, "view.open", view_id) as said,
        asking(actor, 4 * services.settings.explore_seconds),
    ):
        with transaction(services.engine) as session:
            view = views.get(session, view_id, actor.id, actor.roles)
        opened = _read(services, actor, view)
        said.update(nodes=len(opened.found.nodes), ghosts=len(opened.ghosts))
        return opened


def delete(services: Services, actor: Actor, view_id: str) -> None:
    """Delete one's own view. Raises NotFound, NotAllowed."""
    with (
        audited(services, actor, Permission.GRAPH_READ, "view.delete", view_id) as said,
        recorded(services, said) as session,
    ):
        views.delete(session, actor.id, view_id)


def share(services: Services, actor: Actor, view_id: str, people: Sequence[str], roles: Sequence[str]) -> View:
    """Show one's own view to exactly these people (by sign-in name) and roles. Raises NotFound, BadInput, NotAllowed."""
    with (
        audited(
            services, actor, Permission.GRAPH_READ, "view.share", view_id, people=list(people), roles=list(roles)
        ) as said,
        recorded(services, said) as session,
    ):
        return views.share(session, actor.id, view_id, targets(session, people, roles))


def targets(session: Any, people: Sequence[str], roles: Sequence[str]) -> list[tuple[str, str]]:
    """Share targets of sign-in names and roles. Raises BadInput for a name or role that there is not."""
    known = {person.name: person.id for person in users.everyone(session) if person.is_enabled}
    for name in people:
        if name not in known:
            raise BadInput(say("there is nobody called {name} to share with", name=repr(name)), code="unknown_person")
    for role in roles:
        if role not in ROLES:
            raise BadInput(f"unknown role {role!r}: use one of {', '.join(ROLES)}", code="unknown_role")
    return [("person", known[name]) for name in people] + [("role", role) for role in roles]


def colleagues(services: Services, actor: Actor) -> list[Person]:
    """People one can share with: enabled, with a role that reads the graph, not oneself. Raises NotAllowed."""
    actor.need(Permission.GRAPH_READ)
    with transaction(services.engine) as session:
        found = users.everyone(session)
    return [one for one in found if one.is_enabled and one.id != actor.id and one.actor().may(Permission.GRAPH_READ)]


def names_of(services: Services, view: View) -> list[str]:
    """Whom a view is shared with: sign-in names, and roles as `role:name`."""
    with transaction(services.engine) as session:
        known = {person.id: person.name for person in users.everyone(session)}
    return [f"role:{to}" if kind == "role" else known.get(to, to) for kind, to in view.shared_with]


def keep_draft(services: Services, actor: Actor, document: Mapping[str, Any]) -> int:
    """The autosave: nothing new is read, so that it leaves no audit line. Raises BadInput, NotAllowed."""
    actor.need(Permission.GRAPH_READ)
    with transaction(services.engine) as session:
        return views.keep_draft(session, actor.id, actor.name, document)


def open_draft(services: Services, actor: Actor) -> Opened | None:
    """One's own last canvas, or None. Raises NotAllowed."""
    with (
        audited(services, actor, Permission.GRAPH_READ, "view.open", "draft"),
        asking(actor, 4 * services.settings.explore_seconds),
    ):
        with transaction(services.engine) as session:
            view = views.draft(session, actor.id)
        return _read(services, actor, view) if view else None


def _read(services: Services, actor: Actor, view: View) -> Opened:
    keys = [(str(node["label"]), str(node["id"])) for node in view.document["nodes"]]
    found, ghosts = with_ghosts(services, actor, keys)
    return Opened(view, found, ghosts)


def with_ghosts(services: Services, actor: Actor, keys: Sequence[Key]) -> tuple[Subgraph, tuple[Ghost, ...]]:
    """What of `keys` this reader may see, with what joins it, and a ghost for each of the rest."""
    seen = [key for key in keys if privacy.may_see(actor, key)]
    found = privacy.subgraph(joined(services, seen, limit=MAX_RELS)) if seen else Subgraph((), ())
    there = {node.key for node in found.nodes}
    allowed = set(seen)
    ghosts = [
        Ghost(label, id, "gone" if (label, id) in allowed else "restricted")
        for label, id in dict.fromkeys(keys)
        if (label, id) not in there
    ]
    return Subgraph(found.nodes, found.rels), tuple(ghosts)
