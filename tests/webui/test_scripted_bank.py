"""`ringtrace bank serve` beside the service: an order goes out over the wire, the scripted answer comes back signed."""

from __future__ import annotations

import threading
import time

from conftest import serving
from neo4j_server.launcher import free_port
from with_endpoint import with_endpoint

from cases import bank_script
from outbox.channels.webhook import Webhook
from outbox.worker import Dispatcher
from security.roles import Actor, system_actor
from usecases import casefiles, deliveries, delivery_handlers, leads, scripted_bank, stop_orders
from usecases.leads import Report
from usecases.stop_orders import Draft

OFFICER = Actor("u-officer", "officer", frozenset({"investigator"}))


def test_an_order_is_answered_over_the_wire_as_the_script_says(tmp_path):
    port, stop, told = free_port(), threading.Event(), []
    script = bank_script.parse('{"rules": [{"answer": "frozen_part", "share": 0.25}]}')
    with serving(tmp_path) as live:
        services = live.services
        with_endpoint(services, "icbc", f"http://127.0.0.1:{port}/icbc")
        filed = leads.file(services, OFFICER, Report("hotline", "paid to A-mule1"))
        case_id = casefiles.open_from_lead(services, OFFICER, filed.lead_id)
        (order_id,) = stop_orders.draft(
            services, OFFICER, case_id, [Draft("icbc", "A-1", "H", 400, "CNY", "T", 1_714_536_000_000)]
        )
        playing = threading.Thread(
            target=scripted_bank.serve,
            args=(services, system_actor(), script, None, port, live.url, stop, told.append),
            daemon=True,
        )
        playing.start()
        try:
            ends = time.monotonic() + 30
            while not told and time.monotonic() < ends:
                time.sleep(0.02)
            stop_orders.approve(services, system_actor(), order_id, 1)
            ways = {"webhook": Webhook(deliveries.master_key(services))}
            Dispatcher(services.engine, ways, delivery_handlers.SETTLED).run_once()
            while len(told) < 2 and time.monotonic() < ends:
                time.sleep(0.02)
        finally:
            stop.set()
            playing.join(30)
        row = stop_orders.one(services, system_actor(), order_id).order
    assert "applied" in told[1], told
    assert (row.state, row.frozen_minor) == ("frozen_part", 100)
