import assert from "node:assert/strict";
import { test } from "node:test";
import { httpDate, rateLimitEntries, serverWait, waitMaxMs } from "../dist/esm/wait.js";
import { headersOf } from "./replies.mjs";

const now = Date.UTC(2026, 10, 22, 9, 0, 0);
const wait = (headers, envelope) => serverWait(headersOf(headers), envelope, now);

for (const [text, ms] of [
	["5", 5000], [" 7 ", 7000], ["007", 7000], ["0000000000005", 5000], ["0", undefined], ["000", undefined],
	["-5", undefined], ["+5", undefined], ["1.5", undefined], ["1e3", undefined], ["0x10", undefined], ["5s", undefined], ["", undefined], [" ", undefined],
	["5, 10", undefined], ["\u0665", undefined], ["999999999", 999_999_999_000], ["1000000000", waitMaxMs], ["9".repeat(40), waitMaxMs],
	["Sun, 22 Nov 2026 09:00:03 GMT", 3000], ["Sunday, 22-Nov-26 09:00:04 GMT", 4000], ["Sun Nov 22 09:00:05 2026", 5000],
	["Sun, 22 Nov 2026 09:00:00 GMT", undefined], ["Sun, 22 Nov 2026 08:59:59 GMT", undefined], ["2026-11-22T09:00:03Z", undefined],
	["Sun, 22 Nov 2026 09:00:03 UTC", undefined], ["Sun, 22 Nov 2026 09:00:03", undefined], ["tomorrow", undefined],
]) {
	test(`Retry-After ${JSON.stringify(text)} is ${ms === undefined ? "no wait" : `${ms} ms`}`, () => assert.equal(wait({ "Retry-After": text }), ms));
}

test("a date is measured against the Date of the reply, not against the local clock", () => {
	const headers = { Date: "Sun, 22 Nov 2026 10:00:00 GMT", "Retry-After": "Sun, 22 Nov 2026 10:00:02 GMT" };
	assert.equal(wait(headers), 2000);
	assert.equal(wait({ ...headers, Date: "junk" }), 3_602_000);
	assert.equal(wait({ ...headers, Date: " Sun, 22 Nov 2026 10:00:00 GMT " }), 2000);
});

test("what is left of a date is rounded up to whole seconds", () => {
	assert.equal(serverWait(headersOf({ "Retry-After": "Sun, 22 Nov 2026 09:00:03 GMT" }), undefined, now + 250), 3000);
	assert.equal(serverWait(headersOf({ "Retry-After": "Sun, 22 Nov 2026 09:00:03 GMT" }), undefined, now + 2999), 1000);
});

test("a date a century away saturates", () => {
	assert.equal(wait({ "Retry-After": "Sun, 22 Nov 2126 09:00:00 GMT" }), waitMaxMs);
});

for (const [name, envelope, ms] of [
	["after_ms", { afterMs: 5250 }, 5250],
	["a fraction of after_ms, rounded up", { afterMs: 0.2 }, 1],
	["retry_after in seconds", { retryAfter: 6 }, 6000],
	["a fraction of retry_after", { retryAfter: 1.0001 }, 1001],
	["zero", { afterMs: 0, retryAfter: 0 }, undefined],
	["negative numbers", { afterMs: -1, retryAfter: -1 }, undefined],
	["texts", { afterMs: "5", retryAfter: "6" }, undefined],
	["true", { afterMs: true, retryAfter: true }, undefined],
	["infinity", { afterMs: Infinity }, waitMaxMs],
	["null", { afterMs: null, retryAfter: null }, undefined],
	["after_ms that is junk, and seconds", { afterMs: "x", retryAfter: 2 }, 2000],
]) {
	test(`of a body, ${name} gives ${ms}`, () => assert.equal(wait({}, envelope), ms));
}

test("the first valid one of the places wins", () => {
	const envelope = { afterMs: 3, retryAfter: 4 };
	const spent = { RateLimit: '"key";r=0;t=5' };
	assert.equal(wait({ "Retry-After": "1", retry_after: "2", ...spent }, envelope), 1000);
	assert.equal(wait({ "Retry-After": "junk", retry_after: "2", ...spent }, envelope), 2000);
	assert.equal(wait({ retry_after: "0", ...spent }, envelope), 3);
	assert.equal(wait(spent, { retryAfter: 4 }), 4000);
	assert.equal(wait(spent, { afterMs: -1 }), 5000);
	assert.equal(wait({}, undefined), undefined);
});

for (const [text, ms] of [
	['"burst";r=0;t=3, "daily";r=40;t=900', 3000],
	['"burst";r=0;t=3, "key";r=0;t=8', 8000],
	['"key";r=0;t=8,"burst";r=0;t=3', 8000],
	['"a";r=1;t=3', undefined],
	['"a";r=0', undefined],
	['"a";r=0;t=0', undefined],
	['"a";t=3;r=0', 3000],
	['"a";r=0;t=3;pk=:aGk=:', 3000],
	['"a;b,\\"c";r=0;t=3', 3000],
	["a;r=0;t=3", undefined],
	['"a" ;r=0;t=3', undefined],
	['"a"; r=0; t=3', 3000],
	['"a";r=0;t=1;t=3', 3000],
	['"a";r=0;n="t=9;t=8";t=3;w', 3000],
	['"a";r=0, "b";r=0;t=3', 3000],
	['"a";r=0;t=99999999999', waitMaxMs],
	["burst;r=zero;t=3", undefined],
	['"a";r=0;t=x', undefined],
	['"a";r=0;t=-3', undefined],
	['"a";r=0;t=3, junk here', undefined],
	['"a";r=0;t=3,', undefined],
	['"a";r=0;t=3,,"b";r=0;t=4', undefined],
	['"a";t=3', undefined],
	['"a', undefined],
	["", undefined],
	["   ", undefined],
]) {
	test(`RateLimit ${text} is ${ms === undefined ? "no wait" : `${ms} ms`}`, () => assert.equal(wait({ RateLimit: text }), ms));
}

test("the entries of RateLimit have names, rests and times", () => {
	assert.deepEqual(rateLimitEntries('"key";r=48;t=1, "endpoint";r=0;t=6'), [{ name: "key", remaining: 48, seconds: 1 }, { name: "endpoint", remaining: 0, seconds: 6 }]);
	assert.deepEqual(rateLimitEntries('"a";r=7'), [{ name: "a", remaining: 7, seconds: 0 }]);
	for (const junk of [undefined, "", "  ", '"a";t=3', '"a";r=x;t=3', '"a";r=1;t=x', '"a";r=1,', '"a";r', "r=1;t=2,"]) assert.equal(rateLimitEntries(junk), undefined, junk);
});

for (const [text, at] of [
	["Sun, 06 Nov 1994 08:49:37 GMT", Date.UTC(1994, 10, 6, 8, 49, 37)],
	["Sunday, 06-Nov-94 08:49:37 GMT", Date.UTC(1994, 10, 6, 8, 49, 37)],
	["Sun Nov  6 08:49:37 1994", Date.UTC(1994, 10, 6, 8, 49, 37)],
	["Friday, 01-Jan-68 00:00:00 GMT", Date.UTC(2068, 0, 1)],
	["Friday, 01-Jan-69 00:00:00 GMT", Date.UTC(1969, 0, 1)],
	["Thu, 31 Dec 2026 23:59:59 GMT", Date.UTC(2026, 11, 31, 23, 59, 59)],
	["Thu, 29 Feb 2024 00:00:00 GMT", Date.UTC(2024, 1, 29)],
	["Sat, 29 Feb 2025 00:00:00 GMT", undefined],
	["Sun, 06 Nov 1994 24:00:00 GMT", undefined],
	["Sun, 06 Nov 1994 23:60:00 GMT", undefined],
	["Sun, 06 Nov 1994 23:59:60 GMT", undefined],
	["Sun, 06 Nov 1994 08:60:00 GMT", undefined],
	["Sun, 06 Nov 1994 08:49:60 GMT", undefined],
	["Sun, 06 Nov 1994 99:00:00 GMT", undefined],
	["Sun, 06 Nov 1994 23:59:59 GMT", Date.UTC(1994, 10, 6, 23, 59, 59)],
	["Sun, 6 Nov 1994 08:49:37 GMT", undefined],
	["sun, 06 nov 1994 08:49:37 gmt", undefined],
	["Sun, 00 Nov 1994 08:49:37 GMT", undefined],
	["Sun, 06 Nov 94 08:49:37 GMT", undefined],
	["xSun, 06 Nov 1994 08:49:37 GMT", undefined],
	["Sun, 06 Nov 1994 08:49:37 GMTx", undefined],
]) {
	test(`${text} is ${at === undefined ? "no date" : new Date(at).toISOString()}`, () => assert.equal(httpDate(text), at));
}
