"""Parameters of console queries: what fits is taken on both stores, what does not is refused by its name."""

from __future__ import annotations

import pytest

from core.errors import QueryRefused
from graph.console_values import check_values


@pytest.mark.parametrize(
    "value",
    [None, True, 0, -(2**63), 2**63 - 1, 1.5, "", "‮", [1, 2], [1, 2.5, None], ["a"], [[1], [2]], {"a": {"b": [1]}}, {}],
)
def test_what_the_stores_have_a_type_for_is_taken(value):
    check_values({"x": value}, "ladybug")
    check_values({"x": value}, "neo4j")


@pytest.mark.parametrize(
    ("value", "said"),
    [(2**63, r"\$x: expected a finite number, a whole one of 64 bits"), (10**30, "64 bits"), (-(2**63) - 1, "64 bits"),
     (float("inf"), "finite"), (float("nan"), "finite"), (["a", 10**30], "64 bits|one type"), ({"b": 2**64}, r"\$x\.b: expected"),
     (object(), "expected a text, a number")],
)  # fmt: skip
def test_what_no_store_holds_is_refused_by_name(value, said):
    for dialect in ("ladybug", "neo4j"):
        with pytest.raises(QueryRefused, match=said):
            check_values({"x": value}, dialect)


def test_deep_nesting_is_refused():
    value = []
    for _ in range(900):
        value = [value]
    with pytest.raises(QueryRefused, match="inside each other"):
        check_values({"x": value}, "neo4j")


@pytest.mark.parametrize(
    ("value", "said"),
    [([], "at least one value"), ([None], "at least one"), ([1, "a"], "one type"), ([[1, "a"]], "one type")],
)
def test_lists_ladybug_has_no_type_for_are_refused_there_only(value, said):
    check_values({"x": value}, "neo4j")
    with pytest.raises(QueryRefused, match=rf"\$x: expected a list .*{said}|{said}"):
        check_values({"x": value}, "ladybug")
