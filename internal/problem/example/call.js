async function call(base, key, method, path, body, idem) {
  for (let n = 1; n <= 4; n++) {
    let wait = 0;
    try {
      const res = await fetch(base + path, { method, signal: AbortSignal.timeout(30000),
        headers: { Authorization: key, 'Content-Type': 'application/json', ...(idem && { 'Idempotency-Key': idem }) },
        body: body && JSON.stringify(body) });
      const text = await res.text();
      const reply = text ? JSON.parse(text) : {};
      if (res.ok) return reply;                        // not yet a success: look at reply.data.status
      const { retry } = reply.error;
      if (!retry.allowed || retry.with !== 'same_key') throw Object.assign(new Error(reply.error.message), reply.error);
      wait = retry.after_ms ?? 0;
    } catch (e) {
      if (e.request_id) throw e;                       // an answer, not a lost one
      if (method !== 'GET' && !idem) throw e;          // no key: look the payment up by its reference first
    }
    const backoff = Math.random() * Math.min(8000, 500 * 2 ** (n - 1));
    if (n < 4) await new Promise(r => setTimeout(r, wait ? wait + Math.random() * Math.min(1000, wait / 4) : backoff));
  }
  throw new Error('no final answer: keep the key and try again later');
}
