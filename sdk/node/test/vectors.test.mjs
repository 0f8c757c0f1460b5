// Every case of spec/vectors/retry.json, or of the file that JUICER_RETRY_VECTORS names, through decide() itself.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { decide, defaultPolicy } from "../dist/esm/policy.js";
import { headersOf } from "./replies.mjs";

const path = process.env.JUICER_RETRY_VECTORS ?? new URL("../../../spec/vectors/retry.json", import.meta.url);
const cases = JSON.parse(readFileSync(path, "utf8"));

// The words of the file and ours; an override that is not listed here ends the test.
const overrides = { max_attempts: "maxAttempts", cap_ms: "capMs", deadline_ms: "deadlineMs", trust_keys: "trustKeys",
	base_transient_ms: "baseTransientMs", base_throttle_ms: "baseThrottleMs", server_wait_max_ms: "serverWaitMaxMs",
	spread_max_ms: "spreadMaxMs", min_attempt_ms: "minAttemptMs", max_waits: "maxWaits", bucket: "bucket",
	cost_transient: "costTransient", cost_throttle: "costThrottle" };

function policyOf(given = {}) {
	const policy = { ...defaultPolicy };
	for (const [name, value] of Object.entries(given)) {
		assert.ok(overrides[name], `unknown override ${name}`);
		policy[overrides[name]] = value;
	}
	return policy;
}

function decided(c) {
	const call = { method: c.method, keyed: c.key, replayable: c.replayable ?? true };
	const progress = { attempt: c.attempt, waits: c.waits ?? 0, elapsedMs: c.elapsed_ms, idleMs: c.idle_ms ?? 0,
		paid: c.paid ?? 0, lostBefore: c.lost_before ?? false, cancelled: c.cancelled ?? false };
	const reply = { status: c.status, headers: headersOf(c.headers), body: c.body, event: c.error };
	const now = c.now === undefined ? 0 : Date.parse(c.now);
	return decide(policyOf(c.policy), call, progress, reply, now, c.rand, c.tokens);
}

const words = { action: "action", reason: "reason", delay_ms: "delayMs", tokens: "tokens", outcome: "outcome", retry_after_ms: "retryAfterMs" };

function disagreements(c) {
	const got = decided(c);
	for (const name of Object.keys(c.expect)) assert.ok(words[name], `unknown expectation ${name}`);
	// What the file leaves out is expected to be absent, but for the server's wait, which it names where it matters.
	const compared = ["action", "reason", "delay_ms", "tokens"].concat(got.action === "stop" ? ["outcome"] : [], "retry_after_ms" in c.expect ? ["retry_after_ms"] : []);
	return compared.flatMap((name) => {
		const [have, want] = [got[words[name]] ?? null, c.expect[name] ?? null];
		return Object.is(have, want) ? [] : [`${name}: got ${JSON.stringify(have)}, want ${JSON.stringify(want)}`];
	});
}

test("every case of the retry vectors is decided as the file says", () => {
	assert.ok(cases.length > 0, `no case in ${path}`);
	const wrong = cases.flatMap((c) => disagreements(c).map((what) => `  ${c.name}: ${what}`));
	console.log(`retry vectors: ${cases.length} cases, ${wrong.length} disagreements`);
	assert.equal(wrong.length, 0, `\n${wrong.join("\n")}`);
});

test("a case that expects something else is told apart", () => {
	const c = cases.find(({ expect }) => expect.action === "retry");
	assert.notDeepEqual(disagreements({ ...c, expect: { ...c.expect, delay_ms: -1 } }), []);
});
