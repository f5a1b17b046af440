"""Parameters of a Cypher text, found without being misled by strings, names and comments."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Conflict
from graph.stores._cypher import check_parameters, check_seq, parameters_of


@pytest.mark.parametrize(("text", "names"), [
    ("RETURN $a, $b_1, $`odd name`", {"a", "b_1", "odd name"}), ("RETURN '$a'", set()), ('RETURN "$a\\"$b"', set()),
    ("RETURN 'it\\'s $a'", set()), ("RETURN 1 // $a\n + $b", {"b"}), ("RETURN 1 /* $a \n $b */ + $c", {"c"}),
    ("RETURN n.`$a`", set()), ("RETURN $a + $a", {"a"}), ("", set()), ("RETURN '// ' + $a", {"a"}),
])  # fmt: skip
def test_parameters(text: str, names: set[str]) -> None:
    assert parameters_of(text) == names


@given(st.text(max_size=60))
def test_any_text_inside_a_string_has_no_parameters(text: str) -> None:
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")
    assert parameters_of(f"RETURN '{quoted}' AS x") == set()


def test_missing_ones_are_named() -> None:
    check_parameters("RETURN $a", {"a": None})
    with pytest.raises(KeyError, match=r"\$a, \$b"):
        check_parameters("RETURN $b, $a, $c", {"c": 1})


def test_sequence_of_batches() -> None:
    assert check_seq(1, 0) and not check_seq(1, 1) and not check_seq(1, 5)
    with pytest.raises(Conflict):
        check_seq(3, 1)
