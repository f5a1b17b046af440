"""Where a webhook never goes, and how long a receiver may keep the worker."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from outbox.channels.webhook import Webhook
from outbox.model import Delivery, Endpoint
from outbox.states import DeliveryState, DeliveryVerb

DELIVERY = Delivery("d", "bank", "k", "s", "key", "{}", DeliveryState.SENDING, 1, 0, 0, 1, 0, "")


def endpoint(address: str) -> Endpoint:
    return Endpoint("bank", "Bank", "webhook", address, 1, True)


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "2852039166", "0xA9FEA9FE"]
)
def test_where_clouds_keep_credentials_nothing_is_sent(host):
    outcome = Webhook(b"m" * 32, connect_s=0.2, read_s=0.2).send(endpoint(f"http://{host}/latest"), DELIVERY, 0)
    assert outcome.verb is DeliveryVerb.REFUSE and "no receiver" in outcome.said


def test_an_answer_that_drips_does_not_hold_up_the_worker():
    server = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 400\r\n\r\n")
            try:
                for _ in range(400):
                    connection.sendall(b"x")
                    time.sleep(0.1)
            except OSError:
                return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    way = Webhook(b"m" * 32, read_s=0.4)
    outcome = way.send(endpoint(f"http://127.0.0.1:{server.getsockname()[1]}/"), DELIVERY, 0)
    thread.join(10)
    server.close()
    assert not thread.is_alive()  # the connection was closed long before the 40 s the receiver wanted
    assert outcome.verb is DeliveryVerb.CONFIRM and 0 < len(outcome.said) < 100
