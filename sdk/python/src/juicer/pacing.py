"""Staying under the server's limits instead of bouncing off them.

Learns from the ``RateLimit`` header of every answer how many requests are left until
when, counts down by itself, and waits once nothing is left. The time is given.
"""

from __future__ import annotations

import math
import threading
from typing import Dict, Optional, Tuple

from .wait import rate_limits

_Name = Tuple[str, str]  # the limit's name, and the route it is about ("" for all)
_ALL_ROUTES = ("key", "concurrency")


class _Window:
    __slots__ = ("left", "ends_ms")

    def __init__(self, left: int, ends_ms: float) -> None:
        self.left = left
        self.ends_ms = ends_ms


class Pacing:
    """What is known of the limits of one key. Times are milliseconds of a monotonic clock."""

    def __init__(self) -> None:
        self._windows: Dict[_Name, _Window] = {}
        self._lock = threading.Lock()

    def turn(self, method: str, route: str, now_ms: float) -> int:
        """Takes one request's place, and says how long to wait for it."""
        with self._lock:
            windows = [w for w in (self._current(name, now_ms) for name in self._about(method, route)) if w]
            for window in windows:
                window.left -= 1
            waits = [window.ends_ms - now_ms for window in windows if window.left < 0]
        return math.ceil(max(waits)) if waits else 0

    def learn(self, method: str, route: str, header: Optional[str], now_ms: float) -> None:
        """Reads the header of an answer."""
        if not header:
            return
        with self._lock:
            for limit in rate_limits(header):
                ends = now_ms + limit.reset_s * 1000
                self._windows[_named(limit.name, method, route)] = _Window(limit.remaining, ends)

    def _about(self, method: str, route: str) -> "list[_Name]":
        one = f"{method} {route}"
        return [name for name in self._windows if name[1] in ("", one)]

    def _current(self, name: _Name, now_ms: float) -> Optional[_Window]:
        """The window, unless it is over."""
        window = self._windows[name]
        if window.ends_ms <= now_ms:
            del self._windows[name]
            return None
        return window


def _named(limit: str, method: str, route: str) -> _Name:
    return (limit, "" if limit in _ALL_ROUTES else f"{method} {route}")
