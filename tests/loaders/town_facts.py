"""Reads a generated folder whole, for the tests."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

Facts = dict[str, pl.DataFrame]


def facts_of(folder: Path) -> Facts:
    """All tables of a generated folder by what they hold."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    grouped: dict[str, list[pl.DataFrame]] = {}
    for entry in manifest["files"]:
        grouped.setdefault(entry["holds"], []).append(pl.read_parquet(folder / entry["path"]))
    return {holds: pl.concat(frames) for holds, frames in grouped.items()}
