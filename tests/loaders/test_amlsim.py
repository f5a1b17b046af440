"""AMLSim: the published sample whole, and what its loader does with bad folders, options and rows."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from loaders_reading import load

from core.errors import BadInput, FileRefused
from loaders import amlsim
from loaders._base import LoadContext

SAMPLE = Path(__file__).parents[3] / "shared" / "data" / "amlsim"
NODES = "nodeid,isFraud,init_balance,fraudStep\n0,0,184.44,-1\n1,1,175.80,3\n2,0,-5,-1\n"
TRANSFERS = "sourceNodeId,targetNodeId,value,time\n0,1,163.3,1\n1,0,143.11,2\n1,1,5,2\n0,9,1.5,2\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "nodes.csv").write_text(NODES)
    (tmp_path / "transactions.csv").write_text(TRANSFERS)
    return tmp_path


@pytest.mark.skipif(not SAMPLE.is_dir(), reason="the AMLSim sample is not beside the checkout")
def test_the_sample_loads_whole() -> None:
    loaded = load(amlsim.LOADER, SAMPLE)
    assert (len(loaded.facts["Account"]), len(loaded.facts["TRANSFER"]), loaded.rejected) == (20_000, 120_558, [])
    assert sum(bool(row["is_fraud"]) for row in loaded.truth) == 1_804
    assert len({row["id"] for row in loaded.facts["TRANSFER"]}) == 120_558
    assert not loaded.derived
    assert not loaded.warned("not in nodes.csv")


def test_accounts_and_transfers_carry_exact_money_and_times(folder: Path) -> None:
    loaded = load(amlsim.LOADER, folder)
    assert [(row["id"], row["opening_balance_minor"], row["currency"]) for row in loaded.facts["Account"]] == [
        ("amlsim:0", 18444, "USD"), ("amlsim:1", 17580, "USD"), ("amlsim:2", -500, "USD"),
    ]  # fmt: skip
    first = loaded.facts["TRANSFER"][0]
    assert (first["from_id"], first["to_id"], first["amount_minor"], first["at_ms"]) == (
        "amlsim:0",
        "amlsim:1",
        16330,
        1577923200000,
    )
    assert (first["source"], first["source_row"]) == ("transactions.csv", 1)
    assert loaded.warned("order of transfers within one step is unknown")
    assert loaded.warned("from a node to itself")


def test_an_end_missing_from_the_accounts_is_a_stub_or_rejected_never_dropped(folder: Path) -> None:
    loaded = load(amlsim.LOADER, folder)
    assert [row["id"] for row in loaded.derived["Account"]] == ["amlsim:9"]
    assert loaded.warned("1 transfers name an account that is not in nodes.csv")
    loaded = load(amlsim.LOADER, folder, {"ends": "reject"})
    assert [(item.code, item.row, item.field) for item in loaded.rejected] == [("unknown_account", 4, "to_id")]
    assert (len(loaded.facts["TRANSFER"]), loaded.derived) == (3, {})


def test_labels_become_truth_and_no_fact(folder: Path) -> None:
    loaded = load(amlsim.LOADER, folder)
    fraud = next(row for row in loaded.truth if row["is_fraud"])
    assert (fraud["entity_type"], fraud["entity_id"], fraud["at_ms"]) == (
        "Account",
        "amlsim:1",
        1577836800000 + 3 * 86_400_000,
    )
    assert "fraud" not in str(loaded.facts).lower()


def test_options_set_the_clock_and_the_currency(folder: Path) -> None:
    loaded = load(amlsim.LOADER, folder, {"epoch": "2024-01-01T08:00:00+08:00", "step": "1h", "currency": "cny"})
    assert loaded.facts["TRANSFER"][0]["at_ms"] == 1704067200000 + 3_600_000
    assert loaded.facts["TRANSFER"][0]["currency"] == "CNY"


@pytest.mark.parametrize(
    "options",
    [
        {"epoch": "yesterday"},
        {"step": "1 fortnight"},
        {"step": "0d"},
        {"currency": "ZZZ"},
        {"colour": "red"},
        {"ends": "maybe"},
    ],
)
def test_bad_options_are_refused(folder: Path, options: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        load(amlsim.LOADER, folder, options)


def test_bad_steps_and_amounts_are_rejected(folder: Path) -> None:
    (folder / "transactions.csv").write_text(TRANSFERS + "0,1,1.5,soon\n0,1,1e3,2\n,1,5,2\n0,1,5,99999999\n")
    loaded = load(amlsim.LOADER, folder)
    assert loaded.codes == ["not_an_integer", "exponent", "blank_id", "future_time"]


def test_a_folder_without_its_files_is_refused(folder: Path) -> None:
    (folder / "nodes.csv").unlink()
    with pytest.raises(FileRefused, match="nodes"):
        load(amlsim.LOADER, folder)
    with pytest.raises(FileRefused, match="folder"):
        load(amlsim.LOADER, folder / "transactions.csv")


def test_a_linked_file_is_refused(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("else") / "nodes.csv"
    shutil.move(folder / "nodes.csv", elsewhere)
    (folder / "nodes.csv").symlink_to(elsewhere)
    with pytest.raises(FileRefused) as refused:
        load(amlsim.LOADER, folder)
    assert refused.value.code == "outside_folder"


def test_the_second_file_is_checked_before_the_first_gives_rows(folder: Path) -> None:
    (folder / "transactions.csv").write_text("sourceNodeId,value,time\n")
    reading = amlsim.LOADER.read(folder, {}, LoadContext())
    with pytest.raises(FileRefused, match="targetNodeId"):
        next(reading)


def test_progress_runs_once_from_nothing_to_all_over_both_files(folder: Path) -> None:
    steps: list[tuple[int, int]] = []
    list(amlsim.LOADER.read(folder, {}, LoadContext(progress=lambda done, total: steps.append((done, total)))))
    total = len(NODES) + len(TRANSFERS)
    assert steps == sorted(steps)
    assert steps[-1] == (total, total)
