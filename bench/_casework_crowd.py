"""200 people at once at the queues, over HTTP, through the server that is shipped; the crowd is a process of its own.

A look is due when its person has thought for `THINK_S`; its time counts from then to the last byte of the page.
`python -m bench._casework_crowd PORT COOKIES SECONDS` is the crowd; `measure` starts server and crowd and prints.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import requests
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import Engine

from core.db import transaction
from security import sessions, users

PEOPLE, THINK_S, WARM_S = 200, 4.0, 8.0
PAGES = ("/leads", "/leads?show=mine", "/leads?show=new", "/cases", "/orders")
SECRET = "only-for-this-measurement-0123456789"


def measure(engine: Engine, home: Path, url: str, port: int = 8791, seconds: float = 30.0) -> dict[str, Any]:
    """Milliseconds of every look by page after the first WARM_S seconds, and how many answers were no page."""
    home.mkdir(parents=True, exist_ok=True)
    cookies = home / "cookies.json"
    cookies.write_text(json.dumps(_signed_in(engine)), encoding="utf-8")
    told = {
        "RINGTRACE_HOME": str(home), "RINGTRACE_PORT": str(port), "RINGTRACE_HOST": "127.0.0.1",
        "RINGTRACE_SECRET_KEY": SECRET, "RINGTRACE_DATABASE_URL": url,
    }  # fmt: skip
    code = "from core.settings import Settings; from webui.serve import serve; serve(Settings())"
    server = subprocess.Popen([sys.executable, "-c", code], env=os.environ | told, stdout=sys.stderr)
    try:
        _wait(f"http://127.0.0.1:{port}/login")
        crowd = [sys.executable, "-m", "bench._casework_crowd", str(port), str(cookies), str(seconds)]
        done = subprocess.run(crowd, capture_output=True, text=True, check=True)
        return dict(json.loads(done.stdout.splitlines()[-1]))
    finally:
        server.terminate()
        server.wait(30)


def _signed_in(engine: Engine) -> list[str]:
    """Cookies of PEOPLE signed-in browsers of ten supervisors: hashing 200 passwords is not what is measured."""
    app = Flask("crowd")
    app.secret_key = SECRET
    signing = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signing is not None
    with transaction(engine) as session:
        people = []
        for number in range(10):
            person, password = users.create(session, f"crowd{number}", ["supervisor"])
            people.append(users.change_password(session, person.id, password, f"a long phrase of the crowd {number}"))
        tokens = [sessions.start(session, people[number % 10], "127.0.0.1") for number in range(PEOPLE)]
    return [str(signing.dumps({"sid": token})) for token in tokens]


def _wait(address: str) -> None:
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        try:
            if requests.get(address, timeout=2).status_code == 200:
                return
        except requests.RequestException:
            time.sleep(0.2)
    raise RuntimeError("the server did not answer within a minute")


async def _person(number: int, port: int, cookie: str, ends: float, begun: float, out: dict[str, Any]) -> None:
    dice = random.Random(number)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    due = begun + dice.random() * THINK_S
    while due < ends:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        page = dice.choice(PAGES)
        writer.write(f"GET {page} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: ringtrace={cookie}\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        body = await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
        took = 1000 * (time.perf_counter() - due)
        if due - begun > WARM_S:
            out["took"].setdefault(page, []).append(took)
            out["wrong"] += not (head.startswith(b"http/1.1 200") and b"<table" in body)
        due = time.perf_counter() + THINK_S * (0.5 + dice.random())
    writer.close()


async def _crowd(port: int, cookies: list[str], seconds: float) -> dict[str, Any]:
    out: dict[str, Any] = {"took": {}, "wrong": 0}
    begun = time.perf_counter()
    ends = begun + WARM_S + seconds
    await asyncio.gather(*(_person(n, port, cookie, ends, begun, out) for n, cookie in enumerate(cookies)))
    return out


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    print(json.dumps(asyncio.run(_crowd(int(sys.argv[1]), given, float(sys.argv[3])))))
