"""An open-loop load on POST /api/v1/transfers from a process of its own: latency counts from when a request was due.

`python -m bench._inflight_client PORT KEYFILE ACCOUNTSFILE RATE SECONDS BATCH CONNECTIONS PREFIX ACKFILE` prints one JSON line.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections import Counter, deque
from pathlib import Path


class Connection(asyncio.Protocol):
    """One keep-alive connection that has at most one request on the wire."""

    def __init__(self, load: Load) -> None:
        self.load, self.buffer, self.transport = load, b"", None
        self.due, self.ids = 0.0, ()

    def connection_made(self, transport):
        self.transport = transport
        self.load.free.append(self)

    def send(self, due, ids, request):
        self.due, self.ids = due, ids
        self.transport.write(request)

    def data_received(self, data):
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.buffer[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0])
        if len(self.buffer) < end + 4 + length:
            return
        body, self.buffer = self.buffer[end + 4 : end + 4 + length], b""
        self.load.answered(self, int(head[9:12]), b"retry-after:" in head, body)

    def connection_lost(self, _error):
        self.load.lost()


class Load:
    """Sends what is due on free connections; what finds none waits, and its wait counts."""

    def __init__(self, port, key, accounts, rate, seconds, batch, connections, prefix):
        self.port, self.key, self.accounts = port, key, accounts
        self.rate, self.seconds, self.batch, self.connections, self.prefix = rate, seconds, batch, connections, prefix
        self.free, self.queue = deque(), deque()
        self.latencies, self.statuses, self.acked = [], Counter(), []
        self.without_retry_after = 0
        self.own_late = []
        self.dice = random.Random(prefix)
        self.number = 0

    def request(self):
        items, ids = [], []
        now = int(time.time() * 1000)
        for _ in range(self.batch):
            self.number += 1
            payer, payee = self.dice.sample(self.accounts, 2)
            ids.append(f"{self.prefix}-{self.number}")
            items.append({
                "id": ids[-1], "payer": payer, "payee": payee, "amount_minor": self.dice.randint(1000, 500_000),
                "currency": "CNY", "at_ms": now, "device": f"D{self.dice.randrange(50_000)}", "ip": f"10.0.{self.dice.randrange(250)}.{self.dice.randrange(250)}",
            })  # fmt: skip
        body = json.dumps({"transfers": items} if self.batch > 1 else items[0], separators=(",", ":")).encode()
        head = (
            f"POST /api/v1/transfers HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAuthorization: Bearer {self.key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return ids, head.encode() + body

    def answered(self, connection, status, retry_after, _body):
        self.statuses[status] += 1
        if status == 200:
            self.latencies.append((time.perf_counter() - connection.due, connection.due - self.start))
            self.acked += connection.ids
        elif status in (429, 503) and not retry_after:
            self.without_retry_after += 1
        self.free.append(connection)
        self.pump()

    def lost(self):
        self.statuses["lost"] += 1

    def pump(self):
        while self.queue and self.free:
            due, ids, request = self.queue.popleft()
            self.free.popleft().send(due, ids, request)

    async def run(self):
        loop = asyncio.get_running_loop()
        for _ in range(self.connections):
            await loop.create_connection(lambda: Connection(self), "127.0.0.1", self.port)
        gap = self.batch / self.rate
        self.start = time.perf_counter()
        due = self.start
        while due < self.start + self.seconds:
            now = time.perf_counter()
            while due <= now and due < self.start + self.seconds:
                self.own_late.append(time.perf_counter() - due)
                self.queue.append((due, *self.request()))
                due += gap
            self.pump()
            await asyncio.sleep(max(0.0005, min(due - time.perf_counter(), 0.005)))
        deadline = time.perf_counter() + 10
        while (self.queue or len(self.free) < self.connections) and time.perf_counter() < deadline:
            await asyncio.sleep(0.01)
        self.elapsed = time.perf_counter() - self.start

    def report(self):
        took = sorted(seconds for seconds, _ in self.latencies)
        own = sorted(self.own_late)
        pick = lambda share, of=took: round(1000 * of[min(len(of) - 1, int(len(of) * share))], 2) if of else None  # noqa: E731
        return {
            "rate": self.rate, "batch": self.batch, "acknowledged": len(self.acked),
            "achieved": round(len(self.acked) / self.elapsed), "p50_ms": pick(0.5), "p99_ms": pick(0.99), "max_ms": pick(1.0),
            "statuses": {str(key): value for key, value in self.statuses.items()}, "unsent": len(self.queue),
            "without_retry_after": self.without_retry_after,
            # how late the generator itself came to a request that was due: it counts in the latencies above
            "own_late_p99_ms": pick(0.99, own), "own_late_max_ms": pick(1.0, own),
            "late_at_s": sorted({round(due, 1) for seconds, due in self.latencies if seconds > 0.05})[:40],
        }  # fmt: skip


def main():
    port, key, accounts, rate, seconds, batch, connections, prefix, acks = sys.argv[1:10]
    load = Load(
        int(port), Path(key).read_text().strip(), json.loads(Path(accounts).read_text()), float(rate), float(seconds),
        int(batch), int(connections), prefix,
    )  # fmt: skip
    asyncio.run(load.run())
    Path(acks).write_text("\n".join(load.acked))
    print(json.dumps(load.report()))


if __name__ == "__main__":
    main()
