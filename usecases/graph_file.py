"""Our own JSON graph file read back. Only its keys and places are believed; the data is read from the graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import BadInput
from core.message import say
from core.strict_json import storable
from exports import json_graph
from graph.model import Subgraph
from graph.schema import NODES
from security.roles import Actor, Permission
from usecases.asking import asking
from usecases.auditing import audited
from usecases.services import Services
from usecases.views import Ghost, with_ghosts

Key = tuple[str, str]
MAX_BYTES = 2 * 1024 * 1024
MAX_NODES = 5000


@dataclass(frozen=True, slots=True)
class GraphFile:
    """What of a file is in the graph, places by key, and a ghost for each node that is not there or not visible."""

    title: str
    found: Subgraph
    ghosts: tuple[Ghost, ...]
    places: Mapping[Key, tuple[float, float]]


def read(services: Services, actor: Actor, data: bytes) -> GraphFile:
    """Read a file. Raises BadInput naming what is wrong (XML, not ours, too large, a bad node), NotAllowed."""
    with (
        audited(services, actor, Permission.GRAPH_READ, "graph.file", f"{len(data)} bytes") as said,
        asking(actor, 4 * services.settings.explore_seconds),
    ):
        file = _checked(data)
        keys = [node.key for node in file.subgraph.nodes]
        found, ghosts = with_ghosts(services, actor, keys)
        said.update(nodes=len(keys), ghosts=len(ghosts))
        return GraphFile(_title(file.title), found, ghosts, file.places)


def _checked(data: bytes) -> json_graph.GraphFile:
    if len(data) > MAX_BYTES:
        raise BadInput(
            say("a graph file has at most {most} MiB, this one {n:,} bytes", most=MAX_BYTES >> 20, n=len(data)),
            code="file_size",
        )
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise BadInput("this is XML: only Ringtrace's own JSON is opened here, XML is never parsed", code="file_is_xml")
    file = json_graph.read(data)
    nodes = file.subgraph.nodes
    if not 1 <= len(nodes) <= MAX_NODES:
        raise BadInput(
            say("a graph file has 1 to {most:,} nodes, this one {n:,}", most=MAX_NODES, n=len(nodes)),
            code="file_size",
        )
    for row, node in enumerate(nodes, 1):
        if not isinstance(node.label, str) or node.label not in NODES:
            raise BadInput(f"node {row}: field label: expected one of {', '.join(NODES)}", code="bad_file")
        if not isinstance(node.id, str) or not 1 <= len(node.id) <= 512 or not storable(node.id):
            raise BadInput(f"node {row}: field id: expected a text of 1 to 512 characters", code="bad_file")
    return file


def _title(given: str) -> str:
    text = given[:200]
    return text if storable(text) else ""
