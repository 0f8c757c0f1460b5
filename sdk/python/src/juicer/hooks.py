"""Watching calls: for logs, metrics and traces."""

from __future__ import annotations

import logging
from typing import Dict, Final, NamedTuple, Optional, Tuple

from .errors import JuicerError
from .policy import Outcome


class CallReport(NamedTuple):
    """One call, when it has ended. ``code`` is the server's, or the cause of a transport error."""

    method: str
    route: str
    status: Optional[int]
    code: Optional[str]
    request_id: Optional[str]
    attempts: int
    ms: float
    outcome: Optional[Outcome]
    idempotency_key: Optional[str]
    error: Optional[JuicerError]

    def __str__(self) -> str:
        return (
            f"{self.method} {self.route} status={self.status or '-'} code={self.code or '-'} "
            f"request_id={self.request_id or '-'} attempts={self.attempts} ms={self.ms:.0f} "
            f"outcome={self.outcome or '-'}"
        )


class AttemptReport:
    """One request on the wire. ``status`` and ``cause`` are filled in at its end."""

    __slots__ = ("method", "route", "url", "host", "port", "number", "status", "cause", "ms", "notes")

    def __init__(self, method: str, route: str, url: str, host: str, port: int, number: int) -> None:
        self.method = method
        self.route = route
        self.url = url
        self.host = host
        self.port = port
        #: 1 for the first.
        self.number = number
        self.status: Optional[int] = None
        self.cause: Optional[str] = None
        self.ms = 0.0
        #: For the hook's own use between begin and end.
        self.notes: Dict[str, object] = {}


class Hooks:
    """Derive from it what you need. The methods must be quick; what they raise is logged."""

    def attempt_begins(self, attempt: AttemptReport) -> Dict[str, str]:
        """A request is about to be sent; what is returned is added to its headers."""
        return {}

    def attempt_ended(self, attempt: AttemptReport) -> None:
        """It was answered, or was not."""

    def call_ended(self, call: CallReport) -> None:
        """The call has returned or raised."""


_LOGGER: Final = logging.getLogger("juicer")


class Watchers:
    """All hooks of a client. One that raises is logged: it must not turn a payment that was
    made into an error."""

    def __init__(self, hooks: Tuple[Hooks, ...]) -> None:
        self._hooks = hooks

    def __bool__(self) -> bool:
        return bool(self._hooks)

    def attempt_begins(self, attempt: AttemptReport) -> Dict[str, str]:
        """The headers that the hooks add."""
        headers: Dict[str, str] = {}
        for hook in self._hooks:
            try:
                headers.update(hook.attempt_begins(attempt))
            except Exception:
                _LOGGER.exception("a hook failed")
        return headers

    def attempt_ended(self, attempt: AttemptReport) -> None:
        """Tells all of them."""
        for hook in self._hooks:
            try:
                hook.attempt_ended(attempt)
            except Exception:
                _LOGGER.exception("a hook failed")

    def call_ended(self, call: CallReport) -> None:
        """Tells all of them."""
        for hook in self._hooks:
            try:
                hook.call_ended(call)
            except Exception:
                _LOGGER.exception("a hook failed")


class LogHooks(Hooks):
    """One line per call: refused ones as warnings, the rest as info."""

    def __init__(self, logger: Optional[logging.Logger] = None) -> None:
        self._logger = logger or _LOGGER

    def call_ended(self, call: CallReport) -> None:
        self._logger.log(logging.WARNING if call.error else logging.INFO, "%s", call)
