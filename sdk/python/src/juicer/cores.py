"""What the resources of the two clients send with."""

from __future__ import annotations

from typing import Any, AsyncIterator, Iterator, Optional

from ._core import CallOptions, Request
from .cache import Cache
from .drive import drive, drive_async
from .errors import Facts, PaymentDeclined
from .loop import Mind, Steps, run
from .options import Setup
from .plan import Plan
from .result import AsyncPage, Page, Result
from .transport import AsyncTransport, Transport


class SyncCore:
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


class DrivenAsyncCore:
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
