"""Evidence files: what a case's data folder keeps, by content. Programs, archives and pages are refused."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from core.errors import FileRefused
from core.message import say

MAX_BYTES = 20 * 1024 * 1024
#: What the first bytes say. Only these are kept; all are shown as downloads, never in the page.
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF87a", "image/gif"), (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"), (b"OggS", "audio/ogg"), (b"ID3", "audio/mpeg"), (b"\xff\xfb", "audio/mpeg"),
)  # fmt: skip
#: Archives and packed files, then programs: zip, rar, 7z, gzip, compress, bzip2, xz, zstd, lz4, lzip, lha, cab, ar; Windows, Linux,
#: macOS, Java, scripts.
_ARCHIVES = (
    b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"\x1f\x9d", b"BZh", b"\xfd7zXZ",
    b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18", b"LZIP", b"MSCF", b"!<arch>", b"\x60\xea",
    b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"#!",
)  # fmt: skip
_MARKUP = (b"<!doctype", b"<html", b"<script", b"<svg", b"<?xml", b"<body", b"<iframe", b"<head")


def media_type(name: str, content: bytes) -> str:
    """The type the bytes show. Raises FileRefused for what is empty, too large, an archive, a program, markup or unknown."""
    if not content:
        raise FileRefused(say("{name}: the file is empty", name=name), code="empty_file")
    if len(content) > MAX_BYTES:
        raise FileRefused(
            say("{name}: larger than {most} MiB", name=name, most=MAX_BYTES // 2**20), code="file_too_large"
        )
    if content.startswith(_ARCHIVES) or content[257:262] == b"ustar" or content[2:5] == b"-lh":
        raise FileRefused(
            say("{name}: archives and programs are not taken: send the files themselves", name=name), code="archive"
        )
    for magic, kind in _MAGIC:
        if content.startswith(magic):
            return kind
    if content[4:8] == b"ftyp":
        return "video/mp4"
    if content[:4] == b"RIFF" and content[8:12] in (b"WAVE", b"WEBP"):
        return "audio/wav" if content[8:12] == b"WAVE" else "image/webp"
    if any(mark in content[:4096].lower() for mark in _MARKUP):
        raise FileRefused(
            say("{name}: web pages and markup are not taken: send a picture or a PDF of it", name=name), code="markup"
        )
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError:
            raise FileRefused(
                say("{name}: neither picture, PDF, sound, video nor text", name=name), code="unknown_type"
            ) from None
    if "\x00" in text:
        raise FileRefused(say("{name}: neither picture, PDF, sound, video nor text", name=name), code="unknown_type")
    return "text/plain"


def safe_name(name: str) -> str:
    """The file's own name without folders and control characters, at most 200 characters."""
    last = PurePosixPath(name.replace("\\", "/")).name
    plain = "".join(char for char in last if char.isprintable() and char not in '<>:"/\\|?*')
    return plain.strip(". ")[:200] or "file"


def keep(folder: Path, content: bytes) -> str:
    """Write the content under its SHA-256, once, for the owner alone; returns the hash."""
    digest = hashlib.sha256(content).hexdigest()
    path = folder / digest[:2] / digest
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # a name of its own for each writer: two threads may take the same content in at the same moment
        descriptor, part = tempfile.mkstemp(".part", f"{digest[:16]}.", path.parent)  # for the owner alone
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(part).replace(path)
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise
    return digest


def read(folder: Path, digest: str) -> bytes:
    """The content, checked against its hash. Raises FileRefused `evidence_damaged` when it is not what was taken in."""
    path = folder / digest[:2] / digest
    content = path.read_bytes() if path.exists() else b""
    if hashlib.sha256(content).hexdigest() != digest:
        raise FileRefused("the file is not what was taken in: restore it from the backup", code="evidence_damaged")
    return content


def scan_command(setting: str, path: Path) -> Sequence[str]:
    """The virus scanner's command line: the setting's words with `{file}` replaced."""
    return [part.replace("{file}", str(path)) for part in setting.split()]
