"""How often requests of this client failed in the last minute. Local; the time is given."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import Callable, Dict, Final, List, Literal, Mapping, Sequence

from .policy import Reply

Kind = Literal["server", "throttle", "network", "unknown_outcome"]
KINDS: Final[Sequence[Kind]] = ("server", "throttle", "network", "unknown_outcome")
WINDOW_S: Final = 60


@dataclass(frozen=True)
class Health:
    """The last minute. ``counts`` per kind; ``rates`` is their share of ``requests``, 0 to 1."""

    requests: int
    counts: Mapping[Kind, int]
    rates: Mapping[Kind, float]
    #: What is left of the retry budget.
    tokens: int = 0


@dataclass(frozen=True)
class Threshold:
    """Call back when a rate reaches ``rate`` (0 to 1), of at least ``requests_min`` requests."""

    kind: Kind
    rate: float
    requests_min: int = 20


@dataclass(frozen=True)
class Alarm:
    """A rate has reached its threshold. Comes once, and again only after it fell below."""

    threshold: Threshold
    health: Health


class _Second:
    __slots__ = ("at", "requests", "counts")

    def __init__(self) -> None:
        self.clear(-1)

    def clear(self, at: int) -> None:
        self.at = at
        self.requests = 0
        self.counts: Dict[Kind, int] = {}


class Rates:
    """Counts in a ring of one slot per second."""

    def __init__(self, thresholds: Sequence[Threshold] = (), on_threshold: Callable[[Alarm], None] = lambda _: None):
        self._ring: List[_Second] = [_Second() for _ in range(WINDOW_S)]
        self._thresholds = thresholds
        self._raised: Dict[Threshold, bool] = {}
        self._on_threshold = on_threshold
        self._lock = threading.Lock()

    def request(self, now_ms: float, reply: Reply) -> None:
        """A request was answered, or was not."""
        kind = _kind(reply)
        with self._lock:
            second = self._second(now_ms)
            second.requests += 1
            if kind is not None:
                second.counts[kind] = second.counts.get(kind, 0) + 1
        if self._thresholds:
            self._check(now_ms)

    def unknown_outcome(self, now_ms: float) -> None:
        """A call ended, and nobody knows whether money moved."""
        with self._lock:
            counts = self._second(now_ms).counts
            counts["unknown_outcome"] = counts.get("unknown_outcome", 0) + 1
        if self._thresholds:
            self._check(now_ms)

    def health(self, now_ms: float, tokens: int = 0) -> Health:
        """The minute up to now."""
        since = int(now_ms // 1000) - WINDOW_S
        with self._lock:
            recent = [second for second in self._ring if second.at > since]
            requests = sum(second.requests for second in recent)
            counts: Dict[Kind, int] = {kind: sum(s.counts.get(kind, 0) for s in recent) for kind in KINDS}
        rates = {kind: count / requests if requests else 0.0 for kind, count in counts.items()}
        return Health(requests, counts, rates, tokens)

    def _second(self, now_ms: float) -> _Second:
        at = int(now_ms // 1000)
        second = self._ring[at % WINDOW_S]
        if second.at != at:
            second.clear(at)
        return second

    def _check(self, now_ms: float) -> None:
        health = self.health(now_ms)
        for threshold in self._thresholds:
            over = health.requests >= threshold.requests_min and health.rates[threshold.kind] >= threshold.rate
            before = self._raised.get(threshold, False)
            self._raised[threshold] = over
            if over and not before:
                self._alarm(Alarm(threshold, health))

    def _alarm(self, alarm: Alarm) -> None:
        try:
            self._on_threshold(alarm)
        except Exception:  # it must not turn a payment that was made into an error
            logging.getLogger("juicer").exception("on_threshold failed")


def _kind(reply: Reply) -> "Kind | None":
    if reply.event:
        return "network" if reply.event != "cancelled" else None
    if reply.status == 429:
        return "throttle"
    return "server" if reply.status >= 500 else None
