"""A disk that is really full under a running service: nothing is acknowledged, nothing acknowledged is lost, it goes on by itself.

The kernel refuses the writes: by a limit on the size of files set from outside on the running process, which needs no rights and
meets journal, tables and ledger alike. With RINGTRACE_TEST_SMALL_DISK naming a folder on a small file system of its own
(`mount -t tmpfs -o size=48m tmpfs /mnt/small`) the same is done there by a file that takes all the room.
"""

from __future__ import annotations

import os
import resource
import shutil
import time
from pathlib import Path

import exactly_once
import pytest
import requests
from kill_child import free_port, mother_of

from core.clock import now_ms
from core.settings import Settings
from security.roles import system_actor
from usecases import api_keys, bootstrap

SMALL_DISK = os.environ.get("RINGTRACE_TEST_SMALL_DISK", "")
WAIT_S = 60
#: Less than the block a journal tries before it goes on, so that room for a few records more is no recovery.
ROOM = 3_000


class Limit:
    """Files of the process may not grow beyond what the journal holds and a little: the kernel's EFBIG, after half a write."""

    def __init__(self, home: Path, pid: int) -> None:
        self._pid = pid

    def fill(self) -> None:
        resource.prlimit(self._pid, resource.RLIMIT_FSIZE, (ROOM, resource.RLIM_INFINITY))

    def free(self) -> None:
        resource.prlimit(self._pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


class Ballast:
    """A file that takes all the room of a small file system: the kernel's ENOSPC."""

    def __init__(self, home: Path, pid: int) -> None:
        self._path = home.parent / "ballast"

    def fill(self) -> None:
        with self._path.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(b"\0" * 4096)
            except OSError:
                return

    def free(self) -> None:
        self._path.unlink()


@pytest.fixture
def home(tmp_path):
    if not SMALL_DISK:
        yield tmp_path / "home"
        return
    made = Path(SMALL_DISK) / tmp_path.name
    made.mkdir()
    yield made / "home"
    shutil.rmtree(made)


class Bank:
    """Sends numbered transfers, each until it is acknowledged or refused."""

    def __init__(self, port: int, key: str) -> None:
        self._session, self._port = requests.Session(), port
        self._session.headers["Authorization"] = f"Bearer {key}"
        self.acked: dict[str, dict] = {}
        self._at_ms = now_ms() - 60_000

    def send(self, number: int) -> requests.Response:
        body = {"id": f"T{number}", "payer": f"A{number % 7}", "payee": f"B{number % 5}", "amount_minor": 1_000 + number,
                "currency": "CNY", "at_ms": self._at_ms + number}  # fmt: skip
        answer = self._session.post(f"http://127.0.0.1:{self._port}/api/v1/transfers", json=body, timeout=20)
        if answer.status_code == 200:
            assert self.acked.setdefault(body["id"], answer.json()) == answer.json(), "the same id got another answer"
        return answer

    def until(self, number: int, status: int) -> requests.Response:
        """Send it until the service answers so."""
        deadline = time.monotonic() + WAIT_S
        while True:
            try:
                answer = self.send(number)
                if answer.status_code == status:
                    return answer
                said = answer.text
            except requests.ConnectionError as error:  # it has not started yet
                said = str(error)
            assert time.monotonic() < deadline, said
            time.sleep(0.05)


def test_a_disk_that_is_really_full_acknowledges_nothing_and_scoring_goes_on_by_itself(home):
    settings = Settings(home=home)
    services = bootstrap.open_ledger(settings)
    key = api_keys.create(services, system_actor(), "bank", "bank_system", 5).text
    services.engine.dispose()
    port = free_port()
    bank = Bank(port, key)
    with mother_of(settings, port) as mother:
        disk = (Ballast if SMALL_DISK else Limit)(home, mother.start())
        bank.until(0, 200)
        for turn in range(1, 3):  # again and again: what is left of one time must not spoil the next
            start = 1_000 * turn
            for number in range(start, start + 20):
                assert bank.send(number).status_code == 200
            disk.fill()
            number = start + 100
            while (answer := bank.send(number)).status_code == 200:
                number += 1
                assert number < start + 1_000, "the disk is not full"
            kept = len(bank.acked)
            for late in (*range(number, number + 30), 0):  # the last one was acknowledged long ago: also it waits
                answer = bank.send(late)
                assert answer.status_code == 503 and int(answer.headers["Retry-After"]) >= 1, answer.text
                assert answer.headers["Content-Type"] == "application/problem+json"
            assert len(bank.acked) == kept
            disk.free()
            for late in range(number, number + 30):
                bank.until(late, 200)
            bank.until(0, 200)
    print(exactly_once.check(settings, bank.acked))
