"""CSV for spreadsheets: a zip of nodes.csv, relationships.csv and a note. RFC 4180, UTF-8 with BOM.

No cell can become a formula, also where a spreadsheet splits at `;`, tab or `|`, and no long number loses digits: such text
carries one leading apostrophe, and one more before what follows such a separator (core/formula.py).
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO

from core.clock import iso, to_utc
from core.formula import inert, live
from core.money import EXPONENT, to_decimal
from exports._base import Exporter, ExportMeta
from exports._drawing import scalar
from exports._text import visible
from graph.model import Subgraph, columns_of
from graph.schema import NODES, RELS, Kind

#: Text that a spreadsheet would turn into a number and damage: 12 digits and more, leading zero, exponent.
_DAMAGED = re.compile(r"^\s*(\d{12,}|0\d+|\d+(\.\d+)?[eE]\d+)\s*$")
_NOTE = """{title}
{author}, {created_at}, data version {data_seq}

nodes.csv and relationships.csv are UTF-8 with a byte order mark, comma separated, quoted per RFC 4180.
Text that a spreadsheet could run or damage starts with one apostrophe ('), which is not part of the value;
in such text neither is an apostrophe right before =, +, - or @ that follows a ;, a tab or a |.
Columns ending in _ms are UTC milliseconds since 1970, each beside a readable column in UTC;
columns ending in _minor are minor units of the currency (fen, cents), each beside the amount in major units.
{omitted}"""


def write(subgraph: Subgraph, meta: ExportMeta, out: BinaryIO) -> None:
    """Write the zip; the same subgraph and meta give the same bytes."""
    nodes = [{"label": node.label, "id": node.id, **_known(node.properties, "label", "id")} for node in subgraph.nodes]
    rels = [
        {"type": rel.type, "id": rel.id, "start_label": rel.start[0], "start_id": rel.start[1], "end_label": rel.end[0],
         "end_id": rel.end[1], **_known(rel.properties, "type", "id", "start_label", "start_id", "end_label", "end_id")}
        for rel in subgraph.rels
    ]  # fmt: skip
    note = _NOTE.format(
        title=visible(meta.title), author=visible(meta.author), created_at=iso(meta.created_at_ms),
        data_seq=meta.data_seq, omitted="".join(f"\n{visible(line)}" for line in subgraph.omitted),
    )  # fmt: skip
    stamp = to_utc(max(meta.created_at_ms, 315_532_800_000)).timetuple()[:6]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        members = {
            "nodes.csv": table(nodes, ("label", "id")),
            "relationships.csv": table(rels, _REL_HEAD),
            "README.txt": note,
        }
        for name, text in members.items():
            encoding = "utf-8" if name.endswith(".txt") else "utf-8-sig"
            archive.writestr(zipfile.ZipInfo(name, stamp), text.encode(encoding), zipfile.ZIP_DEFLATED)


_REL_HEAD = ("type", "id", "start_label", "start_id", "end_label", "end_id")


def _known(properties: Mapping[str, Any], *taken: str) -> dict[str, Any]:
    return {(f"p_{name}" if name in taken and name != "id" else name): value for name, value in properties.items()
            if name != "id"}  # fmt: skip


def table(rows: Iterable[Mapping[str, Any]], head: tuple[str, ...] = ()) -> str:
    """CSV text of `rows` with a header of all their keys, `head` first; every cell is safe for a spreadsheet."""
    rows = [_readable(row) for row in rows]
    names = dict.fromkeys(head)
    for row in rows:
        names.update(dict.fromkeys(row))
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow([cell(name) for name in names])
    writer.writerows([cell(row.get(name)) for name in names] for row in rows)
    return buffer.getvalue()


def cell(value: Any) -> str | int | float:
    """One safe cell: text that could run as a formula or lose digits gets a leading apostrophe; None is empty.

    Text that starts with an apostrophe gets one as well, so that what a cell was can always be told from it.
    """
    plain = scalar(value)
    if plain is None:
        return ""
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, str):
        if live(plain):
            return inert(plain)
        if plain.startswith("'") or _DAMAGED.search(plain):
            return "'" + plain
    return plain


def _readable(row: Mapping[str, Any]) -> dict[str, Any]:
    """`row` with a readable column after each time and each amount."""
    result: dict[str, Any] = {}
    for name, value in row.items():
        result[name] = value
        if name in TIMES and isinstance(value, int) and abs(value) < 10**14:
            result[f"{name.removesuffix('_ms')}_utc"] = iso(value)
        elif name in MONIES and isinstance(value, int):
            result[name.removesuffix("_minor")] = _major(value, row, name)
    return result


def _major(amount_minor: int, row: Mapping[str, Any], name: str) -> str | None:
    """The amount in major units as plain decimal text; None when the currency is not known."""
    currency = row.get({"coin_minor": "coin", "received_minor": "received_currency"}.get(name, "currency"))
    return format(to_decimal(amount_minor, currency), "f") if currency in EXPONENT else None


def _columns(kind: Kind) -> frozenset[str]:
    return frozenset(prop.name for type_ in (*NODES, *RELS) for prop in columns_of(type_) if prop.kind is kind)


TIMES, MONIES = _columns(Kind.TIME_MS), _columns(Kind.MONEY)
EXPORTER = Exporter("csv_zip", "CSV for spreadsheets (zip)", "application/zip", ".zip", write)
