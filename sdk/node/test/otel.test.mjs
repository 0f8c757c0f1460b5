// The OpenTelemetry hooks, with the real packages.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { openTelemetry } from "../dist/esm/otel.js";
import { onStage } from "./stage.mjs";

function instruments() {
	const spans = new InMemorySpanExporter();
	const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }).getTracer("test");
	const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
	const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 3_600_000 });
	const provider = new MeterProvider({ readers: [reader] });
	return { tracer, meter: provider.getMeter("test"), spans, metrics, provider };
}

test("one span and one duration per request, one count per call, by the stable names", async () => {
	const { meter, metrics, provider, spans, tracer } = instruments();
	const hooks = openTelemetry({ tracer, meter, propagate: (span) => ({ traceparent: `00-${span.spanContext().traceId}-${span.spanContext().spanId}-01` }) });
	const { client, clock, server } = onStage([{ event: "reset" }, { status: 503 }, { status: 200, body: { data: {}, money: { outcome: "succeeded" } } }], { hooks, baseUrl: "https://juicer.example:8443" });
	await clock.run(client.paymentSessions.capture("private-id", {}));
	const finished = spans.getFinishedSpans();
	assert.deepEqual(finished.map(({ kind, name, status }) => [name, kind, status.code]), [
		["POST /payment-sessions/{id}", SpanKind.CLIENT, SpanStatusCode.ERROR], ["POST /payment-sessions/{id}", SpanKind.CLIENT, SpanStatusCode.ERROR], ["POST /payment-sessions/{id}", SpanKind.CLIENT, SpanStatusCode.UNSET],
	]);
	const common = { "http.request.method": "POST", "server.address": "juicer.example", "server.port": 8443, "url.scheme": "https", "url.template": "/payment-sessions/{id}" };
	const full = { "url.full": "https://juicer.example:8443/payment-sessions/private-id" };
	assert.deepEqual(finished.map(({ attributes }) => ({ ...attributes })), [
		{ ...common, ...full, "error.type": "reset" },
		{ ...common, ...full, "http.request.resend_count": 1, "http.response.status_code": 503, "error.type": "503", "juicer.request_id": "req_2" },
		{ ...common, ...full, "http.request.resend_count": 2, "http.response.status_code": 200, "juicer.request_id": "req_3" },
	]);
	assert.deepEqual(server.sent("traceparent"), finished.map((span) => `00-${span.spanContext().traceId}-${span.spanContext().spanId}-01`));
	await provider.forceFlush();
	const all = metrics.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
	const duration = all.find(({ descriptor }) => descriptor.name === "http.client.request.duration");
	assert.equal(duration.descriptor.unit, "s");
	assert.equal(duration.dataPoints.length, 3);
	assert.equal(duration.dataPoints[0].value.sum, 0.01);
	assert.deepEqual(duration.dataPoints.at(-1).attributes, { ...common, "http.response.status_code": 200 });
	const calls = all.find(({ descriptor }) => descriptor.name === "juicer.client.calls");
	assert.deepEqual(calls.dataPoints.map(({ attributes, value }) => [value, attributes["juicer.outcome"]]), [[1, "succeeded"]]);
	await provider.shutdown();
});

test("a tracer or a meter alone is enough, and nothing is imported", async () => {
	const { meter, provider, tracer } = instruments();
	for (const given of [{ tracer }, { meter }, {}]) {
		const { client, clock, server } = onStage([{ status: 401, body: { error: { code: "expired_api_key" } } }], { hooks: openTelemetry(given), baseUrl: "http://juicer.example" });
		await assert.rejects(clock.run(client.payments.stats()), { code: "expired_api_key" });
		assert.equal(server.requests.length, 1);
	}
	await provider.shutdown();
	for (const kind of ["esm", "cjs"]) assert.doesNotMatch(readFileSync(new URL(`../dist/${kind}/otel.js`, import.meta.url), "utf8"), /^import|require\(/m);
});
