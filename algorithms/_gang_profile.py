"""A gang in figures that name nobody: hours, regions, ages, money by day, wordings, a guess at the kind of fraud."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from algorithms._gang_groups import Ground, Group
from algorithms._projection import kept
from algorithms._scripts import scripts
from algorithms.typology.classify import classify
from algorithms.typology.model import Evidence
from core.message import say
from graph.port import GraphStore

Ints = NDArray[np.int64]
AGES = ((0, 18, "under 18"), (18, 30, "18-29"), (30, 45, "30-44"), (45, 60, "45-59"), (60, 200, "60 and over"))
UNKNOWN = "unknown"
#: Messages of one gang that are compared at most.
MAX_MESSAGES = 2_000


def hours(at_ms: Ints, zone: str) -> list[list[int]]:
    """Events by weekday (row, Monday first) and hour (column) in a time zone."""
    table, place = [[0] * 24 for _ in range(7)], ZoneInfo(zone)
    for at in at_ms.tolist():
        moment = datetime.fromtimestamp(at / 1000, UTC).astimezone(place)
        table[moment.weekday()][moment.hour] += 1
    return table


def age_group(born: str | None, at_ms: int) -> str:
    """Age group at a time of a person born on an ISO date; `unknown` without a sound date."""
    try:
        day, now = date.fromisoformat((born or "")[:10]), datetime.fromtimestamp(at_ms / 1000, UTC).date()
    except ValueError:
        return UNKNOWN
    age = now.year - day.year - ((now.month, now.day) < (day.month, day.day))
    return next((name for low, high, name in AGES if low <= age < high), UNKNOWN)


def money_by_day(on: Ground, group: Group, currency: int, zone: str) -> list[dict[str, Any]]:
    """For each day: money that came from outside, that left, and what the gang then holds of it (minor units)."""
    table = on.here.money.table
    mine = np.zeros(table.n_accounts, np.bool_)
    mine[group.accounts] = True
    victim = np.zeros(table.n_accounts, np.bool_)
    victim[group.victims] = True
    came = victim[table.src] & mine[table.dst] & (table.currency == currency)
    # Only what leaves from the first taking on, and no more than came: members also have lives.
    left = mine[table.src] & ~mine[table.dst] & (table.currency == currency)
    left &= table.at_ms >= (table.at_ms[group.taken[0]] if len(group.taken) else 0)
    place, days = ZoneInfo(zone), dict[str, list[int]]()
    for rows, column in ((came, 0), (left, 1)):
        for at, amount in zip(table.at_ms[rows].tolist(), table.amount_minor[rows].tolist(), strict=True):
            day = datetime.fromtimestamp(at / 1000, UTC).astimezone(place).date().isoformat()
            days.setdefault(day, [0, 0])[column] += amount
    held, made = 0, []
    for day in sorted(days):
        into, out = days[day]
        out = min(out, held + into)
        held += into - out
        made.append({"day": day, "in_minor": into, "out_minor": out, "kept_minor": held})
    return made


@dataclass(frozen=True, slots=True, eq=False)
class Register:
    """What is known of accounts and holders, read once a run: account's region and owner, owner's birth date."""

    region: dict[str, str | None]
    owner: dict[str, str]
    born: dict[str, str | None]


def register(store: GraphStore) -> Register:
    """Regions, owners and birth dates, kept like `transfers`."""

    def build() -> Register:
        names, owns = store.scan_nodes("Account", ["id", "region"]), store.scan_rels("OWNS", [], ("Person", "Account"))
        people_ = store.scan_nodes("Person", ["id", "birth_date"])
        # Sorted, so that of several owners the same one stands on every store.
        held = sorted(zip(owns["to_id"].to_pylist(), owns["from_id"].to_pylist(), strict=True), reverse=True)
        return Register(_pairs(names, "region"), dict(held), _pairs(people_, "birth_date"))

    return kept(store, "gang register", build)


def _pairs(table: pa.Table, column: str) -> dict[str, str | None]:
    return dict(zip(table["id"].to_pylist(), table[column].to_pylist(), strict=True))


def people(store: GraphStore, on: Ground, group: Group) -> dict[str, Any]:
    """Regions of members and victims by account, and victims by age group (one count a person)."""
    table, known = on.here.money.table, register(store)
    members, victims = table.accounts(group.accounts), table.accounts(group.victims)
    paid_at = {int(table.src[row]): int(table.at_ms[row]) for row in group.taken[::-1].tolist()}
    ages: dict[str, int] = {}
    holders = dict[str, tuple[str | None, int]]()
    for number, name in zip(group.victims.tolist(), victims, strict=True):
        owner = known.owner.get(name, name)
        holders.setdefault(owner, (known.born.get(owner), paid_at.get(number, 0)))
    for told, at in holders.values():
        age = age_group(told, at)
        ages[age] = ages.get(age, 0) + 1
    return {
        "regions": {"members": _count(known.region.get(name) for name in members), "victims": _count(known.region.get(name) for name in victims)},
        "ages": {name: ages[name] for *_, name in (*AGES, (0, 0, UNKNOWN)) if name in ages},
    }  # fmt: skip


def talk(store: GraphStore, on: Ground, group: Group) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """Wordings of the gang's messages (no text is kept, only the id of an example) and a guess at the kind of fraud."""
    found = _messages(store, on, group)
    texts = [text for _, text in found]
    made = scripts(texts)
    told = [
        {
            "messages": len(item.messages),
            "similarity": item.similarity,
            "example_id": found[item.example][0],
            "words": list(item.words),
        }
        for item in made
    ]
    lead = "\n".join(texts[item.example] for item in made[:5]) or "\n".join(texts[:5])
    guess = classify(lead, _evidence(on, group)) if lead or len(group.taken) else None
    if guess is None or not guess.label:
        return told, None
    return told, {
        "label": "" if guess.abstained else guess.label, "hint": guess.label, "probability": round(guess.probability, 4),
        "reasons": [say("{text} ({weight:+.1f})", text=reason.says, weight=reason.weight) for reason in guess.reasons[:6]], "version": guess.version,
    }  # fmt: skip


def _messages(store: GraphStore, on: Ground, group: Group) -> list[tuple[str, str]]:
    """(id, text) of the messages of the gang's phones, by time; at most MAX_MESSAGES."""
    if not len(group.callers):
        return []
    rows = kept(store, "gang messages", lambda: store.scan_rels("TEXTED", ["id", "text", "at_ms"], ("Phone", "Phone")))
    rows = rows.filter(pc.is_in(rows["from_id"], value_set=pa.array(on.talk.phones(group.callers), pa.string())))
    rows = rows.sort_by([("at_ms", "ascending"), ("id", "ascending")]).slice(0, MAX_MESSAGES)
    return [(name, text or "") for name, text in zip(rows["id"].to_pylist(), rows["text"].to_pylist(), strict=True)]


def _evidence(on: Ground, group: Group) -> Evidence:
    """What the typical (median) victim lost, as the typology guess wants it."""
    table = on.here.money.table
    if not len(group.taken):
        return Evidence()
    victim, count = np.unique(table.src[group.taken], return_counts=True)
    typical = int(victim[np.argsort(count, kind="stable")[len(count) // 2]])
    rows = group.taken[table.src[group.taken] == typical]
    back = int(((table.dst == typical) & np.isin(table.src, group.accounts)).sum())
    coin = float(on.roles.figures.column("coin_share")[group.accounts].max()) > 0
    return Evidence(
        payments=len(rows), amounts_minor=tuple(table.amount_minor[rows].tolist()), currency=table.currencies[int(table.currency[rows[0]])],
        span_s=int(table.at_ms[rows[-1]] - table.at_ms[rows[0]]) // 1000, paybacks=back, coin=coin,
    )  # fmt: skip


def _count(names: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in names:
        found[name or UNKNOWN] = found.get(name or UNKNOWN, 0) + 1
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
