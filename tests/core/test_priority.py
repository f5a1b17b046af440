"""Threads that stand back, on Linux: the one that says so, and those a library starts meanwhile; Python's own do not."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from core import ids
from core.priority import stand_back, started_stand_back

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives threads their own priority")


def in_thread(work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join(10)
    return found[0]


def nice_of(thread_id):
    return os.getpriority(os.PRIO_PROCESS, thread_id)


def test_only_the_thread_that_says_so_stands_back():
    before = nice_of(threading.get_native_id())

    def work():
        stand_back()
        return nice_of(threading.get_native_id())

    assert in_thread(work) == max(10, before) and nice_of(threading.get_native_id()) == before


def test_threads_of_python_that_start_meanwhile_go_on_as_they_are():
    free, told = threading.Event(), []

    def work():
        told.append(threading.get_native_id())
        free.wait(10)

    with started_stand_back():
        thread = threading.Thread(target=work)
        thread.start()
        while not told:
            free.wait(0.001)
    try:
        assert nice_of(told[0]) == nice_of(threading.get_native_id())
    finally:
        free.set()
        thread.join(10)


def test_the_embedded_store_s_threads_stand_back(tmp_path):
    import ladybug

    def threads():
        return {int(path.name) for path in Path("/proc/self/task").iterdir()}

    def started():
        before = threads()
        with started_stand_back():
            database = ladybug.Database(str(tmp_path / "db.lbug"), buffer_pool_size=64 << 20, max_num_threads=2)
            ladybug.Connection(database).execute("RETURN 1").close()
        prices = [nice_of(thread_id) for thread_id in threads() - before]
        database.close()
        return prices

    found = started()
    assert found and all(price >= 10 for price in found)


def test_a_child_process_draws_its_own_ids():
    ids.fresh("a")
    assert ids._random, "some are drawn ahead"
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, b"empty" if not ids._random else b"shared")
        os._exit(0)
    os.waitpid(child, 0)
    with os.fdopen(read) as told:
        os.close(write)
        assert told.read() == "empty"
