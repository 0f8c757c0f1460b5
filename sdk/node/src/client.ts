/** The client: the resources of the API, and what goes beyond single requests. */
import { batch, type BatchAnswer, type BatchRequest } from "./batch.js";
import { Budget } from "./budget.js";
import { Cache } from "./cache.js";
import { Caller } from "./caller.js";
import { Cards } from "./cards.js";
import type { CallOptions } from "./core.js";
import { ConfigurationError } from "./errors.js";
import { allHooks, type Hooks } from "./hooks.js";
import { settle, type ClientOptions, type Settings } from "./options.js";
import { Outbox } from "./outbox.js";
import { Pacing } from "./pacing.js";
import { ClientPayments } from "./payments.js";
import { Rates, type Health } from "./rates.js";
import { WebhookReceiver, type ReceiverOptions } from "./receiver.js";
import { bindResources, type Resources } from "./resources.js";
import { resume, resumeOutbox, type Resumed, type Resumption } from "./resume.js";
import { Signals } from "./signals.js";
import { verifyWebhook, type WebhookEvent, type WebhookHeaders, type WebhookSecrets } from "./webhooks.js";

/** The resources; `payments` can wait, too. */
type Bound = Omit<Resources, "payments">;
/** The generated part of the class below. */
export interface Juicer extends Bound {}

/**
 * A client of a Juicer server. Make one per key and keep it: it owns connections, the
 * budget for retries and the error rates.
 */
export class Juicer {
	readonly payments: ClientPayments;
	/** Encrypts cards for captures. */
	readonly cards: Cards;
	/** Verifies what comes in. */
	readonly webhooks: Webhooks;
	private readonly settings: Settings;
	private readonly budget: Budget;
	private readonly rates: Rates;
	private readonly caller: Caller;
	private readonly outbox: Outbox | undefined;

	/** @throws ConfigurationError without a key or a usable URL */
	constructor(options: ClientOptions = {}) {
		const settings = settle(options);
		const { clock, policy } = settings;
		const signals = new Signals();
		this.settings = settings;
		this.budget = new Budget(policy.bucket, clock.steady());
		this.rates = new Rates(options.thresholds);
		this.outbox = options.outbox && new Outbox(options.outbox, () => clock.now());
		this.caller = new Caller(settings, { ...this.extras(options, signals), budget: this.budget, outbox: this.outbox }, options);
		Object.assign(this, bindResources(this.caller));
		this.payments = new ClientPayments(this.caller, { clock, signals, gather: options.gather ?? false });
		this.cards = new Cards(this.caller, settings.mode, () => clock.now());
		this.webhooks = new Webhooks(this, options.webhooks ?? {}, () => clock.now());
	}

	private extras(options: ClientOptions, signals: Signals) {
		const { clock } = this.settings;
		const counted: Hooks = { call: (end) => this.rates.record(end, clock.now()) };
		return {
			signals,
			hooks: allHooks([counted, ...[options.hooks ?? []].flat()]),
			pacing: options.pacing ? new Pacing() : undefined,
			cache: options.cache ? new Cache(clock, signals, options.cache === true ? {} : options.cache) : undefined,
		};
	}

	/** Up to 50 requests in one; every write with a key of its own. */
	batch(requests: readonly BatchRequest[], options?: CallOptions): Promise<BatchAnswer[]> {
		return batch(this.caller, requests, options);
	}

	/** What became of a key, for instance after a crash. */
	resume(key: string, options?: CallOptions): Promise<Resumption> {
		return resume(this.caller, key, options);
	}

	/** Sends what a crash left in the outbox again, with the same keys and bytes. */
	resumeOutbox(options?: CallOptions): Promise<Resumed[]> {
		if (!this.outbox) throw new ConfigurationError("This client has no outbox: pass outbox: new FileOutbox(directory).");
		return resumeOutbox(this.caller, this.outbox.store, options);
	}

	/** Error rates of this client itself; calls nothing. */
	health(): Health {
		return this.rates.health(this.settings.clock.now(), this.budget.tokens);
	}

	/** Closes idle connections. Not needed for the process to end. */
	close(): void {
		this.settings.transport.close?.();
	}
}

/** client.webhooks */
export class Webhooks {
	constructor(
		private readonly client: Juicer,
		private readonly secrets: WebhookSecrets,
		private readonly now: () => number,
	) {}

	/**
	 * Verifies a webhook by the client's secrets.
	 *
	 * @param body the raw bytes, or exactly their text
	 * @throws WebhookVerificationError: answer 401 and do nothing
	 */
	verify(body: Uint8Array | string, headers: WebhookHeaders): WebhookEvent {
		return verifyWebhook(body, headers, this.secrets, this.now());
	}

	/** A receiver that hands every event on once and fetches what did not arrive. */
	receiver(options: Omit<ReceiverOptions, "secrets" | "events">): WebhookReceiver {
		return new WebhookReceiver({ ...options, secrets: this.secrets, events: this.client.events });
	}
}
