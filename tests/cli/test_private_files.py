"""What the command writes is for its owner alone, whatever the shell's umask and the home folder's mode."""

from __future__ import annotations

import os
import stat

from cli.main import main


def test_files_in_a_home_folder_open_to_all_are_readable_by_the_owner_alone(tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    monkeypatch.setenv("RINGTRACE_HOME", str(home))
    before = os.umask(0o022)
    try:
        assert main(["users", "add", "wang", "--role", "investigator"]) == 0
    finally:
        os.umask(before)
    written = [path for path in home.rglob("*") if path.name != "home"]
    assert home / "ringtrace.db" in written
    assert [path.name for path in written if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
