"""What is true of a data set, made ready for comparing: fraudulent events with their money, accounts with their roles."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from evaluation.layered import Scannable
from evaluation.truth import Truth

#: Events that truth tables label. Evidence of other kinds (calls, texts) is not judged.
MONEY = ("TRANSFER", "EXCHANGED", "MOVED")
#: Roles of transfers that are the theft itself; where a data set names none, every fraudulent transfer counts.
STOLEN_ROLES = ("victim_payment",)
#: Truth names these where somebody is no culprit.
INNOCENT = ("victim", "honest")


@dataclass(frozen=True, slots=True)
class Event:
    """A fraudulent event. `units` is its amount in median payments of its currency, so that currencies can be added."""

    type_name: str
    group: str | None
    role: str | None
    typology: str | None
    at_ms: int
    units: float = 0.0
    payer: str = ""
    payee: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """Ground truth by id. `groups` are gangs, or attempts where no gang is named.

    `derived_accounts`: the data set labels events only, so an account counts as fraudulent when a fraudulent event
    names it (both ends); victims are then among them and cannot be told apart.
    """

    events: dict[str, Event]
    accounts: dict[str, frozenset[str]]
    victims: frozenset[str]
    group_of: dict[str, frozenset[str]]
    typology_of: dict[str, str]
    n_accounts: int
    derived_accounts: bool
    notes: tuple[str, ...] = ()
    has_events: bool = True
    first_ms: dict[str, int] = field(default_factory=dict)

    @property
    def groups(self) -> set[str]:
        """All gangs or attempts that a culprit's account or an event names."""
        named = {group for groups in self.group_of.values() for group in groups}
        return named | {event.group for event in self.events.values() if event.group}

    @property
    def stolen(self) -> dict[str, Event]:
        """The transfers that are the theft itself."""
        transfers = {id: event for id, event in self.events.items() if event.type_name == "TRANSFER"}
        theft = {id: event for id, event in transfers.items() if event.role in STOLEN_ROLES}
        return theft or transfers


def labels_of(base: Scannable, truth: Truth) -> Labels:
    """Truth joined with the amounts and times of the data. Raises ValueError when truth names nothing fraudulent."""
    rows = pl.from_arrow(truth.table)
    assert isinstance(rows, pl.DataFrame)
    rows = rows.with_columns(group=pl.coalesce("gang", "chain"))
    fraud = rows.filter(pl.col("is_fraud").fill_null(False))
    if not fraud.height:
        raise ValueError("truth names nothing fraudulent: there is nothing to compare with")
    events = _events(base, fraud)
    named = fraud.filter(pl.col("entity_type") == "Account")
    notes: list[str] = []
    if not rows.filter(pl.col("entity_type") == "Account").height:
        named = _from_events(events)
        notes.append("accounts are not labelled: both ends of a fraudulent transfer count as fraudulent")
    roles, groups = _sets(named, "role"), _sets(named, "group")
    victims = rows.filter((pl.col("entity_type") == "Account") & (pl.col("role") == "victim"))["entity_id"].to_list()
    if not events:
        notes.append("transfers are not labelled: nothing is said of transfers and money")
    accounts = {id: frozenset(roles.get(id, ())) for id in named["entity_id"].unique().to_list()}
    first: dict[str, int] = {}
    for event in events.values():
        if event.group:
            first[event.group] = min(event.at_ms, first.get(event.group, event.at_ms))
    typologies = pl.concat([named.select("group", "typology"), fraud.select("group", "typology")]).drop_nulls()
    return Labels(
        events, accounts, frozenset(victims) - accounts.keys(), {id: frozenset(g) for id, g in groups.items()},
        dict(typologies.unique("group", keep="first", maintain_order=True).iter_rows()),
        base.scan_nodes("Account", ["id"]).num_rows, bool(notes and "both ends" in notes[0]), tuple(notes), bool(events), first,
    )  # fmt: skip


def _events(base: Scannable, fraud: pl.DataFrame) -> dict[str, Event]:
    found: dict[str, Event] = {}
    for type_name in MONEY:
        named = fraud.filter(pl.col("entity_type") == type_name).unique("entity_id", keep="first", maintain_order=True)
        if not named.height:
            continue
        table = base.scan_rels(type_name, ["id", "amount_minor", "currency", "at_ms"])
        facts = pl.from_arrow(table)
        assert isinstance(facts, pl.DataFrame)
        median = facts.group_by("currency").agg(pl.col("amount_minor").median().alias("median"))
        joined = named.join(facts, left_on="entity_id", right_on="id", how="inner", suffix="_fact").join(
            median, on="currency", how="left"
        )
        for row in joined.iter_rows(named=True):
            units = row["amount_minor"] / row["median"] if row["median"] else 0.0
            found[row["entity_id"]] = Event(
                type_name, row["group"], row["role"], row["typology"], row["at_ms_fact"], units, row["from_id"], row["to_id"]
            )  # fmt: skip
    return found


def _from_events(events: dict[str, Event]) -> pl.DataFrame:
    rows = [
        (end, None, event.group, event.typology)
        for event in events.values() if event.type_name == "TRANSFER" for end in (event.payer, event.payee)
    ]  # fmt: skip
    schema = dict.fromkeys(("entity_id", "role", "group", "typology"), pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row")


def _sets(rows: pl.DataFrame, column: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for id, value in rows.select("entity_id", column).drop_nulls().unique().iter_rows():
        if value not in INNOCENT:
            found[id].add(value)
    return dict(found)


def known_events(base: Scannable, evidence: set[str]) -> set[str]:
    """Which of these ids are money events of the data: only those are judged as evidence."""
    asked, known = pa.array(sorted(evidence), pa.string()), set[str]()
    for type_name in MONEY:
        ids = base.scan_rels(type_name, ["id"])["id"]
        if len(ids) and len(asked):
            known |= set(asked.filter(pc.is_in(asked, value_set=ids.combine_chunks())).to_pylist())
    return known
