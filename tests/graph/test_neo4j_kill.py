"""SIGKILL of the Neo4j server, and of the loading process, in the middle of a batch: nothing lost, nothing twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path
from threading import Timer

import neo4j
import pytest
from contract_rows import many_accounts, many_transfers
from neo4j_server.launcher import CannotStart, Restartable, restartable
from optional_parts import optional
from pydantic import SecretStr

from core.clock import now_ms
from core.errors import RingtraceError, StoreUnavailable
from core.settings import Settings
from graph.model import RowSet
from graph.stores import neo4j_apply
from graph.stores.neo4j import Neo4jStore
from scoring.transfer import transfer_of
from security.roles import Actor
from usecases import bootstrap, flight_upkeep
from usecases.flight_upkeep import Upkeep

pytestmark = [pytest.mark.neo4j, pytest.mark.slow]
ACCOUNTS, TRANSFERS, CHUNK = 2_000, 14_000, 1_000


def batch() -> list[RowSet]:
    return [many_accounts(ACCOUNTS, name="n"), many_transfers(TRANSFERS, ACCOUNTS)]


def contents(store: Neo4jStore) -> tuple[object, ...]:
    """Accounts, transfers, different transfer ids, sum of their amounts, the last batch, the one under way."""
    moved = store.query("MATCH ()-[t:TRANSFER]->() RETURN count(t), count(DISTINCT t.id), sum(t.amount_minor)").rows[0]
    accounts = store.query("MATCH (a:Account) RETURN count(a), count(DISTINCT a.id)").rows[0]
    return (*accounts, *moved, store.applied_seq(), store.applying_seq())


WHOLE = (ACCOUNTS, ACCOUNTS, TRANSFERS, TRANSFERS, sum(range(TRANSFERS)), 1, 0)


@pytest.fixture(scope="module")
def server():
    with optional(
        "neo4j", lambda: restartable("768m", "128m", ("-XX:TieredStopAtLevel=1",), gds=False), CannotStart
    ) as kept:
        yield kept


def settings_of(kept: Restartable, home: Path) -> Settings:
    return Settings(home=home, store="neo4j", neo4j_uri=kept.server.uri, neo4j_password=SecretStr(kept.server.password))


@pytest.fixture
def impatient(monkeypatch):
    """The driver tries again for half a minute: here nobody comes back meanwhile."""
    real = neo4j.GraphDatabase.driver
    monkeypatch.setattr(
        neo4j.GraphDatabase, "driver", lambda uri, **said: real(uri, **{**said, "max_transaction_retry_time": 1})
    )


def test_the_server_is_killed_while_a_batch_goes_in(server, tmp_path, monkeypatch, impatient):
    monkeypatch.setattr(neo4j_apply, "CHUNK_ROWS", CHUNK)
    done = [0]
    settings = settings_of(server, tmp_path)

    def progress(_what: str, rows: int) -> None:
        before, done[0] = done[0], done[0] + rows
        if before < ACCOUNTS + 5_000 <= done[0]:
            Timer(0.05, server.kill).start()  # in the middle of the chunks under way

    with closing(Neo4jStore.open(settings)) as store:
        with pytest.raises(StoreUnavailable) as lost:
            store.apply(1, batch(), progress)
        assert "\n" not in str(lost.value)
    server.kill()
    server.start()
    with closing(Neo4jStore.open(settings)) as store:
        accounts, _, transfers, different, *_, applied, applying = contents(store)
        assert (accounts, applied, applying) == (ACCOUNTS, 0, 1)
        assert 0 < transfers == different < TRANSFERS
        store.apply(1, batch())
        assert contents(store) == WHOLE


def test_while_the_server_is_gone_scoring_answers_review_and_allows_again_when_it_is_back(
    server, tmp_path, monkeypatch, impatient
):
    settings = settings_of(server, tmp_path / "home")
    with closing(Neo4jStore.open(settings)) as store:
        store.wipe()
    monkeypatch.setattr(flight_upkeep, "STORE_EVERY_S", 0.0)
    services = bootstrap.with_scoring(bootstrap.open_services(settings))
    services.scoring.start()
    upkeep, bank = Upkeep(services), Actor("key-1", "bank", frozenset({"bank_system"}))

    def answer(key: str) -> tuple[str, str]:
        upkeep.once()
        sent = {"id": key, "payer": "A", "payee": "B", "amount_minor": 100, "currency": "CNY", "at_ms": now_ms()}
        (said,) = services.scoring.submit(bank, [transfer_of(sent)])
        return said.answer, said.network

    try:
        assert answer("T1") == ("allow", "used")
        server.kill()
        assert answer("T2") == ("review", "unavailable: the graph store does not answer (store_unavailable)")
        server.start()
        assert answer("T3") == ("allow", "used")
    finally:
        bootstrap.close(services)


LOADER = """
import os, signal, sys
sys.path[:0] = sys.argv[1:3]
from core.settings import Settings
from graph.stores import neo4j_apply
from graph.stores.neo4j import Neo4jStore
from test_neo4j_kill import CHUNK, batch
neo4j_apply.CHUNK_ROWS, left = CHUNK, [int(sys.argv[3])]
def progress(_what, rows):
    left[0] -= rows
    if left[0] <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
Neo4jStore.open(Settings()).apply(1, batch(), progress)
"""


def test_the_loading_process_is_killed_and_another_goes_on_at_once(neo4j_store, neo4j_settings):
    told = {"RINGTRACE_STORE": "neo4j", "NEO4J_URI": neo4j_settings.neo4j_uri, "RINGTRACE_HOME": str(neo4j_settings.home),
            "NEO4J_PASSWORD": neo4j_settings.neo4j_password.get_secret_value()}  # fmt: skip
    here = Path(__file__).parent
    for after in (1_000, ACCOUNTS + 6_000):
        command = [sys.executable, "-c", LOADER, str(here.parent), str(here), str(after)]
        done = subprocess.run(
            command, env={**os.environ, **told}, cwd=here.parents[1], capture_output=True, text=True, timeout=120
        )
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert neo4j_store.applied_seq() == 0 and neo4j_store.applying_seq() == 1
    with suppress(RingtraceError):  # a chunk of the dead process may still be on its way in: then once more
        neo4j_store.apply(1, batch())
    if neo4j_store.applying_seq():
        neo4j_store.apply(1, batch())
    assert contents(neo4j_store) == WHOLE
