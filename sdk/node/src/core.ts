/** What the resources stand on: one request in, one result, page or stream out. */
import type { Policy } from "./policy.js";
import type { Page, Result } from "./result.js";

/** One operation of the API, as its resource describes it. */
export interface Request {
	readonly method: string;
	/** The template, such as "/payments/{id}": what logs and metrics show. */
	readonly route: string;
	/** The values of the template's names, in order. */
	readonly path?: readonly string[];
	/** Lists are sent as one value with commas; undefined and null are left out. */
	readonly query?: object | undefined;
	/** Sent as JSON; undefined sends no body. */
	readonly body?: unknown;
}

/** What a caller may say about one call. */
export interface CallOptions {
	/** Made for every write if absent. Store your own beside the order to survive a crash. */
	readonly idempotencyKey?: string;
	/** Milliseconds for the whole call, waits and retries included; 60,000 if absent. */
	readonly timeoutMs?: number;
	/** Ends the call, whatever it is doing. */
	readonly signal?: AbortSignal;
	readonly headers?: Readonly<Record<string, string>>;
	/** Throw PaymentDeclined instead of returning a result whose outcome is "refused". */
	readonly raiseOnDecline?: boolean;
	/** Other numbers than the client's for this call. */
	readonly policy?: Partial<Policy>;
}

/** Sends requests. All methods throw a JuicerError where there is no success. */
export interface Core {
	send<T>(request: Request, options?: CallOptions): Promise<Result<T>>;
	/** One page of a list. */
	page<T>(request: Request, options?: CallOptions): Promise<Page<T>>;
	/** All items of a list, page after page. */
	each<T>(request: Request, options?: CallOptions): AsyncIterable<T>;
	/** A body that is not JSON, as text. */
	raw(request: Request, options?: CallOptions): Promise<Result<string>>;
}
