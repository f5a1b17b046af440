"""CSV and other delimited text for every label and relationship, by a YAML column mapping or inferred from headings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import yaml

from core.errors import FileRefused, RingtraceError
from graph.intake import Intake
from loaders import _mapping, _options
from loaders._base import LoadContext, Loader
from loaders._files import admit, member
from loaders._flow import Prepared, in_turn, prepare
from loaders._fold import folded, is_sighting
from loaders._infer import propose
from loaders._plan import Plan
from loaders._recognise import of_a_data_set, suffixes
from loaders._records import open_table

OPTIONS = {
    "mapping": "YAML file, or name of a bundled mapping; without it the mapping is inferred from the headings",
    "zone": "time zone of times that carry none, in place of the mapping's",
}
SUFFIXES = (".csv", ".tsv", ".txt")
Guess = Callable[[Path, LoadContext], Plan]


def read(path: Path, options: Mapping[str, str], context: LoadContext) -> Iterator[Intake]:
    """One file, or the files of a folder that the mapping names, in the mapping's order (a node file before its
    relationships is good manners, not needed). Raises FileRefused or BadInput before the first intake.
    """
    _options.check_known(options, OPTIONS, "delimited")
    prepared = [prepare(file, plan, context) for file, plan in plans(path, options, context, SUFFIXES, inferred)]
    in_turn(prepared)
    for table in prepared:
        yield from intakes_of(table)


def intakes_of(table: Prepared) -> Iterator[Intake]:
    """A table's intakes; a log of sign-ins is folded, so that each account and device is one state."""
    return folded(table.intakes()) if is_sighting(table.plan.fact.type_name) else table.intakes()


def plans(
    path: Path, options: Mapping[str, str], context: LoadContext, endings: tuple[str, ...], guess: Guess
) -> list[tuple[Path, Plan]]:
    """The files to read, each with its plan; inferred by `guess` where no mapping is given."""
    files = [path] if not path.is_dir() else _members(path, endings)
    mapped = _mapping.load(options["mapping"]) if "mapping" in options else None
    found: list[tuple[Path, Plan]] = []
    if mapped is None:
        found = [(file, guess(file, context)) for file in files]
    else:
        for pattern, plan in mapped:
            if ".." in Path(pattern).parts or Path(pattern).is_absolute():
                raise FileRefused(f"{pattern}: file names must stay inside the folder", code="outside_folder")
            found += [(file, plan) for file in files if (len(mapped) == 1 and not path.is_dir()) or file.match(pattern)]
    if not found:
        raise FileRefused(f"{path}: no file here that the mapping names", code="no_such_file")
    zone = _mapping.zone(options.get("zone", ""), "zone")
    return [(file, replace(plan, zone=zone or plan.zone)) for file, plan in found]


def inferred(file: Path, context: LoadContext) -> Plan:
    """A plan from the file's headings, with the zone left to the surroundings."""
    table = open_table(admit(file, context))
    return plan_of(propose(table.headings, file.name.split(".")[0]), file.name)


def plan_of(mapping: dict[str, object], name: str) -> Plan:
    """The plan of a proposed mapping; what it says it ignores is warned about like any unknown column."""
    mapping = {key: value for key, value in mapping.items() if key not in {"ignore", "zone"}}
    return _mapping.parse(yaml.safe_dump(mapping, allow_unicode=True, sort_keys=False), f"inferred from {name}")[0][1]


def _members(folder: Path, endings: tuple[str, ...]) -> list[Path]:
    names = sorted(item.name for item in folder.iterdir() if suffixes(item) in endings)
    return [member(folder, name) for name in names]


def _recognises(path: Path) -> bool:
    if not path.is_file() or suffixes(path) not in SUFFIXES or of_a_data_set(path):
        return False
    try:
        inferred(path, LoadContext())
    except (RingtraceError, OSError):
        return False
    return True


LOADER = Loader("delimited", "CSV, TSV and other delimited text, by a column mapping", _recognises, read, OPTIONS)
