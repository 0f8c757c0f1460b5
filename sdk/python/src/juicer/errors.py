"""Everything a call can raise.

    JuicerError
    ├── APIError                 the server answered: no
    │   ├── InvalidRequestError      400 and others: a rule was broken
    │   ├── ValidationError          422: bad fields, all of them in ``fields``
    │   ├── AuthenticationError      401: the key
    │   ├── PermissionError          403: the key's scope
    │   ├── NotFoundError            404
    │   ├── ConflictError            409: something is in progress or already there
    │   ├── IdempotencyError         the idempotency key is in use, reused, or expired
    │   ├── RateLimitError           429: slower, please
    │   └── ServerError              5xx
    ├── TransportError           no usable answer came
    │   ├── ConnectionError          refused, reset, unknown host, bad certificate
    │   ├── TimeoutError             no answer in time
    │   └── InvalidResponseError     the answer was cut, or is not what was promised
    ├── DeadlineError            the time of the call was over before there was any answer
    ├── CancelledError           you gave the call up
    └── PaymentDeclined          only with raise_on_decline: the payment was refused

Ask ``error.outcome`` whether money moved: ``not_attempted`` and ``refused`` mean no,
``pending`` not yet, ``unknown`` perhaps: look it up before doing anything else. It is
None for reads.
"""

from __future__ import annotations

import platform
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, List, Mapping, Optional, Tuple, Type

from . import codes
from .envelope import FieldError, Refusal
from .policy import Outcome, Reason
from .version import VERSION

if TYPE_CHECKING:
    from .result import Result


@dataclass
class Attempt:
    """One request on the wire. Times are milliseconds; ``at_ms`` counts from the call's begin."""

    number: int
    at_ms: int
    status: Optional[int] = None
    #: What happened instead of an answer, such as ``reset`` or ``read_timeout``.
    cause: Optional[str] = None
    request_id: Optional[str] = None
    #: The wait after it.
    wait_ms: Optional[int] = None

    def __str__(self) -> str:
        what = str(self.status) if self.cause is None else self.cause
        then = f", then waited {self.wait_ms} ms" if self.wait_ms is not None else ""
        return f"#{self.number} at {self.at_ms} ms: {what} ({self.request_id or 'no request id'}){then}"


@dataclass(frozen=True)
class Facts:
    """What is known of a call that failed."""

    method: str = ""
    route: str = ""
    reason: Optional[Reason] = None
    outcome: Optional[Outcome] = None
    status: Optional[int] = None
    cause: Optional[str] = None
    refusal: Refusal = Refusal()
    idempotency_key: Optional[str] = None
    attempts: Tuple[Attempt, ...] = ()
    retry_after_ms: Optional[int] = None
    total_ms: int = 0


class JuicerError(Exception):
    """What every error of this library says; see the tree above."""

    def __init__(self, message: str, facts: Facts = Facts()) -> None:
        super().__init__(message)
        self._facts = facts
        #: What happened, in a sentence.
        self.message = message
        #: Why it was not tried (again): a word of the retry policy.
        self.reason: Optional[Reason] = facts.reason
        #: Did money move? None for reads.
        self.outcome: Optional[Outcome] = facts.outcome
        #: HTTP status of the last answer.
        self.status: Optional[int] = facts.status
        #: Machine code; compare with the constants of ``juicer.codes``.
        self.code: Optional[str] = facts.refusal.code
        self.type: Optional[str] = facts.refusal.type
        #: A page about the code.
        self.doc_url: Optional[str] = facts.refusal.doc_url
        #: The bad fields of the request, in the order of the body.
        self.fields: Tuple[FieldError, ...] = facts.refusal.fields
        self.details: Mapping[str, Any] = facts.refusal.details
        #: The key that was sent; ``client.resume`` takes it.
        self.idempotency_key: Optional[str] = facts.idempotency_key
        #: Every request that was sent.
        self.attempts: Tuple[Attempt, ...] = facts.attempts
        #: Seconds the server asks to wait.
        self.retry_after: Optional[float] = None if facts.retry_after_ms is None else facts.retry_after_ms / 1000
        #: Milliseconds from the call to this error.
        self.total_ms: int = facts.total_ms

    @property
    def request_ids(self) -> List[str]:
        """The server's name of every request that was answered."""
        return [attempt.request_id for attempt in self.attempts if attempt.request_id]

    @property
    def request_id(self) -> Optional[str]:
        """The last of them: quote it to support."""
        ids = self.request_ids
        return ids[-1] if ids else self._facts.refusal.request_id

    def __str__(self) -> str:
        parts = [self._headline(), _MONEY.get(self.outcome or "", ""), self._next_step()]
        if self.request_id:
            parts.append(f"Request: {self.request_id}.")
        if self.doc_url:
            parts.append(f"More: {self.doc_url}")
        return " ".join(part for part in parts if part)

    def _headline(self) -> str:
        answer = " ".join(str(part) for part in (self.status, self.code) if part is not None)
        text = _full_stop(self.message)
        fields = "".join(f" {_full_stop(f'{field.field}: {field.message}')}" for field in self.fields)
        return f"{text}{f' ({answer})' if answer else ''}{fields}"

    def _next_step(self) -> str:
        if self.outcome in ("unknown", "pending") and self.idempotency_key:
            return f"Ask with client.resume({self.idempotency_key!r}) or by your reference."
        return _NEXT.get(self.reason or "", "")

    def support_bundle(self) -> str:
        """A text to paste to support: what was sent and answered, without any secret."""
        facts = self._facts
        lines = [
            f"juicer-pay {VERSION}, Python {platform.python_version()}",
            f"call: {facts.method} {facts.route}".rstrip(),
            f"error: {type(self).__name__}, reason {self.reason or '-'}, status {self.status or '-'}, code {self.code or '-'}",
            f"message: {self.message}",
            f"outcome: {self.outcome or '-'}",
            f"idempotency key: {self.idempotency_key or '-'}",
            f"retry after: {'-' if self.retry_after is None else f'{self.retry_after:g} s'}",
            f"total: {self.total_ms} ms",
            *(f"field: {field.field}: {field.code or '-'}" for field in self.fields),
            *(f"attempt {attempt}" for attempt in self.attempts),
        ]
        return scrubbed("\n".join(lines))


class APIError(JuicerError):
    """The server refused the request."""


class InvalidRequestError(APIError):
    """A rule was broken; the same request will be refused again."""


class ValidationError(APIError):
    """Fields are missing, malformed or unknown: ``fields`` lists all of them."""


class AuthenticationError(APIError):
    """The API key is missing, malformed, unknown, expired, revoked or of the other environment."""


class PermissionError(APIError):
    """The API key lacks a scope; ``details["required"]`` names it."""


class NotFoundError(APIError):
    """No such resource. It never means that a payment failed."""


class ConflictError(APIError):
    """Something is in progress, or already there."""


class IdempotencyError(APIError):
    """The idempotency key is in use, was used for another request, or is too old."""


class RateLimitError(APIError):
    """Too many requests. ``retry_after`` says when to come back."""


class ServerError(APIError):
    """The server's fault."""


class TransportError(JuicerError):
    """No usable answer came; ``cause`` says what happened."""

    def __init__(self, message: str, facts: Facts = Facts()) -> None:
        super().__init__(message, facts)
        self.cause: str = facts.cause or ""


class ConnectionError(TransportError):
    """Connection refused or reset, host unknown, or certificate not to be trusted."""


class TimeoutError(TransportError):
    """The answer did not come in time."""


class InvalidResponseError(TransportError):
    """The answer was cut, or is not what was promised."""


class DeadlineError(JuicerError):
    """The time given was over before there was an answer to report."""


class CancelledError(JuicerError):
    """The caller gave up."""


class PaymentDeclined(JuicerError):
    """The payment was refused, and ``raise_on_decline`` is on. ``result`` is the whole answer."""

    def __init__(self, message: str, facts: Facts, result: "Result[Any]") -> None:
        super().__init__(message, facts)
        self.result = result
        #: ``{code, message, reason, retryable}``, if the server says why.
        self.failure: Optional[Mapping[str, Any]] = result.failure


_MONEY: Final[Mapping[str, str]] = {
    "not_attempted": "No money moved: nothing was begun.",
    "refused": "No money moved: it was refused.",
    "pending": "It is still going on: do not send it again, look at it later.",
    "unknown": "Money may have moved: look it up before anything else.",
    "succeeded": "Money has moved.",
}

_NEXT: Final[Mapping[str, str]] = {
    "new_key_needed": "Once the cause is gone, try again with a new idempotency key and a new reference.",
    "attempts_exhausted": "It was tried as often as the policy allows.",
    "retry_after_too_long": "The server asks for a longer wait than the policy allows; come back later.",
    "deadline": "The time of the call is up.",
    "budget_exhausted": "This client has stopped retrying by its own decision, because too many calls failed of late.",
    "unknown_outcome": "It was not sent again because it has no idempotency key.",
}

_BY_STATUS: Final[Mapping[int, Type[APIError]]] = {
    401: AuthenticationError,
    403: PermissionError,
    404: NotFoundError,
    408: ServerError,
    409: ConflictError,
    422: ValidationError,
    429: RateLimitError,
}
_CLASSES: Final[Mapping[str, Type[APIError]]] = {
    kind.__name__: kind
    for kind in (
        InvalidRequestError,
        ValidationError,
        AuthenticationError,
        PermissionError,
        NotFoundError,
        ConflictError,
        IdempotencyError,
        RateLimitError,
        ServerError,
    )
}
_TIMEOUTS: Final = frozenset({"read_timeout", "write_timeout", "connect_timeout", "tls_timeout", "pool_timeout"})
_BAD_BODIES: Final = frozenset({"truncated_body", "invalid_body"})
_EVENTS: Final[Mapping[str, str]] = {
    "connect_refused": "The connection was refused.",
    "connect_timeout": "The connection could not be made in time.",
    "pool_timeout": "No connection became free in time.",
    "dns_temporary": "The name of the host could not be resolved at the moment.",
    "dns_not_found": "The host is unknown.",
    "tls_timeout": "The TLS handshake took too long.",
    "tls_certificate": "The server's certificate cannot be trusted.",
    "not_processed": "The server did not take the request.",
    "reset": "The connection broke before the answer came.",
    "read_timeout": "No answer came in time.",
    "write_timeout": "The request could not be sent in time.",
    "truncated_body": "The answer was cut.",
    "invalid_body": "The answer is not what was promised: its body is not JSON.",
}
_SECRETS: Final = (
    (re.compile(r"\b(test|live)_[0-9A-Za-z]{8,}"), r"\1_***"),
    (re.compile(r"\bwhsec_[0-9A-Za-z+/=]+"), "whsec_***"),
    (re.compile(r"\b[0-9a-fA-F]{32}:[0-9a-fA-F]+:[0-9a-fA-F]{32}\b"), "***"),
    (re.compile(r"(?<![0-9a-zA-Z])(?:[0-9][ -]?){12,18}[0-9](?![0-9a-zA-Z])"), "***"),
)


def from_facts(facts: Facts) -> JuicerError:
    """The error for a call that ended without success."""
    if facts.reason == "cancelled":
        return CancelledError("The call was cancelled.", facts)
    if facts.cause is not None:
        return _transport_class(facts.cause)(_EVENTS.get(facts.cause, f"The request failed: {facts.cause}."), facts)
    if facts.status is None:
        return DeadlineError("The time of the call was over before anything was sent.", facts)
    return _api_class(facts)(facts.refusal.message or f"The server answered {facts.status}.", facts)


def _api_class(facts: Facts) -> Type[APIError]:
    named = _CLASSES.get(codes.CLASS_OF.get(facts.refusal.code or "", ""))
    if named is not None:
        return named
    status = facts.status or 0
    return _BY_STATUS.get(status, ServerError if status >= 500 else InvalidRequestError)


def _transport_class(cause: str) -> Type[TransportError]:
    if cause in _TIMEOUTS:
        return TimeoutError
    return InvalidResponseError if cause in _BAD_BODIES else ConnectionError


def scrubbed(text: str) -> str:
    """The text without API keys, webhook secrets and card numbers, in clear or encrypted."""
    for secret, stars in _SECRETS:
        text = secret.sub(stars, text)
    return text


def _full_stop(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else text + "."
