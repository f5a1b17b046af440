"""Property: whoever tries what in whatever order, an endpoint moves only by two persons and a decided change stays decided."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select
from sqlalchemy.pool import StaticPool

from core.db import Base, transaction
from core.errors import RingtraceError
from outbox import endpoint_changes, endpoints
from outbox.endpoint_proposal import OPEN_MS, Wanted
from outbox.tables import DeliveryRow, EndpointChangeRow, EndpointRow

PEOPLE = [("u1", "ann"), ("u2", "ben"), ("u3", "cai")]
TRIES = st.lists(
    st.tuples(
        st.sampled_from(["move", "rotate", "approve", "approve", "approve_stale", "reject", "secret", "wait"]),
        st.sampled_from(PEOPLE), st.integers(0, 3),
    ),
    max_size=14,
)  # fmt: skip


def attempt(session, what, by, number, now):
    """One act on the newest change but `number`, or a proposal."""
    if what in ("move", "rotate"):
        placed = ("A bank", "webhook", f"https://bank.example/{number}") if what == "move" else ("", "", "")
        return endpoint_changes.propose(session, Wanted("bank", what, "long enough", *placed), *by, now)
    rows = endpoint_changes.latest(session)
    if number >= len(rows):
        return None
    if what.startswith("approve"):
        version = rows[number].version - (what == "approve_stale")
        return endpoint_changes.approve(session, rows[number].id, version, *by, now)
    if what == "reject":
        return endpoint_changes.reject(session, rows[number].id, *by, now, "no")
    return endpoint_changes.take_secret(session, rows[number].id, by[0], now)[0]


@given(TRIES)
@settings(max_examples=50, deadline=None)
def test_nobody_moves_an_endpoint_alone_and_nothing_decided_is_decided_again(tries):
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    Base.metadata.create_all(engine, tables=[row.__table__ for row in (EndpointRow, DeliveryRow, EndpointChangeRow)])
    now, decided = 10**12, {}
    with transaction(engine) as session:
        before = endpoints.put(session, "bank", "A bank", "webhook", "https://bank.example/in", now)
    for what, by, number in tries:
        now += OPEN_MS // 3 * number if what == "wait" else 1
        if what != "wait":
            try:
                with transaction(engine) as session:
                    attempt(session, what, by, number, now)
            except RingtraceError:
                pass
        with transaction(engine) as session:
            rows, there = session.scalars(select(EndpointChangeRow)).all(), endpoints.find(session, "bank")
            approved = {row.id for row in rows if row.state == "approved"}
            newly = approved - {key for key, value in decided.items() if value[0] == "approved"}
            assert (there != before) == bool(newly) and len(newly) <= (what == "approve")
            assert sum(row.state == "proposed" for row in rows) <= 1
            for row in rows:
                kept = (row.state, row.decided_by_id, row.version, row.address, row.key_version)
                assert decided.get(row.id, kept) == kept
                if row.state != "proposed":
                    decided[row.id] = kept
                if row.state == "approved":
                    assert row.decided_by_id not in ("", row.proposed_by_id) and row.decided_at_ms < row.expires_at_ms
            before = there
    engine.dispose()
