"""Small data made by hand: a chain of three mules beside honest life, and a pair of files in AMLworld's format."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from algorithms._base import Found, Member
from evaluation.shelf import Shelf
from evaluation.truth import Truth
from graph.intake import TRUTH_SCHEMA
from graph.model import RowSet, conform

START = 1_735_660_800_000
HOUR = 3_600_000


def rows(type_name, items, pair=("", "")):
    names = list(items[0])
    return RowSet(type_name, conform(type_name, pa.table({n: [i.get(n) for i in items] for n in names})), *pair)


def transfer(id, payer, payee, amount, hours, currency="CNY"):
    return {"id": id, "from_id": payer, "to_id": payee, "amount_minor": amount, "currency": currency,
            "at_ms": START + int(hours * HOUR), "status": "settled", "channel": "transfer"}  # fmt: skip


#: victim -> m1 -> m2 -> out: stolen twice; honest people pay each other beside it.
TRANSFERS = [
    transfer("T1", "v1", "m1", 10_000, 1), transfer("T2", "m1", "m2", 9_900, 2), transfer("T3", "m2", "out", 9_800, 3),
    transfer("T4", "v2", "m1", 30_000, 50), transfer("T5", "h1", "h2", 10_000, 4), transfer("T6", "h2", "h1", 10_000, 60),
]  # fmt: skip
ACCOUNTS = ["v1", "v2", "m1", "m2", "out", "h1", "h2"]


def shelf(extra=(), accounts=ACCOUNTS, transfers=TRANSFERS):
    nodes = rows(
        "Account", [{"id": id, "kind": "bank", "status": "frozen", "opened_at_ms": START - HOUR} for id in accounts]
    )
    return Shelf([nodes, rows("TRANSFER", transfers, ("Account", "Account")), *extra])


def truth(*items):
    """Rows of (entity_type, entity_id, gang, role, chain, typology, is_fraud)."""
    columns = ["entity_type", "entity_id", "gang", "role", "chain", "typology", "is_fraud"]
    table = pa.table({name: [item[place] for item in items] for place, name in enumerate(columns)})
    full = {
        n: table[n] if n in columns else pa.nulls(len(items), TRUTH_SCHEMA.field(n).type) for n in TRUTH_SCHEMA.names
    }
    return Truth(pa.table(full).cast(TRUTH_SCHEMA))


GANG = truth(
    ("Account", "v1", "G1", "victim", "K1", "loan", False), ("Account", "v2", "G1", "victim", "K2", "loan", False),
    ("Account", "m1", "G1", "mule", "K1", "loan", True), ("Account", "m2", "G1", "mule", "K1", "loan", True),
    ("Account", "out", "G1", "cash_out", "K1", "loan", True),
    ("Account", "h1", None, "honest", None, None, False), ("Account", "h2", None, "honest", None, None, False),
    ("TRANSFER", "T1", "G1", "victim_payment", "K1", "loan", True), ("TRANSFER", "T2", "G1", "layering", "K1", "loan", True),
    ("TRANSFER", "T3", "G1", "collecting", "K1", "loan", True), ("TRANSFER", "T4", "G1", "victim_payment", "K2", "loan", True),
)  # fmt: skip


def found(score, members=(), evidence=(), **more):
    """A finding; members as (id, role) or (id, role, own score)."""
    made = tuple(Member("Account", m[0], m[1], score=m[2] if len(m) > 2 else None) for m in members)
    return Found("made", score, made, evidence_ids=tuple(evidence), **more)


def write_amlworld_pair(folder: Path, seed: int = 5, honest: int = 400, attempts: int = 6) -> None:
    """`HI-Small_Trans.csv` and `HI-Small_Patterns.txt` as published (Altman et al. 2023): fan-outs and cycles among daily life."""
    import random

    draw = random.Random(seed)
    lines, patterns = [], []

    def line(minute, payer, payee, cents, label):
        when = datetime.fromtimestamp(1_661_990_400 + minute * 60, UTC).strftime("%Y/%m/%d %H:%M")
        amount = f"{cents / 100:.2f}"
        return f"{when},{payer[0]},{payer[1]},{payee[0]},{payee[1]},{amount},US Dollar,{amount},US Dollar,ACH,{label}"

    people = [(f"{n % 5:03d}", f"80{n:07X}") for n in range(120)]
    for _ in range(honest):
        payer, payee = draw.sample(people, 2)
        lines.append(line(draw.randrange(14 * 1440), payer, payee, draw.randrange(100, 500_000), 0))
    for attempt in range(attempts):
        kind = "FAN-OUT" if attempt % 2 else "CYCLE"
        ring = [(f"{n:03d}", f"F{attempt:02d}{n:06X}") for n in range(6)]
        minute, rows_of = draw.randrange(10 * 1440), []
        ends = (
            list(zip(ring, ring[1:] + ring[:1], strict=True))
            if kind == "CYCLE"
            else [(ring[0], other) for other in ring[1:]]
        )
        for step, (payer, payee) in enumerate(ends):
            rows_of.append(line(minute + step * 20, payer, payee, 900_000 - step * 1_000, 1))
        lines += rows_of
        patterns += [
            f"BEGIN LAUNDERING ATTEMPT - {kind}:  Max {len(ring)} hops",
            *rows_of,
            f"END LAUNDERING ATTEMPT - {kind}",
            "",
        ]
    draw.shuffle(lines)
    header = "Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,Amount Paid,Payment Currency,Payment Format,Is Laundering"
    (folder / "HI-Small_Trans.csv").write_text("\n".join([header, *lines]) + "\n")
    (folder / "HI-Small_Patterns.txt").write_text("\n".join(patterns) + "\n")


PAYSIM = "step,type,amount,nameOrig,oldbalanceOrg,newbalanceOrig,nameDest,oldbalanceDest,newbalanceDest,isFraud,isFlaggedFraud"


def write_paysim(path: Path) -> None:
    """Transfers emptied out to a mule and drawn as cash, among payments."""
    lines = [PAYSIM]
    for number in range(60):
        lines.append(f"{number % 24},PAYMENT,{50 + number}.00,C{number},0,0,M{number % 7},0,0,0,0")
    for number in range(3):
        lines.append(f"{5 + number},TRANSFER,90000.00,C9{number},0,0,C99{number},0,0,1,0")
        lines.append(f"{5 + number},CASH_OUT,90000.00,C99{number},0,0,C98{number},0,0,1,0")
    path.write_text("\n".join(lines) + "\n")
