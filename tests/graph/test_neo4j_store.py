"""The Neo4j store's own: one-line errors, resuming a batch that was cut, what the GDS engine needs."""

from __future__ import annotations

import pytest
from contract_rows import many_accounts, many_transfers, nodes
from neo4j.exceptions import Neo4jError
from neo4j_server.launcher import free_port
from pydantic import SecretStr

from core.errors import QueryStopped, StoreOutdated, StoreUnavailable
from core.settings import Settings
from graph.budget import CODE, budget
from graph.stores import discard_store, neo4j_apply
from graph.stores.neo4j import Neo4jStore


def refused(settings: Settings, **changes: object) -> str:
    with pytest.raises(StoreUnavailable) as caught:
        Neo4jStore.open(settings.model_copy(update=changes))
    text = str(caught.value)
    assert "\n" not in text and "Traceback" not in text
    return text


def test_wrong_password(neo4j_settings: Settings) -> None:
    text = refused(neo4j_settings, neo4j_password=SecretStr("wrong-one"))
    assert "RINGTRACE_NEO4J_PASSWORD" in text and "wrong-one" not in text


def test_unknown_database(neo4j_settings: Settings) -> None:
    assert "RINGTRACE_NEO4J_DATABASE" in refused(neo4j_settings, neo4j_database="nowhere")


def test_unreachable(tmp_path) -> None:
    settings = Settings(home=tmp_path, neo4j_uri=f"bolt://127.0.0.1:{free_port()}", neo4j_password=SecretStr("x"))
    assert "does not answer" in refused(settings)


@pytest.mark.parametrize("uri", ["http://127.0.0.1:7474", "nonsense", "bolt+x://a"])
def test_unusable_address(tmp_path, uri: str) -> None:
    assert "RINGTRACE_NEO4J_URI" in refused(Settings(home=tmp_path, neo4j_uri=uri, neo4j_password=SecretStr("x")))


def test_no_password(tmp_path) -> None:
    assert "RINGTRACE_NEO4J_PASSWORD" in refused(Settings(home=tmp_path, neo4j_password=SecretStr("")))


def test_another_schema_version(
    neo4j_store: Neo4jStore, neo4j_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    neo4j_store.apply(1, [nodes("Account", "a")])
    with monkeypatch.context() as patch:
        patch.setattr("graph.stores.neo4j.SCHEMA_VERSION", 2)
        with pytest.raises(StoreOutdated, match="ringtrace rebuild"):
            Neo4jStore.open(neo4j_settings)
        discard_store(neo4j_settings)
        again = Neo4jStore.open(neo4j_settings)
        assert again.applied_seq() == 0 and again.counts()["Account"] == 0
        again.close()
    neo4j_store.wipe()


def test_a_cut_batch_is_resumed(neo4j_store: Neo4jStore, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = [many_accounts(2000, name="n"), many_transfers(24_000, 2000)]
    written, real = [0], neo4j_apply.write_rels

    def dies(*args: object, **options: object) -> None:
        written[0] += 1
        if written[0] > 2:
            raise KeyboardInterrupt
        real(*args, **options)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(neo4j_apply, "CHUNK_ROWS", 4000)
        patch.setattr(neo4j_apply, "write_rels", dies)
        with pytest.raises(KeyboardInterrupt):
            neo4j_store.apply(1, batch)
    assert neo4j_store.applying_seq() == 1 and neo4j_store.applied_seq() == 0
    assert 0 < neo4j_store.counts()["TRANSFER"] < 24_000
    neo4j_store.apply(1, batch)
    assert neo4j_store.applying_seq() == 0 and neo4j_store.applied_seq() == 1
    assert neo4j_store.counts()["TRANSFER"] == 24_000 and neo4j_store.counts()["Account"] == 2000
    total = neo4j_store.query("MATCH ()-[t:TRANSFER]->() RETURN sum(t.amount_minor)").rows
    assert total == ((sum(range(24_000)),),)


def test_more_memory_than_there_is_stops_a_budgeted_question_at_once(neo4j_store: Neo4jStore) -> None:
    greedy = "UNWIND range(1, 1000000) AS i WITH toString(i) + $pad AS text RETURN collect(text) AS texts"
    neo4j_store.apply(1, [nodes("Account", "a")])
    runs: list[object] = []
    with budget(60), pytest.raises(QueryStopped, match=r"for lack of memory.*narrow it") as stopped:
        runs.append(neo4j_store.query(greedy, {"pad": "x" * 200_000}))
    assert stopped.value.code == CODE and not runs
    assert isinstance(stopped.value.__cause__, Neo4jError) and "OutOfMemory" in (stopped.value.__cause__.code or "")
    assert neo4j_store.query("MATCH (a:Account) RETURN count(a)").rows == ((1,),), "the store answers again"


def test_ids_are_unique_by_constraint(neo4j_store: Neo4jStore) -> None:
    names = {row[0] for row in neo4j_store.query("SHOW CONSTRAINTS YIELD name RETURN name").rows}
    assert {"ringtrace_account_id", "ringtrace_transfer_rel_id"} <= names


def test_connection_for_the_gds_engine(neo4j_store: Neo4jStore, neo4j_settings: Settings) -> None:
    connection = neo4j_store.connection()
    assert (connection.uri, connection.username, connection.database) == (neo4j_settings.neo4j_uri, "neo4j", "neo4j")
    assert connection.password == neo4j_settings.neo4j_password.get_secret_value()
    assert connection.password not in repr(connection)


@pytest.mark.gds
def test_the_test_server_has_gds(neo4j_store: Neo4jStore) -> None:
    assert neo4j_store.query("RETURN gds.version() AS version").rows[0][0].startswith("2.13")


def test_foreign_labels_are_left_alone(neo4j_store: Neo4jStore) -> None:
    neo4j_store.driver.execute_query("MERGE (:NotOurs {id: 'x'})")
    neo4j_store.apply(1, [nodes("Account", "a")])
    neo4j_store.wipe()
    assert neo4j_store.query("MATCH (n:NotOurs) RETURN count(n)").rows == ((1,),)
    neo4j_store.driver.execute_query("MATCH (n:NotOurs) DELETE n")
