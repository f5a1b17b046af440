"""Settling a load: what of the staged rows is new, changed, the same again or in conflict, before it becomes a batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from graph.intake import Rejected
from graph.model import RowSet
from graph.schema import NODES, RELS
from ledger import sightings
from ledger.folding import against_state, first_of_each, merged
from ledger.history import History
from ledger.model import Part
from ledger.parts import frame_of, rowset_of, write_part

Pair = tuple[str, str]


@dataclass
class Settled:
    """Outcome of settling one type; `rejected` are conflicts and refused dangling ends."""

    parts: list[Part] = field(default_factory=list)
    loaded: int = 0
    duplicates: int = 0
    rejected: list[Rejected] = field(default_factory=list)


def conflicts(frame: pl.DataFrame, code: str = "conflict", what: str = "") -> list[Rejected]:
    """Rows of a frame as rejected rows about their id."""
    expected = what or "an id not used before, or the same values as its first row"
    columns = frame.select("source", "source_row", "id").iter_rows()
    return [Rejected(source or "", row or 0, "id", code, str(key), expected) for source, row, key in columns]


def settle_nodes(
    label: str, facts: list[RowSet], derived: list[RowSet], history: History, folder: Path, number: int
) -> tuple[Settled, pl.DataFrame]:
    """Settle one label; returns the outcome and the ids this load knows of (column `id`)."""
    out = Settled()
    frames = [frame_of(rows) for rows in facts]
    kept = pl.concat(frames) if frames else None
    if kept is not None:
        folded = first_of_each(kept)
        out.duplicates += folded.duplicates
        out.rejected += conflicts(folded.conflicts)
        kept = folded.kept
    whole = merged([*(frame_of(rows) for rows in derived), *([kept] if kept is not None else [])])
    ids = whole.select("id")
    new, changed, same = against_state(whole, history.node_state(label, ids, whole))
    if kept is not None:
        repeated = kept.join(same, on="id", how="semi").height
        out.duplicates += repeated
        out.loaded += kept.height - repeated
    for frame, is_new in ((new, True), (changed, False)):
        if frame.height:
            rows = rowset_of(label, frame)
            out.parts.append(write_part(folder, rows, number + len(out.parts), None if is_new else 0))
    return out, ids


def settle_rels(
    type_name: str, staged: list[tuple[Part, bool]], history: History, folder: Path, number: int
) -> Settled:
    """Settle one relationship type, whose rows are already parts in `folder`; the flag says derived, not counted.

    Parts made here are numbered from `number` on. Common case first: all ids new and unique leaves every part as it is. Only clashing rows are looked at one by one.
    """
    out = Settled()
    scan = pl.concat([pl.scan_parquet(folder / part.file).select("id") for part, _ in staged])
    twice = scan.group_by("id").len().filter(pl.col("len") > 1).select("id").collect(engine="streaming")
    clashing = pl.concat([twice, history.rel_clashes(type_name, scan)]).unique()
    if not clashing.height:
        out.parts = [part for part, _ in staged]
        out.loaded = sum(part.rows for part, is_derived in staged if not is_derived)
        return out
    if RELS[type_name].is_sighting:
        return _settle_sightings(type_name, staged, clashing, history, folder, number)
    known = history.rel_rows(type_name, clashing)
    seen = pl.concat([*known, *_clashing_rows(staged, clashing, folder)], how="diagonal")
    old_rows = sum(frame.height for frame in known)
    seen = seen.with_columns(_old=pl.arange(0, seen.height) < old_rows)
    folded = first_of_each(seen.drop("_old", "_derived", strict=False))
    keep = set(_new_keys(folded.kept, known))
    out.rejected += conflicts(_facts_only(folded.conflicts, seen))
    for part, is_derived in staged:
        _rewrite(part, is_derived, clashing, keep, out, folder)
    facts_staged = sum(part.rows for part, is_derived in staged if not is_derived)
    out.duplicates = facts_staged - out.loaded - len(out.rejected)
    return out


def _settle_sightings(
    type_name: str, staged: list[tuple[Part, bool]], clashing: pl.DataFrame, history: History, folder: Path, number: int
) -> Settled:
    """Sightings of what is known are joined with it (see ledger/sightings.py): none of them is a conflict."""
    out = Settled()
    rows = pl.concat(_clashing_rows(staged, clashing, folder))
    facts = rows.filter(~pl.col("_derived")).select("id").unique()
    incoming = sightings.folded(rows.drop("_derived"))
    known = [frame.drop("_from", "_to") for frame in history.rel_rows(type_name, clashing)]
    new, changed = sightings.joined(incoming, sightings.latest(known, incoming.drop("_from", "_to")))
    for part, is_derived in staged:
        _rewrite(part, is_derived, clashing, set(), out, folder)
    for frame, is_new in ((new, True), (changed, False)):
        out.parts += sightings.write(type_name, frame, folder, number + len(out.parts), is_new=is_new)
        out.loaded += frame.join(facts, on="id", how="semi").height
    out.duplicates = sum(part.rows for part, is_derived in staged if not is_derived) - out.loaded
    return out


def _clashing_rows(staged: list[tuple[Part, bool]], clashing: pl.DataFrame, folder: Path) -> Iterable[pl.DataFrame]:
    for part, is_derived in staged:
        frame = pl.read_parquet(folder / part.file).join(clashing, on="id", how="semi", maintain_order="left")
        yield frame.with_columns(_from=pl.lit(part.from_label), _to=pl.lit(part.to_label), _derived=pl.lit(is_derived))


def _new_keys(kept: pl.DataFrame, known: list[pl.DataFrame]) -> Iterable[str]:
    old = pl.concat([frame.select("id") for frame in known]) if known else pl.DataFrame(schema={"id": pl.String})
    return kept.select("id").join(old, on="id", how="anti")["id"].to_list()


def _facts_only(rows: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """Conflicts among derived rows are no input row of anybody's: only facts are reported."""
    if "_derived" not in seen.columns:
        return rows
    facts = seen.filter(~pl.col("_derived").fill_null(False)).select("id", "source", "source_row").unique()
    return rows.join(facts, on=["id", "source", "source_row"], how="semi", nulls_equal=True, maintain_order="left")


def _rewrite(part: Part, is_derived: bool, clashing: pl.DataFrame, keep: set[str], out: Settled, folder: Path) -> None:
    """Replace a part by its rows that stay: unclashing ones, and the first of each clashing id that is new."""
    frame = pl.read_parquet(folder / part.file)
    is_clash = pl.col("id").is_in(clashing["id"].implode())
    first = pl.col("id").is_in(list(keep)) & pl.col("id").is_first_distinct()
    stays = frame.filter(~is_clash | first)
    keep.difference_update(stays["id"].to_list())
    (folder / part.file).unlink()
    if not stays.height:
        return
    rows = rowset_of(part.type_name, stays, part.from_label, part.to_label)
    number = int(part.file.rsplit(".", 2)[1])
    out.parts.append(write_part(folder, rows, number))
    if not is_derived:
        out.loaded += stays.height


def dangling(
    parts: list[Part], known: dict[str, list[pl.DataFrame]], history: History, folder: Path
) -> dict[str, pl.DataFrame]:
    """Ids (column `id`) that relationships name but no node has, by label."""
    named: dict[str, list[pl.DataFrame]] = defaultdict(list)
    for part in parts:
        if part.type_name in NODES:
            continue
        scan = pl.scan_parquet(folder / part.file)
        for label, column in ((part.from_label, "from_id"), (part.to_label, "to_id")):
            named[label].append(scan.select(id=pl.col(column)).unique().collect())
    missing = {}
    for label, frames in named.items():
        unknown = pl.concat(frames).unique()
        for ids in known.get(label, []):
            unknown = unknown.join(ids, on="id", how="anti")
        if unknown.height:
            unknown = unknown.join(history.node_ids(label), on="id", how="anti")
        if unknown.height:
            missing[label] = unknown.sort("id")
    return missing


def drop_dangling(part: Part, missing: dict[str, pl.DataFrame], folder: Path) -> tuple[Part | None, list[Rejected]]:
    """The part without rows whose ends are missing, and those rows as rejected."""
    frame = pl.read_parquet(folder / part.file)
    none = pl.Series("id", [], dtype=pl.String)
    bad_from = pl.col("from_id").is_in(
        missing[part.from_label]["id"].implode() if part.from_label in missing else none.implode()
    )
    bad_to = pl.col("to_id").is_in(
        missing[part.to_label]["id"].implode() if part.to_label in missing else none.implode()
    )
    bad = frame.filter(bad_from | bad_to)
    if not bad.height:
        return part, []
    rejected = conflicts(bad, "dangling_end", "both ends to be known nodes, or --dangling stub")
    good = frame.filter(~(bad_from | bad_to))
    (folder / part.file).unlink()
    if not good.height:
        return None, rejected
    number = int(part.file.rsplit(".", 2)[1])
    return write_part(folder, rowset_of(part.type_name, good, part.from_label, part.to_label), number), rejected


def stub_rows(label: str, ids: pl.DataFrame, source: str) -> RowSet:
    """Nodes that are known by id only, because a relationship names them."""
    frame = ids.with_columns(source=pl.lit(source), source_row=pl.lit(0, dtype=pl.Int64))
    return rowset_of(label, frame)
