"""An open-loop load on POST /api/v1/transfers from a process of its own: latency counts from when a request was due.

`python -m bench._inflight_client PORT KEYFILE WHOFILE RATE SECONDS BATCH CONNECTIONS PREFIX ACKFILE [THEN_RATE THEN_SECONDS
PATIENCE_S]` prints one JSON line. With THEN_RATE it goes on at another rate, and what found no free connection within PATIENCE_S is
given up and counted: a surge's callers do not wait for ever.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections import Counter, defaultdict, deque
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

    def __init__(self, port, key, accounts, rate, seconds, batch, connections, prefix, then=(0.0, 0.0), patience_s=0.0):
        self.port, self.key, self.accounts = port, key, accounts
        self.rate, self.seconds, self.batch, self.connections, self.prefix = rate, seconds, batch, connections, prefix
        self.free, self.queue = deque(), deque()
        self.latencies, self.statuses, self.acked = [], Counter(), []
        self.without_retry_after = self.allowed = 0
        self.own_late = []
        self.phases = [(rate, seconds), *([then] if then[1] else [])]
        self.patience_s, self.given_up, self.shed_at_s = patience_s, 0, Counter()
        self.dice = random.Random(prefix)
        self.number = 0

    def request(self):
        items, ids = [], []
        now = int(time.time() * 1000)
        for _ in range(self.batch):
            self.number += 1
            ids.append(f"{self.prefix}-{self.number}")
            items.append({"id": ids[-1], "currency": "CNY", "at_ms": now, **self.payment()})
        body = json.dumps({"transfers": items} if self.batch > 1 else items[0], separators=(",", ":")).encode()
        head = (
            f"POST /api/v1/transfers HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAuthorization: Bearer {self.key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return ids, head.encode() + body

    def payment(self):
        """A past payment again, where those are given; else any account pays any other from any device."""
        if isinstance(self.accounts[0], list):
            payer, payee, amount, device = self.dice.choice(self.accounts)
            return {"payer": payer, "payee": payee, "amount_minor": amount, **({"device": device} if device else {})}
        payer, payee = self.dice.sample(self.accounts, 2)
        return {
            "payer": payer, "payee": payee, "amount_minor": self.dice.randint(1000, 500_000),
            "device": f"D{self.dice.randrange(50_000)}", "ip": f"10.0.{self.dice.randrange(250)}.{self.dice.randrange(250)}",
        }  # fmt: skip

    def answered(self, connection, status, retry_after, body):
        self.statuses[status] += 1
        if status == 200:
            self.allowed += body.count(b'"answer":"allow"')
            self.latencies.append((time.perf_counter() - connection.due, connection.due - self.start))
            self.acked += connection.ids
        elif status in (429, 503):
            self.shed_at_s[int(time.perf_counter() - self.start)] += 1
            self.without_retry_after += not retry_after
        self.free.append(connection)
        self.pump()

    def lost(self):
        self.statuses["lost"] += 1

    def pump(self):
        while self.patience_s and self.queue and self.queue[0][0] < time.perf_counter() - self.patience_s:
            self.queue.popleft()
            self.given_up += 1
        while self.queue and self.free:
            due, ids, request = self.queue.popleft()
            self.free.popleft().send(due, ids, request)

    async def run(self):
        loop = asyncio.get_running_loop()
        for _ in range(self.connections):
            await loop.create_connection(lambda: Connection(self), "127.0.0.1", self.port)
        self.start = due = time.perf_counter()
        for rate, seconds in self.phases:
            due = await self.offer(due, self.batch / rate, due + seconds)
        deadline = time.perf_counter() + 10
        while (self.queue or len(self.free) < self.connections) and time.perf_counter() < deadline:
            await asyncio.sleep(0.01)
        self.elapsed = time.perf_counter() - self.start

    async def offer(self, due, gap, until):
        """Requests that become due every `gap` seconds; when the next one after `until` is due."""
        while due < until:
            now = time.perf_counter()
            while due <= now and due < until:
                self.own_late.append(time.perf_counter() - due)
                self.queue.append((due, *self.request()))
                due += gap
            self.pump()
            await asyncio.sleep(max(0.0005, min(due - time.perf_counter(), 0.005)))
        return due

    def by_second(self):
        """[acknowledged, their p99 in ms, shed] of every second: by when they were due, shed by when they were told."""
        took = defaultdict(list)
        for seconds, due in self.latencies:
            took[int(due)].append(seconds)
        last = int(sum(seconds for _, seconds in self.phases))
        p99 = lambda found: round(1000 * sorted(found)[int(len(found) * 0.99)], 1) if found else None  # noqa: E731
        return [[len(took[s]), p99(took[s]), self.shed_at_s[s]] for s in range(last)]

    def report(self):
        took = sorted(seconds for seconds, _ in self.latencies)
        own = sorted(self.own_late)
        pick = lambda share, of=took: round(1000 * of[min(len(of) - 1, int(len(of) * share))], 2) if of else None  # noqa: E731
        return {
            "rate": self.rate, "batch": self.batch, "acknowledged": len(self.acked),
            "achieved": round(len(self.acked) / self.elapsed), "p50_ms": pick(0.5), "p99_ms": pick(0.99), "max_ms": pick(1.0),
            "statuses": {str(key): value for key, value in self.statuses.items()}, "unsent": len(self.queue),
            "without_retry_after": self.without_retry_after, "given_up": self.given_up, "offered": self.number,
            "not_allowed": 1 - self.allowed / max(1, len(self.acked)),
            "by_second": self.by_second() if len(self.phases) > 1 else [],
            # how late the generator itself came to a request that was due: it counts in the latencies above
            "own_late_p99_ms": pick(0.99, own), "own_late_max_ms": pick(1.0, own),
            "late_at_s": sorted({round(due, 1) for seconds, due in self.latencies if seconds > 0.05})[:40],
        }  # fmt: skip


def main():
    port, key, accounts, rate, seconds, batch, connections, prefix, acks = sys.argv[1:10]
    then_rate, then_seconds, patience_s = map(float, sys.argv[10:13] or (0, 0, 0))
    load = Load(
        int(port), Path(key).read_text().strip(), json.loads(Path(accounts).read_text()), float(rate), float(seconds),
        int(batch), int(connections), prefix, (then_rate, then_seconds), patience_s,
    )  # fmt: skip
    asyncio.run(load.run())
    Path(acks).write_text("\n".join(load.acked))
    print(json.dumps(load.report()))


if __name__ == "__main__":
    main()
