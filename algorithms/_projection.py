"""Projection: the transfers of a graph store as integer arrays, shared by the algorithms of one run.

Accounts are numbered by the order of their ids, so that the numbers, the row order and every result that depends on
them are the same whatever store or load order the rows came from.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import BadInput
from graph.port import CodedScans, Edges, GraphStore

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
T = TypeVar("T")

#: Money that never arrived, or went back, is no flow.
NOT_MOVED = ("refused", "reversed")
TRANSFER_COLUMNS = (
    "id",
    "amount_minor",
    "currency",
    "at_ms",
    "channel",
    "status",
    "received_minor",
    "received_currency",
)
ACCOUNT_COLUMNS = (
    "id", "kind", "institution", "currency", "status", "opening_balance_minor", "opened_at_ms", "is_blocked",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class TransferTable:
    """Transfers that moved money, one row each, in order of time (ties by transfer id). Self-transfers are included.

    `src`, `dst` are account numbers (positions in `account_ids`). `amount_minor` in `currencies[currency]` left `src`;
    `received_minor` in `currencies[received_currency]` reached `dst` (the same unless it was converted).
    Amounts of different currency codes must never be added. `channel` indexes `channels` (empty text: not given).
    """

    account_ids: pa.Array
    src: Int32
    dst: Int32
    amount_minor: Int64
    currency: Int32
    received_minor: Int64
    received_currency: Int32
    at_ms: Int64
    channel: Int32
    currencies: tuple[str, ...]
    channels: tuple[str, ...]
    _scan_ids: pa.Array = field(repr=False)
    _order: Int64 = field(repr=False)

    def __len__(self) -> int:
        return len(self.src)

    @property
    def n_accounts(self) -> int:
        return len(self.account_ids)

    def transfer_ids(self, rows: Sequence[int] | Int64) -> tuple[str, ...]:
        """Event ids of these rows, in the order given (text is made only for the rows asked for)."""
        return _texts(self._scan_ids, self._order[np.asarray(rows, dtype=np.int64)])

    def accounts(self, numbers: Sequence[int] | Int32 | Int64) -> tuple[str, ...]:
        """Account ids of these account numbers, in the order given."""
        return _texts(self.account_ids, np.asarray(numbers, dtype=np.int64))

    def number_of(self, account_ids: Iterable[str]) -> Int64:
        """Account numbers of these ids; -1 for an unknown one."""
        return _positions(pa.array(list(account_ids), pa.string()), self.account_ids)


def transfers(store: GraphStore) -> TransferTable:
    """All transfers that moved money, as arrays; kept for the store's current sequence or the open `picture`."""
    return kept(store, "transfers", partial(_project_transfers, store))


def accounts(store: GraphStore) -> pa.Table:
    """ACCOUNT_COLUMNS of all accounts; row number = account number."""
    return kept(store, "accounts", partial(_scan_accounts, store))


@contextmanager
def picture(store: GraphStore) -> Iterator[int]:
    """One picture of the store for a whole run: yields its sequence; inside, all algorithms share the same arrays.

    Findings written between the algorithms of a run raise the store's sequence without changing the facts, so the
    arrays stay as they are until the (outermost) picture ends; then they are let go.
    """
    shelf = _shelf(store)
    with shelf.lock:
        if not shelf.pins:
            shelf.renew(store.applied_seq())
        shelf.pins += 1
    try:
        yield shelf.seq
    finally:
        with shelf.lock:
            shelf.pins -= 1
            if not shelf.pins:
                shelf.kept.clear()


@dataclass(slots=True, eq=False)
class _Shelf:
    seq: int = -1
    pins: int = 0
    kept: dict[str, Any] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def renew(self, seq: int) -> None:
        if seq != self.seq:
            self.kept.clear()
            self.seq = seq


_shelves: WeakKeyDictionary[GraphStore, _Shelf] = WeakKeyDictionary()
_shelves_lock = threading.Lock()


def _shelf(store: GraphStore) -> _Shelf:
    with _shelves_lock:
        return _shelves.setdefault(store, _Shelf())


def kept(store: GraphStore, what: str, build: Callable[[], T]) -> T:
    """What `build` makes from the store, made once for its current sequence or the open `picture`; `what` names it."""
    shelf = _shelf(store)
    with shelf.lock:
        if not shelf.pins:
            shelf.renew(store.applied_seq())
        if what not in shelf.kept:
            shelf.kept[what] = build()
        value: T = shelf.kept[what]
        return value


def _scan_accounts(store: GraphStore) -> pa.Table:
    table = store.scan_nodes("Account", ACCOUNT_COLUMNS).combine_chunks()
    ids = table["id"]
    # Each store sorts text its own way; account numbers must not depend on that.
    in_order = pc.all(pc.less(ids[:-1], ids[1:])).as_py() if len(ids) > 1 else True
    return table if in_order else table.sort_by("id").combine_chunks()


def _project_transfers(store: GraphStore) -> TransferTable:
    scan = store.coded_edges if isinstance(store, CodedScans) else partial(scan_edges, store)
    edges = scan("TRANSFER", TRANSFER_COLUMNS, ("Account", "Account"))
    rows = edges.table
    status, names = _codes(rows["status"])
    unmoved = np.isin(status, [code for code, name in enumerate(names) if name in NOT_MOVED])
    if unmoved.any():
        rows = rows.filter(pa.array(~unmoved))
    # Accounts after transfers: rows that arrive in between then never name an account not seen.
    account_ids = one_array(accounts(store)["id"])
    number = account_numbers(edges.from_ids, account_ids)
    at_ms = _ints(rows["at_ms"])
    scan_ids = one_array(rows["id"])
    order = _time_order(at_ms, scan_ids)
    currency, currencies = _codes(rows["currency"])
    channel, channels = _codes(rows["channel"])
    src, dst = number[_ints(rows["from_pos"])[order]], number[_ints(rows["to_pos"])[order]]
    _known_ends(edges, rows, order, src, dst)
    received_currency, currencies = _received(rows["received_currency"], currency, currencies)
    amount = _ints(rows["amount_minor"])
    received = rows["received_minor"]
    received_minor = (
        amount if received.null_count == len(received) else _ints(pc.coalesce(received, rows["amount_minor"]))
    )
    return TransferTable(
        account_ids=account_ids,
        src=src,
        dst=dst,
        amount_minor=amount[order],
        currency=currency[order],
        received_minor=received_minor[order],
        received_currency=received_currency[order],
        at_ms=at_ms[order],
        channel=channel[order],
        currencies=currencies,
        channels=channels,
        _scan_ids=scan_ids,
        _order=order,
    )


def _known_ends(edges: Edges, rows: pa.Table, order: Int64, src: Int32, dst: Int32) -> None:
    """Raises BadInput `number_out_of_range` naming the first transfer whose payer or payee is no account of the store."""
    for end, numbers, column in (("payer", src, "from_pos"), ("payee", dst, "to_pos")):
        if not len(numbers) or int(numbers.min()) >= 0:
            continue
        row = int(order[int((numbers < 0).argmax())])
        unknown = edges.from_ids[rows[column][row].as_py()].as_py()
        raise BadInput(
            f"transfer {rows['id'][row].as_py()!r}: its {end} {unknown!r} is not in the data it was projected with, "
            "expected an account of the store: load the account, or start the run again if it has just been loaded",
            code="number_out_of_range",
        )


def scan_edges(store: GraphStore, type_name: str, columns: Sequence[str], pair: tuple[str, str]) -> Edges:
    """Relationships with integer ends, by the store's own fast way where it has one (plain tables in memory do not)."""
    if hasattr(store, "scan_edges"):
        found = store.scan_edges(type_name, columns, pair)
        return Edges(one_array(found.from_ids), one_array(found.to_ids), found.table)
    rows = store.scan_rels(type_name, columns, pair)
    starts, ends = one_array(rows["from_id"]), one_array(rows["to_id"])
    both = pair[0] == pair[1]
    from_ids = _sorted_unique(pa.concat_arrays([starts, ends]) if both else starts)
    to_ids = from_ids if both else _sorted_unique(ends)
    positions = {"from_pos": pa.array(_positions(starts, from_ids)), "to_pos": pa.array(_positions(ends, to_ids))}
    return Edges(from_ids, to_ids, pa.table({**positions, **{name: rows[name] for name in columns}}))


def _sorted_unique(texts: pa.Array) -> pa.Array:
    distinct = pc.unique(texts)
    return distinct.take(pc.sort_indices(distinct))


def account_numbers(some_ids: pa.Array, account_ids: pa.Array) -> Int32:
    """Account number of each of these ids."""
    if some_ids.equals(account_ids):
        return np.arange(len(account_ids), dtype=np.int32)
    return _positions(some_ids, account_ids).astype(np.int32)


def _time_order(at_ms: Int64, ids: pa.Array) -> Int64:
    """Row order by time, then by id; ids are compared only where times are equal."""
    order = np.argsort(at_ms, kind="stable").astype(np.int64)
    sorted_ms = at_ms[order]
    same = sorted_ms[1:] == sorted_ms[:-1]
    tied = np.flatnonzero(np.append(same, False) | np.insert(same, 0, False)) if len(order) else order
    if len(tied):
        rows = order[tied]
        part = pa.table({"at": at_ms[rows], "id": ids.take(pa.array(rows))})
        order[tied] = rows[pc.sort_indices(part, sort_keys=[("at", "ascending"), ("id", "ascending")]).to_numpy()]
    return order


def _codes(column: pa.ChunkedArray) -> tuple[Int32, tuple[str, ...]]:
    """Dictionary codes of a text column (null is the empty text), numbered in alphabetical order."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    encoded = one_array(column.unify_dictionaries())
    held = encoded.dictionary.to_pylist()
    used = np.zeros(len(held) + 1, dtype=np.bool_)
    codes = encoded.indices.fill_null(len(held)).to_numpy()
    used[codes] = True
    texts = [text if is_used else None for text, is_used in zip([*held, ""], used.tolist(), strict=True)]
    names = tuple(sorted({text for text in texts if text is not None}))
    numbers = np.array([-1 if text is None else names.index(text) for text in texts], dtype=np.int32)
    return numbers[codes], names


def _received(column: pa.ChunkedArray, sent: Int32, currencies: tuple[str, ...]) -> tuple[Int32, tuple[str, ...]]:
    """Codes of the credited currency; where none is given it is the debited one. New names go at the end."""
    if column.null_count == len(column):
        return sent, currencies
    codes, names = _codes(column)
    known = list(currencies) + sorted(set(names) - set(currencies) - {""})
    lookup = np.array([known.index(name) if name else -1 for name in names], dtype=np.int32)
    mapped = lookup[codes]
    return np.where(mapped < 0, sent, mapped).astype(np.int32), tuple(known)


def _positions(texts: pa.ChunkedArray | pa.Array, among: pa.Array) -> Int64:
    found = pc.index_in(texts, value_set=among)
    return _ints(pc.fill_null(found, -1)).astype(np.int64)


def _ints(column: pa.ChunkedArray | pa.Array) -> Int64:
    values: Int64 = column.to_numpy()
    return values


def one_array(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """A column in one piece."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _texts(column: pa.Array, rows: Int64) -> tuple[str, ...]:
    return tuple(column.take(pa.array(rows)).to_pylist())
