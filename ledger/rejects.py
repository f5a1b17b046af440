"""The rejected-row report: a CSV a spreadsheet opens safely, one line for each row set aside."""

from __future__ import annotations

import csv
from pathlib import Path

from core.formula import inert
from graph.intake import Rejected

HEADINGS = ("file", "row", "field", "code", "value", "expected")


class RejectReport:
    """Appends rejected rows to a file as they come, so that memory stays flat; counts them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0

    def add(self, rejected: tuple[Rejected, ...]) -> None:
        """Write these rows; the file is made with the first one."""
        if not rejected:
            return
        first = not self.path.exists()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8-sig" if first else "utf-8", newline="") as handle:
            writer = csv.writer(handle)
            if first:
                writer.writerow(HEADINGS)
            for item in rejected:
                cells = (item.file, str(item.row), item.field, item.code, item.value, item.expected)
                writer.writerow([inert(cell) for cell in cells])
        self.count += len(rejected)
