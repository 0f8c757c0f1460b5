// The samples and every code block of the README, run as programs against a real server.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { startServer } from "./server.mjs";
import { weather } from "./weather.mjs";

const root = new URL("..", import.meta.url);
const run = promisify(execFile);
let server;
before(async () => (server = await startServer()));
const scratch = mkdtempSync(join(tmpdir(), "juicer-samples-"));
after(async () => {
	await server.stop();
	rmSync(scratch, { recursive: true, force: true });
});

/** What a program prints, run in the package's folder so that it can import the package by its name. */
async function program(args, env = {}) {
	const { stdout } = await run(process.execPath, args, { cwd: root, timeout: 60_000,
		env: { PATH: process.env.PATH, TMPDIR: scratch, JUICER_BASE_URL: server.url, JUICER_API_KEY: server.key, ...env } });
	return stdout;
}

for (const name of ["quickstart", "errors"]) {
	test(`samples/${name} prints what its golden file says`, async () => {
		const printed = await program([`samples/${name}.mjs`]);
		const golden = new URL(`golden/${name}.txt`, import.meta.url);
		assert.equal(printed, readFileSync(golden, "utf8"));
	});
}

test("samples/quickstart handles a server that is not there", async () => {
	await assert.rejects(program(["samples/quickstart.mjs"], { JUICER_BASE_URL: "http://127.0.0.1:1" }), (error) => {
		assert.equal(error.code, 1);
		assert.match(error.stderr, /POST \/payment-sessions: the connection could not be made \(ECONNREFUSED\)\. No money moved: nothing was done\./);
		return true;
	});
});

const readme = readFileSync(new URL("README.md", root), "utf8");
const blocks = [...readme.matchAll(/^```(?:js|ts)\n([\s\S]*?)^```$/gm)].map(([, code]) => code);

/** Faults of which every program must know nothing. */
const faults = [
	{ method: "POST", path: /^\/payment-sessions$/, fault: "drop=after-commit" },
	{ method: "POST", path: /^\/payment-sessions\/[^/]+$/, fault: "status=503;retry-after=1" },
	{ method: "GET", path: /^\/payments\?/, fault: "truncate=20" },
	{ method: "GET", path: /^\/payment-methods/, fault: "garbage" },
	{ method: "POST", path: /^\/batch$/, fault: "status=502" },
];

for (const [i, code] of blocks.entries()) {
	test(`README block ${i + 1} runs while the network is bad: ${title(code)}`, async () => {
		const { close, url } = await weather(server.url, faults);
		try {
			const printed = await program(["--input-type=module", "-e", complete(code)], { JUICER_BASE_URL: url });
			for (const [, text] of code.matchAll(/\/\/ -> (.*)$/gm)) assert.ok(printed.includes(text), `it printed\n${printed}\nwithout ${text}`);
		} finally {
			close();
		}
	});
}

test("the bad weather is bad: a plain request through it fails", async () => {
	const { close, left, url } = await weather(server.url, faults);
	await assert.rejects(fetch(`${url}/payment-sessions`, { method: "POST", headers: { authorization: server.key }, body: "{}" }));
	assert.equal(left.length, faults.length - 1);
	close();
});

function title(code) {
	return code.split("\n").find((line) => line !== "" && !line.startsWith("import"));
}

/** A block without imports continues the one before it: it gets a client, an order and a card. */
function complete(code) {
	if (code.startsWith("import")) return code.replaceAll("order-1001", `order-${Math.random()}`);
	return `import * as sdk from "@juicer-pay/sdk";
		const { CallError, FileOutbox, Juicer, PaymentDeclined, logLine } = sdk;
		const client = new Juicer();
		const reference = "readme-" + Math.random();
		const order = { amount: 250_000, currency: "NGN", reference, description: "Term fee", payment_method: { type: "card" },
			customer: { first_name: "Ada", last_name: "Obi", email: "ada@example.com", phone_number: "+2348031234567",
				billing_address: { line1: "5 Marina Road", city: "Lagos", zip_code: "100001", country: "NG" } },
			order: { identifier: "INV-7", items: [{ name: "Term fee", type: "service" }] } };
		${code}`;
}

test("the README has blocks to run, and they are told apart from what is not", () => {
	assert.ok(blocks.length >= 12, `${blocks.length} blocks`);
	assert.match(readme.slice(0, 2500), /client\.paymentSessions\.capture/);
});
