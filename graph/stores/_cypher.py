"""What both stores check of a trusted Cypher text: its parameters, and the names put into it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.errors import Conflict
from graph.model import Path, Result
from graph.schema import NODES, RELS

# One alternative each: strings, quoted names and comments (skipped), then `$name` or $`name`.
_TOKEN = re.compile(
    r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/|\$`(?P<quoted>[^`]+)`|\$(?P<name>\w+)|`[^`]*`""", re.S
)


def parameters_of(cypher: str) -> set[str]:
    """Names of the parameters a text uses; a `$` inside a string, a quoted name or a comment is none."""
    found = (match["name"] or match["quoted"] for match in _TOKEN.finditer(cypher))
    return {name for name in found if name}


def check_parameters(cypher: str, params: Mapping[str, Any]) -> None:
    """Raises KeyError naming the parameters that are missing: Ladybug would take them as null."""
    missing = parameters_of(cypher) - params.keys()
    if missing:
        raise KeyError(f"the query needs parameter {', '.join(f'${name}' for name in sorted(missing))}")


def check_path(start: tuple[str, str], end: tuple[str, str], rel_types: Sequence[str], max_hops: int) -> str:
    """Relationship types as `A|B` for a pattern. Raises KeyError for an unknown name, ValueError for bad bounds."""
    for label in (start[0], end[0]):
        if label not in NODES:
            raise KeyError(f"unknown label {label}")
    for name in rel_types:
        if name not in RELS:
            raise KeyError(f"unknown relationship type {name}")
    if not rel_types or not 1 <= max_hops <= 15:
        raise ValueError("a path needs at least one relationship type and 1 to 15 hops")
    return "|".join(rel_types)


def shortest(
    query: Callable[[str, Mapping[str, Any]], Result],
    text: Callable[[str, str, int], str],
    start: tuple[str, str],
    end: tuple[str, str],
    rel_types: Sequence[str],
    *,
    max_hops: int,
    directed: bool,
    limit: int,
) -> list[Path]:
    """`GraphStore.shortest_paths` with a store's own pattern: `text(types as A|B, arrow, most paths)`.

    Stores answer in any order, so more than `limit` are asked for and the first by relationship ids are kept.
    """
    types = check_path(start, end, rel_types, max_hops)
    if start == end:
        return []
    cypher = text(types, "->" if directed else "-", max(int(limit), 1000))
    paths = [row[0] for row in query(cypher, {"start_id": start[1], "end_id": end[1]}).rows]
    return sorted(paths, key=lambda path: [rel.id for rel in path.rels])[:limit]


def check_seq(seq: int, applied: int) -> bool:
    """Whether batch `seq` is the next one; False when it is older. Raises Conflict when it leaves a gap."""
    if seq > applied + 1:
        raise Conflict(f"batch {seq} cannot be applied: the store ends at {applied}; run `ringtrace rebuild`")
    return seq == applied + 1
