/**
 * The server's wait: how long it asks a client to stay away, read from headers and
 * from the body of an error. Pure; the time is given.
 */
import type { Envelope } from "./envelope.js";

/** Header look-up: any case; a header sent twice comes joined with ", ". */
export interface HeaderReader {
	get(name: string): string | undefined;
}

/** Longer waits are told as this one: 10^12 ms. */
export const waitMaxMs = 1e12;

const second = 1000;

/**
 * The first valid wait of: Retry-After, retry_after, error.retry.after_ms,
 * error.retry_after, the spent entries of RateLimit.
 *
 * @param now local time in milliseconds since 1970, used where the reply has no Date
 * @returns milliseconds above 0, or undefined if the server asks for nothing valid
 */
export function serverWait(headers: HeaderReader, envelope: Envelope | undefined, now: number): number | undefined {
	return (
		headerWait(headers.get("retry-after"), headers, now) ??
		headerWait(headers.get("retry_after"), headers, now) ??
		numberWait(envelope?.afterMs, 1) ??
		numberWait(envelope?.retryAfter, second) ??
		rateLimitWait(headers.get("ratelimit"))
	);
}

function headerWait(text: string | undefined, headers: HeaderReader, now: number): number | undefined {
	if (text === undefined) return undefined;
	const trimmed = text.trim();
	if (/^[0-9]+$/.test(trimmed)) return valid(Number(trimmed) * second);
	const until = httpDate(trimmed) ?? NaN; // which is no wait
	const from = httpDate(headers.get("date")?.trim() ?? "") ?? now;
	return valid(Math.ceil((until - from) / second) * second);
}

function numberWait(value: unknown, unitMs: number): number | undefined {
	if (typeof value !== "number") return undefined;
	return valid(Math.ceil(value * unitMs));
}

function valid(ms: number): number | undefined {
	return ms > 0 ? Math.min(ms, waitMaxMs) : undefined;
}

// The grammar of structured fields (RFC 9651), as far as RateLimit needs it.
const quoted = String.raw`"(?:[^"\\]|\\["\\])*"`;
const value = String.raw`${quoted}|:[A-Za-z0-9+/=]*:|[A-Za-z0-9_.:/*?-]+`;
const pair = String.raw`;[ ]*([a-z*][a-z0-9_.*-]*)(?:=(${value}))?`;
const pairs = new RegExp(pair, "g");
const member = new RegExp(String.raw`^[ \t]*(${quoted})((?:${pair})*)[ \t]*(?:,|$)`);

/** One entry of RateLimit: how many requests are left, and for how many seconds that holds. */
export interface RateLimitEntry {
	readonly name: string;
	readonly remaining: number;
	/** 0 where the server did not say. */
	readonly seconds: number;
}

/**
 * The entries of a RateLimit header such as `"key";r=0;t=3, "endpoint";r=40;t=9`.
 *
 * @returns undefined if the header as a whole does not have this form
 */
export function rateLimitEntries(text: string | undefined): RateLimitEntry[] | undefined {
	if (text === undefined || /(?:^|,)\s*$/.test(text)) return undefined;
	const entries: RateLimitEntry[] = [];
	for (let rest = text; rest !== ""; ) {
		const found = member.exec(rest);
		const entry = found && entryOf(found[1] ?? "", found[2] ?? "");
		if (!found || !entry) return undefined;
		entries.push(entry);
		rest = rest.slice(found[0].length);
	}
	return entries;
}

function entryOf(name: string, parameters: string): RateLimitEntry | undefined {
	const given = new Map([...parameters.matchAll(pairs)].map(([, key, text]) => [key, text ?? ""]));
	const remaining = count(given.get("r"));
	const seconds = count(given.get("t") ?? "0");
	if (remaining === undefined || seconds === undefined) return undefined;
	return { name: name.slice(1, -1), remaining, seconds };
}

function count(digits: string | undefined): number | undefined {
	return digits !== undefined && /^[0-9]+$/.test(digits) ? Number(digits) : undefined;
}

function rateLimitWait(text: string | undefined): number | undefined {
	let longest = 0;
	for (const entry of rateLimitEntries(text) ?? []) {
		if (entry.remaining === 0) longest = Math.max(longest, entry.seconds * second);
	}
	return valid(longest);
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const month = `(?<month>${months.join("|")})`;
const time = "(?<hour>[0-9]{2}):(?<minute>[0-9]{2}):(?<second>[0-9]{2})";
const forms = [
	new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>[0-9]{2}) ${month} (?<year>[0-9]{4}) ${time} GMT$`),
	new RegExp(`^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>[0-9]{2})-${month}-(?<year>[0-9]{2}) ${time} GMT$`),
	new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${month} (?<day>[ 0-9][0-9]) ${time} (?<year>[0-9]{4})$`),
];

/** A two-digit year from here on is of the twentieth century. */
const centuryTurn = 69;

/**
 * Reads one of the three forms of an HTTP-date, and nothing else.
 *
 * @returns milliseconds since 1970, or undefined
 */
export function httpDate(text: string): number | undefined {
	for (const form of forms) {
		const parts = form.exec(text)?.groups;
		if (parts) return instant(parts);
	}
	return undefined;
}

function instant(parts: Record<string, string>): number | undefined {
	const [day, hour, minute, sec] = ["day", "hour", "minute", "second"].map((name) => Number(parts[name])) as [number, number, number, number];
	if (minute > 59 || sec > 59) return undefined;
	const at = new Date(0);
	at.setUTCFullYear(fullYear(parts["year"] ?? ""), months.indexOf(parts["month"] ?? ""), day);
	at.setUTCHours(hour, minute, sec);
	return at.getUTCDate() === day ? at.getTime() : undefined; // no 30 February, no hour 24
}

function fullYear(digits: string): number {
	const year = Number(digits);
	if (digits.length === 4) return year;
	return year < centuryTurn ? 2000 + year : 1900 + year;
}
