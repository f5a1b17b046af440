"""A small gang network, and text that tries to break each format."""

from __future__ import annotations

import io

from exports._base import Exporter, ExportMeta
from graph.model import Node, Rel, Subgraph

#: What /names and memos may hold: markup, formulas, control, direction and unpaired characters, rare Han, emoji.
HOSTILE = (
    "<script>window.pwned=1</script>",
    "</script><script>window.pwned=1</script>",
    "<!--<script>",
    '<img src=x onerror="window.pwned=1">',
    '"><svg onload=window.pwned=1>',
    'see href="javascript:window.pwned=1"',
    "{{ 7*7 }}{% raw %}",
    "]]>&amp;<![CDATA[",
    '=HYPERLINK("http://evil.example","x")',
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    " =1+1",
    "＝1+1",
    "'already quoted",
    "a\x00b\x07c\x1b[31m",
    "abc\u202egnp.exe",
    "zero\u200bwidth\ufeff",
    "line\u2028sep\x85nel",
    "lone \ud800 half",
    "\ufffe\uffff",
    'quote " comma , line\r\nend; tab\t',
    "王𠮷𰻝伟",
    "👨\u200d👩\u200d👧 family",
    "6222021234567890123",
    "00123",
    "1e+19",
)


def sample() -> Subgraph:
    """Victim, two mules, a phone and a finding; two parallel transfers; None, list, bool and float values."""
    nodes = (
        Node("Account", "A1", {"name": "王芳", "opening_balance_minor": 1200, "currency": "CNY", "is_blocked": False}),
        Node("Account", "A2", {"name": "Lee", "number": "6222021234567890123", "is_blocked": True}),
        Node("Account", "A3", {"region": None}),
        Node("Phone", "+8613800000000", {"carrier": "China Mobile"}),
        Node(
            "Finding",
            "F1",
            {"title": "Mule chain", "score": 0.9, "reasons": ["fast", "small cut"], "kind": "mule_chain"},
        ),
    )
    rels = (
        Rel(
            "TRANSFER",
            "t1",
            ("Account", "A1"),
            ("Account", "A2"),
            {"amount_minor": 1234500, "currency": "CNY", "at_ms": 1_700_000_000_000},
        ),
        Rel(
            "TRANSFER",
            "t2",
            ("Account", "A1"),
            ("Account", "A2"),
            {"amount_minor": 100, "currency": "CNY", "at_ms": 1_700_000_060_000},
        ),
        Rel(
            "TRANSFER",
            "t3",
            ("Account", "A2"),
            ("Account", "A3"),
            {"amount_minor": 10**17, "currency": "JPY", "at_ms": 1_700_000_120_000, "memo": None},
        ),
        Rel("REGISTERED_WITH", "r1", ("Account", "A2"), ("Phone", "+8613800000000"), {}),
        Rel("INVOLVES", "i1", ("Finding", "F1"), ("Account", "A2"), {"role": "mule", "layer": 1, "score": 0.5}),
    )
    return Subgraph(nodes, rels, ("showing 5 of 4,819 neighbours of A1",))


def hostile(text: str) -> Subgraph:
    """A graph with `text` in every place that a source may fill."""
    nodes = (Node("Account", text, {"name": text, "list": [text, None]}), Node("Person", "x" + text, {"name": text}))
    rels = (Rel("TRANSFER", text, nodes[0].key, nodes[1].key, {"memo": text, "amount_minor": 5, "currency": text}),)
    return Subgraph(nodes, rels, (text,))


def meta(title: str = "Ring 7", author: str = "chen", **more: object) -> ExportMeta:
    return ExportMeta(title, author, 1_764_000_000_000, 12, **more)  # type: ignore[arg-type]


def written(exporter: Exporter, subgraph: Subgraph, about: ExportMeta | None = None) -> bytes:
    out = io.BytesIO()
    exporter.write(subgraph, about or meta(), out)
    return out.getvalue()
