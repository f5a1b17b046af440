"""Parquet parts of bounded size, hashed as they are closed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

PART_ROWS = 500_000


@dataclass(frozen=True, slots=True)
class Part:
    """One written file: its path within the folder, what it holds, rows, and SHA-256 of its bytes."""

    path: str
    holds: str
    rows: int
    sha256: str


@dataclass(slots=True)
class PartWriter:
    """Collects frames of one kind and writes them in parts of at most `PART_ROWS` rows under `folder/stem-NNNN.parquet`."""

    root: Path
    stem: str
    holds: str
    parts: list[Part] = field(default_factory=list)
    _frames: list[pl.DataFrame] = field(default_factory=list)
    _waiting: int = 0

    def add(self, frame: pl.DataFrame) -> None:
        """Take rows; full parts go to disk at once."""
        self._frames.append(frame)
        self._waiting += frame.height
        while self._waiting >= PART_ROWS:
            whole = pl.concat(self._frames)
            self._write(whole.head(PART_ROWS))
            rest = whole.slice(PART_ROWS)
            self._frames, self._waiting = [rest], rest.height

    def close(self) -> list[Part]:
        """Write what is left; returns all parts (none when no row came)."""
        if self._waiting:
            self._write(pl.concat(self._frames))
        self._frames, self._waiting = [], 0
        return self.parts

    def _write(self, frame: pl.DataFrame) -> None:
        path = self.root / f"{self.stem}-{len(self.parts):04d}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.write_parquet(path, compression="zstd", compression_level=1)
        self.parts.append(Part(path.relative_to(self.root).as_posix(), self.holds, frame.height, sha256_of(path)))


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, as hex, read in chunks."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
