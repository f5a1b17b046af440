"""Projection of contacts: calls and texts between phones as integer arrays, and which accounts answer to which phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from algorithms._projection import Int32, Int64, account_numbers, accounts, kept, one_array, scan_edges
from graph.port import Edges, GraphStore

Bools = npt.NDArray[np.bool_]
_PHONES = ("Phone", "Phone")


@dataclass(frozen=True, slots=True, eq=False)
class Contacts:
    """Calls and texts, one row each, in order of time (ties by kind, then id). Phones are numbered by their ids.

    `length_s` is a call's length, 0 for a text or where it is not known. Calls to oneself are left out.
    """

    phone_ids: pa.Array
    src: Int32
    dst: Int32
    at_ms: Int64
    length_s: Int64
    is_call: Bools
    event_ids: pa.Array

    def __len__(self) -> int:
        return len(self.src)

    @property
    def n_phones(self) -> int:
        return len(self.phone_ids)

    def phones(self, numbers: Sequence[int] | Int64 | Int32) -> tuple[str, ...]:
        """Phone ids of these phone numbers (places), in the order given."""
        return tuple(self.phone_ids.take(pa.array(np.asarray(numbers, np.int64))).to_pylist())

    def events(self, rows: Sequence[int] | Int64) -> tuple[str, ...]:
        """Event ids of these rows, in the order given."""
        return tuple(self.event_ids.take(pa.array(np.asarray(rows, np.int64))).to_pylist())

    def number_of(self, phone_ids: pa.Array) -> Int64:
        """Numbers of these phone ids; -1 for a phone that nobody called or texted."""
        found: Int64 = pc.fill_null(pc.index_in(phone_ids, value_set=self.phone_ids), -1).to_numpy().astype(np.int64)
        return found


def contacts(store: GraphStore) -> Contacts:
    """All calls and texts, kept like `transfers`. Cost is linear in them."""
    return kept(store, "contacts", partial(_project, store))


def _project(store: GraphStore) -> Contacts:
    called = scan_edges(store, "CALLED", ("id", "at_ms", "duration_s"), _PHONES)
    texted = scan_edges(store, "TEXTED", ("id", "at_ms"), _PHONES)
    # Only phones that called or were called: a store may also number the others.
    every = pa.concat_arrays([_used(edges) for edges in (called, texted)])
    distinct = pc.unique(every)
    phone_ids = distinct.take(pc.sort_indices(distinct))
    parts: list[dict[str, Any]] = []
    for edges, is_call in ((called, True), (texted, False)):
        place = pc.index_in(edges.from_ids, value_set=phone_ids).to_numpy(zero_copy_only=False)
        rows = edges.table
        length = rows["duration_s"].fill_null(0).to_numpy() if is_call else np.zeros(len(rows), np.int64)
        parts.append({
            "src": place[rows["from_pos"].to_numpy()], "dst": place[rows["to_pos"].to_numpy()],
            "at": rows["at_ms"].to_numpy(), "length": length, "call": np.full(len(rows), is_call), "id": rows["id"],
        })  # fmt: skip
    ids = pa.concat_arrays([part["id"].combine_chunks() for part in parts])
    src, dst, at, length, call = (
        np.concatenate([part[name] for part in parts]) for name in ("src", "dst", "at", "length", "call")
    )
    table = pa.table({"at": at, "text": ~call, "id": ids})
    order = pc.sort_indices(table, sort_keys=[(name, "ascending") for name in ("at", "text", "id")]).to_numpy()
    order = order[src[order] != dst[order]]
    return Contacts(
        phone_ids, src[order].astype(np.int32), dst[order].astype(np.int32), at[order].astype(np.int64),
        length[order].astype(np.int64), call[order].astype(np.bool_), ids.take(pa.array(order)),
    )  # fmt: skip


def _used(edges: Edges) -> pa.Array:
    rows = edges.table
    places = np.unique(np.concatenate([rows["from_pos"].to_numpy(), rows["to_pos"].to_numpy()]))
    return edges.from_ids.take(pa.array(places))


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Which accounts answer to which phone: pairs (phone, account), each once, sorted by phone, then account.

    An account answers to the phone it is registered with and to every phone of its owner. `phone_ids` are all of them.
    """

    phone_ids: pa.Array
    phone: Int64
    account: Int64


def lines(store: GraphStore) -> Lines:
    """Accounts of every phone; kept like `transfers`."""
    return kept(store, "lines", partial(_project_lines, store))


def _project_lines(store: GraphStore) -> Lines:
    ids = accounts(store)["id"].combine_chunks()
    known = scan_edges(store, "REGISTERED_WITH", (), ("Account", "Phone"))
    number, place = account_numbers(known.from_ids, ids), known.table["from_pos"].to_numpy()
    found = [(known.to_ids.take(known.table["to_pos"]), number[place].astype(np.int64))]
    for owner in ("Person", "Organization", "Merchant"):
        phones = scan_edges(store, "OWNS", (), (owner, "Phone"))
        held = scan_edges(store, "OWNS", (), (owner, "Account"))
        left = pa.table(
            {
                "owner": phones.from_ids.take(phones.table["from_pos"]),
                "phone": phones.to_ids.take(phones.table["to_pos"]),
            }
        )
        right = pa.table({
            "owner": held.from_ids.take(held.table["from_pos"]),
            "account": pa.array(account_numbers(held.to_ids, ids)[held.table["to_pos"].to_numpy()].astype(np.int64)),
        })  # fmt: skip
        both = left.join(right, "owner", join_type="inner")
        found.append((both["phone"].combine_chunks(), both["account"].to_numpy()))
    names = pa.concat_arrays([one_array(phones) for phones, _ in found])
    distinct = pc.unique(names)
    phone_ids = distinct.take(pc.sort_indices(distinct))
    phone = pc.index_in(names, value_set=phone_ids).to_numpy(zero_copy_only=False).astype(np.int64)
    account = np.concatenate([numbers for _, numbers in found])
    # A tie read after the accounts may name one that came in between: it belongs to the next picture.
    phone, account = phone[account >= 0], account[account >= 0]
    pairs = np.unique(np.stack([phone, account], axis=1), axis=0) if len(phone) else np.zeros((0, 2), np.int64)
    return Lines(phone_ids, pairs[:, 0], pairs[:, 1])
