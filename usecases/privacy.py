"""What is kept out of everything that leaves a use case, whoever asks: card numbers inside free text.

Masking by role belongs here too: every node and relationship shown, listed or exported passes through.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from graph.model import Path, Rel, Result, Subgraph
from graph.schema import RELS, Privacy
from security.cards import mask_cards
from security.roles import Actor, Permission

#: Free text of events: payment memos, message texts.
FREE_TEXT = frozenset(
    prop.name for rel in RELS.values() for prop in rel.properties if prop.privacy is Privacy.SENSITIVE
)
#: Identifiers may be a card's number and must stay usable.
_KEYS = frozenset({"id", "number"})
#: No part of it is read twice: a query may have 20,000 characters of one name or of blanks.
_KEY = r"(?:\b\w++\(\s*+(?:distinct\s++)?)?\b\w++\.(?:id|number)\b(?:\s*\))?"
_KEY_COLUMN = re.compile(_KEY, re.IGNORECASE)
_KEY_ALIAS = re.compile(rf"{_KEY}\s+as\s+(\w+)", re.IGNORECASE)


def may_see(actor: Actor, key: tuple[str, str]) -> bool:
    """Whether this reader may know of a node at all: findings need their own permission."""
    return key[0] != "Finding" or actor.may(Permission.FINDINGS_READ)


def rel(found: Rel) -> Rel:
    """The relationship as it may be shown."""
    if not FREE_TEXT & found.properties.keys():
        return found
    return replace(found, properties=_masked(found.properties))


def rels(found: Iterable[Rel]) -> tuple[Rel, ...]:
    """Relationships as they may be shown."""
    return tuple(rel(item) for item in found)


def subgraph(found: Subgraph) -> Subgraph:
    """The subgraph as it may be shown."""
    return replace(found, rels=rels(found.rels))


def value(found: Any, *, bare: bool = False) -> Any:
    """Any value of a query's result as it may be shown: free text loses card numbers, in relationships and in maps.

    A bare text stays: nothing tells a memo from an account whose number is a card's. Unless `bare` says it is free text.
    """
    match found:
        case str():
            return mask_cards(found) if bare else found
        case Rel():
            return rel(found)
        case Path():
            return replace(found, rels=rels(found.rels))
        case Mapping():
            return {
                name: value(item, bare=name in FREE_TEXT or (bare and name not in _KEYS))
                for name, item in found.items()
            }
        case list() | tuple():
            return [value(item, bare=bare) for item in found]
        case _:
            return found


def rows(result: Result, cypher: str) -> tuple[tuple[Any, ...], ...]:
    """The rows of a console query as they may be shown.

    A column named after free text (`t.memo`, `toUpper(t.memo)`) holds free text. When the query reads free text under
    another name (`t.memo AS m`), every column but one of plain keys (`a.id`, `a.id AS account`) may hold it.
    """
    reads = bool(set(re.findall(r"\w+", cypher.lower())) & FREE_TEXT)
    keys = set(_KEY_ALIAS.findall(cypher))
    bare = [reads and name not in keys and not _KEY_COLUMN.fullmatch(name) for name in result.columns]
    return tuple(tuple(value(item, bare=masks) for item, masks in zip(row, bare, strict=True)) for row in result.rows)


def _masked(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: mask_cards(given) if name in FREE_TEXT and isinstance(given, str) else given
        for name, given in properties.items()
    }
