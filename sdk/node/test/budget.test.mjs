import assert from "node:assert/strict";
import { test } from "node:test";
import { Budget, afterIdle, give } from "../dist/esm/budget.js";

const rules = { bucket: 500, costTransient: 14, costThrottle: 5, gain: 1, gainPerIdleSecond: 1 };

test("whole idle seconds give tokens back, up to the brim", () => {
	assert.equal(afterIdle(rules, 10, 0), 10);
	assert.equal(afterIdle(rules, 10, 999), 10);
	assert.equal(afterIdle(rules, 10, 1000), 11);
	assert.equal(afterIdle(rules, 10, 4999), 14);
	assert.equal(afterIdle(rules, 499, 60_000), 500);
	assert.equal(afterIdle({ ...rules, gainPerIdleSecond: 3 }, 10, 2000), 16);
});

test("what is given back never runs over", () => {
	assert.equal(give(rules, 480, 14), 494);
	assert.equal(give(rules, 490, 14), 500);
	assert.equal(give({ ...rules, bucket: 20 }, 19, 14), 20);
});

test("999 ms are no idle second", () => {
	const budget = new Budget(500, 0);
	budget.enter(999);
	assert.equal(budget.takeIdle(), 0);
});

test("only time without any call is idle, and it counts once", () => {
	const budget = new Budget(500, 1000);
	assert.equal(budget.tokens, 500);
	budget.enter(3500);
	assert.equal(budget.takeIdle(), 2000);
	assert.equal(budget.takeIdle(), 0);
	budget.enter(9000);
	budget.leave(10_000);
	assert.equal(budget.takeIdle(), 0);
	budget.leave(12_000);
	budget.enter(12_600);
	assert.equal(budget.takeIdle(), 1000, "500 ms were left over, and 600 came");
	budget.leave(13_000);
	budget.enter(13_800);
	assert.equal(budget.takeIdle(), 0);
});
