"""Tables and ledger written by processes beside the one that answers: the same result, whatever happens to them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select, text
from test_flight import BANK, NOW, held, move, one

from core.db import transaction
from core.settings import Settings
from ledger.columns import Columns
from scoring.tables import HoldRow, ScoredTransferRow
from usecases import bootstrap

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
ENOUGH_S = 60


@pytest.fixture
def services(tmp_path):
    made = bootstrap.with_scoring(bootstrap.open_ledger(Settings(home=tmp_path / "home")), beside=True)
    made.scoring.start()
    yield made
    bootstrap.close(made)


def children(parent=None):
    """Python processes that were started by this one and do its work."""
    found = subprocess.run(
        ["pgrep", "-P", str(parent or os.getpid()), "-f", "spawn_main"], capture_output=True, text=True, timeout=20
    )
    return [int(pid) for pid in found.stdout.split()]


def written(services):
    services.scoring.written(ENOUGH_S)
    with transaction(services.engine) as session:
        return set(session.scalars(select(ScoredTransferRow.id)))


def sealed(services):
    return sorted(
        Columns(services.ledger)
        .rels("TRANSFER", ["id"], ("Account", "Account"), services.ledger.head_seq())["id"]
        .to_pylist()
    )


def test_tables_holds_and_ledger_have_what_was_answered(services):
    services.scoring.submit(BANK, [move(f"T{n}") for n in range(30)])
    said = held(services, "H1")
    assert written(services) == {*(f"T{n}" for n in range(30)), "H1"}
    with transaction(services.engine) as session:
        assert session.scalars(select(HoldRow.id)).all() == [said.hold.id]
    assert services.scoring.seal() == 1
    assert sealed(services) == sorted(f"T{n}" for n in range(30))


def test_a_process_that_is_killed_is_started_again_and_nothing_is_missing(services):
    one(services, move("T0"))
    assert written(services) == {"T0"}
    for pid in children():
        os.kill(pid, signal.SIGKILL)
    for n in range(1, 20):
        one(services, move(f"T{n}"))
    assert written(services) == {f"T{n}" for n in range(20)}
    until = time.monotonic() + ENOUGH_S
    while True:
        try:
            assert services.scoring.seal() == 1
            break
        except Exception:  # the one that seals was found dead: it is started again and asked again, as the upkeep does
            assert time.monotonic() < until
    assert sealed(services) == sorted(f"T{n}" for n in range(20))


def test_closing_ends_them_and_so_does_a_parent_that_is_killed(services, tmp_path):
    one(services, move("T0"))
    written(services)
    own = children()
    assert own
    bootstrap.close(services)
    assert not set(own) & set(children())
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom core.settings import Settings\n"
        "from usecases.flight_writing import Beside\n"
        "if __name__ == '__main__':\n"
        "    Beside(Settings(home=Path(sys.argv[1]))).write_until(0)\n"
        "    print('ready', flush=True)\n    time.sleep(600)\n"
    )
    script = tmp_path / "parent.py"
    script.write_text(code)
    parent = subprocess.Popen([sys.executable, str(script), str(tmp_path / "other")], stdout=subprocess.PIPE, text=True)
    try:
        assert parent.stdout.readline() == "ready\n"
        orphans = children(parent.pid)
        assert orphans
    finally:
        parent.kill()
        parent.wait(20)
    until = time.monotonic() + ENOUGH_S
    while any(Path(f"/proc/{pid}").exists() for pid in orphans):
        assert time.monotonic() < until, "a child outlived its parent"
        time.sleep(0.05)


def test_a_database_that_refuses_is_said_and_asked_again_until_it_takes(services):
    one(services, move("T0"))
    assert written(services) == {"T0"}
    table = ScoredTransferRow.__tablename__
    with services.engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE {table} RENAME TO put_away"))
    one(services, move("T1"))
    until = time.monotonic() + ENOUGH_S
    while "OperationalError" not in services.scoring._recorder.problem:
        assert time.monotonic() < until
        time.sleep(0.01)
    assert services.scoring.state.acc.out_n[services.scoring.state.account("A1")] == 2, "scoring goes on meanwhile"
    with services.engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE put_away RENAME TO {table}"))
    assert written(services) == {"T0", "T1"}


KILLED = """
import sys
from pathlib import Path
from core.settings import Settings
from test_flight import BANK, move
from usecases import bootstrap

if __name__ == "__main__":
    services = bootstrap.with_scoring(bootstrap.open_ledger(Settings(home=Path(sys.argv[1]))), beside=True)
    services.scoring.start()
    for number in range(1_000_000):
        (said,) = services.scoring.submit(BANK, [move(f"T{number}", at_ms=int(sys.argv[2]))])
        print(said.id, said.decision_id, flush=True)
        if number % 400 == 399:
            services.scoring.seal()
"""


def test_all_three_killed_at_once_and_what_was_acknowledged_is_there_once(tmp_path):
    script = tmp_path / "scores.py"
    script.write_text(KILLED)
    home = tmp_path / "home"
    told: dict[str, str] = {}
    parent = subprocess.Popen(
        [sys.executable, str(script), str(home), str(NOW)], stdout=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
    )  # fmt: skip
    try:
        for line in parent.stdout:
            key, decision = line.split()
            told[key] = decision
            if len(told) >= 1_100:  # between two sealings, tables a little behind
                break
    finally:
        os.killpg(parent.pid, signal.SIGKILL)
        parent.wait(20)
    assert len(told) == 1_100
    again = bootstrap.with_scoring(bootstrap.open_ledger(Settings(home=home)))
    try:
        again.scoring.start()
        with transaction(again.engine) as session:
            rows = dict(session.execute(select(ScoredTransferRow.id, ScoredTransferRow.decision_id)).all())
        assert told.items() <= rows.items()
        found = sealed(again)
        assert set(told) <= set(found) and len(found) == len(set(found))
        assert [one(again, move(key, at_ms=NOW)).decision_id for key in list(told)[-3:]] == list(told.values())[-3:]
    finally:
        bootstrap.close(again)
