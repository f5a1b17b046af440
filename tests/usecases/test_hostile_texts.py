"""Texts made to keep a reader busy for hours are read: a pattern that reads a run again from each of its places does not end here."""

from __future__ import annotations

import subprocess
import sys

import pytest

#: What was read for 10 seconds to for ever before, longer where the reader takes longer texts.
_LEAD = "from cases.reading import read; read({text}, 1_714_550_400_000, 'Asia/Shanghai')"
_QUERY = "from usecases import privacy; privacy._KEY_ALIAS.findall({text}); privacy._KEY_COLUMN.fullmatch({text})"


@pytest.mark.parametrize(
    "program",
    [
        _LEAD.format(text="'今天' + ' ' * 19_000"),
        _QUERY.format(text="'a' * 1_000_000 + 'a.id' + ' ' * 1_000_000 + '('"),
    ],
    ids=["lead", "query"],
)
def test_a_text_made_to_keep_the_reader_busy_is_read(program):
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr
