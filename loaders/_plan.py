"""What to make of a table: which column fills which property. Loaders build plans in code, mappings from YAML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from graph.schema import KEY, NODES, RELS, Property
from loaders._records import Dialect

_HEADING = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Column:
    """Where a property's value comes from: literal texts and headings in turn, and how to read the result.

    `values` renames values (a bank's own words to the schema's); `minor` says amounts are in minor units already;
    `formats` and `zone` are for times, `step` (start, length, both ms) for numbered time steps; `case` for ids.
    """

    parts: tuple[tuple[str, bool], ...]
    values: tuple[tuple[str, str], ...] = ()
    minor: bool = False
    formats: tuple[str, ...] = ()
    zone: str = ""
    case: str = ""
    step: tuple[int, int] | None = None

    @property
    def headings(self) -> tuple[str, ...]:
        return tuple(text for text, is_heading in self.parts if is_heading)

    @property
    def constant(self) -> str | None:
        """The text when no heading is involved, else None."""
        return None if self.headings else "".join(text for text, _ in self.parts)


def heading(name: str, **how: object) -> Column:
    """The value of one heading."""
    return Column(((name, True),), **how)  # type: ignore[arg-type]


def constant(text: str) -> Column:
    """The same text in every row."""
    return Column(((text, False),))


def template(text: str, **how: object) -> Column:
    """Text with `{heading}` in it: `{bank}:{account}`."""
    parts: list[tuple[str, bool]] = []
    position = 0
    for match in _HEADING.finditer(text):
        if match.start() > position:
            parts.append((text[position : match.start()], False))
        parts.append((match.group(1), True))
        position = match.end()
    if position < len(text):
        parts.append((text[position:], False))
    return Column(tuple(parts), **how)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Output:
    """Rows of one label, or of one relationship type between two labels, made from each input row."""

    type_name: str
    columns: Mapping[str, Column]
    from_label: str = ""
    to_label: str = ""
    id_prefix: str = ""

    @property
    def is_node(self) -> bool:
        return self.type_name in NODES

    def properties(self) -> dict[str, Property]:
        """Properties this output may fill, ends of a relationship included, provenance not."""
        own = NODES[self.type_name].properties if self.is_node else RELS[self.type_name].properties
        ends = () if self.is_node else (_end("from_id"), _end("to_id"))
        key = KEY if self.is_node else Property("id", KEY.kind, KEY.doc, required=True, privacy=KEY.privacy)
        return {prop.name: prop for prop in (*ends, key, *own)}


def _end(name: str) -> Property:
    return Property(name, KEY.kind, "Id of the node at this end", required=True, privacy=KEY.privacy)


@dataclass(frozen=True, slots=True)
class Plan:
    """One file's plan: `fact` makes one row of each input row, `derived` what follows from it."""

    fact: Output
    derived: tuple[Output, ...] = ()
    zone: str = ""
    dialect: Dialect = field(default_factory=Dialect)
    ignored: frozenset[str] = frozenset()
    labels: tuple[str, ...] = ()
    """Headings used for ground truth only."""

    def headings(self) -> list[str]:
        """Every heading needed, each once."""
        names: Iterable[str] = (
            name
            for output in (self.fact, *self.derived)
            for column in output.columns.values()
            for name in column.headings
        )
        return list(dict.fromkeys((*names, *self.labels)))


def with_stubs(fact: Output, details: Mapping[str, Mapping[str, Column]] | None = None) -> tuple[Output, ...]:
    """Nodes for both ends of a relationship output, so that no end dangles, with `details` by `from` and `to`."""
    stubs: list[Output] = []
    for side, label in (("from", fact.from_label), ("to", fact.to_label)):
        end = fact.columns[f"{side}_id"]
        columns: dict[str, Column] = {"id": end}
        if label == "Account" and end.headings:
            columns["number"] = heading(end.headings[-1])
        columns.update((details or {}).get(side, {}))
        stubs.append(Output(label, columns))
        stubs.extend(institution_of(stubs[-1]))
    return tuple(stubs)


def institution_of(account: Output) -> tuple[Output, ...]:
    """The organization an account output names as its institution, and where the account is held."""
    institution = account.columns.get("institution")
    if account.type_name != "Account" or institution is None:
        return ()
    return (
        Output("Organization", {"id": institution, "name": institution}),
        Output("HELD_AT", {"from_id": account.columns["id"], "to_id": institution}, "Account", "Organization"),
    )
