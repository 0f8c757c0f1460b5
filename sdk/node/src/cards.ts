/** Cards: numbers and security codes leave this process encrypted, each for itself. */
import { createCipheriv, randomBytes } from "node:crypto";
import type { Core } from "./core.js";
import type { EncryptionKey } from "./models.js";

/** A card as a payer types it. */
export interface CardDetails {
	readonly number: string;
	readonly cvv: string;
	readonly expiryMonth: number;
	readonly expiryYear: number;
}

/** A card as the API takes it. */
export interface EncryptedCard {
	readonly card_number: string;
	readonly cvv: string;
	readonly expiry_month: number;
	readonly expiry_year: number;
}

const ivBytes = 16;

/**
 * Encrypts one value: AES-256-GCM, as hex(iv):hex(ciphertext):hex(tag).
 *
 * @param key the 32 characters of `encryption_key`
 * @param iv 16 random bytes; never the same twice with one key
 */
export function encryptCardField(key: string, value: string, iv: Uint8Array = randomBytes(ivBytes)): string {
	const cipher = createCipheriv("aes-256-gcm", Buffer.from(key, "ascii"), iv);
	const hidden = Buffer.concat([cipher.update(value, "utf8"), cipher.final()]);
	return [iv, hidden, cipher.getAuthTag()].map((part) => Buffer.from(part).toString("hex")).join(":");
}

/** Fetches the key once per hour, and encrypts with it. */
export class Cards {
	private key: { readonly value: string; readonly until: number } | undefined;

	constructor(
		private readonly core: Core,
		private readonly mode: "test" | "live",
		private readonly now: () => number,
	) {}

	/** The card for the body of a capture. Throws a JuicerError if the key cannot be fetched. */
	async encrypt(card: CardDetails): Promise<EncryptedCard> {
		const key = await this.encryptionKey();
		return {
			card_number: encryptCardField(key, card.number),
			cvv: encryptCardField(key, card.cvv),
			expiry_month: card.expiryMonth,
			expiry_year: card.expiryYear,
		};
	}

	private async encryptionKey(): Promise<string> {
		if (this.key && this.now() < this.key.until) return this.key.value;
		const { data } = await this.core.send<EncryptionKey>({ method: "GET", route: "/payment-sessions/encryption-keys/{mode}", path: [this.mode] });
		this.key = { value: data.encryption_key, until: this.now() + keyLifeMs };
		return data.encryption_key;
	}
}

/** As long as its Cache-Control allows; the server takes an old key for a day. */
const keyLifeMs = 3_600_000;
