"""The incremental state: what is known of every account, device and address, and the features of a transfer from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.money import EXPONENT
from scoring import kernel
from scoring.layout import (
    ACCOUNT,
    DEVICES,
    EVENT,
    FAR,
    KINDS,
    PAYEES,
    RING,
    USERS,
    WIDTH,
    Features,
    KernelParams,
    account_bytes,
)
from scoring.transfer import Transfer

#: Fen of one minor unit, for thresholds only; the transfer itself keeps its currency. Set with the rule set.
DEFAULT_RATES = {"CNY": 1.0}
_EVENT_WIDTH = 10


@dataclass(frozen=True, slots=True)
class Past:
    """Evidence: one earlier transfer still in a ring. Amount in fen of the reporting currency."""

    seq: int
    at_ms: int
    amount: int
    payer: str
    payee: str


class State:
    """Arrays that grow by doubling; every account takes `layout.account_bytes()` and its id. Not thread-safe: the caller locks."""

    def __init__(self, params: KernelParams | None = None, rates: Mapping[str, float] | None = None) -> None:
        self.params = params or KernelParams()
        self.rates = dict(rates or DEFAULT_RATES)
        self.accounts: dict[str, int] = {}
        self.names: list[str] = []
        self.things: dict[str, int] = {}
        self.regions: dict[str, int] = {"": 0}
        self.phones: dict[str, list[str]] = {}
        self.network_ready = True
        self.home_country = "CN"
        self.sequence = 0
        self._k = np.array(self.params, np.float64)
        self._f = np.zeros(WIDTH, np.float64)
        self._event = np.zeros(_EVENT_WIDTH, np.int64)
        self._filled: Transfer | None = None
        self._use(_empty(1024, 1024))

    def __len__(self) -> int:
        return len(self.names)

    @property
    def acc(self) -> np.recarray[Any, Any]:
        """The accounts' records, by index."""
        found: np.recarray[Any, Any] = self._arrays[0].view(np.recarray)
        return found

    def configure(self, params: KernelParams, rates: Mapping[str, float]) -> None:
        """Other thresholds for the counting; what was counted stays."""
        self.params, self.rates = params, dict(rates)
        self._k = np.array(params, np.float64)
        self._filled = None

    def account(self, name: str) -> int:
        """Index of an account, made when unknown."""
        found = self.accounts.get(name)
        if found is None:
            found = self.accounts[name] = len(self.names)
            self.names.append(name)
            if found >= len(self._arrays[0]):
                self._grow(len(self.names), 0)
            self._bad[found] = FAR
        return found

    def thing(self, name: str) -> int:
        """Index of a device (`d:`) or address (`i:`), made when unknown."""
        found = self.things.get(name)
        if found is None:
            found = self.things[name] = len(self.things)
            if found >= len(self._arrays[7]):
                self._grow(0, len(self.things))
        return found

    def region(self, name: str) -> int:
        """Number of a region's name, made when unknown; 0 for no name."""
        return self.regions.setdefault(name, len(self.regions))

    def amount_fen(self, transfer: Transfer) -> int:
        """The amount in fen of the reporting currency, for thresholds. An unknown rate counts one major unit as one yuan."""
        rate = self.rates.get(transfer.currency)
        if rate is None:
            rate = 10.0 ** (2 - EXPONENT[transfer.currency])
        return max(1, round(transfer.amount_minor * rate))

    def look(self, transfer: Transfer) -> Features:
        """Features of a transfer from the state before it; changes nothing but making unknown names known."""
        self._fill(transfer)
        kernel.features(*self._arrays, self._k, self._event, self._f)
        return Features(*self._f.tolist())

    def take(self, transfer: Transfer, moved: int) -> int:
        """Take a transfer into the state (ATTEMPT, SETTLED, SETTLED_LATER); returns the number by which evidence names it."""
        if transfer is not self._filled:  # as a rule it has just been looked at
            self._fill(transfer)
        seq = self.sequence
        self.sequence += 1
        kernel.update(*self._arrays, self._k, self._event, seq, moved)
        return seq

    def replay(
        self, events: np.ndarray[Any, Any], moved: np.ndarray[Any, Any], *, keep: bool = False
    ) -> np.ndarray[Any, Any]:
        """Take many encoded events in time order; the features matrix when `keep`, else no rows."""
        out = np.zeros((len(events) if keep else 0, WIDTH), np.float64)
        kernel.replay(*self._arrays, self._k, events, moved, self.sequence, out)
        self.sequence += len(events)
        return out

    def encode(self, transfer: Transfer) -> np.ndarray[Any, Any]:
        """The transfer as the kernel takes it."""
        self._fill(transfer)
        return self._event.copy()

    def past_out(self, name: str, at_ms: int, window_s: float) -> list[Past]:
        """The payer's transfers still known within the window before `at_ms`, newest first."""
        return self._past(name, 1, at_ms, window_s)

    def past_in(self, name: str, at_ms: int, window_s: float) -> list[Past]:
        """The account's receipts still known within the window before `at_ms`, newest first."""
        return self._past(name, 2, at_ms, window_s)

    def link(self, pairs: Iterable[tuple[str, str]], kind: str) -> None:
        """Devices (`d`) or addresses (`i`) known to belong to accounts: (account, device or address)."""
        listed = list(pairs)
        if listed:
            names, things = zip(*listed, strict=True)
            self.link_places(self.index_of(names), self.things_of(things, kind), kind)

    def link_places(self, accounts: np.ndarray[Any, Any], things: np.ndarray[Any, Any], kind: str) -> None:
        """The same by index, as `index_of` and `things_of` gave them."""
        known, field = (self._arrays[5], "devices_n") if kind == "d" else (self._arrays[6], "ips_n")
        kernel.link(known, self.acc[field], self._arrays[7], self._arrays[8], accounts, things)

    def describe(self, rows: Sequence[tuple[str, str, str]]) -> None:
        """What is known of accounts besides transfers: (id, kind, region)."""
        kinds = {kind: number for number, kind in enumerate(KINDS)}
        places = self.index_of(name for name, _, _ in rows)
        told = np.fromiter((kinds.get(kind, -1) for _, kind, _ in rows), np.int64, len(rows))
        regions = np.fromiter((self.region(region) for _, _, region in rows), np.int64, len(rows))
        self._arrays[0]["kind"][places[told >= 0]] = told[told >= 0]
        self._arrays[0]["region"][places[regions > 0]] = regions[regions > 0]

    def call(self, name: str, ended_ms: int, seconds: int) -> None:
        """A long call of the account's holder with an unknown number; the newest is kept."""
        index = self.account(name)
        if ended_ms > self._arrays[0]["call_ms"][index]:
            self._arrays[0]["call_ms"][index], self._arrays[0]["call_s"][index] = ended_ms, seconds

    def network(self, suspected: Mapping[str, Mapping[str, float]], bad: Iterable[str]) -> None:
        """Set what detection and lists say: scores by kind (`community`, `chain`, `risk`) and account; known-bad accounts.

        Distances are made anew from the transfers still in the rings.
        """
        for kind in ("community", "chain", "risk"):
            scores = suspected.get(kind, {})
            places = self.index_of(scores)  # before the column is taken: an unknown account may make the arrays grow
            column = self._arrays[0][kind]
            column[:] = 0
            column[places] = np.fromiter(scores.values(), np.float64, len(scores))
        places = self.index_of(bad)
        self._arrays[0]["is_bad"][:] = 0
        self._arrays[0]["is_bad"][places] = 1
        kernel.respread(self._arrays[0], self._arrays[1], self._arrays[2], len(self.names))

    @property
    def nbytes(self) -> int:
        """Memory of the arrays in bytes, without the dictionaries of ids."""
        return sum(int(array.nbytes) for array in self._arrays)

    @staticmethod
    def bytes_per_account() -> int:
        """Array memory of one account in bytes."""
        return account_bytes()

    def heard(self, transfer: Transfer) -> None:
        """A call that the bank reports with the transfer, when the other number is not known to the payer."""
        if transfer.call is not None and not transfer.call.known:
            self.call(transfer.payer, transfer.call.ended_ms, transfer.call.duration_s)

    def _use(self, arrays: list[Any]) -> None:
        self._arrays = arrays
        self._region, self._bad = arrays[0]["region"], arrays[0]["bad"]

    def _fill(self, transfer: Transfer) -> None:
        event = self._event
        payer = self.account(transfer.payer)
        event[0], event[1] = payer, self.account(transfer.payee)
        event[2], event[3] = self.amount_fen(transfer), transfer.at_ms
        event[4] = 1 if transfer.channel == "crypto" else 0
        event[5] = self.thing(f"d:{transfer.device}") if transfer.device else -1
        event[6] = self.thing(f"i:{transfer.ip}") if transfer.ip else -1
        home = int(self._region[payer])
        event[7] = 1 if transfer.region and home and self.region(transfer.region) != home else 0
        event[8] = self._crosses(transfer)
        event[9] = 1 if self.network_ready else 0
        self._filled = transfer

    def _crosses(self, transfer: Transfer) -> int:
        start = transfer.payer_country or self.home_country
        return int(bool(transfer.payee_country) and transfer.payee_country != start)

    def _past(self, name: str, ring: int, at_ms: int, window_s: float) -> list[Past]:
        index = self.accounts.get(name)
        if index is None:
            return []
        found = []
        since = at_ms - window_s * 1000
        for past_ms, amount, place, _flags, seq in self._arrays[ring][index].tolist():
            if 0 < past_ms <= at_ms and past_ms >= since:
                ends = (name, self.names[place]) if ring == 1 else (self.names[place], name)
                found.append(Past(seq, past_ms, amount, *ends))
        return sorted(found, key=lambda past: -past.at_ms)

    def _grow(self, accounts: int, things: int) -> None:
        old = self._arrays
        rows, used = len(old[0]), len(old[7])
        while rows < accounts:
            rows *= 2
        while used < things:
            used *= 2
        new = _empty(rows, used)
        for place, array in enumerate(old):
            if len(array) == len(new[place]):
                new[place] = array
            else:
                new[place][: len(array)] = array
        self._use(new)

    def reserve(self, accounts: int, things: int = 0) -> None:
        """Room for at least so many accounts and devices or addresses, so that loading does not copy again and again."""
        self._grow(max(accounts, len(self._arrays[0])), max(things, len(self._arrays[7])))

    def make_room(self) -> None:
        """Room for twice as many, taken now: growing copies every array, and later a transfer would wait for it.

        It is memory only once somebody comes to use it.
        """
        self.reserve(2 * len(self.names), 2 * len(self.things))

    def index_of(self, names: Iterable[str]) -> np.ndarray[Any, Any]:
        """Indexes of many accounts, made when unknown."""
        account = self.account
        return np.fromiter((account(name) for name in names), np.int64)

    def things_of(self, names: Iterable[str], kind: str) -> np.ndarray[Any, Any]:
        """Indexes of many devices (`d`) or addresses (`i`), made when unknown."""
        thing = self.thing
        return np.fromiter((thing(f"{kind}:{name}") for name in names), np.int64)


def _empty(accounts: int, things: int) -> list[Any]:
    acc = np.zeros(accounts, ACCOUNT)  # zeros take memory when they are first written to
    rings = [np.zeros((accounts, RING), EVENT) for _ in range(2)]
    return [
        acc, *rings, np.zeros((accounts, 24), np.uint16), np.zeros((accounts, PAYEES), np.int32),
        np.zeros((accounts, DEVICES), np.int32), np.zeros((accounts, DEVICES), np.int32),
        np.zeros((things, USERS), np.int32), np.zeros(things, np.int32),
    ]  # fmt: skip
