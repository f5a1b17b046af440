"""The table of faults in docs/scoring.md: every fault is there, and every test it names exists and runs."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
#: What scoring must come through; each is a row of the table.
FAULTS = (
    "a duplicate", "out of order", "clock skew", "unknown accounts", "a forged webhook", "a replayed webhook",
    "the receiver is down for an hour", "kill -9 during scoring",
    "a process that writes beside scoring is killed, or all at once", "kill -9 during delivery", "a full disk",
    "PostgreSQL restarts", "the store is locked", "the store is being rebuilt", "the network part is unavailable",
    "too many transfers",
)  # fmt: skip


def table() -> dict[str, list[str]]:
    """Tests by fault."""
    section = (ROOT / "docs" / "scoring.md").read_text(encoding="utf-8").split("\n## Faults\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split(" | ") for line in section.splitlines() if line.startswith("| ")][1:]
    return {fault.strip(): re.findall(r"`(tests/[^`]+)`", shown) for fault, _, shown in rows}


def test_every_fault_is_a_row_with_a_test():
    assert tuple(table()) == FAULTS
    assert all(table().values())


@pytest.mark.parametrize("fault", FAULTS)
def test_the_tests_it_names_are_there_and_not_skipped(fault):
    for named in table()[fault]:
        path, _, name = named.partition("::")
        functions = {node.name: node for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body
                     if isinstance(node, ast.FunctionDef)}  # fmt: skip
        assert name in functions, f"{named} does not exist"
        marks = " ".join(ast.unparse(mark) for mark in functions[name].decorator_list)
        assert "skip" not in marks and "xfail" not in marks, f"{named} does not run"
        assert any(isinstance(node, ast.Assert | ast.With) for node in ast.walk(functions[name])), (
            f"{named} asserts nothing"
        )
