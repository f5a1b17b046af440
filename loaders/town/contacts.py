"""Calls, texts and web visits: ordinary ones with their hubs, and the gangs' approaches to victims."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from core.clock import DAY_MS, HOUR_MS
from loaders.town import seasons, words
from loaders.town.census import Town
from loaders.town.dice import Ints, pick, popular, share, stream
from loaders.town.gangs import Underworld
from loaders.town.links import Pair
from loaders.town.numbering import SERVICE_NUMBERS, Counts, Ids
from loaders.town.schemes import Crimes

_TEMPLATES = (*words.SERVICE_TEXTS, *(text for texts in words.SCAM_TEXTS.values() for text in texts))


def contacts(
    town: Town, world: Underworld, crimes: Crimes, counts: Counts, ids: Ids
) -> Iterator[tuple[Pair, pl.DataFrame]]:
    """CALLED, TEXTED and VISITED as ((from label, type, to label), frame sorted by time)."""
    calls, texts, visits = _approaches(town, world, crimes, counts)
    calls = np.concatenate([_ordinary_calls(town, counts), calls, _herding_calls(town, world, counts)])
    frame = _events("C", calls, ids.phone, ids.phone)
    yield ("Phone", "CALLED", "Phone"), frame.drop("extra").with_columns(duration_s=frame["extra"])
    texts = np.concatenate([_service_texts(town, counts), texts])
    yield ("Phone", "TEXTED", "Phone"), _worded(town, _events("S", texts, ids.phone, ids.phone))
    visits = np.concatenate([_ordinary_visits(town, len(world.gangs), len(ids.domain)), visits])
    yield ("Phone", "VISITED", "Domain"), _events("V", visits, ids.phone, ids.domain).drop("extra")


def _events(prefix: str, table: Ints, starts: pl.Series, ends: pl.Series) -> pl.DataFrame:
    """Rows (start, end, at, extra) as a frame in time order with event ids; rows to oneself are left out."""
    table = table[(table[:, 0] != table[:, 1]) | (prefix == "V")]
    table = table[np.argsort(table[:, 2], kind="stable")]
    number = pl.Series(np.arange(1, len(table) + 1)).cast(pl.String).str.zfill(9)
    return pl.DataFrame({
        "from_id": starts.gather(table[:, 0]), "to_id": ends.gather(table[:, 1]), "id": prefix + number,
        "at_ms": table[:, 2], "extra": table[:, 3],
    })  # fmt: skip


def _times(rng: np.random.Generator, count: int, rhythm: str) -> Ints:
    day = rng.integers(0, seasons.DAYS, count)
    return seasons.at(rng, 0, count, rhythm) + day * DAY_MS


def _ordinary_calls(town: Town, counts: Counts) -> Ints:
    """Family and friends, plus hubs: firms' switchboards, call centres and couriers who ring whole districts."""
    rng, count = stream(town.seed, "calls"), int(town.transfers * 0.08)
    people = rng.integers(0, town.people, count)
    which = people * 7 + rng.integers(0, 6, count)
    far = np.exp(share(which, 61 + town.seed) * np.log(max(2.0, town.people / 2.2))).astype(np.int64)
    other = town.phone[(people + far) % town.people]
    firms = counts.hub_phones + SERVICE_NUMBERS + popular(rng, count, town.size("company"), 0.9)
    courier = town.phone[pick(people // 300, 141 + town.seed, town.people)]
    kind = rng.random(count)
    caller = np.select(
        [kind < 0.66, kind < 0.82, kind < 0.95], [town.phone[people], firms, courier], town.phone[people]
    )
    called = np.select([kind < 0.66, kind < 0.95], [other, town.phone[people]], firms)
    long = rng.lognormal(np.log(np.where(kind < 0.66, 75, 28)), 1.0).clip(1, 7200).astype(np.int64)
    return np.column_stack([caller, called, _times(rng, count, "social"), long])


def _service_texts(town: Town, counts: Counts) -> Ints:
    rng, count = stream(town.seed, "texts"), int(town.transfers * 0.04)
    sender = counts.hub_phones + rng.integers(0, SERVICE_NUMBERS, count)
    reader = town.phone[rng.integers(0, town.people, count)]
    kind = (sender - counts.hub_phones) % len(words.SERVICE_TEXTS)
    return np.column_stack([sender, reader, _times(rng, count, "shop"), kind])


def _ordinary_visits(town: Town, first: int, domains: int) -> Ints:
    rng, count = stream(town.seed, "visits"), int(town.transfers * 0.02)
    reader = town.phone[rng.integers(0, town.people, count)]
    domain = first + popular(rng, count, domains - first, 1.0)
    return np.column_stack([reader, domain, _times(rng, count, "social"), np.zeros(count, dtype=np.int64)])


def _approaches(town: Town, world: Underworld, crimes: Crimes, counts: Counts) -> tuple[Ints, Ints, Ints]:
    """The gangs' calls, texts and pages towards victims, and towards many who did not fall for it."""
    rng = stream(town.seed, "approaches")
    calls, texts, visits = [], [], []
    starts = _first_templates()
    for number, victim, moment in crimes.approaches:
        gang = world.gangs[number]
        kind, callers = gang.typology, gang.phones[1:]
        targets = [victim, *(int(pick_) for pick_ in rng.integers(0, town.people, int(rng.integers(2, 8))))]
        for place, target in enumerate(targets):
            phone = int(town.phone[target])
            caller = counts.gang_phones + callers[int(rng.integers(0, len(callers)))]
            before = int(rng.uniform(0.2, 60) * HOUR_MS)
            if place == 0 or rng.random() < 0.6:
                long = int(rng.uniform(*kind.call_s)) if place == 0 else int(rng.integers(3, 40))
                calls.append((caller, phone, moment - before - long * 1000, long))
            for _ in range(
                int(rng.integers(kind.texts[0], kind.texts[1] + 1)) if place == 0 or rng.random() < 0.5 else 0
            ):
                template = starts[kind.name] + int(rng.integers(0, len(words.SCAM_TEXTS[kind.name])))
                texts.append((caller, phone, moment - int(rng.uniform(0.1, 70) * HOUR_MS), template))
            if gang.domain >= 0 and rng.random() < (kind.link if place == 0 else 0.1):
                visits.append((phone, gang.domain, moment - int(rng.uniform(0.05, 20) * HOUR_MS), 0))
    empty = np.empty((0, 4), dtype=np.int64)
    return tuple(np.array(rows, dtype=np.int64) if rows else empty for rows in (calls, texts, visits))  # type: ignore[return-value]


def _herding_calls(town: Town, world: Underworld, counts: Counts) -> Ints:
    """The gang's recruiter rings the people whose accounts it rented, before and while it works."""
    rng, rows = stream(town.seed, "herding"), []
    for gang in world.gangs:
        for person in sorted(gang.rented):
            for _ in range(int(rng.integers(1, 4))):
                at = seasons.START_MS + int((gang.start_day + rng.uniform(-3, 12)) * DAY_MS)
                caller = counts.gang_phones + gang.phones[int(rng.integers(0, 2))]
                rows.append((caller, int(town.phone[person]), max(at, seasons.START_MS), int(rng.integers(20, 400))))
    return np.array(rows, dtype=np.int64).reshape(-1, 4)


def _first_templates() -> dict[str, int]:
    place, found = len(words.SERVICE_TEXTS), {}
    for name, texts in words.SCAM_TEXTS.items():
        found[name] = place
        place += len(texts)
    return found


def _worded(town: Town, frame: pl.DataFrame) -> pl.DataFrame:
    """Fill each message's template: numbers differ each time, the contact is the sender, the rest is the same text."""
    rng, count = stream(town.seed, "words"), frame.height
    fills = {
        "n": pl.Series(rng.integers(1000, 9999, count)), "h": pl.Series(rng.integers(2, 72, count)),
        "m": pl.Series(rng.integers(1, 400, count) * 5), "p": frame["from_id"].str.slice(3),
    }  # fmt: skip
    text = pl.Series("text", _TEMPLATES).gather(frame["extra"].to_numpy())
    filled = frame.drop("extra").with_columns(
        text, **{f"fill_{name}": fill.cast(pl.String) for name, fill in fills.items()}
    )
    for name in fills:
        filled = filled.with_columns(pl.col("text").str.replace("{" + name + "}", pl.col(f"fill_{name}"), literal=True))
    return filled.drop(cs for cs in filled.columns if cs.startswith("fill_"))
