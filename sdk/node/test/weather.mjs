// Bad weather between a program and a server: a proxy that adds faults of the sandbox.
import { once } from "node:events";
import * as http from "node:http";

/** @param rules {method, path: RegExp, fault}, each for the first request that fits. */
export async function weather(target, rules) {
	const left = [...rules];
	const proxy = http.createServer((request, response) => {
		const at = left.findIndex(({ method, path }) => method === request.method && path.test(request.url));
		const headers = at < 0 ? request.headers : { ...request.headers, "juicer-fault": left.splice(at, 1)[0].fault };
		const up = http.request(target + request.url, { method: request.method, headers });
		const broken = () => response.socket?.destroy();
		up.on("error", broken).on("response", (answer) => {
			response.writeHead(answer.statusCode, answer.rawHeaders);
			response.flushHeaders();
			answer.on("error", broken).on("data", (part) => response.write(part)).on("end", () => response.end());
		});
		request.pipe(up);
	});
	proxy.listen(0, "127.0.0.1");
	await once(proxy, "listening");
	const close = () => (proxy.close(), proxy.closeAllConnections());
	return { url: `http://127.0.0.1:${proxy.address().port}`, left, close };
}
