"""The two clients: how they are made, and what they can beyond the resources."""

from __future__ import annotations

import os
from types import TracebackType
from typing import List, Optional, Sequence, Type, Union

import httpx

from . import batch as batches
from . import resume as resumption
from ._core import CallOptions
from .batch import BatchItem, BatchReply
from .cache import Cache
from .cards import AsyncCards, Cards
from .cores import DrivenAsyncCore, SyncCore
from .errors import JuicerError, NotFoundError
from .hooks import Hooks
from .loop import Mind
from .options import Setup, setup
from .outbox import Kept, Outbox
from .payments import AsyncWaitingPayments, WaitingPayments
from .policy import Policy
from .rates import Health, Rates
from .resources import AsyncResources, Resources
from .resume import Resumed, Sent
from .transport import Adapted, AsyncAdapted, AsyncTransport, AsyncWire, Transport, Wire
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
        core = SyncCore(self._setup, self._transport, raise_on_decline)
        self._core = core
        self._bind(core)
        self.payments = WaitingPayments(core, world)
        #: Encrypts cards for captures.
        self.cards = Cards(self.payment_sessions, self._setup.mode)
        #: Checks what the server sends to your endpoints.
        self.webhooks = Webhooks(webhook_secret, business_id, world)

    @property
    def base_url(self) -> str:
        """Where requests go."""
        return self._setup.server.origin + self._setup.planner.base_path

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
        core = DrivenAsyncCore(self._setup, self._transport, raise_on_decline)
        self._core = core
        self._bind(core)
        self.payments = AsyncWaitingPayments(core, world, gather)
        #: Encrypts cards for captures.
        self.cards = AsyncCards(self.payment_sessions, self._setup.mode)
        #: Checks what the server sends to your endpoints.
        self.webhooks = Webhooks(webhook_secret, business_id, world)

    @property
    def base_url(self) -> str:
        """Where requests go."""
        return self._setup.server.origin + self._setup.planner.base_path

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


def _health(mind: Mind) -> Health:
    return mind.rates.health(mind.world.monotonic_ms(), mind.budget.tokens)


def _pending(mind: Mind) -> List[Kept]:
    if mind.outbox is None:
        raise ValueError("this client has no outbox: give outbox=")
    return mind.outbox.pending()


def _asked(mind: Mind, resumed: Resumed) -> Sent:
    """A call that cannot be sent again leaves the outbox when the server is done with it."""
    if mind.outbox is not None and resumed.state in resumption.SETTLED:
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
