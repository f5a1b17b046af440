"""Turns chunks of a table into rows of the schema by a plan, judging each value on the way."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import pyarrow as pa

from core.money import EXPONENT
from graph.intake import Rejected
from graph.model import RowSet, conform
from graph.schema import RELS, Kind, Property
from loaders._event_ids import event_ids
from loaders._identity import normal_id, state_ids
from loaders._judge import Field, Judge, Notes
from loaders._money import minor_units
from loaders._plan import Column, Output, Plan
from loaders._text import optional
from loaders._times import epoch_ms, judge_range
from loaders._values import booleans, days, floats, integers, text_lists

#: Which property says the currency an amount is in, and whether the amount may be below zero.
_CURRENCY_OF = {"received_minor": "received_currency", "coin_minor": "coin"}
_SIGNED = {"opening_balance_minor"}
_CODES = {"currency", "received_currency", "coin"}

Made = tuple[RowSet, tuple[RowSet, ...]]


def make_rows(
    plan: Plan, frame: pl.DataFrame, rows: pl.Series, file: str, zone: str, notes: Notes
) -> tuple[Made, pl.DataFrame, list[Rejected]]:
    """Fact rows, derived rows, the part of `frame` they were made from, and the rejected rows of one chunk."""
    judge = Judge(file, rows, notes)
    made = _all(plan, frame, judge, zone)
    kept = judge.kept()
    if kept is None:
        return made, frame, []
    frame, rows = frame[kept], rows[kept]
    again = Judge(file, rows, Notes())
    return _all(plan, frame, again, zone), frame, [judge.found[place] for place in sorted(judge.found)]


def _all(plan: Plan, frame: pl.DataFrame, judge: Judge, zone: str) -> Made:
    maker = _Maker(frame, judge, plan.zone or zone)
    fact = maker.output(plan.fact)
    return fact, tuple(rows for rows in (maker.distinct(output) for output in plan.derived) if len(rows))


class _Maker:
    """Makes outputs from one frame; ids and amounts shared by several outputs are read once."""

    def __init__(self, frame: pl.DataFrame, judge: Judge, zone: str) -> None:
        self.frame, self.judge, self.zone = frame, judge, zone
        self.ids: dict[tuple[str, Column, bool], pl.Series] = {}

    def output(self, output: Output) -> RowSet:
        """One row for each row of the frame."""
        made: dict[str, pl.Series] = {}
        properties = output.properties()
        ordered = sorted(output.columns, key=lambda name: name not in _CODES)
        for name in ordered:
            made[name] = self._value(output, properties[name], output.columns[name], made)
        if not output.is_node:
            self._note_loops(output, made)
        if "id" not in made:
            made["id"] = self._event_id(output, made)
        return _rowset(output, made, self.judge.file, self.judge.rows)

    def distinct(self, output: Output) -> RowSet:
        """One row for each id (or pair of ends) named in the frame; rows without one are skipped."""
        keys = ["id"] if output.is_node else ["from_id", "to_id"]
        named = [self._filled(self._id(output, key, output.columns[key], required=False)) for key in keys]
        places = _first_places(named)
        part = Judge(self.judge.file, self.judge.rows[places], self.judge.notes)
        rest = [name for name in output.columns if name not in keys]
        needed = dict.fromkeys(text for name in rest for text in output.columns[name].headings)
        maker = _Maker(
            self.frame.select(*needed)[places] if needed else places.alias("place").to_frame(), part, self.zone
        )
        made: dict[str, pl.Series] = {key: ids[places] for key, ids in zip(keys, named, strict=True)}
        properties = output.properties()
        for name in sorted(rest, key=lambda item: item not in _CODES):
            made[name] = maker._value(output, properties[name], output.columns[name], made)
        if not output.is_node:
            made["id"] = state_ids(output, made["from_id"], made["to_id"])
        for place, rejected in part.found.items():
            self.judge.found.setdefault(places[place], rejected)
        return _rowset(output, made, self.judge.file, part.rows)

    def _filled(self, values: pl.Series) -> pl.Series:
        return values.new_from_index(0, self.frame.height) if len(values) == 1 else values

    def _value(self, output: Output, prop: Property, column: Column, made: Mapping[str, pl.Series]) -> pl.Series:
        if prop.name in {"id", "from_id", "to_id"}:
            return self._id(output, prop.name, column, required=True)
        of = Field("+".join(column.headings) or prop.name, prop.privacy, prop.required)
        values = self._text(column)
        if prop.kind is Kind.MONEY:
            currency = made.get(_CURRENCY_OF.get(prop.name, "currency"), pl.Series(["CNY"]))
            return minor_units(values, currency, self.judge, of, minor=column.minor, signed=prop.name in _SIGNED)
        if prop.kind is Kind.TIME_MS:
            if column.step is not None:
                start, length = column.step
                found = integers(values, self.judge, of) * length + start
                judge_range(found, values, self.judge, of)
                return found
            return epoch_ms(values, column.formats, column.zone or self.zone, self.judge, of)
        if prop.kind is Kind.STRING:
            return self._string(prop, values, of)
        return _OTHERS[prop.kind](values, self.judge, of)

    def _string(self, prop: Property, values: pl.Series, of: Field) -> pl.Series:
        if prop.name == "birth_date":
            return days(values, self.judge, of)
        text = optional(values if values.dtype == pl.String else values.cast(pl.String))
        if prop.name in _CODES:
            text = text.str.to_uppercase()
            known = text.is_in(pl.Series(list(EXPONENT)).implode()) | text.is_null()
            self.judge.reject(~known, values, of, "unknown_currency", "an ISO 4217 code Ringtrace knows")
        if prop.required:
            self.judge.reject(text.is_null(), values, of, "missing_value", "a value")
        return text

    def _text(self, column: Column) -> pl.Series:
        """The column's raw value in every row: one value when constant, typed as read when a heading stands alone."""
        if column.constant is not None:
            return pl.Series([column.constant])
        if len(column.parts) == 1:
            values = self.frame[column.headings[0]]
        else:
            values = self.frame.select(
                pl.concat_str([pl.col(text).cast(pl.String) if named else pl.lit(text) for text, named in column.parts])
            ).to_series()
        if column.values:
            values = values.cast(pl.String).str.strip_chars().replace(dict(column.values))
        return values

    def _id(self, output: Output, name: str, column: Column, *, required: bool) -> pl.Series:
        label = {"id": output.type_name, "from_id": output.from_label, "to_id": output.to_label}[name]
        key = (label, column, required)
        if key not in self.ids and (label, column, True) in self.ids:
            key = (label, column, True)
        if key not in self.ids:
            parts = [
                normal_id(label, self._renamed(text, column), self.judge, Field(text, output.properties()[name].privacy, required), case=column.case)
                if named else pl.Series([text]) for text, named in column.parts
            ]  # fmt: skip
            self.ids[key] = parts[0] if len(parts) == 1 else _joined(parts, self.frame.height)
        return self.ids[key]

    def _renamed(self, name: str, column: Column) -> pl.Series:
        values = self.frame[name]
        return values.cast(pl.String).str.strip_chars().replace(dict(column.values)) if column.values else values

    def _event_id(self, output: Output, made: Mapping[str, pl.Series]) -> pl.Series:
        if not RELS[output.type_name].event:
            return state_ids(output, self._filled(made["from_id"]), self._filled(made["to_id"]))
        content = [
            self._filled(made[name])
            for name in ("from_id", "to_id", "at_ms", "amount_minor", "duration_s")
            if name in made
        ]
        return event_ids(output.id_prefix, output.type_name, content, self.judge.rows)

    def _note_loops(self, output: Output, made: Mapping[str, pl.Series]) -> None:
        if output.from_label == output.to_label and RELS[output.type_name].event:
            loops = (made["from_id"] == made["to_id"]).fill_null(False)
            self.judge.notes.add(
                f"{output.type_name} from a node to itself, loaded and never part of a cycle", int(loops.sum())
            )


def _first_places(keys: list[pl.Series]) -> pl.Series:
    """Where each key (or pair of keys) stands first, in row order; keys that are null are left out."""
    whole = keys[0]
    if len(keys) > 1:
        pairs = pl.DataFrame({"one": keys[0], "two": keys[1]})
        whole = pairs.select(pl.concat_str(["one", "two"], separator="\x1f")).to_series()
    places = whole.arg_unique().sort()
    return places.filter(whole[places].is_not_null()) if whole.null_count() else places


def _joined(parts: list[pl.Series], height: int) -> pl.Series:
    names = [f"{number}" for number in range(len(parts))]
    frame = pl.DataFrame(
        {name: part for name, part in zip(names, parts, strict=True) if len(part) == height and height != 1}
    )
    texts = [
        pl.col(name) if name in frame.columns else pl.lit(part[0]) for name, part in zip(names, parts, strict=True)
    ]
    if not frame.columns:
        return pl.Series(
            [None if any(part[0] is None for part in parts) else "".join(part[0] for part in parts)], dtype=pl.String
        )
    return frame.select(pl.concat_str(texts)).to_series()


def _rowset(output: Output, made: Mapping[str, pl.Series], file: str, rows: pl.Series) -> RowSet:
    height = len(rows)
    columns = {name: _arrow(values, height) for name, values in made.items()}
    columns["source"] = pa.repeat(pa.scalar(file, pa.string()), height)
    columns["source_row"] = rows.to_arrow()
    table = pa.Table.from_arrays(list(columns.values()), names=list(columns))
    return RowSet(output.type_name, conform(output.type_name, table), output.from_label, output.to_label)


def _arrow(values: pl.Series, height: int) -> pa.Array:
    if len(values) == 1 and height != 1:
        return pa.repeat(values.to_arrow(compat_level=pl.CompatLevel.oldest())[0], height)
    return values.to_arrow(compat_level=pl.CompatLevel.oldest())


_OTHERS = {Kind.INT: integers, Kind.FLOAT: floats, Kind.BOOL: booleans, Kind.STRINGS: text_lists}
