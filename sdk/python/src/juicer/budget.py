"""The bucket of tokens that retries are paid from. Pure: the time is given."""

from __future__ import annotations

import threading

from .policy import Policy


def refill(policy: Policy, tokens: int, idle_ms: int) -> int:
    """The tokens after an idle time: whole seconds count."""
    return min(policy.bucket, tokens + max(0, idle_ms // 1000) * policy.idle_gain_per_s)


class Budget:
    """One bucket for all calls of a client object; calls of several threads may share it.

    Time counts as idle while no call is under way. Times are milliseconds of any
    monotonic clock.
    """

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._tokens = policy.bucket
        self._busy = 0
        self._idle_since = 0
        self.lock = threading.Lock()

    @property
    def tokens(self) -> int:
        """What is in the bucket."""
        return self._tokens

    def enter(self, now_ms: int) -> None:
        """A call begins."""
        with self.lock:
            if self._busy == 0:
                self._trickle(now_ms)
            self._busy += 1

    def leave(self, now_ms: int) -> None:
        """A call has ended, however."""
        with self.lock:
            self._busy -= 1
            if self._busy == 0:
                self._idle_since = now_ms

    def settle(self, tokens: int) -> None:
        """Writes back what a decision left. Only while holding ``lock``, around the decision."""
        self._tokens = tokens

    def _trickle(self, now_ms: int) -> None:
        self._tokens = refill(self._policy, self._tokens, now_ms - self._idle_since)
