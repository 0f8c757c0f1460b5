// Replies for tests of the pure parts.

/** A header reader over a list of pairs or a map: names in any case, repeated ones joined. */
export function headersOf(given = []) {
	const pairs = Array.isArray(given) ? given : Object.entries(given);
	return {
		get(name) {
			const values = pairs.filter(([key]) => key.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
			return values.length === 0 ? undefined : values.join(", ");
		},
	};
}

export function reply(status, headers, body) {
	return { status, headers: headersOf(headers), body: typeof body === "object" ? JSON.stringify(body) : body, event: undefined };
}

export function event(name, status, headers) {
	return { status, headers: headersOf(headers), body: undefined, event: name };
}
