"""What is kept out of everything that leaves a use case, whoever asks: card numbers inside free text.

Masking by role belongs here too: every node and relationship shown, listed or exported passes through.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from graph.model import Node, Path, Rel, Subgraph
from graph.schema import RELS, Privacy
from security.cards import mask_cards

#: Free text of events: payment memos, message texts.
FREE_TEXT = frozenset(
    prop.name for rel in RELS.values() for prop in rel.properties if prop.privacy is Privacy.SENSITIVE
)


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


def value(found: Any) -> Any:
    """Any value of a query's result as it may be shown: whole relationships lose card numbers in free text.

    A bare text column stays: nothing tells a memo from an account whose number is a card's.
    """
    match found:
        case Rel():
            return rel(found)
        case Path():
            return replace(found, rels=rels(found.rels))
        case Node() | None | bool() | int() | float():
            return found
        case Mapping():
            return {name: value(item) for name, item in found.items()}
        case list() | tuple():
            return [value(item) for item in found]
        case _:
            return found


def _masked(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: mask_cards(given) if name in FREE_TEXT and isinstance(given, str) else given
        for name, given in properties.items()
    }
