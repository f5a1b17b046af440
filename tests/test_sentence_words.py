"""Every sentence the code can say has Chinese words, with the same fields in the same number formats."""

from __future__ import annotations

import ast
from pathlib import Path
from string import Formatter

from webui.catalogue import read_words

ROOT = Path(__file__).parents[1]
PACKAGES = ("algorithms", "cases", "cli", "core", "evaluation", "exports", "graph", "scoring", "usecases", "webui")


def fields(template: str) -> list[tuple[str, str]]:
    """Names and number formats of a template's fields, in order of the alphabet."""
    return sorted((name, spec or "") for _, name, spec, _ in Formatter().parse(template) if name is not None)


def templates() -> dict[str, str]:
    """Every template given to `say` as it stands, with a file that says it."""
    found = {}
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            if "node_modules" in file.parts:
                continue
            for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if (
                    isinstance(call, ast.Call)
                    and isinstance(call.func, ast.Name)
                    and call.func.id == "say"
                    and call.args
                ):
                    text = call.args[0]
                    if isinstance(text, ast.Constant) and isinstance(text.value, str):
                        found[text.value] = str(file.relative_to(ROOT))
    return found


def test_every_sentence_has_chinese_words_with_the_same_fields() -> None:
    said = {str(message.id): str(message.string) for message in read_words() if message.string}
    known = templates()
    assert len(known) > 150, "the templates are found"
    assert {text: file for text, file in known.items() if text not in said} == {}
    assert {text: said[text] for text in known if fields(text) != fields(said[text])} == {}
