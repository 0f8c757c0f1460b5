"""Many payments while everything breaks, and then the server's books: row S12."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Iterator, List, Optional

import juicer
from juicer import AsyncClient, CallOptions, Client, Policy, cards
from juicer.transport import Arrival, AsyncWire, Outgoing, Server as Address, Wire
from juicer.world import World

from .server import GOOD_CARD, Server, session

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
class Fate:
    """What becomes of an attempt: what is sent, if anything, and what is seen instead of the answer."""

    send: Optional[Outgoing]
    event: str = ""


@dataclass
class Weather:
    """Spoils three attempts in ten."""

    dice: random.Random
    seen: "Counter[str]"
    twist: Twist = lambda outgoing: outgoing
    #: A planted fault: says of a lost answer that nothing was sent.
    belittles: bool = False

    def fate(self, asked: Outgoing) -> Fate:
        outgoing = self.twist(asked)
        if outgoing.method == "GET" or self.dice.randrange(10) >= FAULTS_OF_10:
            return Fate(outgoing)
        first = (b"X-Juicer-Attempt", b"1") in outgoing.headers
        fault = self.dice.choice(AT_THE_SERVER + ON_THE_WAY + (AT_THE_FIRST_ATTEMPT if first else ()))
        self.seen[fault] += 1
        if fault == "refused":
            return Fate(None, "connect_refused")
        if fault == "reset unsent":
            return Fate(None, "reset")
        if fault == "reset sent":
            return Fate(outgoing, "reset")
        return Fate(outgoing._replace(headers=[*outgoing.headers, (b"Juicer-Fault", fault.encode())]))

    def told(self, fate: Fate, arrival: Arrival) -> Arrival:
        seen = Arrival(event=fate.event) if fate.event else arrival
        return Arrival(event="connect_refused") if self.belittles and seen.event == "reset" else seen


@dataclass
class Blocking:
    """The weather as a transport of the sync client."""

    wire: Wire
    weather: Weather

    def send(self, outgoing: Outgoing) -> Arrival:
        fate = self.weather.fate(outgoing)
        return self.weather.told(fate, self.wire.send(fate.send) if fate.send else Arrival())

    def close(self) -> None:
        self.wire.close()


@dataclass
class Awaited:
    """The weather as a transport of the async client."""

    wire: AsyncWire
    weather: Weather

    async def send(self, outgoing: Outgoing) -> Arrival:
        fate = self.weather.fate(outgoing)
        return self.weather.told(fate, await self.wire.send(fate.send) if fate.send else Arrival())

    async def close(self) -> None:
        await self.wire.close()


@dataclass
class Told:
    """What a call said at its end."""

    kind: str  # create or capture
    reference: str
    outcome: Optional[str] = None
    succeeded: bool = False
    reason: str = ""
    id: Optional[str] = None

    @property
    def options(self) -> CallOptions:
        return CallOptions(idempotency_key=f"{self.kind}-{self.reference}")

    def ended(self, result: Any) -> None:
        self.outcome, self.succeeded, self.reason, self.id = result.outcome, True, "ok", result.data["id"]

    def failed(self, error: juicer.JuicerError) -> None:
        self.outcome, self.succeeded = error.outcome, error.outcome == "succeeded"
        self.reason = f"{type(error).__name__} {error.reason}"


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

    def blow(self, mode: str = "sync") -> None:
        """Makes all calls; returns when the last has ended."""
        with self.server.client() as admin:
            rail: Any = {"personality": "instant"}
            admin.sandbox.change_rail("card", rail)
            key = admin.payment_sessions.encryption_key("test").data["encryption_key"]
        if mode == "async":
            asyncio.run(self._tasks(key))
            return
        with ThreadPoolExecutor(WORKERS) as threads:
            for done in [threads.submit(self._work, worker, key) for worker in range(WORKERS)]:
                done.result()

    def _work(self, worker: int, key: str) -> None:
        weather = self._weather(worker)
        transport = Blocking(Wire(self._address()), weather)
        with Client(self.server.url, self.server.key, transport=transport, **self._options(weather)) as client:
            for reference in self._references(worker):
                self._one(client, reference, key)

    async def _tasks(self, key: str) -> None:
        await asyncio.gather(*(self._work_async(worker, key) for worker in range(WORKERS)))

    async def _work_async(self, worker: int, key: str) -> None:
        weather = self._weather(worker)
        transport = Awaited(AsyncWire(self._address()), weather)
        async with AsyncClient(
            self.server.url, self.server.key, transport=transport, **self._options(weather)
        ) as client:
            for reference in self._references(worker):
                await self._one_async(client, reference, key)

    def _weather(self, worker: int) -> Weather:
        return Weather(random.Random(f"{self.seed}:{worker}"), self.faults, self.twist, self.belittles)

    def _options(self, weather: Weather) -> Dict[str, Any]:
        world = World(sleep=lambda ms, cancel: False, sleep_async=no_time, rand=weather.dice.random)
        return {"policy": self.policy, "world": world}

    def _address(self) -> Address:
        return Address("http", "127.0.0.1", int(self.server.url.rpartition(":")[2]))

    def _references(self, worker: int) -> List[str]:
        return [f"storm-{self.seed}-{number}" for number in range(worker, self.calls * MORE // 200, WORKERS)]

    def _one(self, client: Client, reference: str, key: str) -> None:
        """One payment: created, and captured if it is there; looked up if that is not known."""
        with self._telling("create", reference) as told:
            told.ended(client.payment_sessions.create(session(reference), told.options))
        id = told.id or _found(client.payments.list({"references": reference}))
        if id is not None:
            with self._telling("capture", reference) as told:
                told.ended(client.payment_sessions.capture(id, _card(key), told.options))

    async def _one_async(self, client: AsyncClient, reference: str, key: str) -> None:
        with self._telling("create", reference) as told:
            told.ended(await client.payment_sessions.create(session(reference), told.options))
        id = told.id or _found(await client.payments.list({"references": reference}))
        if id is not None:
            with self._telling("capture", reference) as told:
                told.ended(await client.payment_sessions.capture(id, _card(key), told.options))

    @contextlib.contextmanager
    def _telling(self, kind: str, reference: str) -> Iterator[Told]:
        """Notes what a call says at its end."""
        told = Told(kind, reference)
        try:
            yield told
        except juicer.JuicerError as error:
            told.failed(error)
        self.told.append(told)


async def no_time(ms: int) -> None:
    """Waits for nothing."""


def _card(key: str) -> Any:
    return {"card": cards.encrypted_card(key, GOOD_CARD, "100", 1, 2039)}


def _found(page: Any) -> Optional[str]:
    """What a careful caller does after an unknown outcome: look it up by reference."""
    return page.data[0]["id"] if page.data else None


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
