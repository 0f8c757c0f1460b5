// A real server for tests: `juicer serve` on data of its own, with a key.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Juicer } from "../dist/esm/index.js";

const binary = process.env.JUICER_BIN ?? new URL("../../../bin/juicer", import.meta.url).pathname;

/** Starts a server; stop() ends it and removes its data. Rails answer at once. */
export async function startServer({ flags = [] } = {}) {
	const data = mkdtempSync(join(tmpdir(), "juicer-node-"));
	const child = spawn(binary, ["serve", "--data", data, "--test-addr", "127.0.0.1:0", "--admin-addr", "127.0.0.1:0", "--limits", "off", ...flags], { stdio: ["ignore", "pipe", "pipe"] });
	let log = "";
	child.stderr.setEncoding("utf8").on("data", (text) => (log += text));
	const ended = new Promise((resolve) => child.once("exit", resolve));
	const line = await Promise.race([firstLine(child.stdout), ended.then(() => undefined)]);
	if (line === undefined) throw new Error(`the server did not get ready:\n${log}`);
	const url = JSON.parse(line).test_url;
	const key = (...more) => execFileSync(binary, ["keys", "create", "--data", data, "--quiet", ...more], { encoding: "utf8" }).trim();
	const server = { url, key: key(), newKey: key, binary, data, log: () => log,
		async stop() {
			child.kill("SIGTERM");
			await ended;
			rmSync(data, { recursive: true, force: true });
		} };
	await ask(server, "PATCH", "/sandbox/rails/card", { personality: "instant" });
	return server;
}

async function firstLine(stream) {
	const lines = createInterface({ input: stream });
	const line = await new Promise((resolve) => lines.once("line", resolve));
	stream.resume();
	return line;
}

/** One plain request, past the SDK. */
export async function ask({ url, key }, method, path, body, headers = {}) {
	const response = await fetch(url + path, { method, headers: { authorization: key, "content-type": "application/json", ...headers }, body: body && JSON.stringify(body) });
	const text = await response.text();
	if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
	return text === "" ? undefined : JSON.parse(text);
}

/** A client of the server. */
export function clientOf(server, options = {}) {
	return new Juicer({ baseUrl: server.url, apiKey: server.key, ...options });
}

/** The body of a new payment session. */
export function order(reference, amount = 250_000) {
	return {
		amount, currency: "NGN", reference, description: "Term fee", payment_method: { type: "card" },
		customer: { first_name: "Ada", last_name: "Obi", email: "ada@example.com", phone_number: "+2348031234567",
			billing_address: { line1: "5 Marina Road", city: "Lagos", state: "Lagos", country: "NG", zip_code: "100001" } },
		order: { identifier: "INV-7", items: [{ name: "Term fee", type: "service" }] },
	};
}

export const goodCard = { number: "4012000033330026", cvv: "100", expiryMonth: 1, expiryYear: 2039 };
