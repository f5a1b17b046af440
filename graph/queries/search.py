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
    """One node found: `name` is what to show, `matched` is the property the text was found in and `found` what it holds."""

    label: str
    id: str
    name: str
    matched: str
    found: str


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
        first, rest = _scan(store, label, needle, limit)
        begins += first
        parts += rest
        if len({(hit.label, hit.id) for hit in (*exact, *begins)}) >= limit:
            break  # what the other labels have would come after these
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
            for id, *values in _rows(store, label, "n.id = $needle", spelling, 1):
                yield Hit(label, id, (values[0] if values else None) or id, "id", id)


def _scan(store: GraphStore, label: str, needle: str, limit: int) -> tuple[list[Hit], list[Hit]]:
    """Nodes of which something searched begins with the text, and those of which something only contains it.

    One scan of the label finds all of a rare text; a frequent one stops it early, and so does a second scan, for
    beginnings, where the first has not seen enough of them. Letters without case (digits, Chinese) are compared as they are, which takes half the time.
    """
    names = ("id", *SEARCHED[label])
    small = needle.lower()
    caseless = small == needle.upper()
    side = "n.{}" if caseless else "toLower(n.{})"
    cap = max(PARTS, limit)

    def found(how: str, most: int) -> tuple[tuple[Any, ...], ...]:
        return _rows(store, label, " OR ".join(f"{side.format(name)} {how} $needle" for name in names), small, most)

    rows = found("CONTAINS", cap)
    starting = sum(any(str(value or "").lower().startswith(small) for value in row) for row in rows)
    if len(rows) == cap and starting < limit:
        rows = (*found("STARTS WITH", limit), *rows)
    begins: list[tuple[int, Hit]] = []
    parts: list[tuple[int, Hit]] = []
    for row in rows:
        texts = [str(value or "").lower() for value in row]
        at = next((place for place, text in enumerate(texts) if text.startswith(small)), None)
        first = at is not None
        if at is None:
            at = next((place for place, text in enumerate(texts) if small in text), 0)
        name = str((row[1] if len(row) > 1 else None) or row[0])
        hit = Hit(label, str(row[0]), name, names[at], str(row[at] or ""))
        (begins if first else parts).append((at, hit))
    return [hit for _, hit in sorted(begins, key=_place)], [hit for _, hit in sorted(parts, key=_place)]


def _place(found: tuple[int, Hit]) -> int:
    return found[0]


def _rows(store: GraphStore, label: str, where: str, needle: str, limit: int) -> tuple[tuple[Any, ...], ...]:
    """Id and every searched property of the label's nodes that fit."""
    shown = "".join(f", n.{name}" for name in SEARCHED[label])
    return store.query(
        f"MATCH (n:{label}) WHERE {where} RETURN n.id{shown} LIMIT {int(limit)}", {"needle": needle}
    ).rows
