"""Receiving events: each one once, in spite of repeats, and none lost, in spite of gaps.

Every event has a number; with each delivery comes the number of the one before it. A
receiver that knows up to where it has everything notices what is missing, and fetches it
with ``GET /events``.
"""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import dataclass
from typing import Awaitable, Callable, Dict, Final, Mapping, Optional, Protocol, Sequence, Set, Tuple

from . import models as m
from .client import AsyncClient, Client
from .webhooks import WebhookError, WebhookEvent, Webhooks

_ALL: Final = ("*",)
_PAGE: Final = 100

Handler = Callable[[WebhookEvent], None]
AsyncHandler = Callable[[WebhookEvent], Awaitable[None]]


@dataclass(frozen=True)
class Gap:
    """Events between ``after`` and ``before`` (included) have not arrived; they may still."""

    after: int
    before: int


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


class Store(Protocol):
    """What a receiver remembers. Several threads may use it at once."""

    def claim(self, event_id: str) -> bool:
        """Whether this event is neither done nor being handled; from now on it is."""

    def release(self, event_id: str) -> None:
        """It was not handled after all."""

    def done(self, event_id: str) -> None:
        """It was handled. Until then a crash must leave it unhandled, not lost."""

    def arrived(self, sequence: int, previous: int) -> Optional[Gap]:
        """Notes an event that was handled; says what is missing before it."""

    def position(self) -> int:
        """Everything up to this number has been handled."""

    def move(self, sequence: int) -> None:
        """Everything up to this number has been handled, for it was fetched in order."""


class Progress:
    """Up to where everything has arrived, and what came too early. Pure."""

    def __init__(self, position: int = 0, early: Sequence[Tuple[int, int]] = ()) -> None:
        self.position = position
        #: By the number of the event before it.
        self.early: Dict[int, int] = dict(early)

    def arrived(self, sequence: int, previous: int) -> Optional[Gap]:
        """Notes an event; says what is missing before it."""
        if previous > self.position:
            self.early[previous] = sequence
            return Gap(self.position, previous)
        self.move(sequence)
        return None

    def move(self, sequence: int) -> None:
        """Everything up to this number is here, and what came early may join."""
        self.position = max(self.position, sequence)
        for previous in sorted(self.early):
            if previous <= self.position:
                self.position = max(self.position, self.early.pop(previous))


class MemoryStore:
    """Remembers until the program ends. For tests; use SQLiteStore, or your own database."""

    def __init__(self, position: int = 0) -> None:
        self._done: Set[str] = set()
        self._progress = Progress(position)
        self._lock = threading.Lock()

    def claim(self, event_id: str) -> bool:
        """Whether this event is neither done nor being handled; from now on it is."""
        with self._lock:
            new = event_id not in self._done
            self._done.add(event_id)
            return new

    def release(self, event_id: str) -> None:
        """It was not handled after all."""
        with self._lock:
            self._done.discard(event_id)

    def done(self, event_id: str) -> None:
        """It was handled."""

    def arrived(self, sequence: int, previous: int) -> Optional[Gap]:
        """Notes an event that was handled; says what is missing before it."""
        with self._lock:
            return self._progress.arrived(sequence, previous)

    def position(self) -> int:
        """Everything up to this number has been handled."""
        return self._progress.position

    def move(self, sequence: int) -> None:
        """Everything up to this number has been handled."""
        with self._lock:
            self._progress.move(sequence)


_TABLES: Final = """
CREATE TABLE IF NOT EXISTS done (id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS place (one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS early (previous INTEGER PRIMARY KEY, sequence INTEGER NOT NULL);
INSERT OR IGNORE INTO place VALUES (1, 0);
"""


class SQLiteStore:
    """Remembers in a file. One process at a time.

    An event whose handler was interrupted by a crash is handled again: make the handler's
    own change once per ``event.id``.
    """

    def __init__(self, path: str) -> None:
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.executescript(_TABLES)
        self._busy: Set[str] = set()
        self._lock = threading.Lock()

    def claim(self, event_id: str) -> bool:
        """Whether this event is neither done nor being handled; from now on it is."""
        with self._lock:
            known = self._db.execute("SELECT 1 FROM done WHERE id = ?", (event_id,)).fetchone()
            if known is not None or event_id in self._busy:
                return False
            self._busy.add(event_id)
            return True

    def release(self, event_id: str) -> None:
        """It was not handled after all."""
        with self._lock:
            self._busy.discard(event_id)

    def done(self, event_id: str) -> None:
        """It was handled."""
        with self._lock:
            self._db.execute("INSERT OR IGNORE INTO done VALUES (?)", (event_id,))
            self._busy.discard(event_id)

    def arrived(self, sequence: int, previous: int) -> Optional[Gap]:
        """Notes an event that was handled; says what is missing before it."""
        with self._lock:
            progress = self._progress()
            gap = progress.arrived(sequence, previous)
            self._save(progress)
            return gap

    def position(self) -> int:
        """Everything up to this number has been handled."""
        with self._lock:
            return self._progress().position

    def move(self, sequence: int) -> None:
        """Everything up to this number has been handled."""
        with self._lock:
            progress = self._progress()
            progress.move(sequence)
            self._save(progress)

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def _progress(self) -> Progress:
        [(position,)] = self._db.execute("SELECT position FROM place").fetchall()
        return Progress(position, self._db.execute("SELECT previous, sequence FROM early").fetchall())

    def _save(self, progress: Progress) -> None:
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("UPDATE place SET position = ?", (progress.position,))
            self._db.execute("DELETE FROM early")
            self._db.executemany("INSERT INTO early VALUES (?, ?)", progress.early.items())


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
