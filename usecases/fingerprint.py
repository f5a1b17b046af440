"""A fingerprint of a source: what it contains and how it is to be read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from core.errors import FileRefused


def fingerprint(path: Path, loader: str, options: Mapping[str, str]) -> str:
    """SHA-256 over loader name, options, and the names and bytes of all files below `path`.

    An option that names a file (a mapping) counts by that file's content.
    Raises FileRefused when the path does not exist.
    """
    if not path.exists():
        raise FileRefused(f"{path}: no such file or folder", code="missing_file")
    read_as = {name: _content(Path(value)) if Path(value).is_file() else value for name, value in options.items()}
    whole = hashlib.sha256(repr((loader, sorted(read_as.items()))).encode())
    files = [path] if path.is_file() else sorted(item for item in path.rglob("*") if item.is_file())
    for file in files:
        whole.update(str(file.relative_to(path)).encode() + b"\0")
        whole.update(_content(file).encode())
    return whole.hexdigest()


def _content(file: Path) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
