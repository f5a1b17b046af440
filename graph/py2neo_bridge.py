"""py2neo for analysts' notebooks on Neo4j: Cypher to pandas, object classes made from the schema, bulk merge.

For exploration with the analyst's own Neo4j account. What is merged here does not pass the ledger: a rebuild of the
store drops it. Classes have one attribute a property, and for relationship types with one label at the other end one
attribute a direction (`account.transfer_out`, `account.registered_with_out`); mixed ones are a Cypher question.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import py2neo
from py2neo import bulk, ogm
from py2neo.errors import ConnectionUnavailable

from core.errors import StoreUnavailable
from core.settings import Settings
from graph.model import RowSet
from graph.queries._read import links_of
from graph.schema import NODES

BATCH = 5_000
"""Rows of one merge transaction."""


@dataclass(frozen=True, slots=True)
class Notebook:
    """A connection for a notebook; `graph` is py2neo's own for everything not covered here."""

    graph: py2neo.Graph

    def frame(self, cypher: str, **params: Any) -> pd.DataFrame:
        """Rows of a query as a DataFrame, columns named as in RETURN; an empty frame when there are none."""
        cursor = self.graph.run(cypher, params)
        return pd.DataFrame([list(record.values()) for record in cursor], columns=cursor.keys())

    def match(self, label: str) -> Any:
        """py2neo's query over the class of `label`: `.where(...)`, `.order_by(...)`, `.limit(...)`, `.first()`."""
        return MODELS[label].match(self.graph)

    def get(self, label: str, id: str) -> Any:
        """The object with this id, or None."""
        return self.match(label).where(id=id).first()

    def merge(self, rowsets: Iterable[RowSet]) -> int:
        """Merge nodes by id and relationships by their id; the number of rows sent. Nulls leave what is there."""
        return sum(_merge(self.graph, rowset) for rowset in rowsets)


def connect(settings: Settings) -> Notebook:
    """A notebook on the Neo4j the settings name. Raises StoreUnavailable when it cannot be reached or refuses."""
    auth = (settings.neo4j_username, settings.neo4j_password.get_secret_value())
    try:
        graph = py2neo.Graph(settings.neo4j_uri, auth=auth, name=settings.neo4j_database)
        graph.run("RETURN 1").evaluate()
    except (ConnectionUnavailable, py2neo.ClientError, py2neo.DatabaseError, OSError) as error:
        raise StoreUnavailable(
            f"Neo4j at {settings.neo4j_uri} did not answer a notebook: check RINGTRACE_NEO4J_URI, user and password"
        ) from error
    return Notebook(graph)


def _merge(graph: py2neo.Graph, rowset: RowSet) -> int:
    for batch in rowset.table.to_batches(max_chunksize=BATCH):
        rows = [{name: value for name, value in row.items() if value is not None} for row in batch.to_pylist()]
        transaction = graph.begin()
        if rowset.is_node:
            bulk.merge_nodes(transaction, rows, (rowset.type_name, "id"))
        else:
            ends = [(row.pop("from_id"), row, row.pop("to_id")) for row in rows]
            bulk.merge_relationships(
                transaction,
                ends,
                (rowset.type_name, "id"),
                start_node_key=(rowset.from_label, "id"),
                end_node_key=(rowset.to_label, "id"),
            )
        graph.commit(transaction)
    return len(rowset)


def _model(label: str) -> Any:
    attributes: dict[str, Any] = {prop.name: ogm.Property(prop.name) for prop in NODES[label].columns}
    links = links_of(label)
    for link in links:
        alone = len([item for item in links if (item.rel, item.direction) == (link.rel, link.direction)]) == 1
        if alone:
            related = ogm.RelatedTo if link.direction == "out" else ogm.RelatedFrom
            attributes[f"{link.rel.lower()}_{link.direction}"] = related(f"{__name__}.{link.other}", link.rel)
    attributes |= {
        "__primarylabel__": label,
        "__primarykey__": "id",
        "__module__": __name__,
        "__doc__": NODES[label].doc,
    }
    return type(ogm.Model)(label, (ogm.Model,), attributes)


#: Object classes by label. Each is also a name of this module: `from graph.py2neo_bridge import Account`.
MODELS: dict[str, Any] = {label: _model(label) for label in NODES}
globals().update(MODELS)
