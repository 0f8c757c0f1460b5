"""Three ways in which integrators verify a checksum in Python. Reads lines of
{"business_id", "body"} and writes a line of verdicts for each."""
import hashlib
import hmac
import json
import sys


def checksum(key, event, data):
    message = (event + "|" + data).encode()
    return hmac.new(key.strip().encode(), message, hashlib.sha256).hexdigest().upper()


def encode(value, sort):
    return json.dumps(value, sort_keys=sort, ensure_ascii=False, separators=(",", ":"))


def verdicts(key, body):
    parsed = json.loads(body)
    event, data, want = parsed["event"], parsed["data"], parsed["checksum"]
    raw = body.encode()
    tail = ',"event":"{}"}}'.format(event).encode()
    top = {name: data[name] for name in sorted(data)}
    return {
        "raw": checksum(key, event, raw[86:-len(tail)].decode()) == want,
        "recursive": checksum(key, event, encode(data, True)) == want,
        "top": checksum(key, event, encode(top, False)) == want,
    }


for line in sys.stdin:
    given = json.loads(line)
    print(json.dumps(verdicts(given["business_id"], given["body"])), flush=True)
