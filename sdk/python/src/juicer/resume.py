"""What became of a call, by its idempotency key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, Mapping, Optional

from ._core import Request
from .errors import JuicerError
from .policy import Outcome
from .result import Result

State = Literal["free", "in_progress", "interrupted", "completed", "spent"]
#: The server is done with the call, or has nothing of it.
SETTLED: Final = ("free", "completed", "spent")


@dataclass(frozen=True)
class Resumed:
    """What the server knows of a key.

    ``free``: no request with this key has begun any work; one still on its way may, so
    send the same call with the same key rather than a new one. ``in_progress``: running.
    ``interrupted``: broke off; the same call with the same key goes on. ``completed``:
    done, ``response`` is what was answered. ``spent``: done, the answer is gone.
    """

    key: str
    state: State
    outcome: Optional[Outcome]
    #: ``{id, state, type, url}`` of what it made.
    resource: Optional[Mapping[str, Any]] = None
    #: ``{status, body}``.
    response: Optional[Mapping[str, Any]] = None

    def succeeded(self) -> bool:
        """Whether money has moved."""
        return self.outcome == "succeeded"


@dataclass(frozen=True)
class Sent:
    """A call of the outbox after it was sent again: its result, or the error it ended with.

    A call whose body was not kept has only ``resumed``.
    """

    key: str
    result: Optional[Result[Any]] = None
    error: Optional[JuicerError] = None
    resumed: Optional[Resumed] = None


def question(key: str) -> Request:
    """The request that asks for a key."""
    return Request("GET", "/idempotency-keys/{key}", path=(key,))


def answer(key: str, result: Result[Any]) -> Resumed:
    """Reads its answer."""
    data = result.data
    return Resumed(key, data["state"], data.get("outcome"), data.get("resource"), data.get("response"))


def not_known(key: str) -> Resumed:
    """Reads a 404. Not ``not_attempted``: a request with this key may still be on its way."""
    return Resumed(key, "free", "unknown")
