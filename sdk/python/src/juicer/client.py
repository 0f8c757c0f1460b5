"""The two clients. They share one mind (``loop.py``); here is only how each one waits."""

from __future__ import annotations

import asyncio
import os
from types import TracebackType
from typing import Any, AsyncIterator, Callable, Final, Iterator, List, Optional, Sequence, Type, Union

import anyio
import httpx

from . import batch as batches
from . import models as m
from . import resume as resumption
from ._core import CallOptions, Request
from .batch import BatchItem, BatchReply
from .cache import Cache
from .cancel import Cancel
from .cards import encrypted_card
from .errors import Facts, JuicerError, NotFoundError, PaymentDeclined
from .hooks import Hooks
from .loop import Join, Mind, Sleep, Steps, run
from .options import Setup, setup
from .outbox import Kept, Outbox
from .payments import AsyncWaitingPayments, WaitingPayments
from .plan import Plan
from .policy import Policy
from .rates import Health, Rates
from .resources import AsyncResources, Resources
from .result import AsyncPage, Page, Result
from .resume import Resumed, Sent
from .transport import Adapted, Arrival, AsyncAdapted, AsyncTransport, AsyncWire, Outgoing, Transport, Wire
from .webhooks import Webhooks
from .world import World




class Client(Resources):
    """Talks to a Juicer server. One object may serve all threads of a program.

    ``base_url`` and ``api_key`` default to JUICER_BASE_URL and JUICER_API_KEY. ``policy``:
    how patient it is. ``hooks``: watchers, see ``juicer.hooks``. ``cache``: keep reads that
    the server allows to keep. ``pacing``: wait before the server's limits are reached.
    ``outbox``: a directory where writes survive a crash. ``raise_on_decline``: refused
    payments raise. ``webhook_secret``, ``business_id``: for ``client.webhooks``. ``rates``:
    error rates with thresholds. ``transport``: another way out, ours or one of httpx.
    """

    payments: WaitingPayments

    def __init__(
        self,
        base_url: Optional[str] = None,
        api_key: Optional[str] = None,
        *,
        policy: Optional[Policy] = None,
        hooks: Sequence[Hooks] = (),
        cache: Union[Cache, bool] = False,
        pacing: bool = False,
        outbox: "Outbox | str | os.PathLike[str] | None" = None,
        raise_on_decline: bool = False,
        webhook_secret: Optional[str] = None,
        business_id: Optional[str] = None,
        rates: Optional[Rates] = None,
        transport: "Transport | httpx.BaseTransport | None" = None,
        world: World = World(),
    ) -> None:
        self._setup = setup(base_url, api_key, policy, hooks, cache, pacing, outbox, rates, world)
        self._transport = _transport(self._setup, transport)
        core = _SyncCore(self._setup, self._transport, raise_on_decline)
        self._core = core
        self._bind(core)
        self.payments = WaitingPayments(core, world)
        #: Checks what the server sends to your endpoints.
        self.webhooks = Webhooks(webhook_secret, business_id, world)

    @property
    def base_url(self) -> str:
        """Where requests go."""
        return self._setup.server.origin + self._setup.planner.base_path

    def encrypt_card(
        self, *, number: str, cvv: str, expiry_month: int, expiry_year: int, name: Optional[str] = None
    ) -> m.CaptureCard:
        """The ``card`` of a capture, encrypted with the server's key. Needs ``juicer-pay[cards]``."""
        key = self.payment_sessions.encryption_key(self._setup.mode).data["encryption_key"]
        return encrypted_card(key, number, cvv, expiry_month, expiry_year, name)

    def batch(self, items: Sequence[BatchItem], options: Optional[CallOptions] = None) -> List[BatchReply]:
        """Sends 1 to 50 requests in one, in order; each succeeds or fails by itself."""
        request, keys = batches.joined(items, self._setup.mind.world.new_key)
        return batches.parted(self._core.send(request, options), items, keys)

    def resume(self, key: str, options: Optional[CallOptions] = None) -> Resumed:
        """Asks what became of the call with this idempotency key."""
        try:
            return resumption.answer(key, self._core.send(resumption.question(key), options))
        except NotFoundError:
            return resumption.not_known(key)

    def resume_outbox(self) -> List[Sent]:
        """Sends the calls that a crash left in the outbox, with the same keys."""
        return [self._resumed(kept) for kept in _pending(self._setup.mind)]

    def _resumed(self, kept: Kept) -> Sent:
        if kept.body is None:
            return _asked(self._setup.mind, self.resume(kept.key))
        plan = self._setup.planner.replan(kept.method, kept.route, kept.target, kept.body, kept.key)
        try:
            return Sent(kept.key, result=self._core.do(plan))
        except JuicerError as error:
            return Sent(kept.key, error=error)

    def health(self) -> Health:
        """This client's own error rates of the last minute; asks nobody."""
        return _health(self._setup.mind)

    def close(self) -> None:
        """Closes the connections."""
        self._transport.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], why: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()


class AsyncClient(AsyncResources):
    """Talks to a Juicer server from asyncio. The arguments are those of :class:`Client`.

    ``gather``: ``payments.get(id)`` calls of one tick of the event loop become one request.
    """

    payments: AsyncWaitingPayments

    def __init__(
        self,
        base_url: Optional[str] = None,
        api_key: Optional[str] = None,
        *,
        policy: Optional[Policy] = None,
        hooks: Sequence[Hooks] = (),
        cache: Union[Cache, bool] = False,
        pacing: bool = False,
        outbox: "Outbox | str | os.PathLike[str] | None" = None,
        gather: bool = False,
        raise_on_decline: bool = False,
        webhook_secret: Optional[str] = None,
        business_id: Optional[str] = None,
        rates: Optional[Rates] = None,
        transport: "AsyncTransport | httpx.AsyncBaseTransport | None" = None,
        world: World = World(),
    ) -> None:
        self._setup = setup(base_url, api_key, policy, hooks, cache, pacing, outbox, rates, world)
        self._transport = _async_transport(self._setup, transport)
        core = _AsyncCore(self._setup, self._transport, raise_on_decline)
        self._core = core
        self._bind(core)
        self.payments = AsyncWaitingPayments(core, world, gather)
        #: Checks what the server sends to your endpoints.
        self.webhooks = Webhooks(webhook_secret, business_id, world)

    @property
    def base_url(self) -> str:
        """Where requests go."""
        return self._setup.server.origin + self._setup.planner.base_path

    async def encrypt_card(
        self, *, number: str, cvv: str, expiry_month: int, expiry_year: int, name: Optional[str] = None
    ) -> m.CaptureCard:
        """The ``card`` of a capture, encrypted with the server's key. Needs ``juicer-pay[cards]``."""
        key = (await self.payment_sessions.encryption_key(self._setup.mode)).data["encryption_key"]
        return encrypted_card(key, number, cvv, expiry_month, expiry_year, name)

    async def batch(self, items: Sequence[BatchItem], options: Optional[CallOptions] = None) -> List[BatchReply]:
        """Sends 1 to 50 requests in one, in order; each succeeds or fails by itself."""
        request, keys = batches.joined(items, self._setup.mind.world.new_key)
        return batches.parted(await self._core.send(request, options), items, keys)

    async def resume(self, key: str, options: Optional[CallOptions] = None) -> Resumed:
        """Asks what became of the call with this idempotency key."""
        try:
            return resumption.answer(key, await self._core.send(resumption.question(key), options))
        except NotFoundError:
            return resumption.not_known(key)

    async def resume_outbox(self) -> List[Sent]:
        """Sends the calls that a crash left in the outbox, with the same keys."""
        return [await self._resumed(kept) for kept in _pending(self._setup.mind)]

    async def _resumed(self, kept: Kept) -> Sent:
        if kept.body is None:
            return _asked(self._setup.mind, await self.resume(kept.key))
        plan = self._setup.planner.replan(kept.method, kept.route, kept.target, kept.body, kept.key)
        try:
            return Sent(kept.key, result=await self._core.do(plan))
        except JuicerError as error:
            return Sent(kept.key, error=error)

    def health(self) -> Health:
        """This client's own error rates of the last minute; asks nobody."""
        return _health(self._setup.mind)

    async def close(self) -> None:
        """Closes the connections."""
        await self._transport.close()

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], why: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        await self.close()


class _SyncCore:
    """What the resources of :class:`Client` send with."""

    def __init__(self, setup: Setup, transport: Transport, raise_on_decline: bool) -> None:
        self._planner = setup.planner
        self._mind = setup.mind
        self._cache = setup.cache
        self._transport = transport
        self._raise_on_decline = raise_on_decline

    def send(self, request: Request, options: Optional[CallOptions]) -> Result[Any]:
        """The answer with its ``data``."""
        return self.do(self._planner.plan(request, options))

    def raw(self, request: Request, options: Optional[CallOptions]) -> Result[str]:
        """An answer that is not JSON, as text."""
        return _as_text(self.do(self._planner.plan(request, options, is_json=False)))

    def page(self, request: Request, options: Optional[CallOptions]) -> Page[Any]:
        """One page of a list."""
        return Page(self.send(request, options), lambda after: self.page(_turned(request, after), options))

    def each(self, request: Request, options: Optional[CallOptions]) -> Iterator[Any]:
        """The items of all pages."""
        page: Optional[Page[Any]] = self.page(request, options)
        while page is not None:
            yield from page.data
            page = page.next_page()

    def do(self, plan: Plan) -> Result[Any]:
        """Sends what is ready to be sent."""
        result = drive(_steps(self._mind, self._cache, plan), self._transport, self._mind.world, plan.cancel)
        return _checked(result, plan, self._raise_on_decline)


class _AsyncCore:
    """What the resources of :class:`AsyncClient` send with."""

    def __init__(self, setup: Setup, transport: AsyncTransport, raise_on_decline: bool) -> None:
        self._planner = setup.planner
        self._mind = setup.mind
        self._cache = setup.cache
        self._transport = transport
        self._raise_on_decline = raise_on_decline

    async def send(self, request: Request, options: Optional[CallOptions]) -> Result[Any]:
        """The answer with its ``data``."""
        return await self.do(self._planner.plan(request, options))

    async def raw(self, request: Request, options: Optional[CallOptions]) -> Result[str]:
        """An answer that is not JSON, as text."""
        return _as_text(await self.do(self._planner.plan(request, options, is_json=False)))

    async def page(self, request: Request, options: Optional[CallOptions]) -> AsyncPage[Any]:
        """One page of a list."""
        return AsyncPage(await self.send(request, options), lambda after: self.page(_turned(request, after), options))

    async def each(self, request: Request, options: Optional[CallOptions]) -> AsyncIterator[Any]:
        """The items of all pages."""
        page: Optional[AsyncPage[Any]] = await self.page(request, options)
        while page is not None:
            for item in page.data:
                yield item
            page = await page.next_page()

    async def do(self, plan: Plan) -> Result[Any]:
        """Sends what is ready to be sent."""
        steps = _steps(self._mind, self._cache, plan)
        result = await drive_async(steps, self._transport, self._mind.world, plan.cancel)
        return _checked(result, plan, self._raise_on_decline)


# ---- the two drivers


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


# ---- shared by both


def _steps(mind: Mind, cache: Optional[Cache], plan: Plan) -> Steps:
    return run(mind, plan) if cache is None else cache.fetch(mind, plan)


def _checked(result: Result[Any], plan: Plan, usual: bool) -> Result[Any]:
    """The result, or PaymentDeclined if that is wanted."""
    wanted = usual if plan.raise_on_decline is None else plan.raise_on_decline
    if not wanted or plan.key is None or result.outcome != "refused" or result.failure is None:
        return result
    message = str(result.failure.get("message") or "The payment was refused.")
    facts = Facts(plan.method, plan.route, None, "refused", None, None, idempotency_key=plan.key, attempts=result.attempts)
    raise PaymentDeclined(message, facts, result)


def _as_text(result: Result[Any]) -> Result[str]:
    text = result.raw.body.decode("utf-8", "replace")
    return Result(text, None, result.raw, result.attempts, result.idempotency_key)


def _turned(request: Request, after: str) -> Request:
    query = {name: value for name, value in (request.query or {}).items() if name != "before"}
    return request._replace(query={**query, "after": after})


def _health(mind: Mind) -> Health:
    return mind.rates.health(mind.world.monotonic_ms(), mind.budget.tokens)


def _pending(mind: Mind) -> List[Kept]:
    if mind.outbox is None:
        raise ValueError("this client has no outbox: give outbox=")
    return mind.outbox.pending()


def _asked(mind: Mind, resumed: Resumed) -> Sent:
    """A call that cannot be sent again leaves the outbox when its fate is known."""
    if mind.outbox is not None and resumed.outcome not in ("pending", "unknown"):
        mind.outbox.drop(resumed.key)
    return Sent(resumed.key, resumed=resumed)


def _transport(setup: Setup, given: "Transport | httpx.BaseTransport | None") -> Transport:
    if given is None:
        return Wire(setup.server)
    return Adapted(setup.server, given) if isinstance(given, httpx.BaseTransport) else given


def _async_transport(setup: Setup, given: "AsyncTransport | httpx.AsyncBaseTransport | None") -> AsyncTransport:
    if given is None:
        return AsyncWire(setup.server)
    return AsyncAdapted(setup.server, given) if isinstance(given, httpx.AsyncBaseTransport) else given
