/**
 * The outbox (opt-in): key and body of a write are on disk before its first byte
 * leaves, and stay there until it is known what became of it. After a crash,
 * client.resumeOutbox() sends what is left again, with the same keys.
 */
import { createHash } from "node:crypto";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import type { Sourced } from "./caller.js";
import { CallError } from "./errors.js";
import type { Prepared } from "./loop.js";

/** A write that is under way, or was when the process ended. */
export interface OutboxEntry {
	readonly key: string;
	readonly method: string;
	/** The template of the path. */
	readonly route: string;
	/** Path and query as sent. */
	readonly path: string;
	/** The bytes as sent. */
	readonly body: string | null;
	/** When it was first put here, in milliseconds since 1970. */
	readonly at: number;
}

/** Where entries are kept. put() must not return before the entry survives a crash. */
export interface OutboxStore {
	put(entry: OutboxEntry): Promise<void>;
	remove(key: string): Promise<void>;
	/** Oldest first. */
	list(): Promise<OutboxEntry[]>;
}

/**
 * One file per entry in a directory of its own, readable by its owner only. Bodies
 * are kept as sent: those of captures hold the card in its encrypted form, so give
 * the directory the care that your rules want for that, or leave the outbox off there.
 */
export class FileOutbox implements OutboxStore {
	constructor(private readonly directory: string) {}

	async put(entry: OutboxEntry): Promise<void> {
		await fs.mkdir(this.directory, { recursive: true, mode: 0o700 });
		const file = this.fileOf(entry.key);
		const draft = `${file}.draft`;
		await writeDurably(draft, JSON.stringify(entry));
		await fs.rename(draft, file);
		await syncDirectory(this.directory);
	}

	async remove(key: string): Promise<void> {
		await fs.rm(this.fileOf(key), { force: true });
	}

	async list(): Promise<OutboxEntry[]> {
		const names = (await namesIn(this.directory)).filter((name) => name.endsWith(".json"));
		const texts = await Promise.all(names.map((name) => fs.readFile(path.join(this.directory, name), "utf8")));
		return texts.map((text) => JSON.parse(text) as OutboxEntry).sort((a, b) => a.at - b.at);
	}

	private fileOf(key: string): string {
		return path.join(this.directory, `${createHash("sha256").update(key).digest("hex")}.json`);
	}
}

async function writeDurably(file: string, text: string): Promise<void> {
	const handle = await fs.open(file, "w", 0o600);
	try {
		await handle.writeFile(text);
		await handle.sync();
	} finally {
		await handle.close();
	}
}

async function syncDirectory(directory: string): Promise<void> {
	const handle = await fs.open(directory, "r");
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}
}

async function namesIn(directory: string): Promise<string[]> {
	try {
		return await fs.readdir(directory);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
		throw error;
	}
}

/** Wraps the writes of one client. */
export class Outbox {
	constructor(
		readonly store: OutboxStore,
		private readonly now: () => number,
	) {}

	/** Keeps the call on disk while it runs, and afterwards if its outcome is open. */
	async around(call: Prepared, run: () => Promise<Sourced>): Promise<Sourced> {
		const { key = "", method, route } = call;
		await this.store.put({ key, method, route, path: call.path, body: call.body ?? null, at: this.now() });
		try {
			const answer = await run();
			await this.store.remove(key);
			return answer;
		} catch (error) {
			if (error instanceof CallError && isKnown(error)) await this.store.remove(key);
			throw error;
		}
	}
}

/** An outcome with which nothing is left to be done with the key. */
function isKnown({ outcome }: CallError): boolean {
	return outcome === "refused" || outcome === "not_attempted" || outcome === "succeeded";
}
