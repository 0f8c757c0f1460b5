import assert from "node:assert/strict";
import { createDecipheriv } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { encryptCardField } from "../dist/esm/index.js";
import { onStage } from "./stage.mjs";

const { vectors } = JSON.parse(readFileSync(new URL("../../../spec/vectors/card-encryption.json", import.meta.url), "utf8"));

for (const { encrypted, iv, key, name, plaintext } of vectors) {
	test(`vector ${name}`, () => assert.equal(encryptCardField(key, plaintext, Buffer.from(iv, "hex")), encrypted.toLowerCase()));
}

function decrypted(key, text) {
	const [iv, hidden, tag] = text.split(":").map((part) => Buffer.from(part, "hex"));
	const cipher = createDecipheriv("aes-256-gcm", Buffer.from(key, "ascii"), iv).setAuthTag(tag);
	return Buffer.concat([cipher.update(hidden), cipher.final()]).toString();
}

test("cards are encrypted with the key of the server, fetched once an hour, never the same twice", async () => {
	const [first, second] = ["0123456789abcdef0123456789abcdef", "fedcba98765432100123456789abcdef"];
	const { client, clock, server } = onStage([{ status: 200, body: { data: { encryption_key: first } } }, { status: 200, body: { data: { encryption_key: second } } }]);
	const card = { number: "4012000033330026", cvv: "100", expiryMonth: 1, expiryYear: 2039 };
	const [a, b] = [await clock.run(client.cards.encrypt(card)), await clock.run(client.cards.encrypt(card))];
	assert.equal(server.requests.length, 1);
	assert.equal(server.requests[0].path, "/payment-sessions/encryption-keys/test");
	assert.notEqual(a.card_number, b.card_number);
	assert.deepEqual([decrypted(first, a.card_number), decrypted(first, b.cvv), a.expiry_month, a.expiry_year], [card.number, "100", 1, 2039]);
	clock.time += 3_600_000;
	assert.equal(decrypted(second, (await clock.run(client.cards.encrypt(card))).card_number), card.number);
});

test("the mode is that of the key", async () => {
	const { client, clock, server } = onStage([{ status: 200, body: { data: { encryption_key: "0".repeat(32) } } }], { apiKey: "live_x" });
	await clock.run(client.cards.encrypt({ number: "4", cvv: "1", expiryMonth: 1, expiryYear: 2039 }));
	assert.match(server.requests[0].path, /live$/);
});
