"""docs/schema.md, made from the schema: `python -m graph.describe > docs/schema.md`."""

from __future__ import annotations

from collections.abc import Iterable

from graph.schema import KEY, NODES, PROVENANCE, REL_KEY, RELS, SCHEMA_VERSION, Property


def _table(properties: Iterable[Property]) -> list[str]:
    rows = ["| property | type | required | privacy | meaning |", "|---|---|---|---|---|"]
    for prop in properties:
        needed = "yes" if prop.required else ""
        rows.append(f"| `{prop.name}` | {prop.kind.value} | {needed} | {prop.privacy.value} | {prop.doc} |")
    return rows


def markdown() -> str:
    """The schema as a Markdown page: labels, relationships, types, units and privacy."""
    lines = [
        "# Schema", "",
        f"Version {SCHEMA_VERSION}. Made from `graph/schema.py` by `python -m graph.describe`; do not edit by hand.", "",
        "Times (`TIME_MS`) are UTC epoch milliseconds. Money (`MONEY`) is an integer in minor units of its currency (fen, cents).",
        "Every node and relationship also says where it came from:", "", *_table(PROVENANCE), "", "## Nodes",
    ]  # fmt: skip
    for node in NODES.values():
        lines += ["", f"### {node.label}", "", f"{node.doc}.", "", *_table((KEY, *node.properties, *node.added))]
    lines += ["", "## Relationships"]
    for rel in RELS.values():
        kind = "An event with its own id." if rel.event else "A state: its id is derived from type and ends."
        pairs = ", ".join(f"{start} → {end}" for start, end in rel.pairs)
        lines += [
            "",
            f"### {rel.name}",
            "",
            f"{rel.doc}. {kind}",
            "",
            pairs,
            "",
            *_table((REL_KEY, *rel.properties, *rel.added)),
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(markdown(), end="")
