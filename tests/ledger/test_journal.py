"""The journal: what was acknowledged is there after any end; what was not may be gone; numbers never repeat."""

from __future__ import annotations

import os
import threading

import pytest

from core.errors import StoreDamaged, StoreUnavailable
from ledger.journal import Journal, JournalFailed


@pytest.fixture
def journal(tmp_path):
    made = Journal(tmp_path / "journal")
    yield made
    made.close()


def told(journal):
    return [(number, payload) for segment in journal.segments() for number, payload in segment.records()]


def no_room(*_):
    raise OSError(28, "No space left on device")


def test_records_are_numbered_durable_and_read_back_in_order(journal):
    numbers = [journal.append(f"r{n}".encode()) for n in range(5)]
    journal.wait(numbers[-1])
    assert journal.durable == 5
    assert told(journal) == [(n + 1, f"r{n}".encode()) for n in range(5)]


def test_many_threads_share_writes_and_each_finds_its_own_record(journal, monkeypatch):
    syncs = []
    real = os.fdatasync
    monkeypatch.setattr(os, "fdatasync", lambda fd: (syncs.append(fd), real(fd))[1])

    def work(thread):
        for n in range(50):
            journal.wait(journal.append(f"{thread}-{n}".encode()))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    found = told(journal)
    assert len({payload for _, payload in found}) == 400 and [number for number, _ in found] == list(range(1, 401))
    assert len(syncs) <= 400


def test_after_a_restart_and_a_removal_numbers_go_on(tmp_path):
    first = Journal(tmp_path / "j")
    first.wait(first.append(b"one"))
    for segment in first.rotate():
        first.remove(segment)
    first.close()
    second = Journal(tmp_path / "j")
    assert second.append(b"two") == 2
    second.wait(2)
    assert told(second) == [(2, b"two")]
    second.close()


def test_an_unfinished_record_at_the_end_is_left_out_and_damage_before_it_is_said(tmp_path):
    first = Journal(tmp_path / "j")
    for n in range(3):
        first.wait(first.append(b"x" * 100 + bytes([n])))
    path = first.segments()[0].path
    first.close()
    whole = path.read_bytes()
    for cut in range(len(whole) - 108, len(whole)):
        path.write_bytes(whole[:cut])
        again = Journal(tmp_path / "j")
        assert [number for number, _ in told(again)] == [1, 2]
        assert again.append(b"next") == 3
        again.close()
        for extra in (tmp_path / "j").glob("*.wal"):
            if extra != path:
                extra.unlink()
    path.write_bytes(whole[:50] + b"?" + whole[51:])
    with pytest.raises(StoreDamaged, match="damaged at byte 0"):
        Journal(tmp_path / "j")


def test_a_full_disk_acknowledges_nothing_and_the_journal_goes_on_when_there_is_room(journal, monkeypatch):
    journal.wait(journal.append(b"before"))
    real = os.write
    monkeypatch.setattr(os, "write", no_room)
    number = journal.append(b"lost")
    with pytest.raises(JournalFailed, match="No space left"):
        journal.wait(number)
    with pytest.raises(JournalFailed):
        journal.append(b"refused")
    with pytest.raises(JournalFailed, match="still refuses"):
        journal.reopen()
    monkeypatch.setattr(os, "write", real)
    journal.reopen()
    assert journal.failure is None
    journal.wait(journal.append(b"after"))
    assert [payload for _, payload in told(journal)] == [b"before", b"after"]


def test_half_a_write_before_the_disk_is_full_leaves_no_half_record(journal, monkeypatch):
    journal.wait(journal.append(b"before"))
    real, calls = os.write, []

    def half(fd, data):
        calls.append(len(data))
        if len(calls) > 1:
            no_room()
        return real(fd, bytes(data)[: len(data) // 2])

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(JournalFailed):
        journal.wait(journal.append(b"half" * 20))
    monkeypatch.setattr(os, "write", real)
    journal.reopen()
    journal.wait(journal.append(b"after"))
    assert [payload for _, payload in told(journal)] == [b"before", b"after"]


def test_a_second_writer_is_refused_in_one_line(journal):
    with pytest.raises(StoreUnavailable, match="another process takes transfers"):
        Journal(journal.folder)


def test_what_comes_while_a_segment_is_closed_goes_into_the_next(journal, monkeypatch):
    real, late = os.fdatasync, []

    def sync(fd):
        if not late:
            late.append(journal.append(b"late"))  # the lock is let go while the disk works
        real(fd)

    monkeypatch.setattr(os, "fdatasync", sync)
    first = journal.append(b"early")
    (closed,) = journal.rotate()
    assert [payload for _, payload in closed.records()] == [b"early"] and first == 1
    journal.wait(late[0])
    assert told(journal) == [(1, b"early"), (2, b"late")]


def test_who_waits_for_a_record_that_was_cut_off_is_never_told_that_it_is_safe(journal, monkeypatch):
    journal.wait(journal.append(b"kept"))
    lost = journal.append(b"lost")
    real = os.write
    monkeypatch.setattr(os, "write", no_room)
    with pytest.raises(JournalFailed, match="No space left"):
        journal.wait(lost)
    monkeypatch.setattr(os, "write", real)
    journal.reopen()
    after = journal.append(b"after")
    journal.wait(after)
    with pytest.raises(JournalFailed, match="could not keep"):
        journal.wait(lost)  # a second caller of the same group, late to ask
    assert after > lost and told(journal) == [(1, b"kept"), (after, b"after")]


def test_a_disk_too_full_for_a_new_segment_takes_nothing_until_there_is_room(journal, monkeypatch):
    journal.wait(journal.append(b"kept"))
    real = os.open
    monkeypatch.setattr(os, "open", no_room)
    with pytest.raises(JournalFailed, match="No space left"):
        journal.rotate()
    with pytest.raises(JournalFailed):
        journal.append(b"x")
    with pytest.raises(JournalFailed, match="still refuses"):
        journal.reopen()
    monkeypatch.setattr(os, "open", real)
    journal.reopen()
    journal.wait(journal.append(b"next"))
    assert told(journal) == [(1, b"kept"), (2, b"next")]


def test_a_disk_too_full_to_go_on_after_a_greater_number_takes_nothing_and_keeps_that_number(journal, monkeypatch):
    journal.wait(journal.append(b"kept"))
    real = os.open
    monkeypatch.setattr(os, "open", no_room)
    with pytest.raises(JournalFailed, match="No space left"):
        journal.go_on_after(40)
    with pytest.raises(JournalFailed):
        journal.append(b"x")
    monkeypatch.setattr(os, "open", real)
    journal.reopen()
    assert journal.append(b"next") == 41, "numbers the tables have seen are not given out again"
    journal.wait(41)
    assert told(journal) == [(1, b"kept"), (41, b"next")]
