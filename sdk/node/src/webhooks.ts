/**
 * Webhooks: whether a body really comes from the server. Pure; the time is given.
 * Verify the raw bytes, before a JSON parser or middleware has touched them.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { parseJson } from "./envelope.js";
import { JuicerError } from "./errors.js";
import type { EventName } from "./models.js";

/** At least one of both is needed; with both, both must fit. */
export interface WebhookSecrets {
	/** whsec_...: for the signature over id, time and body. During a rotation give both secrets. */
	readonly secret?: string | readonly string[];
	/** The id of the business: for the checksum inside the body, which does not protect against replay. */
	readonly businessId?: string;
	/** How far off the time of a signature may be, in seconds; 300 if absent. */
	readonly toleranceSeconds?: number;
}

/** A webhook that was verified. */
export interface WebhookEvent<T = Readonly<Record<string, unknown>>> {
	/** evt_...: store it with a unique constraint; a repeat has the same one. */
	readonly id: string | undefined;
	readonly event: EventName;
	readonly data: T;
	/** Unix seconds of this delivery. */
	readonly timestamp: number | undefined;
	/** The event's number in the business, without gaps. */
	readonly sequence: number | undefined;
	/** The number of the event before it that was due for this endpoint. */
	readonly previousSequence: number | undefined;
}

/** Why a webhook was refused. Answer 401 and do nothing. */
export type WebhookFault = "no_secret" | "not_json" | "missing_header" | "timestamp" | "signature" | "checksum";

/** The body does not come from the server, or not now. */
export class WebhookVerificationError extends JuicerError {
	override readonly name = "WebhookVerificationError";

	constructor(readonly fault: WebhookFault) {
		super(`The webhook is not to be trusted: ${fault}.`);
	}
}

/** Headers as node:http has them, as a Headers object, or as any map. */
export type WebhookHeaders = Readonly<Record<string, string | readonly string[] | undefined>> | { get(name: string): string | null | undefined };

const toleranceSecondsDefault = 300;

/**
 * Verifies signature and checksum, whatever there are secrets for.
 *
 * @param body the raw bytes, or exactly their text
 * @param now milliseconds since 1970
 * @throws WebhookVerificationError
 */
export function verifyWebhook(body: Uint8Array | string, headers: WebhookHeaders, secrets: WebhookSecrets, now: number): WebhookEvent {
	const bytes = typeof body === "string" ? Buffer.from(body, "utf8") : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
	if (secrets.secret === undefined && secrets.businessId === undefined) throw new WebhookVerificationError("no_secret");
	if (secrets.secret !== undefined) verifySignature(bytes, headers, secrets, now);
	const parsed = shapeOf(bytes);
	if (secrets.businessId !== undefined && !verifyChecksum(bytes, secrets.businessId)) throw new WebhookVerificationError("checksum");
	return {
		...parsed,
		id: header(headers, "webhook-id"),
		timestamp: whole(header(headers, "webhook-timestamp")),
		sequence: whole(header(headers, "juicer-sequence")),
		previousSequence: whole(header(headers, "juicer-previous-sequence")),
	};
}

function verifySignature(body: Buffer, headers: WebhookHeaders, secrets: WebhookSecrets, now: number): void {
	const [id, time, given] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => header(headers, name));
	if (!id || !time || !given) throw new WebhookVerificationError("missing_header");
	const offSeconds = Math.abs(now / 1000 - (whole(time) ?? Infinity));
	if (offSeconds > (secrets.toleranceSeconds ?? toleranceSecondsDefault)) throw new WebhookVerificationError("timestamp");
	const offered = given.split(" ").filter((part) => part.startsWith("v1,"));
	const known = typeof secrets.secret === "string" ? [secrets.secret] : (secrets.secret ?? []);
	const fits = known.some((secret) => offered.some((part) => sameText(part, signWebhook(secret, id, time, body))));
	if (!fits) throw new WebhookVerificationError("signature");
}

/** The webhook-signature of a body: "v1," and base64. */
export function signWebhook(secret: string, id: string, timestamp: string, body: Uint8Array | string): string {
	const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
	return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64")}`;
}

/** The checksum of an event: upper-case hex over its name and the canonical JSON of its data. */
export function webhookChecksum(businessId: string, event: string, canonicalData: Uint8Array | string): string {
	return createHmac("sha256", businessId.trim()).update(`${event}|`).update(canonicalData).digest("hex").toUpperCase();
}

const head = /^\{"checksum":"([0-9A-Fa-f]{64})","data":/;
const headLength = 86;

/**
 * Whether the checksum inside a body fits it. Bodies in the form that Juicer sends are
 * checked as they are; others are sorted and encoded again.
 */
export function verifyChecksum(body: Uint8Array, businessId: string): boolean {
	const text = Buffer.from(body).toString("utf8");
	const parsed = parseJson(text) as { checksum?: unknown; data?: unknown; event?: unknown } | undefined;
	if (typeof parsed?.checksum !== "string" || typeof parsed.event !== "string") return false;
	const given = parsed.checksum.toUpperCase();
	const sent = sentData(body, text, parsed.event);
	return (sent !== undefined && sameText(given, webhookChecksum(businessId, parsed.event, sent))) || sameText(given, webhookChecksum(businessId, parsed.event, canonicalJson(parsed.data)));
}

/** The bytes of data in a body of the sent form. */
function sentData(body: Uint8Array, text: string, event: string): Uint8Array | undefined {
	const tail = `,"event":${JSON.stringify(event)}}`;
	return head.test(text) && text.endsWith(tail) ? body.subarray(headLength, body.length - Buffer.byteLength(tail)) : undefined;
}

/** JSON with sorted names and without blanks, as the checksum wants it. */
export function canonicalJson(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
	if (typeof value !== "object" || value === null) return JSON.stringify(value);
	const names = Object.keys(value).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
	return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalJson((value as Record<string, unknown>)[name])}`).join(",")}}`;
}

function shapeOf(body: Buffer): Pick<WebhookEvent, "event" | "data"> {
	const parsed = parseJson(body.toString("utf8")) as { event?: unknown; data?: unknown } | undefined;
	if (typeof parsed?.event !== "string" || typeof parsed.data !== "object" || parsed.data === null) throw new WebhookVerificationError("not_json");
	return { event: parsed.event as EventName, data: parsed.data as Readonly<Record<string, unknown>> };
}

function header(headers: WebhookHeaders, name: string): string | undefined {
	if (typeof headers["get"] === "function") return (headers as { get(name: string): string | null | undefined }).get(name) ?? undefined;
	const map = headers as Readonly<Record<string, string | readonly string[] | undefined>>;
	const value = map[name] ?? Object.entries(map).find(([key]) => key.toLowerCase() === name)?.[1];
	return typeof value === "string" ? value : value?.[0];
}

function whole(text: string | undefined): number | undefined {
	return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}

/** In a time that does not depend on where they differ. */
function sameText(a: string, b: string): boolean {
	const [left, right] = [Buffer.from(a), Buffer.from(b)];
	return left.length === right.length && timingSafeEqual(left, right);
}
