/** Juicer payments API for Node.js. */
export { Juicer, Webhooks } from "./client.js";
export type { ClientOptions } from "./options.js";
export type { CallOptions, Core, Request } from "./core.js";
export { Page, Result, type Answer, type Attempt, type FailureBlock, type MoneyBlock, type Source } from "./result.js";
export {
	APIError,
	AuthenticationError,
	CallError,
	CancelledError,
	ConfigurationError,
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
	type ErrorReport,
} from "./errors.js";
export type { FieldError, Outcome } from "./envelope.js";
export { codes, failureCodes, type ErrorCode } from "./codes.js";
export { decide, defaultPolicy, type Call, type Decision, type Policy, type Progress, type Reply, type RetryReason, type StopReason, type TransportEvent } from "./policy.js";
export { HttpTransport, TransportFailure, WireHeaders, type ConnectionOptions, type Transport, type WireReply, type WireRequest } from "./transport.js";
export { systemClock, type Clock } from "./clock.js";
export { logLine, type AttemptStart, type AttemptWatch, type CallEnd, type Hooks, type RetryStart } from "./hooks.js";
export { MemoryCache, type CachedAnswer, type CacheOptions, type CacheStore } from "./cache.js";
export { FileOutbox, type OutboxEntry, type OutboxStore } from "./outbox.js";
export type { Resumed, Resumption } from "./resume.js";
export type { BatchAnswer, BatchRequest } from "./batch.js";
export { rateClasses, type Alarm, type Counts, type Health, type RateClass, type ThresholdRule } from "./rates.js";
export { encryptCardField, type CardDetails, type EncryptedCard } from "./cards.js";
export type { WaitOptions } from "./payments.js";
export {
	signWebhook,
	verifyChecksum,
	verifyWebhook,
	webhookChecksum,
	WebhookVerificationError,
	type WebhookEvent,
	type WebhookFault,
	type WebhookHeaders,
	type WebhookSecrets,
} from "./webhooks.js";
export { MemoryDedupe, WebhookReceiver, type DedupeStore, type Gap, type Received, type ReceivedEvent, type ReceiverOptions } from "./receiver.js";
export type { HeaderReader } from "./wait.js";
export { version } from "./version.js";
export type * as models from "./models.js";
