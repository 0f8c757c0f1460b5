"""Receiving events: each one once, in spite of repeats, and none lost, in spite of gaps.

Every event has a number; with each delivery comes the number of the one before it. A
receiver that knows up to where it has everything notices what is missing, and fetches it
with ``GET /events``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Awaitable, Callable, Final, Mapping, Optional, Sequence

from . import models as m
from .client import AsyncClient, Client
from .event_store import Gap, MemoryStore, Progress, SQLiteStore, Store
from .webhooks import WebhookError, WebhookEvent, Webhooks

__all__ = ["AsyncReceiver", "Gap", "MemoryStore", "Progress", "Received", "Receiver", "SQLiteStore", "Store"]

_ALL: Final = ("*",)
_PAGE: Final = 100

Handler = Callable[[WebhookEvent], None]
AsyncHandler = Callable[[WebhookEvent], Awaitable[None]]


@dataclass(frozen=True)
class Received:
    """What to answer: ``status`` 200, or 401 for what is not to be trusted.

    ``duplicate``: it was handled before, and nothing was done. ``gap``: something is
    missing; wait a moment for it, then ``backfill``.
    """

    status: int
    event: Optional[WebhookEvent] = None
    duplicate: bool = False
    gap: Optional[Gap] = None
    reason: Optional[str] = None


class _AnyReceiver:
    """What both receivers share: everything but calling the handler."""

    def __init__(self, webhooks: Webhooks, store: Store, events: Sequence[str]) -> None:
        self._webhooks = webhooks
        self._store = store
        self._events = events

    def _admit(self, body: bytes, headers: Mapping[str, str]) -> "WebhookEvent | Received":
        """The event if it is to be handled, or what to answer at once."""
        try:
            event = self._webhooks.verify(body, headers)
        except WebhookError as why:
            return Received(401, reason=why.reason)
        if not self._store.claim(event.id):
            return Received(200, event, duplicate=True)
        return event

    def _done(self, event: WebhookEvent) -> Received:
        if event.sequence is None or event.previous_sequence is None:
            return Received(200, event)
        return Received(200, event, gap=self._store.arrived(event.sequence, event.previous_sequence))

    def _wanted(self, item: m.Event) -> Optional[WebhookEvent]:
        """A fetched event, if it is one of ours and was not handled yet."""
        event = WebhookEvent(item["id"], item["event"], item["data"], item["sequence"])
        ours = any(_fits(pattern, event.event) for pattern in self._events)
        return event if ours and self._store.claim(event.id) else None


def _fits(pattern: str, event: str) -> bool:
    return pattern == "*" or pattern == event or (pattern.endswith("*") and event.startswith(pattern[:-1]))


class Receiver(_AnyReceiver):
    """Hands each event to ``handler`` once.

    ``events``: what your endpoint is registered for, such as ``["payment.*"]``. An error
    of the handler goes to the caller, and the event stays unhandled: answer 500, and the
    server sends it again.
    """

    def __init__(self, webhooks: Webhooks, store: Store, handler: Handler, events: Sequence[str] = _ALL) -> None:
        super().__init__(webhooks, store, events)
        self._handler = handler

    def receive(self, body: bytes, headers: Mapping[str, str]) -> Received:
        """Takes one delivery: the raw body and the headers."""
        event = self._admit(body, headers)
        if isinstance(event, Received):
            return event
        self._handle(event)
        return self._done(event)

    def backfill(self, client: Client) -> int:
        """Fetches and handles everything after the position; says how many events were new."""
        handled = 0
        for item in client.events.list_all({"after": self._store.position(), "limit": _PAGE}):
            event = self._wanted(item)
            if event is not None:
                self._handle(event)
                handled += 1
            self._store.move(item["sequence"])
        return handled

    def _handle(self, event: WebhookEvent) -> None:
        try:
            self._handler(event)
        except BaseException:
            self._store.release(event.id)
            raise
        self._store.done(event.id)


class AsyncReceiver(_AnyReceiver):
    """The same with a handler that is awaited."""

    def __init__(self, webhooks: Webhooks, store: Store, handler: AsyncHandler, events: Sequence[str] = _ALL) -> None:
        super().__init__(webhooks, store, events)
        self._handler = handler

    async def receive(self, body: bytes, headers: Mapping[str, str]) -> Received:
        """Takes one delivery: the raw body and the headers."""
        event = self._admit(body, headers)
        if isinstance(event, Received):
            return event
        await self._handle(event)
        return self._done(event)

    async def backfill(self, client: AsyncClient) -> int:
        """Fetches and handles everything after the position; says how many events were new."""
        handled = 0
        async for item in client.events.list_all({"after": self._store.position(), "limit": _PAGE}):
            event = self._wanted(item)
            if event is not None:
                await self._handle(event)
                handled += 1
            self._store.move(item["sequence"])
        return handled

    async def _handle(self, event: WebhookEvent) -> None:
        try:
            await self._handler(event)
        except BaseException:
            self._store.release(event.id)
            raise
        self._store.done(event.id)
