"""Parquet for every label and relationship, by the same YAML mapping as delimited text, or inferred."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import FileRefused
from graph.intake import Intake
from loaders import _options
from loaders._base import LoadContext, Loader
from loaders._files import PARQUET_MAGIC, admit_parquet
from loaders._flow import in_turn, prepare_table
from loaders._infer import propose
from loaders._plan import Plan
from loaders._records import ROWS_PER_CHUNK, Chunk
from loaders.delimited import OPTIONS, intakes_of, plan_of, plans

#: A value of more than 1 MiB is refused as in text tables; batches shrink when a file's rows are wide.
_BATCH_BYTES = 256 << 20


@dataclass(slots=True)
class ParquetTable:
    """An admitted Parquet file; its columns keep their types (timestamps, integers, decimals)."""

    file: str
    path: Path
    headings: list[str]
    stored: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Bytes of the file, a measure of its share in the work."""
        return self.path.stat().st_size

    def chunks(self, wanted: Sequence[str], context: LoadContext) -> Iterator[Chunk]:
        """Rows of the `wanted` columns in file order; row numbers count from 1."""
        columns = [self.stored[self.headings.index(name)] for name in wanted]
        with pq.ParquetFile(self.path) as reader:
            total, first = reader.metadata.num_rows, 1
            width = (
                max(reader.metadata.row_group(0).total_byte_size // max(reader.metadata.row_group(0).num_rows, 1), 1)
                if total
                else 1
            )
            for batch in reader.iter_batches(min(ROWS_PER_CHUNK, max(_BATCH_BYTES // width, 1)), columns=columns):
                table = pa.Table.from_batches([batch]).select(columns).rename_columns(list(wanted))
                frame = pl.DataFrame(pl.from_arrow(table))
                rows = pl.int_range(first, first + frame.height, dtype=pl.Int64, eager=True).alias("row")
                first += frame.height
                context.progress(first - 1, total)
                yield Chunk(frame, rows)


def open_parquet(path: Path, context: LoadContext) -> ParquetTable:
    """Admit a Parquet file. Raises FileRefused when it is damaged, too large unpacked, or has nested columns only."""
    admit_parquet(path, context)
    try:
        with pq.ParquetFile(path) as reader:
            names = list(reader.schema_arrow.names)
            groups = [reader.metadata.row_group(number) for number in range(reader.metadata.num_row_groups)]
    except (pa.ArrowException, OSError) as error:
        raise FileRefused(
            f"{path.name}: the Parquet file is damaged: {str(error).splitlines()[0]}", code="truncated"
        ) from error
    unpacked = sum(group.total_byte_size for group in groups)
    if unpacked > context.max_file_bytes:
        raise FileRefused(
            f"{path.name}: unpacks to {unpacked:,} bytes, more than the limit of {context.max_file_bytes:,}",
            code="file_too_large",
        )
    repeated = next((name for name, times in Counter(names).items() if times > 1), None)
    if repeated:
        raise FileRefused(f"{path.name}: the column {repeated!r} stands twice; rename one", code="duplicate_column")
    return ParquetTable(path.name, path, list(names), tuple(names))


def read(path: Path, options: Mapping[str, str], context: LoadContext) -> Iterator[Intake]:
    """One Parquet file, or those of a folder that the mapping names. Options and mapping are those of `delimited`."""
    _options.check_known(options, OPTIONS, "parquet")
    found = plans(path, options, context, (".parquet",), inferred)
    prepared = [prepare_table(open_parquet(file, context), plan, context) for file, plan in found]
    in_turn(prepared)
    for table in prepared:
        yield from intakes_of(table)


def inferred(file: Path, context: LoadContext) -> Plan:
    """A plan from the column names."""
    return plan_of(propose(open_parquet(file, context).headings, file.stem), file.name)


def _recognises(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as handle:
        return handle.read(4) == PARQUET_MAGIC


LOADER = Loader("parquet", "Parquet, by a column mapping", _recognises, read, OPTIONS)
