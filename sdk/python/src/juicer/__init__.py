"""Juicer: take payments, and know whether money moved.

::

    import juicer

    client = juicer.Client()  # JUICER_BASE_URL, JUICER_API_KEY
    result = client.payments.get("ord_1001")
    print(result.succeeded(), result.failure)
"""

from ._core import CallOptions
from .batch import BatchItem, BatchReply
from .cache import Cache
from .cancel import Cancel
from .client import AsyncClient, Client
from .envelope import FieldError
from .errors import (
    APIError,
    Attempt,
    AuthenticationError,
    CancelledError,
    ConflictError,
    ConnectionError,
    DeadlineError,
    IdempotencyError,
    InvalidRequestError,
    InvalidResponseError,
    JuicerError,
    NotFoundError,
    PaymentDeclined,
    PermissionError,
    RateLimitError,
    ServerError,
    TimeoutError,
    TransportError,
    ValidationError,
)
from .hooks import AttemptReport, CallReport, Hooks, LogHooks
from .outbox import Outbox
from .policy import Policy
from .rates import Alarm, Health, Rates, Threshold
from .result import AsyncPage, Page, Result
from .resume import Resumed, Sent
from .version import VERSION as __version__
from .webhooks import WebhookError, WebhookEvent

__all__ = [
    "APIError",
    "Alarm",
    "AsyncClient",
    "AsyncPage",
    "Attempt",
    "AttemptReport",
    "AuthenticationError",
    "BatchItem",
    "BatchReply",
    "Cache",
    "CallOptions",
    "CallReport",
    "Cancel",
    "CancelledError",
    "Client",
    "ConflictError",
    "ConnectionError",
    "DeadlineError",
    "FieldError",
    "Health",
    "Hooks",
    "IdempotencyError",
    "InvalidRequestError",
    "InvalidResponseError",
    "JuicerError",
    "LogHooks",
    "NotFoundError",
    "Outbox",
    "Page",
    "PaymentDeclined",
    "PermissionError",
    "Policy",
    "RateLimitError",
    "Rates",
    "Result",
    "Resumed",
    "Sent",
    "ServerError",
    "Threshold",
    "TimeoutError",
    "TransportError",
    "ValidationError",
    "WebhookError",
    "WebhookEvent",
    "__version__",
]
