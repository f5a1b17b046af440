"""Findings' sentences beside their text: how they are kept, and how nodes and relationships get them back when read.

A finding's `said` holds one or two lines of JSON, each of `core.message.pack`: first its title, its reasons and what
speaks against it, in that order; then, where the details hold sentences, the texts of its lists under the keys `SENTENCES`,
depth first, keys in order of the alphabet. An INVOLVES's
`said` holds its reason. Text alone (findings of older runs, of people's own detectors) has no `said` and stays text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.message import Said, Translate, pack, render, unpack
from graph.model import Node, Rel, Subgraph

#: Keys of a finding's details whose lists are sentences for people, however deep they stand.
SENTENCES = frozenset({"omitted", "reasons"})


def pack_finding(title: str, reasons: Sequence[str], against: Sequence[str], details: Mapping[str, Any]) -> str | None:
    """What a finding's `said` is; None when all of it is plain text."""
    told = _packed([title, *reasons, *against])
    inner = _packed(texts_of(details))
    if inner is None:
        return told
    return f"{told or '[]'}\n{inner}"


def pack_reason(reason: str) -> str | None:
    """What the `said` of an INVOLVES is; None for plain text."""
    return _packed([reason])


def reason_of(reason: str, said: str | None) -> str:
    """A member's reason with its sentence."""
    return unpack(said, [reason])[0] if said else reason


def node_of(label: str, id: str, properties: dict[str, Any]) -> Node:
    """The node as read: a finding's texts carry their sentences, and `said` is no property of it."""
    said = properties.pop("said", None) if label == "Finding" else None
    if not said:
        return Node(label, id, properties)
    names = [name for name in ("title", "reasons", "against") if name in properties]
    texts = {name: [properties[name]] if name == "title" else list(properties[name]) for name in names}
    told = iter(unpack(str(said).partition("\n")[0], [text for name in names for text in texts[name]]))
    for name in names:
        again = [next(told) for _ in texts[name]]
        properties[name] = again[0] if name == "title" else again
    return Node(label, id, properties, said)


def rel_of(type_name: str, id: str, start: tuple[str, str], end: tuple[str, str], properties: dict[str, Any]) -> Rel:
    """The relationship as read: a member's reason carries its sentence, and `said` is no property of it."""
    if type_name == "INVOLVES":
        said = properties.pop("said", None)
        if said and "reason" in properties:
            properties["reason"] = reason_of(properties["reason"], said)
    return Rel(type_name, id, start, end, properties)


def rendered(properties: Mapping[str, Any], translate: Translate) -> dict[str, Any]:
    """Properties with their sentences said in another language; everything else as it is."""
    return {name: _rendered(value, translate) for name, value in properties.items()}


def subgraph_in(found: Subgraph, translate: Translate) -> Subgraph:
    """A piece of the graph with the sentences of its findings said in another language."""
    return Subgraph(
        tuple(
            replace(node, properties=rendered(node.properties, translate)) if node.said else node
            for node in found.nodes
        ),
        tuple(
            replace(rel, properties=rendered(rel.properties, translate)) if rel.type == "INVOLVES" else rel
            for rel in found.rels
        ),
        tuple(render(line, translate) for line in found.omitted),
    )


def _rendered(value: Any, translate: Translate) -> Any:
    if isinstance(value, Said):
        return render(value, translate)
    return [_rendered(one, translate) for one in value] if isinstance(value, list) else value


def details_of(finding: Node) -> dict[str, Any]:
    """What the algorithm wrote, its sentences as such; nothing when other hands wrote what is no JSON object."""
    try:
        told = json.loads(finding.properties.get("details") or "{}")
    except ValueError:
        return {}
    if not isinstance(told, dict):
        return {}
    inner = finding.said.partition("\n")[2]
    if inner:
        again = iter(unpack(inner, texts_of(told)))
        for texts in _lists(told):
            texts[:] = [next(again) if isinstance(text, str) else text for text in texts]
    return told


def texts_of(details: Mapping[str, Any]) -> list[str]:
    """The sentences for people in a finding's details, in the order they are kept in."""
    return [text for texts in _lists(details) for text in texts if isinstance(text, str)]


def _packed(texts: Sequence[str]) -> str | None:
    return pack(texts) if any(isinstance(text, Said) for text in texts) else None


def _lists(details: Mapping[str, Any]) -> Iterator[list[Any]]:
    """The lists of sentences in the details, depth first, keys in order of the alphabet."""
    for name in sorted(details):
        value = details[name]
        if isinstance(value, Mapping):
            yield from _lists(value)
        elif isinstance(value, list | tuple) and value:
            if name in SENTENCES:
                yield value  # type: ignore[misc]
            for one in value:
                if isinstance(one, Mapping):
                    yield from _lists(one)
