"""A batch larger than the page memory comes in by parts; where even that is too little, one line says what to set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from contract_rows import many_accounts, many_transfers

from core.errors import RingtraceError, StoreDamaged, StoreUnavailable
from core.settings import Settings
from graph.model import RowSet
from graph.stores import ladybug_bulk
from graph.stores.ladybug import LadybugStore
from graph.stores.ladybug_bulk import BulkWriter, parts, slices, weight

BATCH = [many_accounts(3000), many_transfers(12_000, 3000)]


@pytest.fixture
def small_memory(settings: Settings) -> Iterator[LadybugStore]:
    store = LadybugStore.open(settings.model_copy(update={"buffer_pool_mb": 128}))
    yield store
    store.close()


def test_a_batch_larger_than_the_page_memory(small_memory: LadybugStore) -> None:
    rows, accounts = 240_000, 20_000
    batch = [many_accounts(accounts), *(many_transfers(20_000, accounts, first) for first in range(0, rows, 20_000))]
    assert sum(map(weight, batch)) > ladybug_bulk.PART_SHARE * (128 << 20)
    small_memory.apply(1, batch)
    found = small_memory.query("MATCH ()-[t:TRANSFER]->() RETURN count(t), sum(t.amount_minor)").rows
    assert found == ((rows, sum(range(rows))),)


def test_pieces_and_parts_keep_every_row_in_order_within_the_bound() -> None:
    most = 200_000
    made = list(parts(slices(BATCH, most // 3), most))
    assert len(made) > 5 and all(sum(map(weight, part)) <= most for part in made)
    pieces = [piece for part in made for piece in part]
    ids = [key for piece in pieces for key in piece.table["id"].to_pylist()]
    assert ids == [key for rows in BATCH for key in rows.table["id"].to_pylist()]
    assert {(p.type_name, p.from_label, p.to_label) for p in pieces} == {
        ("Account", "", ""),
        ("TRANSFER", "Account", "Account"),
    }


def failing(patch: pytest.MonkeyPatch, statement: str, number: int, error: str) -> None:
    """The `number`th statement that starts with `statement` fails as Ladybug would."""
    patch.setattr(ladybug_bulk, "PART_SHARE", 0.004)
    left, real = [number], BulkWriter.run

    def run(self: BulkWriter, cypher: str, params: dict[str, Any] | None = None) -> list[list[Any]]:
        if cypher.startswith(statement):
            left[0] -= 1
            if not left[0]:
                raise RuntimeError(error)
        return real(self, cypher, params)

    patch.setattr(BulkWriter, "run", run)


def test_too_little_memory_names_the_setting_and_the_next_try_goes_on(ladybug_store: LadybugStore) -> None:
    with pytest.MonkeyPatch.context() as patch:
        failing(patch, "CHECKPOINT", 4, "Buffer manager exception: Unable to allocate memory!")
        with pytest.raises(StoreUnavailable, match="RINGTRACE_BUFFER_POOL_MB to 512 or more") as caught:
            ladybug_store.apply(1, BATCH)
    assert "\n" not in str(caught.value)
    assert ladybug_store.applying_seq() == 1 and ladybug_store.applied_seq() == 0
    with pytest.raises(StoreUnavailable, match="a part of batch 1"):
        ladybug_store.counts()
    with pytest.raises(StoreUnavailable, match="a part of batch 1"):
        ladybug_store.console("MATCH (a:Account) RETURN count(a)", {}, limits())
    ladybug_store.apply(1, BATCH)
    assert ladybug_store.applying_seq() == 0
    assert ladybug_store.counts()["TRANSFER"] == 12_000 and ladybug_store.counts()["Account"] == 3000


def test_an_error_in_the_first_part_leaves_nothing(ladybug_store: LadybugStore) -> None:
    with pytest.MonkeyPatch.context() as patch:
        failing(patch, "COPY", 1, "Copy exception: out of luck")
        with pytest.raises(RingtraceError, match=r"batch 1 was not applied: .*out of luck"):
            ladybug_store.apply(1, BATCH)
    assert ladybug_store.applying_seq() == 0 and sum(ladybug_store.counts().values()) == 0


def test_rows_that_copy_lost_are_noticed(ladybug_store: LadybugStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full disk COPY can claim success."""
    real = BulkWriter._copy

    def loses(self: BulkWriter, rows: RowSet) -> None:
        real(self, rows if rows.is_node else RowSet(rows.type_name, rows.table.slice(1), "Account", "Account"))

    monkeypatch.setattr(BulkWriter, "_copy", loses)
    with pytest.raises(StoreDamaged, match=r"11999 TRANSFER .* 12000: run `ringtrace rebuild`"):
        ladybug_store.apply(1, BATCH)


def limits() -> Any:
    from graph.port import Limits

    return Limits()
