"""`python -m tests.neo4j_server`: a server to try things on, until Ctrl-C.

Its memory is that of docker-compose.yml: NEO4J_HEAP (2G) and NEO4J_PAGECACHE (1G).
"""

from __future__ import annotations

import os
import signal
import sys
import threading

from .launcher import CannotStart, running


def main() -> int:
    """Print address and password, run until interrupted."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        with running(os.environ.get("NEO4J_HEAP", "2G"), os.environ.get("NEO4J_PAGECACHE", "1G")) as server:
            print(f"RINGTRACE_NEO4J_URI={server.uri}\nRINGTRACE_NEO4J_PASSWORD={server.password}", flush=True)
            stop.wait()
    except CannotStart as error:
        print(f"no Neo4j: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
