import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { WebhookVerificationError, signWebhook, verifyChecksum, verifyWebhook, webhookChecksum } from "../dist/esm/index.js";
import { canonicalJson } from "../dist/esm/webhooks.js";
import { onStage } from "./stage.mjs";

const vectors = JSON.parse(readFileSync(new URL("../../../spec/vectors/webhook-checksum.json", import.meta.url), "utf8"));

for (const vector of vectors.vectors) {
	test(`vector ${vector.name}: checksum, signature and canonical form`, () => {
		assert.equal(webhookChecksum(vector.business_id, vector.event, vector.canonical_data), vector.checksum);
		if (vector.body === undefined) return;
		assert.equal(verifyChecksum(Buffer.from(vector.body), vector.business_id), true);
		assert.equal(verifyChecksum(Buffer.from(vector.body), `${vector.business_id}x`), false);
		if (vector.emitted) assert.equal(canonicalJson(JSON.parse(vector.body).data), vector.canonical_data);
		if (vector.webhook_signature) assert.equal(signWebhook(vector.webhook_secret, vector.webhook_id, String(vector.webhook_timestamp), vector.body), vector.webhook_signature);
	});
}

for (const { body, business_id: business, name, why } of vectors.reject) {
	test(`refused: ${name}, ${why}`, () => assert.equal(verifyChecksum(Buffer.from(body), business), false));
}

const [vector] = vectors.vectors;
const at = vector.webhook_timestamp * 1000;
const headers = { "Webhook-Id": vector.webhook_id, "webhook-timestamp": String(vector.webhook_timestamp), "webhook-signature": vector.webhook_signature, "juicer-sequence": "7", "juicer-previous-sequence": "5" };
const both = { secret: vector.webhook_secret, businessId: vector.business_id };
const faultOf = (change) => {
	const { body = vector.body, now = at, secrets = both, sent = headers } = change;
	try {
		verifyWebhook(body, sent, secrets, now);
	} catch (error) {
		assert.ok(error instanceof WebhookVerificationError);
		return error.fault;
	}
	return undefined;
};

test("a webhook that fits is told with its id and numbers", () => {
	for (const body of [vector.body, Buffer.from(vector.body), new Uint8Array(Buffer.from(vector.body))]) {
		assert.deepEqual(verifyWebhook(body, headers, both, at), { event: vector.event, data: vector.data, id: vector.webhook_id, timestamp: vector.webhook_timestamp, sequence: 7, previousSequence: 5 });
	}
	assert.equal(verifyWebhook(vector.body, new Headers(headers), both, at).sequence, 7);
	assert.equal(verifyWebhook(vector.body, {}, { businessId: vector.business_id }, 0).id, undefined);
});

test("each way in which one does not fit has its name", () => {
	assert.equal(faultOf({}), undefined);
	assert.equal(faultOf({ secrets: {} }), "no_secret");
	assert.equal(faultOf({ body: vector.body.replace("10000", "10001") }), "signature");
	assert.equal(faultOf({ body: vector.body.replace("10000", "10001"), secrets: { businessId: both.businessId } }), "checksum");
	assert.equal(faultOf({ secrets: { ...both, businessId: "other" } }), "checksum");
	assert.equal(faultOf({ secrets: { secret: "whsec_AAAA" } }), "signature");
	for (const name of ["Webhook-Id", "webhook-timestamp", "webhook-signature"]) assert.equal(faultOf({ sent: { ...headers, [name]: undefined } }), "missing_header");
	assert.equal(faultOf({ sent: { ...headers, "webhook-signature": vector.webhook_signature.replace("v1,", "v2,") } }), "signature");
	assert.equal(faultOf({ sent: { ...headers, "webhook-timestamp": "1e9" } }), "timestamp");
	assert.equal(faultOf({ body: "{}", secrets: { businessId: "x" } }), "not_json");
});

test("a time may be five minutes off, both ways, or what was said", () => {
	for (const sign of [-1, 1]) {
		assert.equal(faultOf({ now: at + sign * 300_000 }), undefined);
		assert.equal(faultOf({ now: at + sign * 300_001 }), "timestamp");
		assert.equal(faultOf({ now: at + sign * 10_001, secrets: { ...both, toleranceSeconds: 10 } }), "timestamp");
	}
});

test("during a rotation one match of several signatures and secrets is enough", () => {
	const two = { ...headers, "webhook-signature": `v1,${"A".repeat(43)}= ${vector.webhook_signature}` };
	assert.equal(faultOf({ sent: two }), undefined);
	assert.equal(faultOf({ secrets: { secret: ["whsec_AAAA", vector.webhook_secret] } }), undefined);
	assert.equal(faultOf({ secrets: { secret: [] } }), "signature");
});

for (const rotation of [vectors.rotation].flat().filter((one) => one?.body)) {
	test(`rotation: ${rotation.name ?? rotation.webhook_id}`, () => {
		const sent = { "webhook-id": rotation.webhook_id, "webhook-timestamp": String(rotation.webhook_timestamp), "webhook-signature": rotation.webhook_signature };
		for (const secret of rotation.secrets ?? []) verifyWebhook(rotation.body, sent, { secret }, rotation.webhook_timestamp * 1000);
	});
}

test("client.webhooks verifies by the client's secrets and clock", () => {
	const { client, clock } = onStage([], { webhooks: both });
	clock.epoch = at;
	assert.equal(client.webhooks.verify(vector.body, headers).event, vector.event);
	assert.throws(() => onStage([]).client.webhooks.verify(vector.body, headers), { fault: "no_secret" });
});
