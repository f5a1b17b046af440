"""Column mappings: a YAML text that says what the columns of a bank's own file are, checked against the schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from core import plain_yaml
from core.errors import BadInput
from core.money import EXPONENT
from graph.schema import NODES, RELS
from loaders._encoding import known as known_encoding
from loaders._plan import Column, Output, Plan, constant, heading, institution_of, template, with_stubs
from loaders._records import Dialect

_MAX_BYTES = 1 << 20
BUNDLED = Path(__file__).parent / "mappings"
_TOP = {
    "target", "pair", "columns", "ends", "also", "zone", "encoding", "delimiter", "skip_lines", "prefix", "currency",
    "ignore", "stubs", "file",
}  # fmt: skip
_COLUMN = {"heading", "template", "value", "values", "unit", "format", "zone", "case"}
_DELIMITERS = {",": b",", ";": b";", "|": b"|", "\t": b"\t", "tab": b"\t", "comma": b",", "semicolon": b";"}
_UNITS = {"yuan": False, "major": False, "fen": True, "minor": True}


def load(name: str) -> list[tuple[str, Plan]]:
    """(file pattern, plan) of each file a mapping describes. `name` is a path, or the name of a bundled mapping."""
    path = Path(name) if Path(name).suffix in {".yaml", ".yml"} else BUNDLED / f"{name}.yaml"
    if not path.is_file():
        bundled = ", ".join(sorted(item.stem for item in BUNDLED.glob("*.yaml")))
        raise BadInput(f"no mapping {name}; give a YAML file or one of {bundled}", code="bad_mapping")
    if path.stat().st_size > _MAX_BYTES:
        raise BadInput(f"{path.name}: a mapping has at most {_MAX_BYTES:,} bytes", code="bad_mapping")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name}: save the mapping as UTF-8", code="bad_mapping") from error
    return parse(text, path.name)


def parse(text: str, name: str = "mapping") -> list[tuple[str, Plan]]:
    """Read a mapping. Raises BadInput naming the entry that does not fit the schema."""
    try:
        content = plain_yaml.load(text)
    except ValueError as error:
        raise BadInput(f"{name}: not YAML: {error}", code="bad_mapping") from error
    try:
        return _plans(content, name)
    except (AttributeError, TypeError) as error:
        raise BadInput(
            f"{name}: a list, a table or a text stands where another is wanted ({error})", code="bad_mapping"
        ) from error


def _plans(content: object, name: str) -> list[tuple[str, Plan]]:
    if not isinstance(content, dict):
        raise BadInput(f"{name}: a mapping has the keys target and columns", code="bad_mapping")
    entries = content["files"] if isinstance(content.get("files"), list) else [content]
    return [(str(entry.get("file", "*")), _plan(entry, name)) for entry in entries if isinstance(entry, dict)]


def _plan(entry: Mapping[str, Any], name: str) -> Plan:
    _only(entry, _TOP, name)
    fact = _output(entry, name, entry)
    ends = _ends(entry, fact, name)
    derived = list(institution_of(fact))
    if not fact.is_node and entry.get("stubs", True):
        derived += with_stubs(fact, ends)
    for extra in entry.get("also") or ():
        _only(extra, {"target", "pair", "columns"}, name)
        output = _output(extra, name, entry)
        if not output.is_node and RELS[output.type_name].event:
            raise BadInput(
                f"{name}: 'also' makes nodes and states; {output.type_name} is an event, give it a file of its own",
                code="bad_mapping",
            )
        derived += [output, *(with_stubs(output) if not output.is_node else institution_of(output))]
    ignored = frozenset(str(item) for item in entry.get("ignore") or ())
    return Plan(fact, _merged(derived), zone(entry.get("zone"), name), _dialect(entry, name), ignored)


def _merged(outputs: list[Output]) -> tuple[Output, ...]:
    """Outputs without repeats; nodes made from the same column are one output with the columns of all."""
    found: dict[object, Output] = {}
    for output in outputs:
        ends = (output.columns.get("id"), output.columns.get("from_id"), output.columns.get("to_id"))
        key = (output.type_name, output.from_label, output.to_label, ends)
        before = found.get(key)
        found[key] = output if before is None else replace(output, columns={**output.columns, **before.columns})
    return tuple(found.values())


def _output(entry: Mapping[str, Any], name: str, top: Mapping[str, Any]) -> Output:
    target = str(entry.get("target", ""))
    if target not in NODES and target not in RELS:
        raise BadInput(
            f"{name}: target {target!r} is no label or relationship; known are {', '.join((*NODES, *RELS))}",
            code="bad_mapping",
        )
    start, end = ("", "") if target in NODES else _pair(entry, target, name)
    raw = entry.get("columns")
    if not isinstance(raw, dict) or not raw:
        raise BadInput(f"{name}: {target} needs columns: property: heading", code="bad_mapping")
    output = Output(target, {}, start, end, id_prefix=f"{top.get('prefix', 'row')}:")
    columns = {str(prop): column(spec, f"{name}: {target}.{prop}") for prop, spec in raw.items()}
    if (
        "currency" in output.properties()
        and "currency" not in columns
        and any(prop.endswith("_minor") for prop in columns)
    ):
        columns["currency"] = constant(_currency(top, name))
    return _fitting(replace(output, columns=columns), name)


def _fitting(output: Output, name: str) -> Output:
    """The output, when each column is a property of the schema and each required property has a column."""
    properties = output.properties()
    for prop in output.columns:
        if prop not in properties:
            raise BadInput(
                f"{name}: {output.type_name} has no property {prop!r}; it has {', '.join(properties)}",
                code="bad_mapping",
            )
    missing = [
        prop.name for prop in properties.values()
        if prop.required and prop.name not in output.columns and (prop.name != "id" or output.is_node)
    ]  # fmt: skip
    if missing:
        raise BadInput(f"{name}: {output.type_name} needs a column for {', '.join(missing)}", code="bad_mapping")
    return output


def column(spec: object, where: str) -> Column:
    """A column from its YAML form: a heading, a template with braces, or a table of how to read it."""
    if isinstance(spec, str):
        return template(spec) if "{" in spec else heading(spec)
    if not isinstance(spec, dict):
        raise BadInput(f"{where}: give a heading, a template, or {{value: ...}}", code="bad_mapping")
    _only(spec, _COLUMN, where)
    how: dict[str, Any] = {}
    if "values" in spec:
        how["values"] = tuple((str(key), str(value)) for key, value in spec["values"].items())
    if "unit" in spec:
        if spec["unit"] not in _UNITS:
            raise BadInput(f"{where}: unit is one of {', '.join(_UNITS)}", code="bad_mapping")
        how["minor"] = _UNITS[spec["unit"]]
    if "format" in spec:
        formats = spec["format"] if isinstance(spec["format"], list) else [spec["format"]]
        how["formats"] = tuple(str(item) for item in formats)
    how["zone"], how["case"] = zone(spec.get("zone"), where), str(spec.get("case", ""))
    if "value" in spec:
        return replace(constant(str(spec["value"])), **how)
    return (
        template(str(spec["template"]), **how) if "template" in spec else heading(str(spec.get("heading", "")), **how)
    )


def _ends(entry: Mapping[str, Any], fact: Output, name: str) -> dict[str, dict[str, Column]]:
    raw = entry.get("ends") or {}
    _only(raw, {"from", "to"}, name)
    found: dict[str, dict[str, Column]] = {}
    for side, label in (("from", fact.from_label), ("to", fact.to_label)):
        columns = {str(prop): column(spec, f"{name}: {side}.{prop}") for prop, spec in (raw.get(side) or {}).items()}
        if columns:
            _fitting(Output(label, {"id": constant("?"), **columns}), f"{name}: ends.{side}")
        found[side] = columns
    return found


def _pair(entry: Mapping[str, Any], target: str, name: str) -> tuple[str, str]:
    pairs = RELS[target].pairs
    pair = tuple(entry.get("pair") or (pairs[0] if len(pairs) == 1 else ()))
    if pair not in pairs:
        allowed = "; ".join(f"[{start}, {end}]" for start, end in pairs)
        raise BadInput(f"{name}: {target} needs pair: one of {allowed}", code="bad_mapping")
    return pair[0], pair[1]


def _dialect(entry: Mapping[str, Any], name: str) -> Dialect:
    encoding, delimiter = str(entry.get("encoding", "auto")), str(entry.get("delimiter", "auto"))
    if encoding != "auto" and known_encoding(encoding) is None:
        raise BadInput(
            f"{name}: encoding {encoding!r} is not known; use utf-8, gb18030, utf-16 or auto", code="bad_mapping"
        )
    if delimiter != "auto" and delimiter not in _DELIMITERS:
        raise BadInput(f"{name}: delimiter is comma, semicolon, tab, '|' or auto", code="bad_mapping")
    lines = entry.get("skip_lines", 0)
    if not isinstance(lines, int) or lines < 0:
        raise BadInput(f"{name}: skip_lines is a number of lines", code="bad_mapping")
    return Dialect(known_encoding(encoding), _DELIMITERS.get(delimiter), lines)


def zone(given: object, name: str) -> str:
    """A time zone's name, checked; empty when none is given."""
    if not given:
        return ""
    try:
        ZoneInfo(str(given))
    except (KeyError, ValueError, OSError) as error:
        raise BadInput(
            f"{name}: zone {given!r} is not known; use a name such as Asia/Shanghai", code="bad_mapping"
        ) from error
    return str(given)


def _currency(top: Mapping[str, Any], name: str) -> str:
    code = str(top.get("currency", "CNY")).upper()
    if code not in EXPONENT:
        raise BadInput(f"{name}: currency {code!r} is unknown; known are {', '.join(EXPONENT)}", code="bad_mapping")
    return code


def _only(entry: Mapping[str, Any], known: set[str], where: str) -> None:
    for key in entry:
        if key not in known:
            raise BadInput(f"{where}: unknown entry {key!r}; known are {', '.join(sorted(known))}", code="bad_mapping")
