"""The fingerprint of a source: what it depends on, and what is refused before a byte is read."""

from __future__ import annotations

import pytest

from core.errors import FileRefused
from usecases import fingerprint as module
from usecases.fingerprint import fingerprint


def test_it_follows_bytes_loader_and_the_content_of_files_named_by_options(tmp_path):
    table, mapping = tmp_path / "a.csv", tmp_path / "m.yaml"
    table.write_text("x")
    mapping.write_text("1")
    options = {"mapping": str(mapping)}
    first = fingerprint(table, "delimited", options, 10)
    assert first == fingerprint(table, "delimited", options, 10)
    mapping.write_text("2")
    second = fingerprint(table, "delimited", options, 10)
    table.write_text("y")
    assert len({first, second, fingerprint(table, "delimited", options, 10), fingerprint(table, "amlsim", {}, 10)}) == 4


@pytest.mark.parametrize("where", ["file", "folder", "option"])
def test_too_large_is_refused_before_a_byte_is_read(tmp_path, monkeypatch, where):
    large, small = tmp_path / "in" / "large.csv", tmp_path / "small.csv"
    large.parent.mkdir()
    large.write_bytes(b"12345678901")
    small.write_bytes(b"1")
    monkeypatch.setattr(module, "_content", lambda file: pytest.fail(f"{file} was read"))
    path = {"file": large, "folder": large.parent, "option": small}[where]
    with pytest.raises(FileRefused, match=r"large.csv: 11 bytes, more than the limit of 10") as refused:
        fingerprint(path, "delimited", {"mapping": str(large)} if where == "option" else {}, 10)
    assert refused.value.code == "file_too_large"


def test_an_option_too_long_for_a_file_name_is_plain_text(tmp_path):
    (tmp_path / "a.csv").write_text("x")
    assert fingerprint(tmp_path, "delimited", {"heading": "x" * 5000}, 10)
