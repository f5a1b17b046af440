"""Relationships whose ends a source's own list of nodes does not have: kept with bare nodes, or set aside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from core.masking import mask
from graph.intake import Intake, Rejected
from graph.model import RowSet


def with_known_ends(intakes: Iterator[Intake], known: pl.Series, policy: str) -> Iterator[Intake]:
    """The intakes with derived nodes only for ends not in `known`, counted in a warning.

    With the policy `reject` their rows are rejected (`unknown_account`) and nothing is derived. Never dropped silently.
    """
    known, strange = known.unique(), 0
    for intake in intakes:
        facts, rejected = [], list(intake.rejected)
        for rowset in intake.facts:
            ends = pl.DataFrame(pl.from_arrow(rowset.table.select(["from_id", "to_id"])))
            loose = ~ends["from_id"].is_in(known.implode()) | ~ends["to_id"].is_in(known.implode())
            strange += int(loose.sum())
            if policy == "reject" and loose.any():
                rejected += _rejected(rowset, ends, loose, known)
                rowset = replace(rowset, table=rowset.table.filter((~loose).to_arrow()))
            facts.append(rowset)
        derived = (
            ()
            if policy == "reject"
            else tuple(part for part in (_unknown(item, known) for item in intake.derived) if len(part))
        )
        said = (f"{strange:,} transfers name an account that is not in nodes.csv; loaded with a bare account",)
        note = said if strange and policy != "reject" and not intake.facts else ()
        rejected.sort(key=lambda item: item.row)
        yield replace(
            intake, facts=tuple(facts), derived=derived, rejected=tuple(rejected), warnings=(*intake.warnings, *note)
        )


def _rejected(rowset: RowSet, ends: pl.DataFrame, loose: pl.Series, known: pl.Series) -> list[Rejected]:
    found = []
    for place in loose.arg_true().to_list():
        side = "from_id" if ends["from_id"][place] not in known else "to_id"
        file, row = rowset.table["source"][place].as_py(), rowset.table["source_row"][place].as_py()
        found.append(
            Rejected(file, row, side, "unknown_account", mask(ends[side][place], "personal"), "an account of nodes.csv")
        )
    return found


def _unknown(nodes: RowSet, known: pl.Series) -> RowSet:
    if not nodes.is_node:
        return nodes
    ids = pl.Series(pl.from_arrow(nodes.table["id"]))
    return replace(nodes, table=nodes.table.filter((~ids.is_in(known.implode())).to_arrow()))
