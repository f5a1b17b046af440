"""The loader of generated towns: order, ids, truth apart, and folders that are damaged, incomplete or forged."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import FileRefused
from graph.intake import TRUTH_SCHEMA, Intake
from graph.model import arrow_schema
from graph.schema import NODES, RELS
from loaders._base import LoadContext, catalog
from loaders._identity import state_ids
from loaders._plan import Output
from loaders.synthetic import LOADER, reports
from loaders.town import generate


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("towns") / "town"
    generate(folder, transfers=3_000, seed=4)
    return folder


@pytest.fixture
def town(made: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(made, tmp_path / "town"))


@pytest.fixture(scope="module")
def intakes(made: Path) -> list[Intake]:
    return list(LOADER.read(made, {}, LoadContext()))


def rewrite(town: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the manifest in place."""
    manifest = json.loads((town / "manifest.json").read_text(encoding="utf-8"))
    change(manifest)
    (town / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def test_it_is_found_by_its_name() -> None:
    assert catalog()["synthetic"] is LOADER


def test_only_a_towns_folder_is_recognised(made: Path, tmp_path: Path) -> None:
    assert LOADER.recognises(made)
    assert not LOADER.recognises(tmp_path)
    assert not LOADER.recognises(made / "manifest.json")
    (tmp_path / "manifest.json").write_text('{"format": "something else"}')
    assert not LOADER.recognises(tmp_path)
    (tmp_path / "manifest.json").write_text("[" * 100_000)
    assert not LOADER.recognises(tmp_path)


def test_nodes_come_before_relationships_and_truth_last(intakes: list[Intake]) -> None:
    stages = [2 if intake.truth is not None else 0 if intake.facts[0].is_node else 1 for intake in intakes]
    assert stages == sorted(stages)
    assert set(stages) == {0, 1, 2}


def test_rows_are_in_schema_form_and_say_where_they_came_from(made: Path, intakes: list[Intake]) -> None:
    for intake in intakes:
        assert intake.rows_read == sum(len(rows) for rows in intake.facts)
        for rows in intake.facts:
            assert rows.table.schema == arrow_schema(rows.type_name)
            assert rows.table["id"].null_count == 0
            assert (made / rows.table["source"][0].as_py()).is_file()
            assert rows.table["source_row"].to_pylist() == list(range(1, len(rows) + 1))


def test_everything_in_the_manifest_is_read(made: Path, intakes: list[Intake]) -> None:
    manifest = json.loads((made / "manifest.json").read_text(encoding="utf-8"))
    facts = sum(entry["rows"] for entry in manifest["files"] if entry["holds"] not in ("truth", "reports"))
    assert sum(intake.rows_read for intake in intakes) == facts
    truth = [intake.truth for intake in intakes if intake.truth is not None]
    assert all(table.schema == TRUTH_SCHEMA for table in truth)
    assert sum(table.num_rows for table in truth) == sum(e["rows"] for e in manifest["files"] if e["holds"] == "truth")


def test_states_get_the_same_ids_as_from_any_other_loader(intakes: list[Intake]) -> None:
    checked = 0
    for rows in (rows for intake in intakes for rows in intake.facts):
        if not rows.is_node and not RELS[rows.type_name].event:
            frame = pl.from_arrow(rows.table.slice(0, 5))
            assert isinstance(frame, pl.DataFrame)
            wanted = state_ids(
                Output(rows.type_name, {}, rows.from_label, rows.to_label), frame["from_id"], frame["to_id"]
            )
            assert frame["id"].to_list() == wanted.to_list()
            checked += 1
    assert checked >= 8


def test_facts_carry_no_word_of_the_truth(intakes: list[Intake]) -> None:
    for rows in (rows for intake in intakes for rows in intake.facts):
        assert not {"gang", "role", "typology", "is_fraud", "layer"} & set(rows.table.column_names)


def test_progress_reaches_the_total(made: Path) -> None:
    seen: list[tuple[int, int]] = []
    list(LOADER.read(made, {}, LoadContext(progress=lambda done, total: seen.append((done, total)))))
    assert seen[-1][0] == seen[-1][1] > 0


def test_reports_can_be_read(made: Path) -> None:
    table = reports(made)
    assert table.num_rows >= 1
    assert table.column_names == ["report_id", "account_id", "transfer_ids", "amount_minor", "reported_at_ms"]


def test_an_option_is_refused(made: Path) -> None:
    with pytest.raises(FileRefused, match="takes no option"):
        LOADER.read(made, {"zone": "UTC"}, LoadContext())


def test_a_changed_byte_is_refused_before_any_row(town: Path) -> None:
    part = next((town / "rels").glob("Account-TRANSFER-Account-*.parquet"))
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)
    with pytest.raises(FileRefused, match="differs from the manifest") as error:
        LOADER.read(town, {}, LoadContext())
    assert error.value.code == "damaged"


@pytest.mark.parametrize("name", ["nodes/Account-0000.parquet", "truth/truth-0000.parquet", "manifest.json"])
def test_a_missing_file_is_refused(town: Path, name: str) -> None:
    (town / name).unlink()
    with pytest.raises(FileRefused, match=name) as error:
        LOADER.read(town, {}, LoadContext())
    assert error.value.code == "incomplete"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 200_000, b'{"format": "ringtrace-town", "version": 1}', b'{"format": "ringtrace-town", "version": 1, "files": [{"path": "x"}]}'])  # fmt: skip
def test_a_broken_manifest_is_refused(town: Path, content: bytes) -> None:
    (town / "manifest.json").write_bytes(content)
    with pytest.raises(FileRefused):
        LOADER.read(town, {}, LoadContext())


def test_a_truncated_part_with_a_matching_hash_is_refused(town: Path) -> None:
    from loaders.town.parts import sha256_of

    part = town / "nodes/Account-0000.parquet"
    part.write_bytes(part.read_bytes()[:400])

    def change(manifest: dict[str, Any]) -> None:
        entry = next(item for item in manifest["files"] if item["path"] == "nodes/Account-0000.parquet")
        entry["sha256"] = sha256_of(part)

    rewrite(town, change)
    with pytest.raises(FileRefused, match="not a Parquet file"):
        LOADER.read(town, {}, LoadContext())


@pytest.mark.parametrize("name", ["../outside.parquet", "/etc/passwd", "nodes/../../outside.parquet", "a\\b.parquet"])
def test_a_name_leading_out_of_the_folder_is_refused(town: Path, name: str) -> None:
    (town.parent / "outside.parquet").write_bytes(b"x")
    rewrite(town, lambda manifest: manifest["files"][0].update(path=name))
    with pytest.raises(FileRefused, match="leads out of the folder"):
        LOADER.read(town, {}, LoadContext())


def test_a_link_out_of_the_folder_is_refused(town: Path) -> None:
    part = town / "nodes/Account-0000.parquet"
    part.rename(town.parent / "elsewhere.parquet")
    part.symlink_to(town.parent / "elsewhere.parquet")
    with pytest.raises(FileRefused, match="leads out of the folder"):
        LOADER.read(town, {}, LoadContext())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda manifest: manifest["files"][0].update(holds="Castle"), "not in the schema"),
        (lambda manifest: manifest["files"][0].update(rows=1), "rows, the manifest says"),
        (lambda manifest: manifest.update(version=99), "generate it anew"),
        (lambda manifest: manifest.update(files=[f for f in manifest["files"] if "TRANSFER" not in f["holds"]]), "lists no transfers"),
    ],
)  # fmt: skip
def test_a_manifest_that_does_not_fit_is_refused(
    town: Path, change: Callable[[dict[str, Any]], None], reason: str
) -> None:
    rewrite(town, change)
    with pytest.raises(FileRefused, match=reason):
        LOADER.read(town, {}, LoadContext())


def test_an_unknown_column_is_refused(town: Path) -> None:
    from loaders.town.parts import sha256_of

    part = town / "nodes/Domain-0000.parquet"
    table = pq.read_table(part)
    pq.write_table(table.append_column("admin", pa.array([True] * table.num_rows)), part)

    def change(manifest: dict[str, Any]) -> None:
        entry = next(item for item in manifest["files"] if item["path"] == "nodes/Domain-0000.parquet")
        entry["sha256"] = sha256_of(part)

    rewrite(town, change)
    with pytest.raises(FileRefused, match="unknown columns admin"):
        LOADER.read(town, {}, LoadContext())


def test_a_folder_over_the_size_limit_is_refused(made: Path) -> None:
    with pytest.raises(FileRefused, match="more than the limit"):
        LOADER.read(made, {}, LoadContext(max_file_bytes=1_000))


def test_labels_of_the_facts_are_the_schemas(intakes: list[Intake]) -> None:
    names = {rows.type_name for intake in intakes for rows in intake.facts}
    assert names <= {*NODES, *RELS}
    assert {"Person", "Account", "Phone", "Device", "IP", "TRANSFER", "CALLED", "TEXTED", "EXCHANGED"} <= names
