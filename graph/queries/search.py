"""Finds nodes by any identifier or name: exact id first, then beginnings, then parts, in any letter case."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graph.port import GraphStore
from graph.queries._read import known_label
from graph.schema import NODES

#: Properties people search by, beside the id; the first one is the name shown.
SEARCHED: dict[str, tuple[str, ...]] = {
    "Account": ("name", "number"), "Person": ("name", "id_number"), "Phone": (), "Device": (), "IP": (),
    "Merchant": ("name",), "Organization": ("name",), "Wallet": (), "Handle": ("name",), "Domain": (),
    "Finding": ("title",),
}  # fmt: skip
#: What may stand before a colon, beside the labels themselves.
PREFIXES = {label.lower(): label for label in NODES} | {
    "acct": "Account", "card": "Account", "tel": "Phone", "mobile": "Phone", "org": "Organization",
    "bank": "Organization", "imei": "Device", "address": "Wallet", "社交": "Handle", "账户": "Account", "账号": "Account",
    "人员": "Person", "电话": "Phone", "手机": "Phone", "设备": "Device", "商户": "Merchant", "机构": "Organization",
    "钱包": "Wallet", "域名": "Domain", "线索": "Finding",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hit:
    """One node found: `name` is what to show, `matched` is the property the text was found in."""

    label: str
    id: str
    name: str
    matched: str


def search(store: GraphStore, text: str, *, labels: Sequence[str] = (), limit: int = 20) -> list[Hit]:
    """Up to `limit` nodes whose id, name or number is, begins with, or contains `text`, best first.

    `labels` narrows the search; so does a type before a colon: `phone:138`, `account:6222`, `电话:138`. An empty text
    finds nothing. Raises BadInput for an unknown label.
    """
    wanted, needle = _parse(text, tuple(known_label(label) for label in labels) or tuple(NODES))
    if not needle or limit < 1:
        return []
    hits: dict[tuple[str, str], Hit] = {}
    for ways in (_exact, _begins, _contains):
        for hit in ways(store, wanted, needle, limit):
            hits.setdefault((hit.label, hit.id), hit)
            if len(hits) >= limit:
                return list(hits.values())
    return list(hits.values())


def _parse(text: str, labels: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    clean = unicodedata.normalize("NFKC", text).strip()
    head, colon, rest = clean.partition(":")
    label = PREFIXES.get(head.strip().lower()) if colon else None
    if label is None or label not in labels:
        return labels, clean
    return (label,), rest.strip()


def _exact(store: GraphStore, labels: Sequence[str], needle: str, _limit: int) -> Iterator[Hit]:
    """By key, as typed and in the usual letter cases; the key index answers in a fraction of a millisecond."""
    spellings = list(dict.fromkeys((needle, needle.lower(), needle.upper())))
    for label in labels:
        for spelling in spellings:
            yield from _hits(store, label, "id", "n.id = $needle", spelling, 1)


def _begins(store: GraphStore, labels: Sequence[str], needle: str, limit: int) -> Iterator[Hit]:
    return _scan(store, labels, "STARTS WITH", needle, limit)


def _contains(store: GraphStore, labels: Sequence[str], needle: str, limit: int) -> Iterator[Hit]:
    return _scan(store, labels, "CONTAINS", needle, limit)


def _scan(store: GraphStore, labels: Sequence[str], test: str, needle: str, limit: int) -> Iterator[Hit]:
    for label in labels:
        for name in ("id", *SEARCHED[label]):
            yield from _hits(store, label, name, f"toLower(n.{name}) {test} $needle", needle.lower(), limit)


def _hits(store: GraphStore, label: str, matched: str, where: str, needle: str, limit: int) -> Iterator[Hit]:
    shown = f"coalesce(n.{SEARCHED[label][0]}, '')" if SEARCHED[label] else "''"
    text = f"MATCH (n:{label}) WHERE {where} RETURN n.id, {shown} AS shown LIMIT {int(limit)}"
    rows: tuple[tuple[Any, ...], ...] = store.query(text, {"needle": needle}).rows
    for id, name in rows:
        yield Hit(label, id, name or id, matched)
