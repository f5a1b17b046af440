"""Proposes a mapping from a file's headings: the type whose required columns are all there and most others fit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from core.errors import FileRefused
from graph.schema import NODES, RELS, RelType
from loaders._base import LoadContext
from loaders._files import PARQUET_MAGIC, admit
from loaders._flow import heading_form
from loaders._records import open_table
from loaders._synonyms import ENDS, SYNONYMS

_Candidate = tuple[str, dict[str, str], list[str]]
_DEFAULT_PAIRS = {"OWNS": ("Person", "Account"), "REGISTERED_WITH": ("Account", "Phone")}


def infer(path: Path, context: LoadContext | None = None) -> str:
    """A YAML mapping proposed for a CSV or Parquet file, to be looked over and kept beside it.

    Raises FileRefused naming what is missing when no label or relationship fits the headings.
    """
    headings, notes = _headings(path, context or LoadContext())
    return _yaml(path.name, propose(headings, path.stem), headings, notes)


def propose(headings: Sequence[str], stem: str = "") -> dict[str, Any]:
    """The proposed mapping as a dictionary. A file named like a type (`OWNS_Person_Account`) decides; otherwise the
    type that uses most of the headings, if it uses half of them and they say more than from and to.
    """
    tried = _candidates(headings)
    found = [
        (target, columns)
        for target, columns, missing in tried
        if not missing and (_named(stem, target) or (2 * len(columns) >= len(headings) and _telling(target, columns)))
    ]
    if not found:
        raise FileRefused(_untold(headings, tried), code="missing_column")
    target, columns = max(found, key=lambda item: (_named(stem, item[0]), len(item[1]), item[0] in RELS))
    return _mapping(target, columns, headings, stem)


def _untold(headings: Sequence[str], tried: list[_Candidate]) -> str:
    """Why no type fits, with the columns the nearest one lacks."""
    target, columns, missing = max(
        tried, key=lambda item: (bool(item[2]) and len(item[1]) > len(item[2]), len(item[1]))
    )
    nearest = f" (as {target} they lack {', '.join(missing)})" if missing and len(columns) > len(missing) else ""
    return f"the headings {_some(headings)} do not tell what the rows are{nearest}; write a mapping (docs/loaders.md)"


def _named(stem: str, target: str) -> bool:
    return heading_form(stem) == heading_form(target) or stem.startswith(f"{target}_")


def _telling(target: str, columns: dict[str, str]) -> bool:
    """Nodes tell by more than an id; a state by an end's own word (`imei`), as any table may have a from and a to."""
    if target in NODES:
        return any(name not in {"id", "name"} for name in columns) or heading_form(columns["id"]) != "id"
    return RELS[target].event or any(
        heading_form(columns[end]) not in {"fromid", "toid", "from", "to"} for end in ("from_id", "to_id")
    )


def _candidates(headings: Sequence[str]) -> list[_Candidate]:
    """Each type with the columns that fit it and the required properties without one."""
    by_form = {heading_form(name): name for name in reversed(headings)}
    found = []
    for target in (*NODES, *RELS):
        kind = NODES.get(target) or RELS[target]
        ends = ("from_id", "to_id") if isinstance(kind, RelType) else ()
        columns: dict[str, str] = {}
        for prop in (*ends, "id", *(item.name for item in kind.properties)):
            names = (prop, *SYNONYMS.get(target, {}).get(prop, ()))
            match = next((by_form[heading_form(name)] for name in names if heading_form(name) in by_form), None)
            if match is not None and match not in columns.values():
                columns[prop] = match
        required = [*ends, *(item.name for item in kind.properties if item.required and item.name != "currency")]
        required += ["id"] if target in NODES else []
        found.append((target, columns, [name for name in required if name not in columns]))
    return found


def _mapping(target: str, columns: dict[str, str], headings: Sequence[str], stem: str) -> dict[str, Any]:
    plain: dict[str, Any] = dict(columns)
    for prop, name in columns.items():
        if prop.endswith("_minor"):
            minor = heading_form(name) == heading_form(prop) or "分" in name or "fen" in name.casefold()
            plain[prop] = {"heading": name, "unit": "fen" if minor else "yuan"}
    mapping: dict[str, Any] = {"target": target}
    if target in RELS and len(RELS[target].pairs) > 1:
        named = tuple(stem.removeprefix(f"{target}_").split("_"))
        default = _DEFAULT_PAIRS.get(target, RELS[target].pairs[0])
        mapping["pair"] = list(named if named in RELS[target].pairs else default)
    mapping["zone"], mapping["currency"] = "Asia/Shanghai", "CNY"
    mapping["columns"] = plain
    used = set(columns.values())
    if target == "TRANSFER" and (ends := _ends(headings, used)):
        mapping["ends"] = ends
        used |= {name for side in ends.values() for name in side.values()}
    if left := [name for name in headings if name not in used]:
        mapping["ignore"] = left
    return mapping


def _ends(headings: Sequence[str], used: set[str]) -> dict[str, dict[str, str]]:
    by_form = {heading_form(name): name for name in headings if name not in used}
    ends: dict[str, dict[str, str]] = {}
    for side, prop, names in ENDS:
        match = next((by_form[heading_form(name)] for name in names if heading_form(name) in by_form), None)
        if match is not None:
            ends.setdefault(side, {})[prop] = match
    return ends


def _headings(path: Path, context: LoadContext) -> tuple[list[str], list[str]]:
    with path.open("rb") as handle:
        if handle.read(4) == PARQUET_MAGIC:
            import pyarrow.parquet as pq

            return list(pq.read_schema(path).names), []
    table = open_table(admit(path, context))
    return table.headings, table.notes


def _yaml(file: str, mapping: dict[str, Any], headings: Sequence[str], notes: list[str]) -> str:
    lines = [f"# Proposed for {file} from its {len(headings)} headings. Look it over: units, zone, currency, pair."]
    lines += [f"# {note}" for note in notes]
    if "ignore" in mapping:
        lines.append("# Columns under `ignore` matched nothing and are left out.")
    return "\n".join(lines) + "\n" + yaml.safe_dump(mapping, allow_unicode=True, sort_keys=False)


def _some(headings: Sequence[str], most: int = 30) -> str:
    """The first headings, and how many more there are: a file may have tens of thousands."""
    more = f" and {len(headings) - most:,} more" if len(headings) > most else ""
    return ", ".join(heading[:64] for heading in headings[:most]) + more
