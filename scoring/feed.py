"""Rows of the ledger as what the state takes in: transfers in time order, devices, addresses, calls, accounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from core.money import EXPONENT
from graph.model import RowSet
from scoring.layout import ATTEMPT, SETTLED
from scoring.state import State

#: A call at least this long from a number never spoken with before is remembered.
LONG_CALL_S = 300
_TRANSFER = ["from_id", "to_id", "id", "amount_minor", "currency", "at_ms", "channel", "status"]
_WANTED: dict[tuple[str, str, str], list[str]] = {
    ("Account", "", ""): ["id", "kind", "region"],
    ("TRANSFER", "Account", "Account"): _TRANSFER,
    ("EXCHANGED", "Account", "Wallet"): ["from_id", "to_id", "id", "amount_minor", "currency", "at_ms"],
    ("EXCHANGED", "Wallet", "Account"): ["from_id", "to_id", "id", "amount_minor", "currency", "at_ms"],
    ("USED_DEVICE", "Account", "Device"): ["from_id", "to_id"],
    ("CONNECTED_FROM", "Account", "IP"): ["from_id", "to_id"],
    ("REGISTERED_WITH", "Account", "Phone"): ["from_id", "to_id"],
    ("CALLED", "Phone", "Phone"): ["from_id", "to_id", "at_ms", "duration_s"],
    ("Finding", "", ""): ["id"],
}


Frames = dict[tuple[str, str, str], pl.DataFrame]


@dataclass
class Fed:
    """Rows ready to be taken in. `ids` are the transfers' ids in the order of `events`; `findings` says that detection wrote."""

    events: np.ndarray[Any, Any]
    moved: np.ndarray[Any, Any]
    ids: list[str]
    findings: bool = False


def gather(rowsets: Iterable[RowSet]) -> Frames:
    """The columns wanted here, by type and ends."""
    parts: dict[tuple[str, str, str], list[pl.DataFrame]] = defaultdict(list)
    for rows in rowsets:
        key = (rows.type_name, rows.from_label, rows.to_label)
        if key in _WANTED and len(rows):
            frame = pl.from_arrow(rows.table.select(_WANTED[key]))
            assert isinstance(frame, pl.DataFrame)
            parts[key].append(frame)
    return {key: pl.concat(frames) for key, frames in parts.items()}


def feed(state: State, rowsets: Iterable[RowSet]) -> Fed:
    """Names, devices, addresses and calls go into the state at once; transfers come back for `State.replay`.

    The caller holds the lock on the state.
    """
    return feed_gathered(state, gather(rowsets))


def feed_gathered(state: State, frames: Frames) -> Fed:
    """The same from rows gathered before: reading files is most of it and needs no lock."""
    _accounts(state, frames)
    moves = _moves(frames)
    _things(state, frames, ("USED_DEVICE", "Account", "Device"), "d")
    _things(state, frames, ("CONNECTED_FROM", "Account", "IP"), "i")
    _calls(state, frames)
    return Fed(*_events(state, moves), findings=("Finding", "", "") in frames)


def _accounts(state: State, frames: Frames) -> None:
    found = frames.get(("Account", "", ""))
    if found is None:
        return
    state.reserve(len(state) + found.height)
    filled = found.with_columns(pl.col("kind").fill_null(""), pl.col("region").fill_null(""))
    state.describe(filled.rows())


def _moves(frames: Frames) -> pl.DataFrame:
    """Transfers and exchanges as one frame in time order; a wallet is named `wallet:<id>`."""
    parts = []
    found = frames.get(("TRANSFER", "Account", "Account"))
    if found is not None:
        parts.append(
            found.with_columns(
                crypto=(pl.col("channel") == "crypto").fill_null(False).cast(pl.Int64),
                moved=pl.when(pl.col("status").is_in(["refused", "reversed"])).then(ATTEMPT).otherwise(SETTLED),
            )
        )
    for ends, column in ((("Account", "Wallet"), "to_id"), (("Wallet", "Account"), "from_id")):
        found = frames.get(("EXCHANGED", *ends))
        if found is not None:
            wallet = pl.lit("wallet:") + pl.col(column)
            parts.append(found.with_columns(wallet.alias(column), crypto=pl.lit(1), moved=pl.lit(SETTLED)))
    if not parts:
        return pl.DataFrame(schema=dict.fromkeys(("from_id", "to_id", "id", "currency"), pl.String) | dict.fromkeys(("amount_minor", "at_ms", "crypto", "moved"), pl.Int64))  # fmt: skip
    names = ["from_id", "to_id", "id", "amount_minor", "currency", "at_ms", "crypto", "moved"]
    casted = [part.select(names).with_columns(pl.col("crypto", "moved").cast(pl.Int64)) for part in parts]
    return pl.concat(casted).filter(pl.col("from_id") != pl.col("to_id")).sort("at_ms", maintain_order=True)


def _events(state: State, moves: pl.DataFrame) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], list[str]]:
    names = pl.concat([moves["from_id"], moves["to_id"]]).unique()
    state.reserve(len(state) + sum(name not in state.accounts for name in names))
    places = pl.DataFrame({"name": names, "place": state.index_of(names.to_list())})
    rates = {code: state.rates.get(code, 10.0 ** (2 - exponent)) for code, exponent in EXPONENT.items()}
    rate = pl.col("currency").replace_strict(rates, default=1.0, return_dtype=pl.Float64)
    whole = (
        moves.with_columns(fen=(pl.col("amount_minor") * rate).round().cast(pl.Int64).clip(1))
        .join(places.rename({"name": "from_id", "place": "payer"}), on="from_id", how="left", maintain_order="left")
        .join(places.rename({"name": "to_id", "place": "payee"}), on="to_id", how="left", maintain_order="left")
    )
    events = np.zeros((whole.height, 10), np.int64)
    for column, name in enumerate(("payer", "payee", "fen", "at_ms", "crypto")):
        events[:, column] = whole[name].to_numpy()
    events[:, 5] = events[:, 6] = -1
    events[:, 9] = 1
    return events, whole["moved"].to_numpy().astype(np.int64), whole["id"].to_list()


def _things(state: State, frames: Frames, key: tuple[str, str, str], kind: str) -> None:
    found = frames.get(key)
    if found is not None:
        accounts, things = (found[name].to_arrow().dictionary_encode() for name in ("from_id", "to_id"))
        state.reserve(0, len(state.things) + len(things.dictionary))
        state.link_places(
            state.index_of(accounts.dictionary.to_pylist())[accounts.indices.to_numpy()],
            state.things_of(things.dictionary.to_pylist(), kind)[things.indices.to_numpy()],
            kind,
        )


def _calls(state: State, frames: Frames) -> None:
    """Long calls between numbers that had not spoken before, credited to the accounts of both phones."""
    calls, phones = frames.get(("CALLED", "Phone", "Phone")), frames.get(("REGISTERED_WITH", "Account", "Phone"))
    if phones is not None:
        for account, phone in phones.rows():
            state.phones.setdefault(phone, []).append(account)
    if calls is None or not state.phones:
        return
    low, high = pl.min_horizontal("from_id", "to_id"), pl.max_horizontal("from_id", "to_id")
    first = calls.sort("at_ms").with_columns(a=low, b=high).unique(["a", "b"], keep="first", maintain_order=True)
    for caller, called, at_ms, seconds in first.filter(pl.col("duration_s") >= LONG_CALL_S).select(
        "from_id", "to_id", "at_ms", "duration_s"
    ).rows():  # fmt: skip
        for phone in (caller, called):
            for account in state.phones.get(phone, ()):
                state.call(account, at_ms + seconds * 1000, seconds)
