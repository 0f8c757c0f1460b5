"""What a call returns."""

from __future__ import annotations

from typing import Any, Awaitable, Callable, Final, Generic, List, Mapping, NamedTuple, Optional, Tuple, TypeVar

from .errors import Attempt
from .policy import Outcome

T = TypeVar("T")

# For servers that send no "money": what the words of a status say.
_BY_STATUS: Final[Mapping[str, Outcome]] = {
    "captured": "succeeded",
    "settled": "succeeded",
    "succeeded": "succeeded",
    "success": "succeeded",
    "successful": "succeeded",
    "failed": "refused",
    "cancelled": "refused",
    "canceled": "refused",
    "declined": "refused",
    "expired": "refused",
    "reversed": "refused",
    "authenticating": "pending",
    "pending": "pending",
    "processing": "pending",
}


class RawReply(NamedTuple):
    """The answer as it came: lower-case header names, decompressed body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Result(Generic[T]):
    """A 2xx answer. **A 200 is not a success**: ask ``succeeded()`` whether money moved."""

    __slots__ = ("data", "body", "raw", "attempts", "idempotency_key", "stale", "cached")

    def __init__(
        self,
        data: T,
        body: Any,
        raw: RawReply,
        attempts: Tuple[Attempt, ...] = (),
        idempotency_key: Optional[str] = None,
        stale: bool = False,
        cached: bool = False,
    ) -> None:
        #: The ``data`` of the answer, as it came.
        self.data = data
        #: The whole JSON of the answer.
        self.body = body
        self.raw = raw
        self.attempts = attempts
        self.idempotency_key = idempotency_key
        #: From the cache although it is too old, because the server failed.
        self.stale = stale
        #: From the cache.
        self.cached = cached

    @property
    def request_id(self) -> Optional[str]:
        """The server's name of the request."""
        return self.raw.headers.get("x-request-id")

    @property
    def replayed(self) -> bool:
        """Whether the server repeated an earlier answer instead of doing the work again."""
        return self.raw.headers.get("idempotent-replayed") == "true"

    @property
    def money(self) -> Optional[Mapping[str, Any]]:
        """``{outcome, retry, status_url}``, if the answer is about money."""
        money = self.body.get("money") if isinstance(self.body, dict) else None
        return money if isinstance(money, dict) else None

    @property
    def outcome(self) -> Optional[Outcome]:
        """Did money move? None if the answer is not about money, or uses words unknown here."""
        money = self.money
        if money is not None:
            named: Optional[Outcome] = money.get("outcome")
            return named
        return _BY_STATUS.get(_status_word(self.data))

    def succeeded(self) -> bool:
        """Whether money has moved."""
        return self.outcome == "succeeded"

    @property
    def failure(self) -> Optional[Mapping[str, Any]]:
        """Why the payment, refund or payout failed: ``{code, message, reason, retryable}``."""
        for part in (self.data, _nested_payment(self.data)):
            failure = part.get("failure") if isinstance(part, dict) else None
            if isinstance(failure, dict):
                return failure
        return None

    def __repr__(self) -> str:
        return f"<Result {self.raw.status} outcome={self.outcome} request_id={self.request_id}>"


def _nested_payment(data: object) -> object:
    return data.get("payment") if isinstance(data, dict) else None


def _status_word(data: object) -> str:
    for part in (_nested_payment(data), data):
        word = part.get("status") if isinstance(part, dict) else None
        if isinstance(word, str):
            return word.lower()
    return ""


class _AnyPage(Generic[T]):
    """One page of a list."""

    def __init__(self, result: Result[List[T]]) -> None:
        body: Mapping[str, Any] = result.body if isinstance(result.body, dict) else {}
        cursors = body.get("pagination") or {}
        self.result = result
        #: The items.
        self.data: List[T] = result.data
        #: The cursor of the next page, or None.
        self.after: Optional[str] = _cursor(cursors.get("after"))
        #: The cursor of the page before, or None.
        self.before: Optional[str] = _cursor(cursors.get("before"))
        #: What was asked for by id or reference and does not exist.
        self.missing: List[str] = body.get("missing") or []

    def __len__(self) -> int:
        return len(self.data)


def _cursor(value: object) -> Optional[str]:
    """Cursors of events are numbers."""
    return None if value is None else str(value)


class Page(_AnyPage[T]):
    """One page of a list; ``next_page()`` gets the one behind it."""

    def __init__(self, result: Result[List[T]], turn: Callable[[str], "Page[T]"]) -> None:
        super().__init__(result)
        self._turn = turn

    def next_page(self) -> Optional["Page[T]"]:
        """The next page, or None if this is the last."""
        return self._turn(self.after) if self.after is not None else None


class AsyncPage(_AnyPage[T]):
    """One page of a list; ``await next_page()`` gets the one behind it."""

    def __init__(self, result: Result[List[T]], turn: Callable[[str], Awaitable["AsyncPage[T]"]]) -> None:
        super().__init__(result)
        self._turn = turn

    async def next_page(self) -> Optional["AsyncPage[T]"]:
        """The next page, or None if this is the last."""
        return await self._turn(self.after) if self.after is not None else None
