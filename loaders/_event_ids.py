"""Ids for events whose source gives none: a stable 128-bit hash of what happened and its row, a column at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

_Lane = npt.NDArray[np.uint64]


def event_ids(prefix: str, type_name: str, content: Sequence[pl.Series], rows: pl.Series) -> pl.Series:
    """`prefix` and 32 hex digits for each row, the same on every machine for the same content and row number.

    Texts are hashed once each (BLAKE2b), numbers enter as they are; both lanes are mixed by SplitMix64 (Steele, Lea
    and Flood 2014). Two equal payments in one file stay two events because their rows differ.
    """
    low, high = _digest(type_name)
    lanes = np.full(len(rows), low, np.uint64), np.full(len(rows), high, np.uint64)
    for column in (*content, rows):
        one, two = _hashed(column) if column.dtype == pl.String else _numbers(column)
        lanes = _mix(lanes[0] ^ one), _mix(lanes[1] * np.uint64(3) + two)
    digits = np.column_stack(lanes).astype(">u8").tobytes().hex().encode()
    offsets = np.arange(0, len(digits) + 1, 32, dtype=np.int32)
    texts = pa.StringArray.from_buffers(len(rows), pa.py_buffer(offsets), pa.py_buffer(digits))
    return pl.select(pl.concat_str([pl.lit(prefix), pl.lit(pl.Series(pl.from_arrow(texts)))])).to_series()


def _mix(lane: _Lane) -> _Lane:
    with np.errstate(over="ignore"):
        lane = lane + np.uint64(0x9E3779B97F4A7C15)
        lane = (lane ^ (lane >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        lane = (lane ^ (lane >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return lane ^ (lane >> np.uint64(31))


def _digest(text: str) -> tuple[int, int]:
    digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
    return int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")


def _hashed(column: pl.Series) -> tuple[_Lane, _Lane]:
    encoded = column.fill_null("").to_arrow(compat_level=pl.CompatLevel.oldest()).dictionary_encode()
    pairs = np.array([_digest(text) for text in encoded.dictionary.to_pylist()], dtype=np.uint64).reshape(-1, 2)
    places = encoded.indices.to_numpy(zero_copy_only=False)
    return pairs[places, 0], pairs[places, 1]


def _numbers(column: pl.Series) -> tuple[_Lane, _Lane]:
    numbers = column.fill_null(-1).cast(pl.Int64).to_numpy().view(np.uint64)
    return numbers, numbers
