"""What ``client.payments`` can beyond the generated methods: waiting, and gathered reads."""

from __future__ import annotations

import asyncio
from typing import Any, Dict, Final, Mapping, Optional

from . import models as m
from ._core import AsyncCore, CallOptions, Core, Request
from .resources import AsyncPayments, Payments
from .result import RawReply, Result
from .world import World

#: How long the server holds one read at most.
HOLD_S: Final = 25
#: From one question to the next, at least.
_BETWEEN_MS: Final = 1_000
_GATHERED_MAX: Final = 100
_GOING_ON: Final = ("pending", "unknown", "not_attempted")


def is_final(result: Result[Any]) -> bool:
    """Whether the payment will not change any more."""
    return result.outcome not in _GOING_ON


class _Patience:
    """How much longer to wait; one question may take as long as the server holds it."""

    def __init__(self, world: World, timeout_s: float) -> None:
        self._world = world
        self._ends_ms = world.monotonic_ms() + timeout_s * 1000
        self._asked_ms = 0.0

    def question(self, id: str) -> Request:
        self._asked_ms = self._world.monotonic_ms()
        hold_s = max(0, min(HOLD_S, int((self._ends_ms - self._asked_ms) / 1000)))
        return Request("GET", "/payments/{id}", path=(id,), query={"wait": hold_s})

    def pause_ms(self) -> Optional[int]:
        """The pause before the next question, for servers that do not hold reads; None when
        the time is up."""
        now = self._world.monotonic_ms()
        pause = max(0, _BETWEEN_MS - int(now - self._asked_ms))
        return pause if now + pause < self._ends_ms else None


class WaitingPayments(Payments):
    """``client.payments``."""

    def __init__(self, core: Core, world: World) -> None:
        super().__init__(core)
        self._world = world

    def wait(self, id: str, timeout: float = 120, options: Optional[CallOptions] = None) -> Result[m.Payment]:
        """Waits until a payment is final, at most ``timeout`` seconds.

        Returns it as it is then: ``pending`` or ``unknown`` if the time was not enough.
        """
        patience = _Patience(self._world, timeout)
        while True:
            result: Result[m.Payment] = self._core.send(patience.question(id), options)
            pause = None if is_final(result) else patience.pause_ms()
            if pause is None or self._world.sleep(pause, options.cancel if options else None):
                return result


class AsyncWaitingPayments(AsyncPayments):
    """``client.payments`` of the async client."""

    def __init__(self, core: AsyncCore, world: World, gather: bool) -> None:
        super().__init__(core)
        self._world = world
        self._gathering = _Gathering(core) if gather else None

    async def get(
        self, id: str, query: Optional[m.PaymentsGetQuery] = None, options: Optional[CallOptions] = None
    ) -> Result[m.Payment]:
        """Look at a payment, by id or reference. ``GET /payments/{id}``

        With ``gather`` on, plain calls by id of one tick of the event loop become one request.
        """
        if self._gathering is None or query or options or not _is_uuid(id):
            return await super().get(id, query, options)
        found = await self._gathering.get(id)
        return found if found is not None else await super().get(id)

    async def wait(self, id: str, timeout: float = 120, options: Optional[CallOptions] = None) -> Result[m.Payment]:
        """Waits until a payment is final, at most ``timeout`` seconds.

        Returns it as it is then: ``pending`` or ``unknown`` if the time was not enough.
        """
        patience = _Patience(self._world, timeout)
        while True:
            result: Result[m.Payment] = await self._core.send(patience.question(id), options)
            pause = None if is_final(result) else patience.pause_ms()
            if pause is None:
                return result
            await self._world.sleep_async(pause)


def _is_uuid(text: str) -> bool:
    return len(text) == 36 and [at for at, letter in enumerate(text) if letter == "-"] == [8, 13, 18, 23]


class _Gathering:
    """Collects the ids of one tick."""

    def __init__(self, core: AsyncCore) -> None:
        self._core = core
        self._wanted: Dict[str, "asyncio.Future[Optional[Result[Any]]]"] = {}
        self._tasks: "set[asyncio.Task[None]]" = set()

    async def get(self, id: str) -> Optional[Result[m.Payment]]:
        """The payment, or None if the list does not know it."""
        if not self._wanted:
            task = asyncio.get_running_loop().create_task(self._ask())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        future = self._wanted.get(id)
        if future is None:
            future = self._wanted[id] = asyncio.get_running_loop().create_future()
        if len(self._wanted) >= _GATHERED_MAX:
            # The task takes what is there; later ids begin a new one.
            self._wanted, full = {}, self._wanted
            await self._ask_for(full)
        return await asyncio.shield(future)

    async def _ask(self) -> None:
        await asyncio.sleep(0)
        self._wanted, wanted = {}, self._wanted
        if wanted:
            await self._ask_for(wanted)

    async def _ask_for(self, wanted: "Dict[str, asyncio.Future[Optional[Result[Any]]]]") -> None:
        try:
            page = await self._core.send(Request("GET", "/payments", query={"ids": list(wanted)}), None)
            found = {payment["id"]: payment for payment in page.data}
            for id, future in wanted.items():
                _settle(future, _single(found[id], page.raw) if id in found else None)
        except BaseException as why:
            for future in wanted.values():
                if not future.done():
                    future.set_exception(why)
            if not isinstance(why, Exception):
                raise


def _settle(future: "asyncio.Future[Optional[Result[Any]]]", result: Optional[Result[Any]]) -> None:
    if not future.done():
        future.set_result(result)


def _single(payment: Mapping[str, Any], raw: RawReply) -> Result[Any]:
    return Result(payment, {"data": payment}, raw)
