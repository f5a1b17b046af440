"""Reading the journal while it is being written: every record once, in order, whatever segments and gaps there are."""

from __future__ import annotations

import random

import pytest

from core.errors import StoreDamaged
from ledger.journal import HEAD, Journal
from ledger.journal_reader import JournalReader


@pytest.fixture
def journal(tmp_path):
    made = Journal(tmp_path / "journal")
    yield made
    made.close()


def keep(journal, *payloads):
    for payload in payloads:
        number = journal.append(payload)
    journal.wait(number)
    return number


def test_records_come_once_in_order_over_segments_of_any_size(journal):
    dice, wanted = random.Random(7), []
    reader, found = JournalReader(journal.folder, 0), []
    for number in range(1, 400):
        payload = bytes([dice.randrange(256)]) * dice.choice((1, 50, 300_000 if number % 40 == 0 else 7))
        wanted.append((keep(journal, payload), payload))
        if dice.random() < 0.05:
            journal.rotate()
        if dice.random() < 0.1:
            found += reader.read(journal.durable, dice.choice((1, 3, 1000)))
    while part := reader.read(journal.durable, 50):
        found += part
    assert found == wanted
    assert reader.read(journal.durable, 50) == []


def test_it_begins_after_a_number_and_never_reads_past_the_one_named(journal):
    keep(journal, b"a", b"b", b"c")
    journal.rotate()
    keep(journal, b"d", b"e")
    reader = JournalReader(journal.folder, 1)
    assert reader.read(4, 9) == [(2, b"b"), (3, b"c"), (4, b"d")]
    assert reader.read(4, 9) == []
    assert reader.read(5, 9) == [(5, b"e")]


def test_a_segment_that_is_removed_while_it_is_open_does_not_stop_it(journal):
    keep(journal, b"a", b"b")
    (first,) = journal.rotate()
    reader = JournalReader(journal.folder, 0)
    assert reader.read(2, 1) == [(1, b"a")]
    journal.remove(first)
    keep(journal, b"c")
    assert reader.read(3, 9) == [(2, b"b"), (3, b"c")]


def test_numbers_that_were_never_kept_are_passed_over(journal, monkeypatch):
    keep(journal, b"a")
    journal.append(b"never durable")
    with journal._changed:
        journal._failure = "No space left on device"
    journal.reopen()
    last = keep(journal, b"b")
    assert last == 3
    assert JournalReader(journal.folder, 0).read(last, 9) == [(1, b"a"), (3, b"b")]
    journal.go_on_after(100)
    assert JournalReader(journal.folder, 3).read(100, 9) == []


def test_a_changed_byte_is_said_with_file_and_place(journal):
    keep(journal, b"first", b"second")
    path = journal.segments()[-1].path
    data = bytearray(path.read_bytes())
    data[HEAD.size + 5 + HEAD.size] ^= 1
    path.write_bytes(data)
    reader = JournalReader(journal.folder, 0)
    with pytest.raises(StoreDamaged, match=f"{path.name} is damaged at byte {HEAD.size + 5}"):
        reader.read(2, 9)
