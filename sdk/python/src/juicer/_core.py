"""What the generated resources and the client agree on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, AsyncIterator, Iterator, Mapping, NamedTuple, Optional, Protocol, Tuple

from .cancel import Cancel
from .policy import Policy
from .result import AsyncPage, Page, Result


class Request(NamedTuple):
    """One operation: ``route`` is the template of the path, ``path`` its values in order."""

    method: str
    route: str
    path: Tuple[str, ...] = ()
    query: Optional[Mapping[str, Any]] = None
    body: Any = None


@dataclass(frozen=True)
class CallOptions:
    """What can be said for one call.

    ``idempotency_key``: yours, kept with the order, so that the call can be resumed after
    a crash; made for you if absent. ``timeout``: seconds for the whole call, retries
    included. ``cancel``: gives it up from another thread. ``headers``: further request
    headers. ``raise_on_decline``: a refused payment raises PaymentDeclined. ``policy``:
    another patience for this call.
    """

    idempotency_key: Optional[str] = None
    timeout: Optional[float] = None
    cancel: Optional[Cancel] = None
    headers: Optional[Mapping[str, str]] = None
    raise_on_decline: Optional[bool] = None
    policy: Optional[Policy] = None


class Core(Protocol):
    """Sends requests. Every method raises JuicerError."""

    def send(self, request: Request, options: Optional[CallOptions]) -> Result[Any]:
        """The answer with its ``data``."""

    def page(self, request: Request, options: Optional[CallOptions]) -> Page[Any]:
        """One page of a list."""

    def each(self, request: Request, options: Optional[CallOptions]) -> Iterator[Any]:
        """The items of all pages."""

    def raw(self, request: Request, options: Optional[CallOptions]) -> Result[str]:
        """An answer that is not JSON, as text."""


class AsyncCore(Protocol):
    """The same for asyncio."""

    async def send(self, request: Request, options: Optional[CallOptions]) -> Result[Any]:
        """The answer with its ``data``."""

    async def page(self, request: Request, options: Optional[CallOptions]) -> AsyncPage[Any]:
        """One page of a list."""

    def each(self, request: Request, options: Optional[CallOptions]) -> AsyncIterator[Any]:
        """The items of all pages."""

    async def raw(self, request: Request, options: Optional[CallOptions]) -> Result[str]:
        """An answer that is not JSON, as text."""
