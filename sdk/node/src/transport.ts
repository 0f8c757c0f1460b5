/**
 * One attempt over HTTP: no retries, no redirects, no cookies. On node:http with a
 * keep-alive agent of the client's own; docs/decisions/0101-node-transport.md says why.
 */
import * as http from "node:http";
import * as https from "node:https";
import type { Socket } from "node:net";
import type { TransportEvent } from "./policy.js";
import type { HeaderReader } from "./wait.js";

/** What is sent. */
export interface WireRequest {
	readonly method: string;
	/** Scheme, host and port. */
	readonly base: URL;
	/** Path and query. */
	readonly path: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string | undefined;
}

/** What came back, whole. */
export interface WireReply {
	readonly status: number;
	readonly headers: HeaderReader;
	readonly body: string;
}

/** Sends one request once. */
export interface Transport {
	/**
	 * Rejects with TransportFailure where no whole answer came. When the signal is
	 * aborted the request ends at once and nothing of it is left.
	 */
	send(request: WireRequest, signal: AbortSignal): Promise<WireReply>;
	/** Closes idle connections. */
	close?(): void;
}

/** No whole answer: what happened, and what there was of one. */
export class TransportFailure extends Error {
	constructor(
		readonly event: TransportEvent,
		override readonly cause: unknown,
		readonly status?: number,
		readonly headers?: HeaderReader,
	) {
		super(event);
	}
}

/** Headers as they came: names in any case, repeated ones joined with ", ". */
export class WireHeaders implements HeaderReader {
	/** @param raw name, value, name, value, ... */
	constructor(private readonly raw: readonly string[]) {}

	get(name: string): string | undefined {
		let value: string | undefined;
		for (let i = 0; i < this.raw.length; i += 2) {
			const here = this.raw[i] as string;
			if (here.length !== name.length || here.toLowerCase() !== name) continue;
			value = value === undefined ? this.raw[i + 1] : `${value}, ${this.raw[i + 1]}`;
		}
		return value;
	}
}

/** Limits of the connections of one client. */
export interface ConnectionOptions {
	/** Connections at once; more requests wait for one. No limit if absent. */
	readonly maxConnections?: number;
	/** An agent of your own, for instance one that speaks through a proxy. */
	readonly agent?: http.Agent;
}

/** Idle connections are closed before most servers and balancers would do so. */
const idleConnectionMs = 4_000;
const replyBytesMax = 64 * 1024 * 1024;

/** The transport of a client that was given no other. */
export class HttpTransport implements Transport {
	private readonly plain: http.Agent;
	private readonly secure: http.Agent;

	constructor(options: ConnectionOptions = {}) {
		const shared = { keepAlive: true, timeout: idleConnectionMs, maxSockets: options.maxConnections ?? Infinity };
		this.plain = options.agent ?? new http.Agent(shared);
		this.secure = options.agent ?? new https.Agent(shared);
	}

	send(request: WireRequest, signal: AbortSignal): Promise<WireReply> {
		const secure = request.base.protocol === "https:";
		return new Promise((resolve, reject) => new Exchange(resolve, reject, secure).start(request, secure ? this.secure : this.plain, signal));
	}

	close(): void {
		this.plain.destroy();
		this.secure.destroy();
	}
}

/** How far a request has come. Before "sent" the server cannot have seen it. */
type Phase = "connecting" | "securing" | "sent";

class Exchange {
	private phase: Phase = "connecting";
	private answer: http.IncomingMessage | undefined;
	private body = "";

	constructor(
		private readonly resolve: (reply: WireReply) => void,
		private readonly reject: (failure: TransportFailure) => void,
		private readonly secure: boolean,
	) {}

	start(request: WireRequest, agent: http.Agent, signal: AbortSignal): void {
		const sent = this.open(request, agent);
		sent.once("socket", (socket) => this.follow(socket));
		sent.once("response", (answer) => this.read(answer, sent));
		sent.on("error", (error) => this.fail(eventOf(error, this.phase), error));
		const stop = (): void => {
			this.fail(timeoutEvent(this.phase), signal.reason);
			sent.destroy();
		};
		signal.addEventListener("abort", stop, { once: true });
		sent.once("close", () => signal.removeEventListener("abort", stop));
		sent.end(request.body);
	}

	private open(request: WireRequest, agent: http.Agent): http.ClientRequest {
		const { hostname, port } = request.base;
		const options = { agent, hostname: unbracketed(hostname), port, method: request.method, path: request.path, headers: request.headers };
		return this.secure ? https.request(options) : http.request(options);
	}

	private follow(socket: Socket): void {
		if (!socket.connecting) {
			this.phase = "sent";
			return;
		}
		socket.once("connect", () => (this.phase = this.secure ? "securing" : "sent"));
		if (this.secure) socket.once("secureConnect", () => (this.phase = "sent"));
	}

	private read(answer: http.IncomingMessage, sent: http.ClientRequest): void {
		this.answer = answer;
		answer.setEncoding("utf8");
		answer.on("data", (text: string) => this.append(text, sent));
		answer.on("error", (error) => this.fail("truncated_body", error));
		answer.once("end", () => this.finish(answer));
	}

	private append(text: string, sent: http.ClientRequest): void {
		this.body += text;
		if (this.body.length <= replyBytesMax) return;
		this.fail("invalid_body", new Error(`The answer is longer than ${replyBytesMax} characters`));
		sent.destroy();
	}

	private finish(answer: http.IncomingMessage): void {
		if (!answer.complete) return this.fail("truncated_body", new Error("The connection ended before the answer did"));
		this.resolve({ status: answer.statusCode ?? 0, headers: new WireHeaders(answer.rawHeaders), body: this.body });
	}

	private fail(event: TransportEvent, cause: unknown): void {
		const { answer } = this;
		this.reject(new TransportFailure(event, cause, answer?.statusCode, answer && new WireHeaders(answer.rawHeaders)));
	}
}

/** IPv6 hosts stand in brackets in a URL, and without them elsewhere. */
function unbracketed(hostname: string): string {
	return hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
}

function timeoutEvent(phase: Phase): TransportEvent {
	if (phase === "connecting") return "connect_timeout";
	return phase === "securing" ? "tls_timeout" : "read_timeout";
}

/** What an error of node:http means for the question whether the server saw the request. */
function eventOf(error: NodeJS.ErrnoException, phase: Phase): TransportEvent {
	const code = error.code ?? "";
	if (phase === "sent") return code.startsWith("HPE_") ? "invalid_body" : "reset";
	if (code === "EAI_AGAIN") return "dns_temporary";
	if (code === "ENOTFOUND" || code.startsWith("EAI_")) return "dns_not_found";
	if (code === "ETIMEDOUT") return "connect_timeout";
	return phase === "securing" && code !== "ECONNRESET" ? "tls_certificate" : "connect_refused";
}
