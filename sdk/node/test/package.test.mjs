// The package as users get it: packed, installed without a network into empty projects, type-checked, run.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import { startServer } from "./server.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "juicer-package-"));
const tsc = join(root, "node_modules/typescript/bin/tsc");
let tarball;
let packed;
let server;

before(async () => {
	const [made] = JSON.parse(execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", scratch], { cwd: root, encoding: "utf8" }));
	tarball = join(scratch, made.filename);
	packed = made.files.map(({ path }) => path);
	server = await startServer();
});
after(async () => {
	await server.stop();
	rmSync(scratch, { recursive: true, force: true });
});

test("the tarball holds what is run and read, and nothing else", () => {
	const sources = ["client", "index", "models", "otel", "policy"];
	for (const kind of ["esm", "cjs"]) for (const name of sources) for (const end of ["js", "d.ts"]) assert.ok(packed.includes(`dist/${kind}/${name}.${end}`), `${kind}/${name}.${end}`);
	assert.deepEqual(packed.filter((path) => !/^dist\/(?:esm|cjs)\/[a-z]+\.(?:js|d\.ts)$/.test(path)).sort(), ["LICENSE", "README.md", "dist/cjs/package.json", "package.json"]);
	const { dependencies, peerDependencies, scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
	assert.deepEqual([dependencies, peerDependencies, scripts.postinstall, scripts.install], [undefined, undefined, undefined, undefined]);
});

const strict = { target: "ES2022", lib: ["ES2022"], module: "NodeNext", moduleResolution: "NodeNext", strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true,
	skipLibCheck: false, types: ["node"], typeRoots: [join(root, "node_modules/@types")], outDir: "out" };

/** An empty project with the package in it, and nothing else. */
function project(name, settings, files, compilerOptions = strict) {
	const path = join(scratch, name);
	mkdirSync(path);
	writeFileSync(join(path, "package.json"), JSON.stringify({ name, private: true, ...settings }));
	for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
	writeFileSync(join(path, "tsconfig.json"), JSON.stringify({ compilerOptions, include: Object.keys(files) }));
	execFileSync("npm", ["install", "--offline", "--no-audit", "--no-fund", "--silent", tarball], { cwd: path });
	return path;
}

function check(path) {
	try {
		return execFileSync(process.execPath, [tsc, "-p", path], { cwd: path, encoding: "utf8" });
	} catch (error) {
		return error.stdout;
	}
}

function run(path, file) {
	return execFileSync(process.execPath, [file], { cwd: path, encoding: "utf8", env: { PATH: process.env.PATH, JUICER_BASE_URL: server.url, JUICER_API_KEY: server.key } });
}

/** What a program with types does with the package. */
const body = `
async function main(): Promise<void> {
	const client = new Juicer({ maxConnections: 2, hooks: openTelemetry({}) });
	const session: Result<models.Session> = await client.paymentSessions.create({
		amount: 250_000, currency: "NGN", reference: "order-" + process.argv[1]!.length + Math.random(), description: "Term fee", payment_method: { type: "card" },
		customer: { first_name: "Ada", last_name: "Obi", email: "ada@example.com", phone_number: "+2348031234567", billing_address: { line1: "5 Marina Road", city: "Lagos", zip_code: "100001", country: "NG" } },
		order: { identifier: "INV-7", items: [{ name: "Term fee", type: "service" }] },
	}, { idempotencyKey: "package-" + Math.random(), signal: new AbortController().signal });
	const card = await client.cards.encrypt({ number: "4012000033330026", cvv: "100", expiryMonth: 1, expiryYear: 2039 });
	const captured = await client.paymentSessions.capture(session.data.id, { card });
	const outcome: Outcome | undefined = captured.outcome;
	for await (const payment of client.payments.listAll({ limit: 1 })) if (payment.status === "succeeded") break;
	try {
		await client.payments.get("nobody");
	} catch (error) {
		if (!(error instanceof NotFoundError)) throw error;
		const code: string | undefined = error.code;
		console.log(outcome, captured.succeeded(), code === codes.notFound, defaultPolicy.maxAttempts);
	}
}
main().catch((error: unknown) => { console.error(error); process.exitCode = 1; });
`;
const names = "codes, defaultPolicy, Juicer, NotFoundError, type models, type Outcome, type Result";
const imports = `import { ${names} } from "@juicer-pay/sdk";\nimport { openTelemetry } from "@juicer-pay/sdk/otel";\n`;

for (const [kind, settings] of [["esm", { type: "module" }], ["cjs", {}]]) {
	test(`an empty ${kind} project: installed from the tarball, checked by strict TypeScript, run`, () => {
		const path = project(kind, settings, { "main.ts": imports + body });
		assert.equal(check(path), "");
		assert.equal(readFileSync(join(path, "out/main.js"), "utf8").includes("require("), kind === "cjs");
		assert.equal(run(path, "out/main.js"), "succeeded true true 4\n");
	});
}

test("plain programs: import and require give the same names", () => {
	const path = project("plain", {}, {
		"a.mjs": `import * as sdk from "@juicer-pay/sdk"; import { openTelemetry } from "@juicer-pay/sdk/otel"; console.log(typeof openTelemetry, Object.keys(sdk).sort().join());`,
		"b.cjs": `const sdk = require("@juicer-pay/sdk"); const { openTelemetry } = require("@juicer-pay/sdk/otel"); console.log(typeof openTelemetry, Object.keys(sdk).sort().join());`,
		"c.cjs": `try { require("@juicer-pay/sdk/dist/cjs/loop.js"); } catch (error) { console.log(error.code); }`,
	});
	assert.equal(run(path, "a.mjs"), run(path, "b.cjs"));
	assert.equal(run(path, "c.cjs"), "ERR_PACKAGE_PATH_NOT_EXPORTED\n");
});

test("the older way of finding modules finds the types, too", () => {
	const old = { ...strict, skipLibCheck: true, module: "CommonJS", moduleResolution: "Node10" };
	assert.equal(check(project("old", {}, { "main.ts": `import { Juicer } from "@juicer-pay/sdk";\nexport const make = (): Juicer => new Juicer();\n` }, old)), "");
});

test("the check finds what is wrong", () => {
	const path = project("wrong", { type: "module" }, { "main.ts": `import { Juicer } from "@juicer-pay/sdk";\nawait new Juicer().paymentSessions.create({ amount: "7" });\n` }, { ...strict, skipLibCheck: true });
	assert.match(check(path), /main\.ts\(2,\d+\): error TS/);
});
