"""Reads that need not go to the server, or not all of them.

Answers with an ETag are kept; ``Cache-Control`` says how long they are fresh, later they
are checked with ``If-None-Match``. Identical reads under way share one request. Data that
hardly ever changes is served although it is too old, marked as ``stale``, while the
server fails.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from concurrent.futures import Future
from typing import Any, Dict, Final, NamedTuple, Optional, Tuple

from .envelope import parse
from .errors import JuicerError, RateLimitError, ServerError, TransportError
from .loop import Join, Mind, Steps, run
from .plan import Plan
from .result import RawReply, Result

ENTRIES_MAX: Final = 512
STALE_MAX_MS: Final = 24 * 3600 * 1000
#: What may be served although it is too old.
REFERENCE_ROUTES: Final = frozenset(
    {
        "/payment-methods/banks",
        "/payment-sessions/encryption-keys/{mode}",
        "/exchange/pairs",
        "/exchange/rates",
        "/exchange/swap-configurations",
    }
)
_MAX_AGE: Final = re.compile(r"(?:^|[,\s])max-age=([0-9]{1,9})(?:$|[,\s])")

_Name = Tuple[str, Tuple[Tuple[bytes, bytes], ...]]


class _Entry(NamedTuple):
    raw: RawReply
    etag: str
    fresh_until_ms: float
    kept_at_ms: float


class Cache:
    """The kept answers of one client, the least used going first. Never holds errors or writes."""

    def __init__(self, entries_max: int = ENTRIES_MAX) -> None:
        self._entries: "OrderedDict[_Name, _Entry]" = OrderedDict()
        self._flights: Dict[_Name, "Future[Optional[RawReply]]"] = {}
        self._entries_max = entries_max
        self._lock = threading.Lock()

    def fetch(self, mind: Mind, plan: Plan) -> Steps:
        """A read through the cache: a loop like ``run``."""
        if plan.method != "GET" or plan.holds_ms or plan.cancel is not None or not plan.is_json:
            return (yield from run(mind, plan))
        name = (plan.target, tuple(plan.headers))
        while True:
            entry = self._entry(name)
            if entry is not None and mind.world.monotonic_ms() < entry.fresh_until_ms:
                return _rebuilt(entry.raw)
            flight = self._join(name)
            if flight is None:
                return (yield from self._lead(mind, plan, name, entry))
            yield Join(flight)
            shared = _landed(flight)
            if shared is not None:
                return _rebuilt(shared, cached=False)

    def _lead(self, mind: Mind, plan: Plan, name: _Name, entry: Optional[_Entry]) -> Steps:
        """Sends the read for all who want the same."""
        flight = self._flights[name]
        try:
            result = yield from self._revalidate(mind, plan, name, entry)
            flight.set_result(result.raw)
            return result
        except JuicerError as error:
            flight.set_exception(error)
            raise
        finally:
            with self._lock:
                self._flights.pop(name, None)
            if not flight.done():  # the leader's task was cancelled: another one takes over
                flight.set_result(None)

    def _revalidate(self, mind: Mind, plan: Plan, name: _Name, entry: Optional[_Entry]) -> Steps:
        asked = plan if entry is None else plan.with_header("If-None-Match", entry.etag)
        now = mind.world.monotonic_ms
        try:
            result = yield from run(mind, asked)
        except (ServerError, RateLimitError, TransportError):
            if entry is None or plan.route not in REFERENCE_ROUTES or now() - entry.kept_at_ms > STALE_MAX_MS:
                raise
            return _rebuilt(entry.raw, stale=True)
        if result.raw.status == 304 and entry is not None:
            raw = RawReply(entry.raw.status, {**entry.raw.headers, **result.raw.headers}, entry.raw.body)
            self._keep(name, raw, now())
            return _rebuilt(raw)
        self._keep(name, result.raw, now())
        return result

    def _entry(self, name: _Name) -> Optional[_Entry]:
        with self._lock:
            entry = self._entries.get(name)
            if entry is not None:
                self._entries.move_to_end(name)
            return entry

    def _join(self, name: _Name) -> "Optional[Future[Optional[RawReply]]]":
        """The flight of the same read, or None if the caller leads one from now on."""
        with self._lock:
            flight = self._flights.get(name)
            if flight is None:
                self._flights[name] = Future()
            return flight

    def _keep(self, name: _Name, raw: RawReply, now_ms: float) -> None:
        control, etag = raw.headers.get("cache-control", ""), raw.headers.get("etag")
        if etag is None or raw.status != 200 or "no-store" in control:
            return
        fresh = _MAX_AGE.search(control) if "no-cache" not in control else None
        until = now_ms + (int(fresh.group(1)) * 1000 if fresh else 0)
        with self._lock:
            self._entries[name] = _Entry(raw, etag, until, now_ms)
            self._entries.move_to_end(name)
            while len(self._entries) > self._entries_max:
                self._entries.popitem(last=False)


def _landed(flight: "Future[Optional[RawReply]]") -> Optional[RawReply]:
    """What the leader got; None if it gave up. Raises the leader's error."""
    return flight.result(timeout=0)


def _rebuilt(raw: RawReply, stale: bool = False, cached: bool = True) -> Result[Any]:
    """A result of its own for every caller: they may change what they get."""
    value = parse(raw.body)
    data = value.get("data", value) if isinstance(value, dict) else value
    return Result(data, value, raw, stale=stale, cached=cached)
