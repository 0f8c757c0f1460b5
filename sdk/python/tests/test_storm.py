"""S12: many calls, three attempts in ten spoilt, a server that keeps books."""

from __future__ import annotations

import os
import random
import re
import time
from collections import Counter

import pytest

from juicer import Policy
from juicer.transport import Outgoing

from .server import Server
from .storm import ATTEMPT_MS, Books, Storm, contradictions

CALLS = int(os.environ.get("JUICER_STORM_CALLS", "2000"))
SEED = int(os.environ.get("JUICER_STORM_SEED") or random.SystemRandom().randrange(10**6))
PLANTED_CALLS = 400


@pytest.mark.parametrize("mode, calls", [("sync", CALLS), ("async", CALLS // 4)])
def test_s12_every_error_agrees_with_the_books(mode: str, calls: int, fresh_server: Server) -> None:
    print(f"JUICER_STORM_SEED={SEED} JUICER_STORM_CALLS={calls} {mode}")
    began = time.monotonic()
    storm = Storm(fresh_server, calls, SEED)
    storm.blow(mode)
    books = Books.read(fresh_server)
    print(f"{len(storm.told)} calls, {sum(storm.faults.values())} faults, {len(books.payments)} payments, "
          f"{sum(books.executions.values())} charges, {time.monotonic() - began:.1f} s")  # fmt: skip
    for line, count in sorted(Counter(f"{told.kind} {told.outcome} {told.reason}" for told in storm.told).items()):
        print(f"  {count:6} {line}")
    assert contradictions(storm, books) == [], f"seed {SEED}"
    assert len(storm.told) >= calls and (len(storm.faults) > 20 or calls < 400), storm.faults


def test_s12_a_client_that_belittles_lost_answers_is_noticed(fresh_server: Server) -> None:
    policy = Policy(write_timeout_ms=ATTEMPT_MS, max_attempts=1)
    storm = Storm(fresh_server, PLANTED_CALLS, SEED, policy=policy, belittles=True)
    storm.blow()
    found = contradictions(storm, Books.read(fresh_server))
    assert any("said not_attempted, and it happened" in line for line in found), f"seed {SEED}"


def test_s12_a_client_that_pays_anew_at_each_attempt_is_noticed(fresh_server: Server) -> None:
    storm = Storm(fresh_server, PLANTED_CALLS, SEED, twist=anew)
    storm.blow()
    found = contradictions(storm, Books.read(fresh_server))
    assert any("a payment that no call asked for" in line for line in found), f"seed {SEED}"


def anew(outgoing: Outgoing) -> Outgoing:
    """The request with another key and reference at every attempt after the first."""
    attempt = dict(outgoing.headers)[b"X-Juicer-Attempt"]
    if attempt == b"1":
        return outgoing
    body = re.sub(rb'"reference":"([^"]*)"', rb'"reference":"\1-%s"' % attempt, outgoing.body)
    headers = [(n, v + attempt if n == b"Idempotency-Key" else v) for n, v in outgoing.headers if n != b"Content-Length"]
    return outgoing._replace(body=body, headers=[*headers, (b"Content-Length", b"%d" % len(body))])
