"""A fingerprint of a source: what it contains and how it is to be read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from core.errors import FileRefused


def fingerprint(path: Path, loader: str, options: Mapping[str, str], max_file_bytes: int) -> str:
    """SHA-256 over loader name, options, and the names and bytes of all files below `path`.

    An option that names a file (a mapping) counts by that file's content.
    Raises FileRefused when the path does not exist or, before a byte is read, when a file is larger than allowed.
    """
    if not path.exists():
        raise FileRefused(f"{path}: no such file or folder", code="missing_file")
    named = {name: Path(value) for name, value in options.items() if _is_file(value)}
    files = [path] if path.is_file() else sorted(item for item in path.rglob("*") if item.is_file())
    for file in (*named.values(), *files):
        _check_size(file, max_file_bytes)
    read_as = {name: _content(named[name]) if name in named else value for name, value in options.items()}
    whole = hashlib.sha256(repr((loader, sorted(read_as.items()))).encode())
    for file in files:
        whole.update(str(file.relative_to(path)).encode() + b"\0")
        whole.update(_content(file).encode())
    return whole.hexdigest()


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except OSError:  # too long for a name: some other text
        return False


def _check_size(file: Path, max_file_bytes: int) -> None:
    size = file.stat().st_size
    if size > max_file_bytes:
        raise FileRefused(
            f"{file.name}: {size:,} bytes, more than the limit of {max_file_bytes:,}; "
            "split it, or raise RINGTRACE_MAX_FILE_GB",
            code="file_too_large",
        )


def _content(file: Path) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
