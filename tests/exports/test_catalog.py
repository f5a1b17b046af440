"""Every format is found and describes itself."""

from __future__ import annotations

from exports._base import catalog


def test_every_format_is_found() -> None:
    found = catalog()
    assert set(found) == {"csv_zip", "gexf", "graphml", "html", "json_graph", "pdf", "png", "svg", "xlsx"}
    assert all(item.suffix.startswith(".") and "/" in item.media_type and item.title for item in found.values())
