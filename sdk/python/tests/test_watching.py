"""Hooks, rates, pacing and OpenTelemetry."""

from __future__ import annotations

import logging
from typing import Any, Dict, List, Optional

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import juicer
from juicer import Alarm, AttemptReport, CallReport, Hooks, LogHooks, Rates, Threshold
from juicer.otel import Telemetry
from juicer.pacing import Pacing
from juicer.policy import Reply
from juicer.rates import Health

from .virtual import Says, Stage, paid, reset


class Recorder(Hooks):
    def __init__(self) -> None:
        self.calls: List[CallReport] = []
        self.attempts: List[AttemptReport] = []

    def attempt_begins(self, attempt: AttemptReport) -> Dict[str, str]:
        return {"X-Trace": f"t{attempt.number}"}

    def attempt_ended(self, attempt: AttemptReport) -> None:
        self.attempts.append(attempt)

    def call_ended(self, call: CallReport) -> None:
        self.calls.append(call)


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_hooks_see_calls_and_attempts(mode: str) -> None:
    recorder = Recorder()
    stage = Stage(mode, reset(), paid(), hooks=[recorder])
    stage.post(juicer.CallOptions(idempotency_key="k-1"))
    [call] = recorder.calls
    assert str(call) == "POST /payment-sessions status=201 code=- request_id=req_2 attempts=2 ms=270 outcome=succeeded"
    assert (call.idempotency_key, call.error) == ("k-1", None)
    assert [(a.number, a.status, a.cause, a.ms) for a in recorder.attempts] == [(1, None, "reset", 10), (2, 201, None, 10)]
    assert recorder.attempts[0].url == "http://shop.test/payment-sessions"
    assert stage.script.header("x-trace") == ["t1", "t2"]


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_hooks_see_what_fails(mode: str) -> None:
    recorder = Recorder()
    stage = Stage(mode, Says(401, {"error": {"code": "expired_api_key"}}), hooks=[recorder])
    with pytest.raises(juicer.AuthenticationError) as caught:
        stage.post()
    [call] = recorder.calls
    assert (call.status, call.code, call.outcome) == (401, "expired_api_key", "not_attempted")
    assert call.error is caught.value


class Broken(Hooks):
    def attempt_begins(self, attempt: AttemptReport) -> Dict[str, str]:
        raise RuntimeError("attempt_begins")

    def attempt_ended(self, attempt: AttemptReport) -> None:
        raise RuntimeError("attempt_ended")

    def call_ended(self, call: CallReport) -> None:
        raise RuntimeError("call_ended")


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_broken_hook_breaks_no_payment(mode: str, caplog: pytest.LogCaptureFixture) -> None:
    recorder = Recorder()
    assert Stage(mode, paid(), hooks=[Broken(), recorder]).post().succeeded()
    assert len(recorder.calls) == 1 and caplog.text.count("a hook failed") == 3


def test_a_broken_alarm_breaks_no_payment(caplog: pytest.LogCaptureFixture) -> None:
    def broken(alarm: Alarm) -> None:
        raise RuntimeError("nobody at home")

    rates = Rates([Threshold("server", 0.0, 1)], broken)
    assert Stage("sync", paid(), rates=rates).post().succeeded()
    assert "on_threshold failed" in caplog.text


def test_one_line_is_logged_for_each_call(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "juicer")
    stage = Stage("sync", paid(), Says(404), hooks=[LogHooks()])
    stage.get()
    with pytest.raises(juicer.NotFoundError):
        stage.get()
    assert [(record.levelname, record.message.split(" request_id")[0]) for record in caplog.records] == [
        ("INFO", "GET /payments/{id} status=201 code=-"),
        ("WARNING", "GET /payments/{id} status=404 code=-"),
    ]


def test_health_is_the_last_minute() -> None:
    rates = Rates()
    for reply in (Reply(200), Reply(500), Reply(429), Reply(event="reset"), Reply(400), Reply(event="cancelled")):
        rates.request(1_000, reply)
    rates.unknown_outcome(1_500)
    health = rates.health(60_999, 7)
    assert health.requests == 6 and health.tokens == 7
    assert health.counts == {"server": 1, "throttle": 1, "network": 1, "unknown_outcome": 1}
    assert health.rates["server"] == pytest.approx(1 / 6)
    assert rates.health(61_000) == Health(0, dict.fromkeys(health.counts, 0), dict.fromkeys(health.counts, 0.0))
    rates.request(61_000, Reply(200))
    assert rates.health(61_000).requests == 1


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_client_counts_its_own(mode: str) -> None:
    stage = Stage(mode, Says(503), reset())
    with pytest.raises(juicer.ConnectionError):
        stage.post()
    health = stage.client.health()
    assert health.requests == 4
    assert health.counts == {"server": 1, "throttle": 0, "network": 3, "unknown_outcome": 1}


def test_an_alarm_comes_once_until_the_rate_fell() -> None:
    alarms: List[Alarm] = []
    threshold = Threshold("server", 0.5, requests_min=4)
    rates = Rates([threshold], alarms.append)
    for _ in range(3):
        rates.request(0, Reply(500))
    assert alarms == []
    rates.request(0, Reply(500))
    rates.request(0, Reply(500))
    assert [alarm.threshold for alarm in alarms] == [threshold] and alarms[0].health.rates["server"] == 1.0
    for _ in range(6):
        rates.request(0, Reply(200))
    for _ in range(6):
        rates.request(0, Reply(500))
    assert len(alarms) == 2


def test_an_alarm_for_unknown_outcomes() -> None:
    alarms: List[Alarm] = []
    stage = Stage("sync", reset(), rates=Rates([Threshold("unknown_outcome", 0.01, 1)], alarms.append))
    with pytest.raises(juicer.ConnectionError):
        stage.post()
    assert len(alarms) == 1


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_pacing_waits_instead_of_bouncing_off(mode: str) -> None:
    def limited(left: int, reset_s: int) -> Says:
        return Says(200, {"data": {}}, {"ratelimit": f'"key";r={left};t={reset_s}'})

    stage = Stage(mode, limited(1, 3), limited(0, 3), limited(5, 1), pacing=True)
    for _ in range(3):
        stage.get()
    assert stage.clock.slept == [3_000] and len(stage.script.requests) == 3
    unpaced = Stage(mode, limited(0, 3))
    unpaced.get()
    unpaced.get()
    assert unpaced.clock.slept == []


def test_pacing_keeps_the_limits_of_routes_apart() -> None:
    pacing = Pacing()
    pacing.learn("GET", "/payments/{id}", '"key";r=5;t=1, "endpoint";r=1;t=10', 0)
    assert pacing.turn("GET", "/payments/{id}", 100) == 0
    assert pacing.turn("GET", "/payments/{id}", 200) == 9_800
    assert pacing.turn("POST", "/payouts", 300) == 0
    assert pacing.turn("GET", "/payments/{id}", 10_000) == 0
    pacing.learn("GET", "/x", None, 0)
    pacing.learn("GET", "/x", "junk", 0)
    assert pacing.turn("GET", "/x", 0) == 0


def test_pacing_counts_down_what_all_share() -> None:
    pacing = Pacing()
    pacing.learn("GET", "/a", '"key";r=2;t=7', 0)
    waits = [pacing.turn(*call, 0) for call in [("GET", "/a"), ("POST", "/b"), ("GET", "/c")]]
    assert waits == [0, 0, 7_000]


def test_a_pace_that_does_not_fit_is_not_waited_for() -> None:
    stage = Stage("sync", Says(200, {"data": {}}, {"ratelimit": '"key";r=0;t=90'}), pacing=True)
    stage.get()
    stage.get()
    assert stage.clock.slept == []


def telemetry() -> "tuple[Telemetry, InMemorySpanExporter, InMemoryMetricReader]":
    spans, reader = InMemorySpanExporter(), InMemoryMetricReader()
    traces = TracerProvider()
    traces.add_span_processor(SimpleSpanProcessor(spans))
    return Telemetry(traces, MeterProvider([reader])), spans, reader


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_telemetry_uses_the_stable_names(mode: str) -> None:
    hooks, spans, reader = telemetry()
    stage = Stage(mode, reset(), Says(503), paid(), hooks=[hooks])
    stage.post()
    found = [dict(span.attributes or {}) for span in spans.get_finished_spans()]
    usual: Dict[str, Any] = {
        "http.request.method": "POST",
        "server.address": "shop.test",
        "server.port": 80,
        "url.full": "http://shop.test/payment-sessions",
    }
    assert found == [
        {**usual, "error.type": "reset"},
        {**usual, "http.request.resend_count": 1, "http.response.status_code": 503, "error.type": "503"},
        {**usual, "http.request.resend_count": 2, "http.response.status_code": 201},
    ]
    assert {span.name for span in spans.get_finished_spans()} == {"POST /payment-sessions"}
    parents = stage.script.header("traceparent")
    assert [parent.split("-")[2] for parent in parents] == [
        f"{span.context.span_id:016x}" for span in spans.get_finished_spans() if span.context
    ]
    [metric] = _metrics(reader)
    assert (metric.name, metric.unit) == ("http.client.request.duration", "s")
    points = {point.attributes.get("error.type"): point for point in metric.data.data_points}
    assert set(points) == {"reset", "503", None} and points[None].sum == pytest.approx(0.01)


def _metrics(reader: InMemoryMetricReader) -> List[Any]:
    data: Optional[Any] = reader.get_metrics_data()
    assert data is not None
    return [metric for resource in data.resource_metrics for scope in resource.scope_metrics for metric in scope.metrics]
