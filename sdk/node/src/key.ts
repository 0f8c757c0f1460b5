import { randomUUID } from "node:crypto";

/** A new idempotency key: a random UUID. */
export function newKey(): string {
	return randomUUID();
}
