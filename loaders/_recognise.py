"""Tells a format by the headings of a file, reading no more than its first lines."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable
from pathlib import Path

_SAMPLE = 65536
PAYSIM = ("step", "type", "amount", "nameOrig", "nameDest", "isFraud")
AMLWORLD = ("Timestamp", "From Bank", "To Bank", "Amount Paid", "Payment Currency", "Is Laundering")


def first_line(path: Path) -> str:
    """First line of a text file, unpacked when gzip; empty when there is none or it cannot be read."""
    try:
        with path.open("rb") as handle:
            packed = handle.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rb") if packed else path.open("rb") as handle:
            head = handle.read(_SAMPLE)
    except (OSError, EOFError, zlib.error):
        return ""
    lines = head.decode("utf-8-sig", errors="replace").splitlines()
    return lines[0] if lines else ""


def has_headings(path: Path, headings: Iterable[str], separator: str = ",") -> bool:
    """Whether the file's first line has all these headings."""
    if not path.is_file():
        return False
    present = {item.strip().strip('"') for item in first_line(path).split(separator)}
    return set(headings) <= present


def suffixes(path: Path) -> str:
    """The file's last suffix, leaving out `.gz`: `.csv` of `a.csv` and of `a.csv.gz`."""
    name = path.name.lower().removesuffix(".gz")
    return Path(name).suffix


def of_a_data_set(path: Path) -> bool:
    """Whether a text file has the headings of one of the public data sets that have a loader of their own."""
    return any(has_headings(path, headings) for headings in (PAYSIM, AMLWORLD))
