"""JSON that wants to cost much, or to stop the reader by an error nobody expects: refused, with the place and at little cost."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from core import strict_json
from core.strict_json import loads


class Counted(str):
    """A key that counts how often it is compared."""

    compared = 0
    __hash__ = str.__hash__

    def __eq__(self, other):
        Counted.compared += 1
        return str.__eq__(self, other)


def test_the_key_that_stands_twice_is_found_by_looking_at_each_key_once():
    keys = [Counted(f"k{number}") for number in range(3_000)]
    Counted.compared = 0
    with pytest.raises(ValueError, match="the key 'k2999' stands twice"):
        strict_json._unique([(key, 0) for key in (*keys, Counted("k2999"))])
    assert Counted.compared < 4 * len(keys)


def test_the_first_key_that_stands_twice_is_named():
    with pytest.raises(ValueError, match="the key 'b' stands twice"):
        loads('{"a": 1, "b": 2, "b": 3, "a": 4}')


def test_a_long_key_is_not_written_out_for_each_value_under_it():
    """Half a million of half a megabyte each were 250 GB to copy."""
    body = json.dumps({"k" * 500_000: ["", *[0] * 500_000, "a\0"]})
    with pytest.raises(ValueError, match=r"^k{100}: expected a text without NUL"):
        loads(body)


@pytest.mark.parametrize(
    ("body", "place"),
    [('{"a": [{"b": "\\u0000"}]}', r"a\[0\]\.b"), ('[["\\u0000"]]', r"\[0\]\[0\]"), ('"\\u0000"', "the text"),
     ('{"a": {"\\u0000": 1}}', r"a\.\\x00"), ('{"a": {"b": {"c": "\\ud800"}}}', r"a\.b\.c")],
)  # fmt: skip
def test_the_place_of_a_text_nothing_keeps(body, place):
    with pytest.raises(ValueError, match=f"^{place}: expected"):
        loads(body)


@pytest.mark.parametrize("number", ["1e99999999999999999999", "-1e-99999999999999999999", "1" + "0" * 5_000])
def test_a_number_beyond_all_bounds_is_no_json_here(number):
    with pytest.raises(ValueError, match=r"larger than any|limit"):
        loads(f'{{"a": {number}}}', parse_float=Decimal)
