"""A world where nobody waits, and a server that is a script."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any, Callable, Coroutine, Dict, Iterable, List, Mapping, Optional, Tuple, Union

from juicer import AsyncClient, CallOptions, Cancel, Client, Policy
from juicer.transport import Arrival, Outgoing
from juicer.world import World

ANSWER_MS = 10


@dataclass
class Clock:
    """Time that moves only when somebody would wait."""

    ms: float = 0.0
    rands: List[float] = field(default_factory=list)
    slept: List[int] = field(default_factory=list)
    stands: bool = False
    #: When the caller's cancel comes, and which.
    cancel_at: Optional[float] = None
    cancel: Optional[Cancel] = None
    sleepers: int = 0
    #: How much longer than asked for a sleep takes.
    oversleeps_ms: int = 0

    def world(self) -> World:
        """This time, and the given random numbers; then 0.5 for ever."""
        return World(
            monotonic_ms=lambda: self.ms,
            now_ms=lambda: 1_795_339_800_000 + int(self.ms),
            rand=lambda: self.rands.pop(0) if self.rands else 0.5,
            sleep=self.sleep,
            sleep_async=self.sleep_async,
        )

    def sleep(self, ms: int, cancel: Optional[Cancel] = None) -> bool:
        self.slept.append(ms)
        return self.pass_time(ms + self.oversleeps_ms) or (cancel is not None and cancel.is_set())

    async def sleep_async(self, ms: int) -> None:
        self.slept.append(ms)
        self.sleepers += 1
        try:
            if self.pass_time(ms + self.oversleeps_ms):
                await asyncio.Event().wait()  # the cancel ends it
        finally:
            self.sleepers -= 1

    def pass_time(self, ms: float) -> bool:
        """Moves on; stops where the caller cancels, and says so."""
        if self.stands:
            return False
        if self.cancel_at is not None and self.cancel is not None and self.ms <= self.cancel_at < self.ms + ms:
            self.ms = self.cancel_at
            self.cancel.set()
            return True
        self.ms += ms
        return False


@dataclass
class Says:
    """One answer of the script: a status, or an event in its place."""

    status: int = 0
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    event: str = ""
    #: None: as long as the attempt may take.
    after_ms: Optional[int] = ANSWER_MS


def never_answers() -> Says:
    return Says(event="read_timeout", after_ms=None)


def reset() -> Says:
    return Says(event="reset")


@dataclass
class Script:
    """A transport that answers from a list; the last answer for ever."""

    clock: Clock
    answers: List[Says]
    requests: List[Outgoing] = field(default_factory=list)

    def next(self, outgoing: Outgoing) -> Arrival:
        self.requests.append(outgoing)
        number = len(self.requests)
        says = self.answers[min(number, len(self.answers)) - 1]
        if self.clock.pass_time(outgoing.timeout_ms if says.after_ms is None else says.after_ms):
            return Arrival(event="cancelled")
        body = says.body if isinstance(says.body, bytes) else json.dumps(says.body).encode()
        headers = {"x-request-id": f"req_{number}", **says.headers} if says.status else {}
        return Arrival(says.status, headers, b"" if says.body is None else body, says.event)

    def header(self, name: str) -> List[str]:
        """The header as it was sent with each request."""
        wanted = name.lower().encode()
        return [dict((n.lower(), v) for n, v in sent.headers)[wanted].decode() for sent in self.requests]


class Blocking:
    """The script as a transport of the sync client."""

    def __init__(self, script: Script) -> None:
        self.script = script

    def send(self, outgoing: Outgoing) -> Arrival:
        return self.script.next(outgoing)

    def close(self) -> None:
        pass


class Awaited:
    """The script as a transport of the async client."""

    def __init__(self, script: Script) -> None:
        self.script = script

    async def send(self, outgoing: Outgoing) -> Arrival:
        arrival = self.script.next(outgoing)
        await asyncio.sleep(0)
        if arrival.event == "cancelled":
            await asyncio.Event().wait()
        return arrival

    async def close(self) -> None:
        pass


Session = Tuple[int, Any]


class Stage:
    """A client, sync or async, before a script."""

    def __init__(self, mode: str, *answers: Says, rands: Iterable[float] = (), **options: Any) -> None:
        self.clock = Clock(rands=list(rands))
        self.script = Script(self.clock, list(answers))
        arguments: Dict[str, Any] = {"world": self.clock.world(), **options}
        self._sync = Client("http://shop.test", "test_key", transport=Blocking(self.script), **arguments)
        self._async = AsyncClient("http://shop.test", "test_key", transport=Awaited(self.script), **arguments)
        self.mode = mode
        self.client: Any = self._sync if mode == "sync" else self._async

    def do(self, call: Callable[[Any], Any]) -> Any:
        """The call's result, whichever client makes it."""
        made = call(self.client)
        return made if self.mode == "sync" else asyncio.run(_finished(made))

    def post(self, options: Optional[CallOptions] = None) -> Any:
        return self.do(lambda client: client.payment_sessions.create({"amount": 250_000, "reference": "ord_1"}, options))

    def get(self, options: Optional[CallOptions] = None) -> Any:
        return self.do(lambda client: client.payments.get("ord_1", options=options))

    def delete(self, options: Optional[CallOptions] = None) -> Any:
        return self.do(lambda client: client.customers.delete("c1", options=options))

    @property
    def tokens(self) -> int:
        return int(self.client.health().tokens)


async def _finished(made: "Coroutine[Any, Any, Any]") -> Any:
    return await made


def in_use(after_ms: Union[int, None] = None) -> Says:
    """409: the key is in use."""
    retry = {"allowed": True, "with": "same_key", "after_ms": after_ms}
    return Says(409, {"error": {"code": "idempotency_key_in_use", "retry": retry}})


def paid(status: int = 201) -> Says:
    """A success."""
    return Says(status, {"data": {"id": "p1"}, "money": {"outcome": "succeeded"}}, {"idempotent-replayed": "true"})


def patience(**changes: Any) -> Policy:
    return Policy(**changes)
