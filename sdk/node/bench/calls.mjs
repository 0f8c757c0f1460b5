// What a call through the SDK costs beside global fetch with res.json(), on the server
// of JUICER_BENCH_URL: a GET and a POST with a key, round by round in one process.
import { randomUUID } from "node:crypto";
import { Juicer } from "../dist/esm/index.js";

const base = process.env.JUICER_BENCH_URL;
if (!base) throw new Error("JUICER_BENCH_URL names the server");
const calls = 500;
const rounds = 15;
const key = "test_0000000000000000000000000000000HGh7u";
const body = { amount: 250_000, currency: "NGN", reference: "order-1", description: "Term fee" };
const client = new Juicer({ baseUrl: base, apiKey: key });

const ways = {
	async bare() {
		const got = await fetch(`${base}/payments/order-1`, { headers: { authorization: key } });
		const seen = await got.json();
		const posted = await fetch(`${base}/payment-sessions`, { method: "POST", headers: { authorization: key, "content-type": "application/json", "idempotency-key": randomUUID() }, body: JSON.stringify(body) });
		const made = await posted.json();
		return seen.data.id.length + made.data.id.length;
	},
	async sdk() {
		const seen = await client.payments.get("order-1");
		const made = await client.paymentSessions.create(body);
		return seen.data.id.length + made.data.id.length;
	},
};

/** Microseconds of one call: wall time and CPU time of this process. */
async function round(way) {
	const [cpu, began] = [process.cpuUsage(), process.hrtime.bigint()];
	for (let i = 0; i < calls / 2; i++) await way();
	const wall = Number(process.hrtime.bigint() - began) / 1000;
	const { system, user } = process.cpuUsage(cpu);
	return { wall: wall / calls, cpu: (system + user) / calls };
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const told = (all) => ({ median_us: rounded(median(all.map(({ wall }) => wall))), cpu_us: rounded(median(all.map(({ cpu }) => cpu))), allocs: null });
const rounded = (number) => Math.round(number * 10) / 10;

const measured = { bare: [], sdk: [] };
for (const way of Object.values(ways)) await round(way); // warm
for (let i = 0; i < rounds; i++) {
	// Who comes first changes from round to round.
	const names = i % 2 === 0 ? ["bare", "sdk"] : ["sdk", "bare"];
	for (const name of names) measured[name].push(await round(ways[name]));
}
console.log(JSON.stringify({ language: "node", calls, rounds, bare: told(measured.bare), sdk: told(measured.sdk) }));
