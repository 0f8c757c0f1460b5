"""How each client does what a loop asks for. The loop decides; here is only the waiting."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, Callable, Optional, Type

import anyio

from .cancel import Cancel
from .loop import Join, Sleep, Steps
from .result import Result
from .transport import Arrival, AsyncTransport, Outgoing, Transport
from .world import World


def drive(steps: Steps, transport: Transport, world: World, cancel: Optional[Cancel]) -> Result[Any]:
    """Does what a loop asks for, blocking."""
    answer: Any = None
    try:
        while True:
            step: Any = steps.send(answer)
            if type(step) is Outgoing:
                answer = transport.send(step)
            elif type(step) is Sleep:
                answer = world.sleep(step.ms, cancel)
            else:
                step.flight.exception()  # waits; the loop looks at what it is
                answer = None
    except StopIteration as done:
        result: Result[Any] = done.value
        return result
    finally:
        steps.close()


async def drive_async(
    steps: Steps, transport: AsyncTransport, world: World, cancel: Optional[Cancel]
) -> Result[Any]:
    """Does what a loop asks for, on the event loop."""
    answer: Any = None
    try:
        while True:
            step: Any = steps.send(answer)
            if type(step) is Outgoing:
                answer = await _sent(transport, step)
            elif type(step) is Sleep:
                answer = await _slept(world, step.ms, cancel)
            else:
                await _joined(step)
                answer = None
    except StopIteration as done:
        result: Result[Any] = done.value
        return result
    finally:
        steps.close()


async def _sent(transport: AsyncTransport, outgoing: Outgoing) -> Arrival:
    if outgoing.cancel is None:
        return await transport.send(outgoing)
    arrival = Arrival(event="cancelled")
    with _Cancelled(outgoing.cancel):
        arrival = await transport.send(outgoing)
    return arrival


async def _slept(world: World, ms: int, cancel: Optional[Cancel]) -> bool:
    if cancel is None:
        await world.sleep_async(ms)
        return False
    with _Cancelled(cancel):
        await world.sleep_async(ms)
    return cancel.is_set()


async def _joined(step: Join) -> None:
    # Shielded: who gives up waiting must not cancel the read for the others.
    await asyncio.wait([asyncio.shield(asyncio.wrap_future(step.flight))])


class _Cancelled:
    """Ends the block when a Cancel is set, from whatever thread."""

    def __init__(self, cancel: Cancel) -> None:
        self._cancel = cancel
        self._scope = anyio.CancelScope()

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        self._scope.__enter__()
        self._handle = self._cancel.listen(lambda: _call_soon(loop, self._scope.cancel))

    def __exit__(
        self, kind: Optional[Type[BaseException]], why: Optional[BaseException], trace: Optional[TracebackType]
    ) -> Optional[bool]:
        self._cancel.forget(self._handle)
        return self._scope.__exit__(kind, why, trace)


def _call_soon(loop: asyncio.AbstractEventLoop, action: Callable[[], None]) -> None:
    try:
        loop.call_soon_threadsafe(action)
    except RuntimeError:
        pass  # the event loop has ended, and the call with it
