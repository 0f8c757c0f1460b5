import json, random, time, urllib.error, urllib.request

def call(base, key, method, path, body=None, idem=None):
    for n in range(1, 5):
        wait = 0
        req = urllib.request.Request(base + path, method=method, data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": key, "Content-Type": "application/json", **({"Idempotency-Key": idem} if idem else {})})
        try:
            with urllib.request.urlopen(req, timeout=30) as res:
                return json.loads(res.read() or b"{}")      # not yet a success: look at ["data"]["status"]
        except urllib.error.HTTPError as e:
            try:
                error = json.loads(e.read())["error"]
            except Exception:
                error = None                                # a proxy's page
            if error:
                retry = error["retry"]
                if not retry["allowed"] or retry["with"] != "same_key":
                    raise RuntimeError(f'{error["code"]} {error["request_id"]}: {error["message"]}') from None
                wait = (retry["after_ms"] or 0) / 1000
            elif method != "GET" and not idem:
                raise
        except Exception:                                   # lost connection, time-out, cut body
            if method != "GET" and not idem:
                raise                                       # no key: look the payment up by its reference first
        if n < 4:
            time.sleep(wait + random.uniform(0, min(1, wait / 4)) if wait else random.uniform(0, min(8, 0.5 * 2 ** (n - 1))))
    raise RuntimeError("no final answer: keep the key and try again later")
