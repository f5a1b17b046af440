"""A generated town (`ringtrace generate`): a folder with `manifest.json`, Parquet parts of facts, and `truth/` beside them.

Every file is checked against the manifest's SHA-256 before the first row is handed on, so a damaged or incomplete
folder changes nothing. Truth travels apart from the facts; victims' reports are read by `reports`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import FileRefused
from core.ids import derived
from graph.intake import TRUTH_SCHEMA, Intake
from graph.model import RowSet, arrow_schema, conform
from graph.schema import NODES, RELS, rel_pairs
from loaders._base import LoadContext, Loader
from loaders.town.generate import FORMAT, VERSION
from loaders.town.parts import PART_ROWS, sha256_of

_MANIFEST = "manifest.json"
_MANIFEST_BYTES = 4_000_000
_TRUTH, _REPORTS = "truth", "reports"


@dataclass(frozen=True, slots=True)
class _Listed:
    """One file of the manifest, its path checked to lie within the folder."""

    path: Path
    name: str
    holds: str
    rows: int
    sha256: str


def recognises(path: Path) -> bool:
    """Whether the folder's manifest says that it is a generated town."""
    try:
        return path.is_dir() and _manifest(path).get("format") == FORMAT
    except FileRefused:
        return False


def read(path: Path, options: Mapping[str, str], context: LoadContext) -> Iterator[Intake]:
    """Nodes, then relationships, then truth; one intake a part. Raises FileRefused when the folder is not whole."""
    if options:
        raise FileRefused(f"the synthetic format takes no option, not {', '.join(sorted(options))}", code="bad_option")
    listed = _verified(path, context)
    return _intakes(listed, context)


def reports(path: Path) -> pa.Table:
    """Victims' reports of a generated town: report_id, account_id, transfer_ids, amount_minor (fen), reported_at_ms."""
    listed = [item for item in _listing(path) if item.holds == _REPORTS]
    if not listed:
        raise FileRefused(f"{path}: the manifest lists no reports; generate the town anew", code="incomplete")
    return pa.concat_tables([pq.read_table(item.path) for item in listed])


def _intakes(listed: list[_Listed], context: LoadContext) -> Iterator[Intake]:
    sizes = [item.path.stat().st_size for item in listed]
    done, total = 0, sum(sizes)
    started: dict[str, int] = {}
    for item, size in zip(listed, sizes, strict=True):
        if item.holds == _TRUTH:
            yield Intake(truth=pq.read_table(item.path).cast(TRUTH_SCHEMA))
        elif item.holds != _REPORTS:
            first = started.get(item.holds, 0) + 1
            rows = _rows(item, first)
            started[item.holds] = first + len(rows) - 1
            yield Intake(facts=(rows,), rows_read=len(rows))
        done += size
        context.progress(done, total)


def _rows(item: _Listed, first: int) -> RowSet:
    """The part as schema rows; `source_row` counts on through the parts of one kind."""
    table = pq.read_table(item.path)
    start, type_name, end = _kind(item.holds)
    if type_name in RELS and not RELS[type_name].event:
        pairs = zip(table["from_id"].to_pylist(), table["to_id"].to_pylist(), strict=True)
        ids = [derived(type_name, start, end, left, right) for left, right in pairs]
        table = table.append_column("id", pa.array(ids, pa.string()))
    source = pa.DictionaryArray.from_arrays(pa.array([0] * table.num_rows, pa.int32()), pa.array([item.name])).cast(
        pa.string()
    )
    table = table.append_column("source", source)
    table = table.append_column("source_row", pa.array(range(first, first + table.num_rows), pa.int64()))
    return RowSet(type_name, conform(type_name, table), start, end)


def _kind(holds: str) -> tuple[str, str, str]:
    """(from label, type, to label) of a relationship part; labels are empty for a node part."""
    if holds in NODES:
        return "", holds, ""
    start, type_name, end = holds.split("-")
    return start, type_name, end


def _verified(path: Path, context: LoadContext) -> list[_Listed]:
    """The manifest's files in loading order, each one checked: present, not too large, right bytes, columns and rows."""
    listed = _listing(path)
    total = sum(item.path.stat().st_size for item in listed)
    if total > context.max_file_bytes:
        raise FileRefused(
            f"{path}: {total:,} bytes, more than the limit of {context.max_file_bytes:,}", code="too_large"
        )
    for item in listed:
        if sha256_of(item.path) != item.sha256:
            raise FileRefused(f"{path}: {item.name} differs from the manifest; generate the town anew", code="damaged")
        _check_columns(path, item)
    order = {
        name: place for place, name in enumerate([*NODES, *("-".join(pair) for pair in rel_pairs()), _TRUTH, _REPORTS])
    }
    return sorted(listed, key=lambda item: (order[item.holds], item.name))


def _check_columns(path: Path, item: _Listed) -> None:
    try:
        file = pq.ParquetFile(item.path)
    except (pa.ArrowException, OSError) as error:
        raise FileRefused(
            f"{path}: {item.name} is not a Parquet file; generate the town anew", code="damaged"
        ) from error
    names = set(file.schema_arrow.names)
    if file.metadata.num_rows != item.rows or item.rows > PART_ROWS:
        raise FileRefused(
            f"{path}: {item.name} has {file.metadata.num_rows:,} rows, the manifest says {item.rows:,}", code="damaged"
        )
    if item.holds == _REPORTS:
        return
    known = set(TRUTH_SCHEMA.names) if item.holds == _TRUTH else set(arrow_schema(_kind(item.holds)[1]).names)
    if not names <= known:
        raise FileRefused(f"{path}: {item.name} has unknown columns {', '.join(sorted(names - known))}", code="damaged")


def _listing(path: Path) -> list[_Listed]:
    manifest = _manifest(path)
    if manifest.get("format") != FORMAT or manifest.get("version") != VERSION:
        raise FileRefused(f"{path}: not a generated town of version {VERSION}; generate it anew", code="wrong_format")
    holds = {*NODES, *("-".join(pair) for pair in rel_pairs()), _TRUTH, _REPORTS}
    found: list[_Listed] = []
    try:
        for entry in manifest["files"]:
            name = str(entry["path"])
            if entry["holds"] not in holds:
                raise FileRefused(
                    f"{path}: {name} holds {entry['holds']!r}, which is not in the schema", code="damaged"
                )
            found.append(_Listed(_inside(path, name), name, entry["holds"], int(entry["rows"]), str(entry["sha256"])))
    except (KeyError, TypeError, ValueError) as error:
        raise FileRefused(f"{path}: {_MANIFEST} is damaged; generate the town anew", code="damaged") from error
    if not any(item.holds == "Account-TRANSFER-Account" for item in found):
        raise FileRefused(f"{path}: {_MANIFEST} lists no transfers; generate the town anew", code="incomplete")
    return found


def _inside(path: Path, name: str) -> Path:
    """The file of this name in the folder. Refuses names that lead out of it, links, and files that are not there."""
    pure = PurePosixPath(name)
    file = path / name
    if pure.is_absolute() or ".." in pure.parts or "\\" in name or not file.resolve().is_relative_to(path.resolve()):
        raise FileRefused(f"{path}: {_MANIFEST} names {name!r}, which leads out of the folder", code="damaged")
    if not file.is_file():
        raise FileRefused(f"{path}: {name} is missing; generate the town anew", code="incomplete")
    return file


def _manifest(path: Path) -> dict[str, Any]:
    file = path / _MANIFEST
    try:
        if file.stat().st_size > _MANIFEST_BYTES:
            raise FileRefused(f"{path}: {_MANIFEST} is too large to be a town's", code="too_large")
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise FileRefused(f"{path}: no {_MANIFEST}; this is not a generated town", code="incomplete") from error
    except (OSError, ValueError, RecursionError) as error:
        raise FileRefused(f"{path}: {_MANIFEST} cannot be read; generate the town anew", code="damaged") from error
    if not isinstance(content, dict):
        raise FileRefused(f"{path}: {_MANIFEST} is damaged; generate the town anew", code="damaged")
    return content


LOADER = Loader("synthetic", "Generated town with planted gangs", recognises, read)
