"""What a call costs through the SDK beside bare httpx, against any server that answers JSON.

Reads JUICER_BENCH_URL; prints one line of JSON. Half of the calls are reads, half are
writes with an idempotency key. Rounds of both take turns in one process; the figures are
medians of the rounds, in microseconds a call.
"""

from __future__ import annotations

import json
import os
import secrets
import statistics
import time
from typing import Any, Callable, Dict, List

import httpx

from juicer import Client

CALLS = int(os.environ.get("CALLS", "200"))  # of each kind, in a round
ROUNDS = int(os.environ.get("ROUNDS", "25"))
KEY = "test_0000000000000000000000000000000HGh7u"
BODY: Any = {
    "amount": 250_000,
    "currency": "NGN",
    "customer": {"first_name": "Ada", "last_name": "Obi", "email": "ada@example.com", "phone_number": "+2348031234567"},
    "description": "Term fee",
    "reference": "order-1",
    "payment_method": {"type": "card"},
    "order": {"identifier": "INV-7", "items": [{"name": "Term fee", "type": "service"}]},
}


def bare(url: str) -> Callable[[], None]:
    """A round of bare httpx, as a careful user would write it."""
    client = httpx.Client(base_url=url, headers={"Authorization": KEY}, timeout=30)

    def round() -> None:
        for _ in range(CALLS):
            client.get("/payments/order-1").raise_for_status().json()
            headers = {"Idempotency-Key": secrets.token_hex(16)}
            client.post("/payment-sessions", json=BODY, headers=headers).raise_for_status().json()

    return round


def sdk(url: str) -> Callable[[], None]:
    """The same round through the SDK."""
    client = Client(url, KEY)

    def round() -> None:
        for _ in range(CALLS):
            client.payments.get("order-1")
            client.payment_sessions.create(BODY)

    return round


def measured(round: Callable[[], None]) -> "tuple[float, float]":
    """Wall and CPU time of one call, in microseconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    round()
    calls = 2 * CALLS / 1e6
    return (time.perf_counter() - wall) / calls, (time.process_time() - cpu) / calls


def medians(rounds: List["tuple[float, float]"]) -> Dict[str, Any]:
    wall, cpu = zip(*rounds)
    return {"median_us": round(statistics.median(wall), 1), "cpu_us": round(statistics.median(cpu), 1), "allocs": None}


def main() -> None:
    url = os.environ["JUICER_BENCH_URL"].rstrip("/")
    contestants = {"bare": bare(url), "sdk": sdk(url)}
    rounds: Dict[str, List["tuple[float, float]"]] = {name: [] for name in contestants}
    for contestant in contestants.values():
        contestant()  # connections, caches
    for number in range(ROUNDS):
        order = list(contestants) if number % 2 else list(reversed(contestants))
        for name in order:
            rounds[name].append(measured(contestants[name]))
    figures = {name: medians(taken) for name, taken in rounds.items()}
    print(json.dumps({"language": "python", "calls": 2 * CALLS, "rounds": ROUNDS, **figures}))


if __name__ == "__main__":
    main()
