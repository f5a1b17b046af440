"""A gang in figures that name nobody: hours, regions, ages, money by day, wordings, a guess at the kind of fraud."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from algorithms._gang_groups import Ground, Group
from algorithms._scripts import scripts
from algorithms.typology.classify import classify
from algorithms.typology.model import Evidence
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


def people(store: GraphStore, on: Ground, group: Group) -> dict[str, Any]:
    """Regions of members and victims by account, and victims by age group (one count a person)."""
    table = on.here.money.table
    names = store.scan_nodes("Account", ["id", "region"])
    region = dict(zip(names["id"].to_pylist(), names["region"].to_pylist(), strict=True))
    members, victims = table.accounts(group.accounts), table.accounts(group.victims)
    first = {int(row): int(table.at_ms[row]) for row in group.taken.tolist()}
    paid_at = {int(table.src[row]): at for row, at in sorted(first.items(), reverse=True)}
    by_account = {
        name: paid_at.get(int(number), 0) for number, name in zip(group.victims.tolist(), victims, strict=True)
    }
    owns = store.scan_rels("OWNS", [], ("Person", "Account"))
    owns = owns.filter(pc.is_in(owns["to_id"], value_set=_texts(victims)))
    owner = dict(zip(owns["to_id"].to_pylist(), owns["from_id"].to_pylist(), strict=True))
    born = store.scan_nodes("Person", ["id", "birth_date"])
    born = born.filter(pc.is_in(born["id"], value_set=_texts(tuple(owner.values()))))
    birth = dict(zip(born["id"].to_pylist(), born["birth_date"].to_pylist(), strict=True))
    ages: dict[str, int] = {}
    holders = {owner.get(name, name): (birth.get(owner.get(name, "")), at) for name, at in by_account.items()}
    for told, at in holders.values():
        name = age_group(told, at)
        ages[name] = ages.get(name, 0) + 1
    return {
        "regions": {"members": _count(region.get(name) for name in members), "victims": _count(region.get(name) for name in victims)},
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
        "reasons": [f"{reason.says} ({reason.weight:+.1f})" for reason in guess.reasons[:6]], "version": guess.version,
    }  # fmt: skip


def _messages(store: GraphStore, on: Ground, group: Group) -> list[tuple[str, str]]:
    if not len(group.callers):
        return []
    rows = store.scan_rels("TEXTED", ["id", "text", "at_ms"], ("Phone", "Phone"))
    rows = rows.filter(pc.is_in(rows["from_id"], value_set=_texts(on.talk.phones(group.callers))))
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


def _texts(values: tuple[str, ...]) -> Any:
    import pyarrow as pa

    return pa.array(list(values), pa.string())
