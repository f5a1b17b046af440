"""Ground truth of AMLworld: the label of each transfer, and the laundering attempts of `*_Patterns.txt`.

The patterns file repeats the transactions of each attempt between two marks:

    BEGIN LAUNDERING ATTEMPT - FAN-OUT:  Max 16-degree Fan-Out
    2022/09/01 00:06,021174,800737690,012,80011F990,2848.96,Euro,2848.96,Euro,ACH,1
    END LAUNDERING ATTEMPT - FAN-OUT
"""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pyarrow as pa

from core.errors import FileRefused
from graph.model import RowSet
from loaders._base import LoadContext
from loaders._files import admit
from loaders._flow import Truth, truth_table

_BEGIN = re.compile(r"BEGIN LAUNDERING ATTEMPT\s*-\s*([A-Z][A-Z -]*[A-Z])", re.IGNORECASE)
_KEY = ("Timestamp", "From Bank", "Account", "To Bank", "Account.1", "Amount Paid", "Payment Currency")


def read_patterns(path: Path, context: LoadContext) -> pl.DataFrame:
    """Chain (`attempt-<n>`), typology (`fan_out`) and row key of each transaction in a patterns file, one row a key."""
    keys, chains, typologies = [], [], []
    number, typology = 0, ""
    with admit(path, context).stream() as lines:
        for raw in lines:
            line = raw.decode("utf-8", errors="strict").strip()
            if begin := _BEGIN.match(line):
                number, typology = number + 1, begin.group(1).strip().lower().replace("-", "_").replace(" ", "_")
            elif line.upper().startswith("END LAUNDERING ATTEMPT"):
                typology = ""
            elif typology and line:
                fields = line.split(",")
                if len(fields) != 11:
                    raise FileRefused(
                        f"{path.name}: attempt {number} has a line of {len(fields)} fields, 11 expected",
                        code="bad_pattern",
                    )
                keys.append(
                    "|".join(
                        [fields[0], _bare(fields[1]), fields[2], _bare(fields[3]), fields[4], fields[7], fields[8]]
                    )
                )
                chains.append(f"attempt-{number}")
                typologies.append(typology)
    frame = pl.DataFrame(
        {"key": keys, "chain": chains, "typology": typologies},
        schema={"key": pl.String, "chain": pl.String, "typology": pl.String},
    )
    return frame.unique("key", keep="first", maintain_order=True)


def transfer_truth(chains: pl.DataFrame | None) -> Truth:
    """Truth of each transfer: laundering or not, and its attempt and typology where the patterns name it."""

    def make(frame: pl.DataFrame, fact: RowSet) -> pa.Table:
        laundering = frame["Is Laundering"].str.strip_chars() == "1"
        named: dict[str, pl.Series] = {}
        if chains is not None:
            keys = frame.select(key=pl.concat_str([pl.col(name) for name in _KEY], separator="|"))
            joined = keys.join(chains, on="key", how="left", maintain_order="left")
            unlabelled = ~laundering
            named = {name: joined[name].set(unlabelled, None) for name in ("chain", "typology")}
        return truth_table(
            frame.height,
            entity_type="TRANSFER",
            entity_id=fact.table["id"],
            is_fraud=laundering,
            at_ms=fact.table["at_ms"],
            **named,
        )

    return make


def _bare(bank: str) -> str:
    return bank.strip().lstrip("0") or "0"
