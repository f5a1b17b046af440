"""What may be kept as evidence is told by its bytes: no archive of any kind, program or markup, whatever it is called."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import files
from core.errors import FileRefused

KEPT = {
    "text/plain", "image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "audio/ogg", "audio/mpeg",
    "audio/wav", "video/mp4",
}  # fmt: skip


def tarred(how: str, format: int = tarfile.GNU_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=how, format=format) as archive:  # type: ignore[call-overload]
        member = tarfile.TarInfo("receipt.png")
        member.size = 4
        archive.addfile(member, io.BytesIO(b"\x89PNG"))
    return out.getvalue()


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("receipt.png", b"\x89PNG")
    return out.getvalue()


def old_tar() -> bytes:
    """A tar of the seventh Unix, without the word ustar."""
    content = bytearray(tarred("w:", tarfile.USTAR_FORMAT))
    content[257:265] = bytes(8)
    content[148:156] = b"        "
    content[148:156] = b"%06o\x00 " % sum(content[:512])
    return bytes(content)


ARCHIVES = {
    "zip": zipped(), "empty zip": b"PK\x05\x06" + bytes(18), "zip in parts": b"PK\x07\x08" + zipped(), "tar": tarred("w:"),
    "pax tar": tarred("w:", tarfile.PAX_FORMAT), "old tar": old_tar(), "tar.gz": tarred("w:gz"), "tar.bz2": tarred("w:bz2"),
    "tar.xz": tarred("w:xz"), "gz": gzip.compress(b"receipt"), "bz2": bz2.compress(b"receipt"), "xz": lzma.compress(b"receipt"),
    "lzma": lzma.compress(b"receipt", format=lzma.FORMAT_ALONE), "7z": b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(24),
    "rar 4": b"Rar!\x1a\x07\x00" + bytes(13), "rar 5": b"Rar!\x1a\x07\x01\x00" + bytes(13), "cab": b"MSCF" + bytes(40),
    "zst": b"\x28\xb5\x2f\xfd\x04\x00" + b"9" * 20, "lz4": b"\x04\x22\x4d\x18\x64\x40" + b"9" * 20, "Z": b"\x1f\x9d\x90" + b"9" * 20,
    "lzip": b"LZIP\x01" + b"9" * 20, "arj": b"\x60\xea" + b"9" * 20, "ar": b"!<arch>\n" + b"9" * 20, "iso": bytes(32_769) + b"CD001",
    "lha": b"\x20\x30-lh5-" + b"9" * 30,
}  # fmt: skip
PROGRAMS = {
    "exe": b"MZ\x90" + bytes(60), "elf": b"\x7fELF\x02" + bytes(60), "mach-o": b"\xcf\xfa\xed\xfe" + bytes(60),
    "java": b"\xca\xfe\xba\xbe\x00\x00\x00\x34" + bytes(9), "script": b"#!/bin/sh\nrm -rf /\n", "python": b"#!/usr/bin/env python3\n",
}  # fmt: skip


@pytest.mark.parametrize("name", ARCHIVES)
def test_no_archive_is_kept_whatever_its_name(name):
    for called in ("receipt.png", f"a.{name}", "a.txt"):
        with pytest.raises(FileRefused) as refused:
            files.media_type(called, ARCHIVES[name])
        assert refused.value.code in ("archive", "unknown_type") and called in str(refused.value)


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_program_is_kept(name):
    with pytest.raises(FileRefused):
        files.media_type("a.txt", PROGRAMS[name])


@pytest.mark.parametrize("lead", [b"", b"\xef\xbb\xbf", b"\n\t  ", b"<!-- x -->"])
@pytest.mark.parametrize(
    "mark", [b"<html>", b"<!DOCTYPE html>", b"<SVG onload=x>", b"<script>", b"<?xml version='1.0'?>"]
)
def test_no_markup_is_kept_however_it_begins(lead, mark):
    with pytest.raises(FileRefused) as refused:
        files.media_type("a.txt", lead + mark)
    assert refused.value.code == "markup"


@given(
    st.one_of(
        st.binary(max_size=600), st.sampled_from(sorted(ARCHIVES.values())), st.text(max_size=200).map(str.encode)
    )
)
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_of_a_kind_that_is_kept_or_refused_with_a_reason(content):
    try:
        kind = files.media_type("a.bin", content)
    except FileRefused as refused:
        assert refused.code in {"empty_file", "archive", "markup", "unknown_type", "file_too_large"}
    else:
        assert kind in KEPT and not content.startswith((b"PK", b"Rar!", b"7z\xbc", b"\x1f\x8b", b"MZ", b"#!"))
