"""The readers-writer lock: readers together, the exclusive holder alone and before new readers."""

from __future__ import annotations

import threading

from graph.stores.ladybug_lock import ReadersWriterLock


def test_readers_share() -> None:
    lock, both = ReadersWriterLock(), threading.Barrier(2, timeout=10)

    def read() -> None:
        with lock.shared():
            both.wait()

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not both.broken


def test_a_waiting_writer_goes_before_new_readers() -> None:
    lock, order = ReadersWriterLock(), list[str]()
    reading, release = threading.Event(), threading.Event()

    def first() -> None:
        with lock.shared():
            reading.set()
            release.wait(10)

    def write() -> None:
        with lock.exclusive():
            order.append("writer")

    def late() -> None:
        with lock.shared():
            order.append("reader")

    threads = [threading.Thread(target=first), threading.Thread(target=write), threading.Thread(target=late)]
    threads[0].start()
    reading.wait(10)
    threads[1].start()
    while not lock._waiting:
        pass
    threads[2].start()
    release.set()
    for thread in threads:
        thread.join(10)
    assert order == ["writer", "reader"]


def test_the_exclusive_holder_is_alone() -> None:
    lock, inside, most = ReadersWriterLock(), list[int](), list[int]()

    def write() -> None:
        for _ in range(200):
            with lock.exclusive():
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert most == [1] * 800
