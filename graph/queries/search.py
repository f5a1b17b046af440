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

#: An id found as typed ends the search when the text is at least this long: nobody means a part of something else.
WHOLE = 8
#: Rows read of one property before a text counts as frequent.
PARTS = 200


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
    exact = list(_exact(store, wanted, needle))
    if exact and len(needle) >= WHOLE:
        return exact[:limit]
    begins, parts = [], []
    for label in wanted:
        for name in ("id", *SEARCHED[label]):
            first, rest = _scan(store, label, name, needle.lower(), limit)
            begins += first
            parts += rest
    hits: dict[tuple[str, str], Hit] = {}
    for hit in (*exact, *begins, *parts):
        hits.setdefault((hit.label, hit.id), hit)
    return list(hits.values())[:limit]


def _parse(text: str, labels: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    clean = unicodedata.normalize("NFKC", text).strip()
    head, colon, rest = clean.partition(":")
    label = PREFIXES.get(head.strip().lower()) if colon else None
    if label is None or label not in labels:
        return labels, clean
    return (label,), rest.strip()


def _exact(store: GraphStore, labels: Sequence[str], needle: str) -> Iterator[Hit]:
    """By key, as typed and in the usual letter cases; the key index answers in a fraction of a millisecond."""
    spellings = list(dict.fromkeys((needle, needle.lower(), needle.upper())))
    for label in labels:
        for spelling in spellings:
            for id, name, _ in _rows(store, label, "id", "n.id = $needle", spelling, 1):
                yield Hit(label, id, name or id, "id")


def _scan(store: GraphStore, label: str, name: str, needle: str, limit: int) -> tuple[list[Hit], list[Hit]]:
    """Nodes whose property begins with the text, and those that only contain it.

    One scan finds all of a rare text; a frequent one stops it early, and so does the second scan for beginnings.
    """
    cap = max(PARTS, limit)
    rows = _rows(store, label, name, f"toLower(n.{name}) CONTAINS $needle", needle, cap)
    if len(rows) == cap:
        rows = (*_rows(store, label, name, f"toLower(n.{name}) STARTS WITH $needle", needle, limit), *rows)
    hits = [(str(value).lower().startswith(needle), Hit(label, id, shown or id, name)) for id, shown, value in rows]
    return [hit for first, hit in hits if first], [hit for first, hit in hits if not first]


def _rows(store: GraphStore, label: str, name: str, where: str, needle: str, limit: int) -> tuple[tuple[Any, ...], ...]:
    shown = f"coalesce(n.{SEARCHED[label][0]}, '')" if SEARCHED[label] else "''"
    text = f"MATCH (n:{label}) WHERE {where} RETURN n.id, {shown} AS shown, n.{name} AS value LIMIT {int(limit)}"
    return store.query(text, {"needle": needle}).rows
