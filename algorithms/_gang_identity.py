"""Which gang of this run is which of the last one: stable ids, and whether it was born, grew, shrank, merged or split.

Greedy matching of the largest overlaps first, as in the tracking of evolving communities (Greene, Doyle and Cunningham,
"Tracking the Evolution of Communities in Dynamic Social Networks", ASONAM 2010). Overlap is the share of the smaller one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.ids import derived

#: Least share of the smaller of two gangs that they have in common to be one gang; of a whole to be its part.
SAME, PART = 0.3, 0.5


@dataclass(frozen=True, slots=True)
class Relation:
    """A gang's id, what became of it since the last run, the ids it came from, and who joined and left."""

    gang_id: str
    status: str
    parents: tuple[str, ...]
    joined: tuple[str, ...]
    left: tuple[str, ...]


def relate(now: Sequence[frozenset[str]], before: Mapping[str, frozenset[str]]) -> list[Relation]:
    """One relation a gang of `now`, in its order. The same input gives the same ids; every id is given once.

    Status: born, same, grew, shrank, merged (two earlier ones are mostly in it), split (part of one whose id another part kept).
    """
    overlaps = sorted(
        (-len(group & old) / min(len(group), len(old)), -len(group & old), gang_id, place)
        for place, group in enumerate(now) for gang_id, old in before.items() if group & old
    )  # fmt: skip
    kept: dict[int, str] = {}
    for share, _, gang_id, place in overlaps:
        if -share >= SAME and place not in kept and gang_id not in kept.values():
            kept[place] = gang_id
    taken = set(before)
    made = []
    for place, group in enumerate(now):
        made.append(_relation(group, before, kept.get(place), taken))
        taken.add(made[-1].gang_id)
    return made


def _relation(
    group: frozenset[str], before: Mapping[str, frozenset[str]], kept: str | None, taken: set[str]
) -> Relation:
    parents = tuple(sorted(gang_id for gang_id, old in before.items() if len(group & old) >= PART * len(old)))
    if kept is None:
        torn = tuple(sorted(gang_id for gang_id, old in before.items() if len(group & old) >= PART * len(group)))
        return Relation(
            _fresh(group, taken), "split" if torn else "born", torn, tuple(sorted(group)) if not torn else (), ()
        )
    joined, left = tuple(sorted(group - before[kept])), tuple(sorted(before[kept] - group))
    status = "merged" if len(parents) > 1 else "grew" if joined else "shrank" if left else "same"
    return Relation(kept, status, tuple(dict.fromkeys((kept, *parents))), joined, left)


def _fresh(group: frozenset[str], taken: set[str]) -> str:
    """A new id made of the members, so that the same first finding has the same id everywhere."""
    members, again = sorted(group), 0
    while (name := "gang-" + derived("gang", *members, again)[-10:]) in taken:
        again += 1
    return name
