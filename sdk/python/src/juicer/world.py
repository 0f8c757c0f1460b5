"""Time and chance, and nothing else: the only place that reads clocks, sleeps and rolls dice.

Tests put another world in its place and need not wait.
"""

from __future__ import annotations

import random
import secrets
import time
from dataclasses import dataclass
from typing import Awaitable, Callable, Final, Optional

import anyio

from .cancel import Cancel

_SLICE_S: Final = 86_400.0  # sleeps of many years overflow


def monotonic_ms() -> float:
    """Milliseconds of a clock that never goes back."""
    return time.monotonic() * 1000


def now_ms() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def new_key() -> str:
    """An idempotency key: 128 random bits in hex."""
    return secrets.token_hex(16)


def sleep(ms: int, cancel: Optional[Cancel] = None) -> bool:
    """Sleeps; ends at once when cancelled. Says whether it was."""
    left = ms / 1000
    while left > 0:
        slice_s = min(left, _SLICE_S)
        if cancel is None:
            time.sleep(slice_s)
        elif cancel.wait(slice_s):
            return True
        left -= slice_s
    return cancel is not None and cancel.is_set()


async def sleep_async(ms: int) -> None:
    """Sleeps; ends at once when the task is cancelled."""
    await anyio.sleep(ms / 1000)


@dataclass(frozen=True)
class World:
    """What a client reads of the world. Times are milliseconds."""

    monotonic_ms: Callable[[], float] = monotonic_ms
    now_ms: Callable[[], int] = now_ms
    #: In [0, 1).
    rand: Callable[[], float] = random.random
    new_key: Callable[[], str] = new_key
    sleep: Callable[[int, Optional[Cancel]], bool] = sleep
    sleep_async: Callable[[int], Awaitable[None]] = sleep_async
