// Each way in which a call can fail, and what to do about it. Runs against the sandbox:
// the header Juicer-Fault makes it fail on purpose.
//
//     export JUICER_BASE_URL=http://127.0.0.1:8080 JUICER_API_KEY=test_...
//     node samples/errors.mjs
import {
	AuthenticationError, CallError, Juicer, PaymentDeclined, RateLimitError, ServerError, TimeoutError, ValidationError,
} from "@juicer-pay/sdk";

const client = new Juicer({ policy: { maxAttempts: 2 } }); // 4 by default; 2 keep this sample short

const order = (reference) => ({
	amount: 250_000, currency: "NGN", reference, description: "Term fee", payment_method: { type: "card" },
	customer: {
		first_name: "Ada", last_name: "Obi", email: "ada@example.com", phone_number: "+2348031234567",
		billing_address: { line1: "5 Marina Road", city: "Lagos", zip_code: "100001", country: "NG" },
	},
	order: { identifier: "INV-7", items: [{ name: "Term fee", type: "service" }] },
});
const card = (number) => client.cards.encrypt({ number, cvv: "100", expiryMonth: 1, expiryYear: 2039 });
const fault = (rule) => ({ headers: { "Juicer-Fault": rule } });

/** Tells what a call led to. */
async function show(title, call, about) {
	try {
		const result = await call();
		console.log(`${title}: ${result.outcome ?? result.status}`);
	} catch (error) {
		if (!(error instanceof CallError || error instanceof PaymentDeclined)) throw error;
		console.log(`${title}: ${error.name} ${error.code ?? error.event ?? ""} | outcome ${error.outcome ?? "- (a read)"} | ${about(error)}`);
	}
}

// 1. Time-out: nothing came in time, twice. The payment may exist: same key again, or ask what became of the key.
const slow = fault("hang=5000;times=9");
await show("time-out", () => client.paymentSessions.create(order("late-1"), { ...slow, idempotencyKey: "late-1", policy: { writeTimeoutMs: 300, maxAttempts: 2 } }), (error) =>
	`${error instanceof TimeoutError ? "no answer in time" : "?"}, ${error.attempts.length} attempts, key ${error.idempotencyKey}`);

// 2. 429: the SDK waits by itself while the wait is short; this one is longer than a call may take.
await show("rate limit", () => client.payments.list({}, fault("status=429;retry-after=120;times=9")), (error) =>
	`${error instanceof RateLimitError ? "slow down" : "?"}, again in ${error.retryAfterMs / 1000} s`);

// 3. 5xx: the server's fault; tried again with the same key until attempts or time are used up.
await show("server error", () => client.paymentSessions.create(order("broken-1"), fault("status=500;times=9")), (error) =>
	`${error instanceof ServerError ? "their fault" : "?"}, ${error.attempts.length} attempts, request ids ${error.requestIds.length}`);

// 4. Validation: all bad fields at once.
await show("validation", () => client.paymentSessions.create({ ...order("bad-1"), amount: -5, currency: "XYZ" }), (error) =>
	error instanceof ValidationError && error.fieldErrors.map(({ field, message }) => `${field}: ${message}`).join("; "));

// 5. Authentication, its five causes.
const advice = (error) => (error instanceof AuthenticationError ? error.serverMessage : "?");
await show("no key", () => client.payments.list({}, fault("error=missing_api_key")), advice);
const invalid = new Juicer({ apiKey: "test_0000000000000000000000000000000HGh7v" });
await show("invalid key", () => invalid.payments.list(), advice);
await show("expired key", () => client.payments.list({}, fault("error=expired_api_key")), (error) => error instanceof AuthenticationError && "make a new key");
await show("test key in production", () => client.payments.list({}, fault("error=test_key_in_production")), advice);
const live = new Juicer({ apiKey: "live_0000000000000000000000000000004DY1fB" });
await show("production key in test", () => live.payments.list(), advice);

// 6. Decline: a 200 that is not a payment. As a result, or thrown where that is asked for.
const { data: session } = await client.paymentSessions.create(order("declined-1"));
await show("decline", async () => client.paymentSessions.capture(session.id, { card: await card("4000000000012015") }, { raiseOnDecline: true }), (error) =>
	`${error.failure.code}, ${error.failure.retryable ? "a new payment may succeed" : "not again with this card"}`);

// 7. Unknown outcome: the payment was made, and every answer was lost. Verify before anything else.
const { data: doubtful } = await client.paymentSessions.create(order("doubtful-1"));
const lost = { ...fault("drop=after-commit;times=9"), idempotencyKey: "doubtful-1-capture" };
await show("unknown outcome", async () => client.paymentSessions.capture(doubtful.id, { card: await card("4012000033330026") }, lost), (error) =>
	`key ${error.idempotencyKey}`);
const { next, record } = await client.resume("doubtful-1-capture");
console.log(`verified: ${next}, ${record?.outcome}`); // done, succeeded: charged once, nothing to send again
