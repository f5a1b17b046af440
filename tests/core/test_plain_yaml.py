"""YAML from people: plain values; what would grow, run code or dig too deep is refused in one line."""

from __future__ import annotations

import pytest

from core.plain_yaml import load


def test_plain_values():
    assert load("a: {b: [1, x, 2.5]}\nc: ''\n") == {"a": {"b": [1, "x", 2.5]}, "c": ""}


@pytest.mark.parametrize(
    ("text", "said"),
    [("a: &a [x, x]\nb: [*a, *a]", "aliases"), ("a: &a {x: 1}\nb: {<<: [*a, *a]}", "aliases"), ("a: &a [*a]", "aliases"),
     ("!!python/object/apply:os.system ['id']", "tag"), ("[" * 20_000, "nested too deeply"), ("a: [", "expected"),
     ("a: 2026-02-30", "day"), ("a: b: c", "mapping values"), ("? [a]\n: b", "unhashable")],
)  # fmt: skip
def test_what_is_refused(text, said):
    with pytest.raises(ValueError, match=said) as refused:
        load(text)
    assert "\n" not in str(refused.value)
