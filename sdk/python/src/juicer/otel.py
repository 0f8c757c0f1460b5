"""Traces and metrics by OpenTelemetry, with the stable HTTP names.

::

    from juicer.otel import Telemetry

    client = juicer.Client(hooks=[Telemetry()])

Every request on the wire is a client span ``POST /payments/{id}/refunds`` and a point of
``http.client.request.duration``; repeats carry ``http.request.resend_count``. Needs the
extra ``juicer-pay[otel]``.
"""

from __future__ import annotations

from typing import Any, Dict, Final, Optional

from .extras import MissingExtra
from .hooks import AttemptReport, Hooks
from .version import VERSION

try:
    from opentelemetry import metrics, propagate, trace
    from opentelemetry.trace import SpanKind, Status, StatusCode
except ImportError as why:
    raise MissingExtra("otel", "opentelemetry-api") from why

_NAME: Final = "juicer"
_SPAN: Final = "otel.span"
_BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)


class Telemetry(Hooks):
    """Hooks that report to OpenTelemetry: to the global providers, or to those given."""

    def __init__(
        self,
        tracer_provider: Optional[trace.TracerProvider] = None,
        meter_provider: Optional[metrics.MeterProvider] = None,
    ) -> None:
        self._tracer = trace.get_tracer(_NAME, VERSION, tracer_provider)
        self._duration = metrics.get_meter(_NAME, VERSION, meter_provider).create_histogram(
            "http.client.request.duration",
            unit="s",
            description="Duration of HTTP client requests.",
            explicit_bucket_boundaries_advisory=_BUCKETS_S,
        )

    def attempt_begins(self, attempt: AttemptReport) -> Dict[str, str]:
        span = self._tracer.start_span(
            f"{attempt.method} {attempt.route}",
            kind=SpanKind.CLIENT,
            attributes={**_where(attempt), "url.full": attempt.url, **_resend(attempt)},
        )
        attempt.notes[_SPAN] = span
        headers: Dict[str, str] = {}
        propagate.inject(headers, context=trace.set_span_in_context(span))
        return headers

    def attempt_ended(self, attempt: AttemptReport) -> None:
        answer = _answer(attempt)
        self._duration.record(attempt.ms / 1000, {**_where(attempt), **answer})
        span: Any = attempt.notes.pop(_SPAN)
        span.set_attributes(answer)
        if "error.type" in answer:
            span.set_status(Status(StatusCode.ERROR))
        span.end()


def _where(attempt: AttemptReport) -> Dict[str, Any]:
    return {
        "http.request.method": attempt.method,
        "server.address": attempt.host,
        "server.port": attempt.port,
    }


def _resend(attempt: AttemptReport) -> Dict[str, Any]:
    return {"http.request.resend_count": attempt.number - 1} if attempt.number > 1 else {}


def _answer(attempt: AttemptReport) -> Dict[str, Any]:
    """Status, and what counts as an error: 4xx, 5xx, or no answer."""
    found: Dict[str, Any] = {}
    if attempt.status is not None:
        found["http.response.status_code"] = attempt.status
        if attempt.status >= 400:
            found["error.type"] = str(attempt.status)
    if attempt.cause is not None:
        found["error.type"] = attempt.cause
    return found
