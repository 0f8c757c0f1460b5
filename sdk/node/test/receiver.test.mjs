import assert from "node:assert/strict";
import { once } from "node:events";
import * as http from "node:http";
import { test } from "node:test";
import { MemoryDedupe, WebhookReceiver, signWebhook } from "../dist/esm/index.js";
import { clientOf, goodCard, order, startServer } from "./server.mjs";
import { VirtualClock } from "./stage.mjs";

const secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/** A webhook as the server would send it. */
function webhook(clock, sequence, previous = sequence - 1, event = "wallet.created") {
	const id = `evt_${sequence}`;
	const body = JSON.stringify({ checksum: "0".repeat(64), data: { n: sequence }, event });
	const time = String(Math.floor(clock.now() / 1000));
	return [body, { "webhook-id": id, "webhook-timestamp": time, "webhook-signature": signWebhook(secret, id, time, body), "juicer-sequence": String(sequence), "juicer-previous-sequence": String(previous) }];
}

function receiving(events, options = {}) {
	const clock = new VirtualClock();
	const handed = [];
	const gaps = [];
	const asked = [];
	const list = async (query) => (asked.push(query.after), { data: events.filter(({ sequence }) => sequence > query.after), next: async () => undefined });
	const store = new MemoryDedupe();
	const receiver = new WebhookReceiver({ secrets: { secret }, clock, store, events: { list }, onGap: (gap) => gaps.push(gap), onEvent: ({ backfilled, sequence }) => void handed.push(backfilled ? `${sequence} fetched` : String(sequence)), ...options });
	return { asked, clock, gaps, handed, receiver, store };
}

const event = (sequence) => ({ id: `evt_${sequence}`, event: "wallet.created", data: { n: sequence }, sequence, created_at: "" });

test("every event is handed on once, and repeats are answered 200", async () => {
	const { clock, handed, receiver, store } = receiving([]);
	const answers = [];
	for (const n of [1, 2, 2, 1, 3]) answers.push(await receiver.handle(...webhook(clock, n)));
	assert.deepEqual(answers.map(({ duplicate, status }) => [status, duplicate]), [[200, false], [200, false], [200, true], [200, true], [200, false]]);
	assert.deepEqual(handed, ["1", "2", "3"]);
	assert.equal(await store.position(), 3);
});

test("the same event twice at the same time is handed on once", async () => {
	const { clock, handed, receiver } = receiving([]);
	const both = await Promise.all([receiver.handle(...webhook(clock, 1)), receiver.handle(...webhook(clock, 1))]);
	assert.deepEqual(both.map(({ duplicate }) => duplicate), [false, true]);
	assert.deepEqual(handed, ["1"]);
});

test("events out of order are no gap if the missing one comes in a moment", async () => {
	const { clock, gaps, handed, receiver, store } = receiving([]);
	for (const n of [2, 3, 1]) await receiver.handle(...webhook(clock, n));
	assert.deepEqual(handed, ["2", "3", "1"]);
	assert.equal(await store.position(), 3);
	assert.deepEqual(clock.timers, []);
	assert.deepEqual(gaps, []);
});

test("numbers that were not due for this endpoint are no gap", async () => {
	const { clock, receiver, store } = receiving([]);
	await receiver.handle(...webhook(clock, 4, 0));
	await receiver.handle(...webhook(clock, 9, 4));
	assert.equal(await store.position(), 9);
	assert.deepEqual(clock.timers, []);
});

test("what is missing is fetched after a moment, and not handed on twice when it comes late", async () => {
	const { asked, clock, gaps, handed, receiver, store } = receiving([1, 2, 3, 4].map(event));
	await receiver.handle(...webhook(clock, 1));
	await receiver.handle(...webhook(clock, 4, 3));
	clock.step();
	assert.equal(clock.time, 1000);
	await receiver.backfill();
	assert.deepEqual(gaps, [{ after: 1, before: 4 }]);
	assert.equal(asked[0], 1);
	assert.deepEqual(handed, ["1", "4", "2 fetched", "3 fetched"]);
	assert.equal(await store.position(), 4);
	assert.equal((await receiver.handle(...webhook(clock, 3))).duplicate, true);
	assert.deepEqual(clock.timers, []);
});

test("where /events does not answer, it is asked again", async () => {
	let fails = 1;
	const { clock, handed, receiver } = receiving([], { events: { list: async () => {
		if (fails-- > 0) throw new Error("away");
		return { data: [event(1), event(2)], next: async () => undefined };
	} } });
	await receiver.handle(...webhook(clock, 2, 1));
	for (let i = 0; i < 2; i++) {
		clock.step();
		for (let j = 0; j < 5; j++) await new Promise(setImmediate);
	}
	assert.deepEqual(handed, ["2", "1 fetched"]);
	receiver.close();
});

test("a handler that throws is answered 500, and gets the event again", async () => {
	let fails = 1;
	const { clock, receiver } = receiving([], { onEvent: () => {
		if (fails-- > 0) throw new Error("database away");
	} });
	assert.equal((await receiver.handle(...webhook(clock, 1))).status, 500);
	assert.deepEqual((({ duplicate, status }) => [status, duplicate])(await receiver.handle(...webhook(clock, 1))), [200, false]);
});

test("what is not from the server is answered 401 and handed to nobody", async () => {
	const { clock, handed, receiver } = receiving([]);
	const [body, headers] = webhook(clock, 1);
	assert.equal((await receiver.handle(body.replace("1", "2"), headers)).status, 401);
	assert.equal((await receiver.handle(body, {})).status, 401);
	assert.deepEqual(handed, []);
});

test("only wanted events are handed on when they are fetched", async () => {
	const { handed, receiver, store } = receiving([event(1), { ...event(2), event: "key.expired" }], { wanted: (name) => name === "key.expired" });
	assert.equal(await receiver.backfill(), 1);
	assert.deepEqual(handed, ["2 fetched"]);
	assert.equal(await store.position(), 2);
});

test("without client.events a gap is told, and filled by nobody", async () => {
	const { clock, gaps, receiver } = receiving([], { events: undefined });
	await receiver.handle(...webhook(clock, 3, 2));
	clock.step();
	for (let j = 0; j < 5; j++) await new Promise(setImmediate);
	assert.deepEqual(gaps, [{ after: 0, before: 3 }]);
	await assert.rejects(receiver.backfill(), /client\.events/);
});

test("a body that is too large is answered 413", async () => {
	const { receiver } = receiving([]);
	const server = http.createServer(receiver.listener()).listen(0, "127.0.0.1");
	await once(server, "listening");
	const { status } = await fetch(`http://127.0.0.1:${server.address().port}`, { method: "POST", body: "x".repeat(1024 * 1024 + 1) });
	server.close();
	server.closeAllConnections();
	assert.equal(status, 413);
});

test("deliveries of a real server that are lost, doubled and held back: each event once, all of them", async () => {
	const server = await startServer();
	const shop = http.createServer();
	try {
		shop.listen(0, "127.0.0.1");
		await once(shop, "listening");
		const plain = clientOf(server);
		const { data: endpoint } = await plain.webhookEndpoints.create({ url: `http://127.0.0.1:${shop.address().port}/hooks` });
		const { data: account } = await plain.accountSettings.get();
		const client = clientOf(server, { webhooks: { secret: endpoint.secret, businessId: account.business_id } });
		const handed = [];
		let woken = () => {};
		const receiver = client.webhooks.receiver({ patienceMs: 200, onEvent: (received) => (handed.push(received), woken()) });
		shop.on("request", receiver.listener());
		await plain.sandbox.addWebhookFaults({ rules: [
			{ match: { reference: "ord_lost" }, rule: "lose" }, { match: { reference: "ord_twice" }, rule: "double" }, { match: { reference: "ord_late" }, rule: "reorder" },
		] });
		const references = ["ord_first", "ord_lost", "ord_twice", "ord_late", "ord_last"];
		for (const reference of references) {
			const { data } = await client.paymentSessions.create(order(reference));
			assert.equal((await client.paymentSessions.capture(data.id, { card: await client.cards.encrypt(goodCard) })).succeeded(), true);
		}
		const paid = () => handed.filter(({ event: name }) => name === "payment.session.succeeded");
		while (paid().length < references.length) await new Promise((resolve) => (woken = resolve));
		assert.deepEqual(paid().map(({ data }) => data.reference).sort(), [...references].sort());
		assert.equal(new Set(handed.map(({ id }) => id)).size, handed.length);
		assert.equal(handed.find(({ data }) => data.reference === "ord_lost").backfilled, true);
		assert.equal(await receiver.backfill(), 0);
		receiver.close();
	} finally {
		shop.close();
		shop.closeAllConnections();
		await server.stop();
	}
});
