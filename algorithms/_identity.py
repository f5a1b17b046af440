"""Projection of shared identity: which accounts share a phone, device, address or owner, as integer arrays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa

from algorithms._projection import Int32, account_numbers, accounts, kept, scan_edges
from graph.port import GraphStore

#: Relationships that tie an account to something of a person: (type, (from label, to label)).
IDENTITY_RELS = (
    ("REGISTERED_WITH", ("Account", "Phone")),
    ("USED_DEVICE", ("Account", "Device")),
    ("CONNECTED_FROM", ("Account", "IP")),
    ("OWNS", ("Person", "Account")),
    ("OWNS", ("Organization", "Account")),
    ("OWNS", ("Merchant", "Account")),
)


@dataclass(frozen=True, slots=True, eq=False)
class IdentityTable:
    """Accounts tied to phones, devices, addresses and owners: unique pairs sorted by (identifier, account).

    `account` holds account numbers as in TransferTable. `identifier` indexes `identifier_ids` and `identifier_kind`,
    which indexes `kinds` (labels). `degree[i]` is the number of accounts tied to identifier i.
    """

    account: Int32
    identifier: Int32
    identifier_ids: pa.Array
    identifier_kind: Int32
    degree: Int32
    kinds: tuple[str, ...]


def identities(store: GraphStore) -> IdentityTable:
    """All ties of accounts to identifiers, as arrays; kept like `transfers`."""
    return kept(store, "identities", partial(_project_identities, store))


def _project_identities(store: GraphStore) -> IdentityTable:
    kinds = tuple(dict.fromkeys(_other(pair) for _, pair in IDENTITY_RELS))
    with ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda rel: scan_edges(store, rel[0], (), rel[1]), IDENTITY_RELS)
        scans = [(pair, edges) for (_, pair), edges in zip(IDENTITY_RELS, found, strict=True)]
    account_ids = accounts(store)["id"].combine_chunks()
    ids, kind_of, pairs, offset = [], [], [], 0
    for pair, edges in scans:
        ends = [(edges.from_ids, edges.table["from_pos"].to_numpy()), (edges.to_ids, edges.table["to_pos"].to_numpy())]
        (names, place), (texts, named) = ends if pair[0] == "Account" else ends[::-1]
        account = account_numbers(names, account_ids)[place]
        # A tie read after the accounts may name one that came in between: it belongs to the next picture.
        named, account = named[account >= 0], account[account >= 0]
        is_used = np.bincount(named, minlength=len(texts)) > 0
        used, number = np.flatnonzero(is_used), (np.cumsum(is_used) - 1)[named]
        pairs.append((number.astype(np.int64) + offset) * (1 << 32) + account)
        ids.append(texts.take(pa.array(used)))
        kind_of.append(np.full(len(used), kinds.index(_other(pair)), dtype=np.int32))
        offset += len(used)
    ordered = np.sort(np.concatenate(pairs))
    unique = ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered
    identifier = (unique >> 32).astype(np.int32)
    return IdentityTable(
        account=(unique & 0xFFFFFFFF).astype(np.int32),
        identifier=identifier,
        identifier_ids=pa.concat_arrays(ids),
        identifier_kind=np.concatenate(kind_of),
        degree=np.bincount(identifier, minlength=offset).astype(np.int32),
        kinds=kinds,
    )


def _other(pair: tuple[str, str]) -> str:
    return pair[1] if pair[0] == "Account" else pair[0]
