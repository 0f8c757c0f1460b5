// Take a payment, and handle one that fails.
//
//     make run                                   # in another terminal; prints the key
//     export JUICER_BASE_URL=http://127.0.0.1:8080 JUICER_API_KEY=test_...
//     node samples/quickstart.mjs
import { Juicer, JuicerError } from "@juicer-pay/sdk";

const client = new Juicer(); // JUICER_BASE_URL and JUICER_API_KEY

const order = (reference) => ({
	amount: 250_000, // 2,500.00 NGN: whole numbers of the smallest unit
	currency: "NGN",
	reference, // your own name for the payment
	description: "Term fee",
	payment_method: { type: "card" },
	customer: {
		first_name: "Ada", last_name: "Obi", email: "ada@example.com", phone_number: "+2348031234567",
		billing_address: { line1: "5 Marina Road", city: "Lagos", zip_code: "100001", country: "NG" },
	},
	order: { identifier: "INV-7", items: [{ name: "Term fee", type: "service" }] },
});

async function pay(reference, number) {
	// Store the keys beside your order: with them the calls can be repeated, even after a crash.
	const session = await client.paymentSessions.create(order(reference), { idempotencyKey: `${reference}-create` });
	const card = await client.cards.encrypt({ number, cvv: "100", expiryMonth: 1, expiryYear: 2039 });
	const captured = await client.paymentSessions.capture(session.data.id, { card }, { idempotencyKey: `${reference}-capture` });
	if (captured.outcome === "pending" || captured.outcome === "unknown") return client.payments.wait(session.data.id);
	return captured;
}

try {
	const paid = await pay("order-1001", "4012000033330026");
	console.log("order-1001:", paid.succeeded() ? "paid" : paid.outcome);

	const declined = await pay("order-1002", "4000000000012015");
	console.log("order-1002:", declined.outcome, declined.failure.code, "-", declined.failure.message); // a 200, and not paid

	const refund = await client.payments.refund((await client.payments.get("order-1001")).data.id, { amount: 50_000 });
	console.log("refund:", refund.data.amount, refund.outcome === "refused" ? "refused" : "accepted");
} catch (error) {
	if (!(error instanceof JuicerError)) throw error;
	console.error(error.message); // what happened, whether money moved, what to do next
	process.exitCode = 1;
}
