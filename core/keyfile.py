"""Keys that an installation makes once and keeps in its home folder, readable by the owner alone."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from core.errors import NotConfigured

KEY_BYTES = 32


def load_or_make(path: Path, given: str = "") -> bytes:
    """The 32-byte key: `given` as 64 hex digits when set, else the file's, which is made at first use.

    Raises NotConfigured when the key is damaged: a wrong key must never replace the one data was written with.
    """
    if given:
        return _parsed(given, "the key given in the settings")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _parsed(path.read_text(encoding="ascii"), str(path))
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    return _parsed(path.read_text(encoding="ascii"), str(path))


def _parsed(text: str, where: str) -> bytes:
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise NotConfigured(f"{where} is not a key of 64 hex digits: restore it from the backup", code="key_damaged")
    return key
