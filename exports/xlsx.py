"""Excel workbook: nodes, relationships, and a sheet about the file. Text is written as text: nothing becomes a formula."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, BinaryIO

import xlsxwriter  # type: ignore[import-untyped]

from core.clock import iso
from exports._base import Exporter, ExportMeta
from exports._drawing import scalar
from exports._text import visible
from graph.model import Subgraph

#: Excel keeps 15 digits of a number: longer whole numbers are written as text.
_MOST = 10**15
_CELL = 32_767


def write(subgraph: Subgraph, meta: ExportMeta, out: BinaryIO) -> None:
    """Write the workbook. Ids and card numbers are text; amounts are whole minor units, times epoch milliseconds."""
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    )
    head = book.add_format({"bold": True})
    nodes = [{"label": node.label, "id": node.id, **_own(node.properties, ("label",))} for node in subgraph.nodes]
    rels = [
        {"type": rel.type, "id": rel.id, "from_label": rel.start[0], "from_id": rel.start[1], "to_label": rel.end[0],
         "to_id": rel.end[1], **_own(rel.properties, ("type",))}
        for rel in subgraph.rels
    ]  # fmt: skip
    _table(book.add_worksheet("nodes"), nodes, head)
    _table(book.add_worksheet("relationships"), rels, head)
    about = [
        ("title", meta.title),
        ("author", meta.author),
        ("created_at", iso(meta.created_at_ms)),
        ("data_version", str(meta.data_seq)),
    ]
    about += [("filter", line) for line in meta.filters] + [("not shown", line) for line in subgraph.omitted]
    _table(book.add_worksheet("about"), [{"what": what, "value": value} for what, value in about], head)
    book.close()


def _own(properties: Any, taken: Iterable[str]) -> dict[str, Any]:
    return {f"p_{name}" if name in taken else name: value for name, value in properties.items() if name != "id"}


def _table(page: Any, rows: list[dict[str, Any]], head: Any) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    for column, name in enumerate(names):
        page.write_string(0, column, visible(name), head)
    for number, row in enumerate(rows, 1):
        for column, name in enumerate(names):
            _cell(page, number, column, scalar(row.get(name)))
    page.freeze_panes(1, 0)
    if names:
        page.autofilter(0, 0, max(1, len(rows)), len(names) - 1)


def _cell(page: Any, row: int, column: int, value: str | int | float | bool | None) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        page.write_boolean(row, column, value)
    elif isinstance(value, int | float) and abs(value) < _MOST:
        page.write_number(row, column, value)
    else:
        page.write_string(row, column, str(value)[:_CELL])


EXPORTER = Exporter("xlsx", "Excel workbook", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx", write)  # fmt: skip
