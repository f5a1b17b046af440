"""The set of known ids against a plain set, over several tables."""

from __future__ import annotations

import random

from scoring.ids import KnownIds


def test_many_ids_over_several_tables_are_known_and_no_others():
    dice, known, plain = random.Random(5), KnownIds(), set()
    for size in (1, 3_000, 10, 20_000, 1, 60_000):
        keys = [f"T{dice.randrange(200_000)}" for _ in range(size)]
        known.add_all(keys)
        plain.update(keys)
        assert len(known) == len(plain)
    for n in range(5_000):
        known.add(f"S{n}")
        known.add(f"S{n}")
    assert len(known) == len(plain) + 5_000 and len(known._tables) > 1
    assert all(key in known for key in plain) and "S4999" in known
    assert not any(f"U{n}" in known for n in range(1_000))


def test_a_table_is_never_moved():
    known = KnownIds()
    known.add("first")
    table = known._tables[0]
    known.add_all(f"T{n}" for n in range(10_000))
    assert any(kept is table for kept in known._tables) and "first" in known
