/**
 * OpenTelemetry (optional): spans and metrics of every request, with the stable names
 * of the HTTP conventions. Takes a tracer and a meter as they are; imports nothing.
 *
 *     import { trace, metrics } from "@opentelemetry/api";
 *     import { openTelemetry } from "@juicer-pay/sdk/otel";
 *     new Juicer({ hooks: openTelemetry({ tracer: trace.getTracer("shop"), meter: metrics.getMeter("shop") }) });
 */
import type { AttemptStart, AttemptWatch, CallEnd, Hooks } from "./hooks.js";
import type { Attempt } from "./result.js";

type Value = string | number | boolean;
type Attributes = Record<string, Value>;

/** What is needed of a span. */
export interface SpanLike {
	setAttribute(name: string, value: Value): unknown;
	setStatus(status: { code: number; message?: string }): unknown;
	end(): void;
}

/** What is needed of a tracer of @opentelemetry/api. */
export interface TracerLike {
	startSpan(name: string, options?: { kind?: number; attributes?: Attributes }): SpanLike;
}

/** What is needed of a meter of @opentelemetry/api. */
export interface MeterLike {
	createHistogram(name: string, options?: { description?: string; unit?: string; advice?: { explicitBucketBoundaries?: number[] } }): { record(value: number, attributes?: Attributes): void };
	createCounter(name: string, options?: { description?: string; unit?: string }): { add(value: number, attributes?: Attributes): void };
}

export interface OpenTelemetryOptions {
	readonly tracer?: TracerLike;
	readonly meter?: MeterLike;
	/** Headers that carry the span to the server, such as traceparent. */
	readonly propagate?: (span: SpanLike) => Readonly<Record<string, string>>;
}

const clientKind = 2; // SpanKind.CLIENT
const errorStatus = 2; // SpanStatusCode.ERROR
/** The boundaries that the conventions advise, in seconds. */
const durationBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Hooks for a client. One span and one duration per request; one count per call. */
export function openTelemetry({ meter, propagate, tracer }: OpenTelemetryOptions): Hooks {
	const duration = meter?.createHistogram("http.client.request.duration", { description: "Duration of HTTP client requests.", unit: "s", advice: { explicitBucketBoundaries: durationBoundaries } });
	const calls = meter?.createCounter("juicer.client.calls", { description: "Calls of the Juicer SDK by their outcome.", unit: "{call}" });
	const attempt = (start: AttemptStart): AttemptWatch => {
		const span = tracer?.startSpan(`${start.method} ${start.route}`, { kind: clientKind, attributes: startAttributes(start) });
		return {
			headers: span && propagate ? propagate(span) : {},
			ended: (ended) => {
				duration?.record(ended.tookMs / 1000, { ...metricAttributes(start), ...endAttributes(ended) });
				if (span) endSpan(span, ended);
			},
		};
	};
	return { attempt, call: (end) => calls?.add(1, callAttributes(end)) };
}

function metricAttributes({ base, method, route }: AttemptStart): Attributes {
	return { "http.request.method": method, "server.address": base.hostname, "server.port": portOf(base), "url.scheme": base.protocol.slice(0, -1), "url.template": route };
}

/** The path without its query, which may hold what is nobody's business. */
function startAttributes(start: AttemptStart): Attributes {
	const attributes = { ...metricAttributes(start), "url.full": `${start.base.origin}${start.path.split("?", 1)[0] ?? ""}` };
	return start.resends === 0 ? attributes : { ...attributes, "http.request.resend_count": start.resends };
}

function endAttributes({ event, status }: Attempt): Attributes {
	const attributes: Attributes = {};
	if (status !== undefined) attributes["http.response.status_code"] = status;
	const failed = event ?? (status !== undefined && status >= 400 ? String(status) : undefined);
	if (failed !== undefined) attributes["error.type"] = failed;
	return attributes;
}

function endSpan(span: SpanLike, ended: Attempt): void {
	const attributes = endAttributes(ended);
	for (const [name, value] of Object.entries(attributes)) span.setAttribute(name, value);
	if (ended.requestId !== undefined) span.setAttribute("juicer.request_id", ended.requestId);
	if ("error.type" in attributes) span.setStatus({ code: errorStatus });
	span.end();
}

function callAttributes({ error, method, outcome, route }: CallEnd): Attributes {
	const attributes: Attributes = { "http.request.method": method, "url.template": route, "juicer.outcome": outcome ?? "none" };
	return error ? { ...attributes, "error.type": error.code ?? error.report.event ?? error.name } : attributes;
}

function portOf(base: URL): number {
	if (base.port !== "") return Number(base.port);
	return base.protocol === "https:" ? 443 : 80;
}
