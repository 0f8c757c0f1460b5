import assert from "node:assert/strict";
import { test } from "node:test";
import { outcomeOf, parseJson, readEnvelope, readProblem } from "../dist/esm/envelope.js";

test("an envelope is an object under error, of a whole JSON text", () => {
	const text = '{"error":{"code":"x","outcome":"refused","retry":{"allowed":true,"with":"same_key","after_ms":7},"retry_after":3}}';
	assert.deepEqual(readEnvelope(text), { code: "x", outcome: "refused", allowed: true, with: "same_key", afterMs: 7, retryAfter: 3 });
	for (const other of [undefined, "", " ", "[1]", "null", "7", '"x"', '{"error":"x"}', '{"error":null}', '{"error":[1]}', '{"Error":{"code":"x"}}', `${text}x`, `${text}${text}`, '{"error":{"code":NaN}}', "<html>"]) {
		assert.equal(readEnvelope(other), undefined, other);
	}
});

test("members of the wrong type are as if they were not there", () => {
	const nothing = { code: undefined, outcome: undefined, allowed: undefined, with: undefined, afterMs: undefined, retryAfter: undefined };
	assert.deepEqual(readEnvelope('{"error":{}}'), nothing);
	assert.deepEqual(readEnvelope('{"error":{"code":7,"outcome":"maybe","retry":"no"}}'), nothing);
	assert.deepEqual(readEnvelope('{"error":{"code":"","retry":{"allowed":"true","with":7}}}'), nothing);
	assert.deepEqual(readEnvelope('{"error":{"retry":[{"allowed":false}]}}'), nothing);
	assert.deepEqual(readEnvelope('{"error":{"retry":null}}'), nothing);
	assert.equal(readEnvelope('{"error":{"retry":{"allowed":false}}}').allowed, false);
});

test("a number too large for JSON is kept as such", () => {
	assert.equal(readEnvelope('{"error":{"retry_after":1e400}}').retryAfter, Infinity);
});

test("the five outcomes, and nothing else", () => {
	for (const word of ["not_attempted", "refused", "pending", "unknown", "succeeded"]) assert.equal(outcomeOf(word), word);
	for (const other of ["", "Refused", "failed", undefined, null, 7]) assert.equal(outcomeOf(other), undefined);
});

test("JSON is the whole text", () => {
	assert.equal(parseJson(undefined), undefined);
	assert.equal(parseJson(""), undefined);
	assert.equal(parseJson("{} x"), undefined);
	assert.deepEqual(parseJson(' {"a":[1]} '), { a: [1] });
});

const problem = (over) => ({ code: undefined, type: undefined, message: undefined, requestId: undefined, docUrl: undefined, fieldErrors: [], details: {}, ...over });

for (const [what, text, want] of [
	["our own envelope", '{"error":{"code":"a","type":"t","message":"m","request_id":"r","doc_url":"d","details":{"k":1},"errors":[{"field":"f","code":"c","message":"n"}]},"message":"top","errors":[]}',
		{ code: "a", type: "t", message: "m", requestId: "r", docUrl: "d", details: { k: 1 }, fieldErrors: [{ field: "f", code: "c", message: "n" }] }],
	["error as a text", '{"error":"Unauthorized"}', { message: "Unauthorized" }],
	["error as a text beside a message", '{"error":"Unauthorized","message":"No key"}', { message: "Unauthorized" }],
	["a message at the top", '{"message":"invalid_amount","code":"x","type":"y","request_id":"z"}', { message: "invalid_amount", code: "x", type: "y", requestId: "z" }],
	["errors at the top, as a map of lists", '{"errors":{"amount":["is too small","is odd"],"email":"is taken"}}',
		{ fieldErrors: [{ field: "amount", code: "", message: "is too small" }, { field: "amount", code: "", message: "is odd" }, { field: "email", code: "", message: "is taken" }] }],
	["errors inside, as a map of objects", '{"error":{"errors":{"amount":{"code":"c","message":"m","field":"other"}}}}', { fieldErrors: [{ field: "amount", code: "c", message: "m" }] }],
	["errors as a list of texts", '{"errors":["first","second"]}', { fieldErrors: [{ field: "", code: "", message: "first" }, { field: "", code: "", message: "second" }] }],
	["errors with a path", '{"errors":[{"path":"a.b","message":"m"}]}', { fieldErrors: [{ field: "a.b", code: "", message: "m" }] }],
	["errors of odd types", '{"errors":[7,null,[1]],"error":{"details":[1]}}', {}],
	["errors as a text", '{"errors":"no"}', {}],
	["a page", "<html><head><title> 502 Bad Gateway </title></head><h1>x</h1></html>", { message: "502 Bad Gateway" }],
	["a page without a title", "<h1>Not here</h1>", { message: "Not here" }],
	["a page without words", "<title> </title>", {}],
	["a long title", `<title>${"x".repeat(300)}</title>`, { message: "x".repeat(200) }],
	["plain words", "gateway timeout", {}],
	["a JSON object that holds a page", '{"data":"<title>x</title>"}', {}],
	["nothing", undefined, {}],
]) {
	test(`people get to see ${what}`, () => assert.deepEqual(readProblem(text), problem(want)));
}
