"""SIM farms by hand: a GoIP box, a firm's exchange, friends with a spare SIM, and one SIM in many handsets."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore, nodes, ties

from algorithms._base import Found, Task
from algorithms.sim_farm import SimFarmParams, find
from graph.model import RowSet, conform

DAY = 86_400_000
SIMS = ["S1", "S2", "S3", "S4"]
BOX = [(sim, "D") for sim in SIMS]
#: Each SIM rings two numbers once.
RINGS = [(sim, f"N{i}{j}", 1_000 * (2 * i + j)) for i, sim in enumerate(SIMS) for j in (0, 1)]


def calls(rows: list[tuple[str, str, int]]) -> RowSet:
    table = pa.table({
        "from_id": pa.array([a for a, _, _ in rows], pa.string()), "to_id": pa.array([b for _, b, _ in rows], pa.string()),
        "id": pa.array([f"c{i}" for i in range(len(rows))], pa.string()), "at_ms": pa.array([t for _, _, t in rows], pa.int64()),
        "duration_s": pa.array([30] * len(rows), pa.int64()),
    })  # fmt: skip
    return RowSet("CALLED", conform("CALLED", table), "Phone", "Phone")


def place(uses=BOX, rings=RINGS, *more: RowSet, kind: str = "goip") -> MemoryStore:
    phones = sorted({phone for phone, _ in uses} | {end for row in rings for end in row[:2]})
    devices = sorted({device for _, device in uses})
    return MemoryStore([
        nodes("Account", ["A", "B"]), nodes("Device", devices, kind=[kind] * len(devices)),
        nodes("Phone", phones, activated_at_ms=pa.array([0] * len(phones), pa.int64())),
        ties("USED_DEVICE", ("Phone", "Device"), uses), calls(rings), *more,
    ])  # fmt: skip


def run(store: MemoryStore, **params: object) -> list[Found]:
    return find(Task(store), SimFarmParams.model_validate(params))  # type: ignore[arg-type]


def test_picture() -> None:
    (found,) = run(place(BOX, RINGS, ties("REGISTERED_WITH", ("Account", "Phone"), [("A", "S2"), ("B", "N00")])))
    assert [(m.label, m.id, m.role) for m in found.members] == [
        ("Device", "D", "sim_box"), *[("Phone", sim, "caller") for sim in SIMS], ("Account", "A", "sharer"),
    ]  # fmt: skip
    assert found.evidence_ids == tuple(f"c{i}" for i in range(8))
    assert (found.details["sims"], found.details["called"], found.details["called_back"]) == (4, 8, 0)
    assert found.score > 0.8 and found.against == ()
    assert "the device is known as a GoIP gateway" in found.reasons


def test_two_sims_are_a_usual_handset() -> None:
    assert run(place(BOX[:2], RINGS), min_score=0) == []


def test_friends_call_back() -> None:
    answered = [*RINGS, *[(b, a, t + 500_000) for a, b, t in RINGS]]
    (farm,), (friends,) = run(place()), run(place(BOX, answered, kind="phone"), min_score=0)
    assert friends.score < 0.5 < farm.score
    assert any("call back" in line for line in friends.against)


def test_a_firms_own_exchange_says_so() -> None:
    (firm,) = run(place(BOX, RINGS, ties("OWNS", ("Organization", "Phone"), [("O", sim) for sim in SIMS])), min_score=0)
    assert firm.score < 0.4 and any("organization" in line for line in firm.against)


def test_one_sim_in_many_devices() -> None:
    (found,) = run(
        place([("S1", f"D{i}") for i in range(6)], [("S1", f"N{i}", i) for i in range(6)], kind="phone"), min_score=0
    )
    assert found.title == "one SIM card moved through 6 devices"
    assert [m.role for m in found.members] == ["sim_box"] * 6 + ["caller"]


def test_without_calls_it_says_that_use_cannot_be_told() -> None:
    (found,) = run(place(BOX, [("Q", "R", 0)]), min_score=0)
    assert found.evidence_ids == () and found.starts_ms is None
    assert any("cannot be told" in line for line in found.against)


ENDS = st.sampled_from([*SIMS, "N1", "N2"])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(SIMS), st.sampled_from(["D", "E"])), max_size=8),
    st.lists(st.tuples(ENDS, ENDS, st.integers(0, 50)), max_size=20),
)
def test_members_sit_in_the_device_and_evidence_is_theirs(
    uses: list[tuple[str, str]], rings: list[tuple[str, str, int]]
) -> None:
    uses = list(dict.fromkeys(uses))
    for found in run(place(uses, rings), min_score=0, min_sims=2, min_devices=2, min_contacts=1):
        sims = {m.id for m in found.members if m.label == "Phone"}
        devices = {m.id for m in found.members if m.label == "Device"}
        assert all((sim, device) in uses for sim in sims for device in devices)
        assert set(found.evidence_ids) == {f"c{i}" for i, (a, b, _) in enumerate(rings) if a in sims and a != b}
        assert 0 <= found.score <= 1
