"""A program that dies by SIGKILL after the bytes of a payment have left.

    python -m tests.crashing URL KEY DIRECTORY REFERENCE
"""

from __future__ import annotations

import os
import signal
import sys

from juicer import CallOptions, Client
from juicer.transport import Arrival, Outgoing, Server, Wire

from .server import session


class Deadly:
    """Sends; dies before the answer can be read."""

    def __init__(self, url: str) -> None:
        self._wire = Wire(Server("http", "127.0.0.1", int(url.rpartition(":")[2])))

    def send(self, outgoing: Outgoing) -> Arrival:
        self._wire.send(outgoing)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("alive")

    def close(self) -> None:
        self._wire.close()


def main() -> None:
    url, key, directory, reference = sys.argv[1:]
    client = Client(url, key, outbox=directory, transport=Deadly(url))
    client.payment_sessions.create(session(reference), CallOptions(idempotency_key="order-" + reference))


if __name__ == "__main__":
    main()
