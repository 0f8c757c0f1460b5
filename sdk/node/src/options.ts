/** How a client is made, and what its environment adds. */
import type { CacheOptions } from "./cache.js";
import { systemClock, type Clock } from "./clock.js";
import { ConfigurationError } from "./errors.js";
import type { Hooks } from "./hooks.js";
import type { OutboxStore } from "./outbox.js";
import { defaultPolicy, type Policy } from "./policy.js";
import type { ThresholdRule } from "./rates.js";
import { HttpTransport, type ConnectionOptions, type Transport } from "./transport.js";
import { version } from "./version.js";
import type { WebhookSecrets } from "./webhooks.js";

/** All of it may be left out where the environment says enough. */
export interface ClientOptions extends ConnectionOptions {
	/** Scheme, host and port, perhaps a path; JUICER_BASE_URL if absent. */
	readonly baseUrl?: string;
	/** test_... or live_...; JUICER_API_KEY if absent. */
	readonly apiKey?: string;
	/** Numbers of the retry policy that differ from the defaults. */
	readonly policy?: Partial<Policy>;
	readonly hooks?: Hooks | readonly Hooks[];
	/** Keep and reuse answers to reads as their headers allow; off if absent. */
	readonly cache?: boolean | CacheOptions;
	/** Stay under the limits that the server's headers tell; off if absent. */
	readonly pacing?: boolean;
	/** Ask for the payments.get() calls of one tick in one request; off if absent. */
	readonly gather?: boolean;
	/** Keep every write on disk until it is known what became of it; off if absent. */
	readonly outbox?: OutboxStore;
	/** For every call: throw PaymentDeclined where the outcome is "refused". */
	readonly raiseOnDecline?: boolean;
	/** When error rates call for attention. */
	readonly thresholds?: readonly ThresholdRule[];
	/** What webhooks are verified with. */
	readonly webhooks?: WebhookSecrets;
	/** Sent with every request. */
	readonly headers?: Readonly<Record<string, string>>;
	/** Instead of node:http. */
	readonly transport?: Transport;
	/** For tests. */
	readonly clock?: Clock;
	/** In [0, 1): the jitter of waits; for tests. */
	readonly random?: () => number;
}

/** Options with everything decided. */
export interface Settings {
	readonly base: URL;
	/** What stands before every path; "" mostly. */
	readonly prefix: string;
	readonly policy: Policy;
	readonly transport: Transport;
	readonly clock: Clock;
	readonly random: () => number;
	/** Sent with every request, the key of the API among them. */
	readonly headers: Readonly<Record<string, string>>;
	/** What the key of the API is for. */
	readonly mode: "test" | "live";
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws ConfigurationError if there is no key or no usable URL */
export function settle(options: ClientOptions, env: Environment = process.env): Settings {
	const base = baseOf(options.baseUrl ?? env["JUICER_BASE_URL"]);
	const apiKey = keyOf(options.apiKey ?? env["JUICER_API_KEY"]);
	return {
		base,
		prefix: base.pathname.replace(/\/+$/, ""),
		policy: overridden({ ...defaultPolicy, trustKeys: !ofJuicyway(base.hostname) }, options.policy),
		transport: options.transport ?? new HttpTransport(options),
		clock: options.clock ?? systemClock,
		random: options.random ?? Math.random,
		headers: { accept: "application/json", "user-agent": `juicer-node/${version}`, ...lowerCase(options.headers), authorization: apiKey },
		mode: apiKey.startsWith("live_") ? "live" : "test",
	};
}

function baseOf(text: string | undefined): URL {
	if (!text) throw new ConfigurationError("No base URL: pass baseUrl or set JUICER_BASE_URL, for instance to http://127.0.0.1:8080.");
	const base = URL.canParse(text) ? new URL(text) : undefined;
	if (base?.protocol !== "http:" && base?.protocol !== "https:") throw new ConfigurationError(`The base URL ${JSON.stringify(text)} is not an http or https URL.`);
	return base;
}

function keyOf(text: string | undefined): string {
	const key = text?.trim();
	if (!key) throw new ConfigurationError("No API key: pass apiKey or set JUICER_API_KEY. Make one with: juicer keys create.");
	if (!/^[\x21-\x7e]+$/.test(key)) throw new ConfigurationError("The API key holds characters that no key has; was it copied whole?");
	return key;
}

/** Their rules for repeats are not documented beyond "same key, same result" for POST. */
function ofJuicyway(hostname: string): boolean {
	return hostname === "juicyway.com" || hostname.endsWith(".juicyway.com");
}

/** A policy with other numbers; undefined changes nothing. */
export function overridden(policy: Policy, other: { readonly [name in keyof Policy]?: Policy[name] | undefined } = {}): Policy {
	return { ...policy, ...Object.fromEntries(Object.entries(other).filter(([, value]) => value !== undefined)) };
}

/** Header names in lower case, so that later ones replace earlier ones. */
export function lowerCase(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
	return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
