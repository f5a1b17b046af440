"""Puts the rooms' Chinese words together: every `*.po` beside it becomes one `messages.mo`, made at set-up, not committed."""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent / "translations" / "zh" / "LC_MESSAGES"
COMPILED = FOLDER / "messages.mo"


class WordsClash(Exception):
    """Two files translate one text differently; the message names the text and both files."""


def read_words() -> Catalog:
    """All translations of all `*.po` files as one catalogue. Raises WordsClash."""
    together, said_in = Catalog(locale="zh"), dict[str, Path]()
    for path in sorted(FOLDER.glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file):
                if not message.id or not message.string:
                    continue
                key = str(message.id)
                earlier = together.get(message.id)
                if earlier is not None and earlier.string != message.string:
                    raise WordsClash(f"{key!r} has other words in {said_in[key].name} than in {path.name}")
                together[message.id] = message
                said_in[key] = path
    return together


def compile_words() -> bool:
    """Write the compiled catalogue when a source is newer; returns whether it wrote. Raises WordsClash."""
    newest = max(path.stat().st_mtime_ns for path in (*FOLDER.glob("*.po"), Path(__file__)))
    if COMPILED.exists() and COMPILED.stat().st_mtime_ns > newest:
        return False
    words = read_words()
    part = COMPILED.with_suffix(".mo.part")
    with part.open("wb") as file:
        write_mo(file, words)
    part.replace(COMPILED)
    return True
