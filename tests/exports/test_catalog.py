"""Every format is found and describes itself."""

from __future__ import annotations

from exports._base import catalog


def test_the_five_formats_are_found() -> None:
    found = catalog()
    assert set(found) == {"csv_zip", "gexf", "graphml", "html", "json_graph"}
    assert all(item.suffix.startswith(".") and "/" in item.media_type and item.title for item in found.values())
