"""Constraints of the Neo4j store, made from the one schema."""

from __future__ import annotations

from graph.schema import NODES, RELS

#: One node: schema version, last batch applied, and the batch being applied (0 when none).
META = "RingtraceMeta"


def statements() -> list[str]:
    """All DDL; each statement does nothing when its constraint is there. Community edition has all of these."""
    nodes = [
        f"CREATE CONSTRAINT ringtrace_{label.lower()}_id IF NOT EXISTS FOR (n:{label}) REQUIRE n.id IS UNIQUE"
        for label in (*NODES, META)
    ]
    rels = [
        f"CREATE CONSTRAINT ringtrace_{name.lower()}_rel_id IF NOT EXISTS FOR ()-[r:{name}]-() REQUIRE r.id IS UNIQUE"
        for name in RELS
    ]
    return nodes + rels
