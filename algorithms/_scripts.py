"""Scripts: messages with nearly the same words, whatever numbers and names were filled in.

MinHash over character triples (Broder, "On the Resemblance and Containment of Documents", 1997; datasketch's LSH); digits are one sign, because
amounts and codes differ each time. Marked words of a script by TF-IDF, Chinese cut by rjieba.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_DIGITS = re.compile(r"\d+")
_SPACE = re.compile(r"\s+")
_PERMUTATIONS, _SEED = 64, 7
#: Longer messages are compared by their beginning.
MAX_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class Script:
    """Messages of one wording: their places, the one that is most like the others, mean likeness to it, marked words."""

    messages: tuple[int, ...]
    example: int
    similarity: float
    words: tuple[str, ...]


def plain(text: str) -> str:
    """A message as it is compared: NFKC, small letters, digits as one sign, no spaces."""
    return _SPACE.sub("", _DIGITS.sub("#", unicodedata.normalize("NFKC", text).lower()))[:MAX_CHARS]


def scripts(texts: Sequence[str], least: float = 0.5, most: int = 20) -> list[Script]:
    """Wordings that two messages or more share, commonest first; the same for the same texts. Empty texts belong to none."""
    from datasketch import MinHash, MinHashLSH  # type: ignore[import-untyped,unused-ignore]

    known = {i: plain(text) for i, text in enumerate(texts) if text and text.strip()}
    shingles = {i: {text[k : k + 3] for k in range(max(1, len(text) - 2))} for i, text in known.items()}
    by_set: dict[frozenset[str], list[int]] = {}
    for i, grams in shingles.items():
        by_set.setdefault(frozenset(grams), []).append(i)
    heads = {members[0]: members for members in by_set.values()}
    index = MinHashLSH(threshold=least, num_perm=_PERMUTATIONS)
    sketches = {}
    for head in heads:
        sketch = MinHash(num_perm=_PERMUTATIONS, seed=_SEED)
        sketch.update_batch([gram.encode() for gram in sorted(shingles[head])])
        sketches[head] = sketch
        index.insert(head, sketch)
    groups, seen = [], set[int]()
    for head in heads:
        if head in seen:
            continue
        # Candidates of the index are checked exactly.
        alike = [
            other
            for other in sorted(index.query(sketches[head]))
            if other not in seen and likeness(shingles[head], shingles[other]) >= least
        ]
        seen.update(alike)
        groups.append((head, sorted(message for other in alike for message in heads[other])))
    found = [(head, members) for head, members in groups if len(members) > 1]
    marked = _marked([[texts[i] for i in members] for _, members in found])
    made = [
        Script(
            tuple(members),
            head,
            round(sum(likeness(shingles[head], shingles[i]) for i in members) / len(members), 3),
            words,
        )
        for (head, members), words in zip(found, marked, strict=True)
    ]
    return sorted(made, key=lambda script: (-len(script.messages), script.example))[:most]


def likeness(one: set[str], two: set[str]) -> float:
    """Jaccard likeness of two sets of triples, 0 to 1."""
    return len(one & two) / max(1, len(one | two))


def _marked(groups: list[list[str]], most: int = 6) -> list[tuple[str, ...]]:
    """Words of each group that stand out among the groups (TF-IDF)."""
    import rjieba

    counts = [
        Counter(word for text in group for word in set(rjieba.cut(text)) if len(word) > 1 and not word.isnumeric())
        for group in groups
    ]
    spread = Counter(word for count in counts for word in count)
    ranked = []
    for count, group in zip(counts, groups, strict=True):
        weight = {word: n / len(group) * math.log(1 + len(groups) / spread[word]) for word, n in count.items()}
        ranked.append(tuple(sorted(weight, key=lambda word: (-weight[word], word))[:most]))
    return ranked
