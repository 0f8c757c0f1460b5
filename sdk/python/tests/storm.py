"""Many payments while everything breaks, and then the server's books: row S12."""

from __future__ import annotations

import random
import threading
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any, Callable, Dict, List, Optional

import juicer
from juicer import CallOptions, Client, Policy
from juicer.transport import Arrival, Outgoing, Server as Address, Transport, Wire
from juicer.world import World

from .server import GOOD_CARD, Server, session
from juicer import cards

FAULTS_OF_10 = 3
WORKERS = 32
# Longer than the server ever takes here, shorter than the longest delay below.
ATTEMPT_MS = 2_000
# Percent: payments whose creation failed are not captured, so there must be some more.
MORE = 106

#: What the server is told to do to an attempt.
AT_THE_SERVER = (
    "drop=before",
    "drop=after-commit",
    "truncate=20",
    "truncate=0",
    "garbage",
    "hang=50",
    "hang=300",
    "hang=100;at=before",
    "delay=50",
    "delay=2300",
    "status=401",
    "status=429;retry-after=1",
    "status=500",
    "status=502",
    "status=503",
    "status=504",
    "error=server_error;at=after-commit",
    "error=storage_unavailable;at=after-commit",
    "error=request_timeout;at=after-commit",
    "error=overloaded",
)
#: Refusals that are final for a key: true only while nothing has been done with it.
AT_THE_FIRST_ATTEMPT = ("error=resource_busy", "status=403", "status=422", "error=invalid_amount")
#: What happens to it on the way.
ON_THE_WAY = ("refused", "reset unsent", "reset sent")

Twist = Callable[[Outgoing], Outgoing]


@dataclass
class Weather:
    """A transport that spoils three attempts in ten."""

    inner: Transport
    dice: random.Random
    seen: "Counter[str]"
    twist: Twist = lambda outgoing: outgoing
    #: A planted fault: says of a lost answer that nothing was sent.
    belittles: bool = False

    def send(self, outgoing: Outgoing) -> Arrival:
        arrival = self._spoiled(self.twist(outgoing))
        return Arrival(event="connect_refused") if self.belittles and arrival.event == "reset" else arrival

    def _spoiled(self, outgoing: Outgoing) -> Arrival:
        if outgoing.method == "GET" or self.dice.randrange(10) >= FAULTS_OF_10:
            return self.inner.send(outgoing)
        first = (b"X-Juicer-Attempt", b"1") in outgoing.headers
        fault = self.dice.choice(AT_THE_SERVER + ON_THE_WAY + (AT_THE_FIRST_ATTEMPT if first else ()))
        self.seen[fault] += 1
        if fault == "refused":
            return Arrival(event="connect_refused")
        if fault == "reset unsent":
            return Arrival(event="reset")
        if fault == "reset sent":
            self.inner.send(outgoing)
            return Arrival(event="reset")
        return self.inner.send(outgoing._replace(headers=[*outgoing.headers, (b"Juicer-Fault", fault.encode())]))

    def close(self) -> None:
        self.inner.close()


@dataclass
class Told:
    """What a call said at its end."""

    kind: str  # create or capture
    reference: str
    outcome: Optional[str]
    succeeded: bool
    reason: str
    id: Optional[str] = None


@dataclass
class Storm:
    """``calls`` calls from several workers, half of them creating, half capturing."""

    server: Server
    calls: int
    seed: int
    policy: Policy = Policy(write_timeout_ms=ATTEMPT_MS)
    twist: Twist = lambda outgoing: outgoing
    belittles: bool = False
    told: List[Told] = field(default_factory=list)
    faults: "Counter[str]" = field(default_factory=Counter)
    attempts: int = 0

    def blow(self) -> None:
        """Makes all calls; returns when the last has ended."""
        with self.server.client() as admin:
            rail: Any = {"personality": "instant"}
            admin.sandbox.change_rail("card", rail)
            key = admin.payment_sessions.encryption_key("test").data["encryption_key"]
        errors: List[BaseException] = []
        threads = [threading.Thread(target=self._guarded, args=(number, key, errors)) for number in range(WORKERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]

    def _guarded(self, worker: int, key: str, errors: List[BaseException]) -> None:
        try:
            self._work(worker, key)
        except BaseException as why:
            errors.append(why)

    def _work(self, worker: int, key: str) -> None:
        dice = random.Random(f"{self.seed}:{worker}")
        seen: "Counter[str]" = Counter()
        address = Address("http", "127.0.0.1", int(self.server.url.rpartition(":")[2]))
        weather = Weather(Wire(address), dice, seen, self.twist, self.belittles)
        world = replace(World(), sleep=lambda ms, cancel: False, rand=dice.random)
        told: List[Told] = []
        with Client(self.server.url, self.server.key, policy=self.policy, transport=weather, world=world) as client:
            for number in range(worker, self.calls * MORE // 200, WORKERS):
                self._one(client, f"storm-{self.seed}-{number}", key, told)
        self.told.extend(told)
        self.faults.update(seen)

    def _one(self, client: Client, reference: str, key: str, told: List[Told]) -> None:
        """One payment: created, and captured if it is there."""
        created = _told("create", reference, lambda o: client.payment_sessions.create(session(reference), o))
        told.append(created)
        id = created.id or _look_up(client, reference)
        if id is None:
            return
        card: Any = {"card": cards.encrypted_card(key, GOOD_CARD, "100", 1, 2039)}
        captured = _told("capture", reference, lambda o: client.payment_sessions.capture(id, card, o))
        told.append(captured)


def _told(kind: str, reference: str, call: Callable[[CallOptions], Any]) -> Told:
    try:
        result = call(CallOptions(idempotency_key=f"{kind}-{reference}"))
    except juicer.JuicerError as error:
        return Told(kind, reference, error.outcome, error.outcome == "succeeded", f"{type(error).__name__} {error.reason}")
    return Told(kind, reference, result.outcome, True, "ok", result.data["id"])


def _look_up(client: Client, reference: str) -> Optional[str]:
    """What a careful caller does after an unknown outcome."""
    try:
        return str(client.payments.get(reference).data["id"])
    except juicer.NotFoundError:
        return None


@dataclass
class Books:
    """What the server and its bank have in their books."""

    payments: Dict[str, List[Any]]  # by reference
    executions: "Counter[str]"  # by payment id
    audit: Any

    @classmethod
    def read(cls, server: Server) -> "Books":
        with server.client() as client:
            audit = client.sandbox.audit({"wait": 20}).data
            payments: Dict[str, List[Any]] = {}
            for payment in client.payments.list_all({"limit": 100}):
                payments.setdefault(payment["reference"], []).append(payment)
            entries = client.sandbox.list_all_rail_books({"limit": 100})
            executions = Counter(e["rail_reference"].partition("/")[0] for e in entries if e["kind"] == "execution")
            return cls(payments, executions, audit)


def contradictions(storm: Storm, books: Books) -> List[str]:
    """Where what the calls said does not agree with the books."""
    wrong = [f"the audit is not clean: {books.audit['totals']}"] if not books.audit["clean"] else []
    known = {told.reference for told in storm.told}
    wrong += [f"{reference}: a payment that no call asked for" for reference in books.payments if reference not in known]
    for reference, payments in books.payments.items():
        if len(payments) > 1:
            wrong.append(f"{reference}: {len(payments)} payments")
        wrong += [f"{reference}: charged {n} times" for n in (books.executions[p["id"]] for p in payments) if n > 1]
    return wrong + [line for told in storm.told for line in _against(told, books)]


def _against(told: Told, books: Books) -> List[str]:
    payments = books.payments.get(told.reference, [])
    happened = bool(payments) if told.kind == "create" else any(books.executions[p["id"]] for p in payments)
    if told.succeeded and not happened:
        return [f"{told.kind} {told.reference}: said it worked, and it did not ({told.reason})"]
    if not told.succeeded and told.outcome in ("not_attempted", "refused") and happened:
        return [f"{told.kind} {told.reference}: said {told.outcome}, and it happened ({told.reason})"]
    if told.outcome is None:
        return [f"{told.kind} {told.reference}: said nothing about money ({told.reason})"]
    return []
