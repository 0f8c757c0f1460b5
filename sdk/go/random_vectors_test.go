package juicer

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// A file of random vectors, with what this SDK decides as the expectation, for the other
// SDKs to agree with: scripts/vectors.sh random.
func TestRandomVectorsAreWrittenAsTheyAreDecided(t *testing.T) {
	path := os.Getenv("JUICER_RANDOM_VECTORS")
	if path == "" {
		path = filepath.Join(t.TempDir(), "random.json")
	}
	seed := uint64(time.Now().UnixNano())
	if chosen := os.Getenv("JUICER_RANDOM_SEED"); chosen != "" {
		var err error
		if seed, err = strconv.ParseUint(chosen, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 0))
	var all []map[string]any
	for n := range 2000 {
		all = append(all, randomVector(t, dice, n))
	}
	raw, err := json.Marshal(all)
	if err == nil {
		err = os.WriteFile(path, raw, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	var back []retryCase
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	for _, c := range back {
		c.compare(t, c.decide(t))
	}
}

func pick[T any](dice *rand.Rand, some ...T) T { return some[dice.IntN(len(some))] }

func randomVector(t *testing.T, dice *rand.Rand, n int) map[string]any {
	v := map[string]any{
		"name": "random " + strconv.Itoa(n), "method": pick(dice, "GET", "POST", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS"), "key": dice.IntN(3) > 0,
		"attempt": 1 + dice.IntN(6), "now": "2026-11-22T09:00:00.000000Z", "waits": dice.IntN(12), "elapsed_ms": pick(dice, 0, 400, 30_000, 51_500, 59_000, 60_000, 70_000),
		"tokens": pick(dice, 0, 4, 5, 13, 14, 100, 486, 500), "rand": float64(dice.IntN(1024)) / 1024,
	}
	if v["attempt"] != 1 {
		v["paid"] = pick(dice, 5, 14) // for the retry that this attempt is
	}
	if dice.IntN(4) == 0 {
		v["idle_ms"] = pick(dice, 0, 999, 1000, 61_500, 10_000_000)
	}
	for name, value := range map[string]any{"cancelled": dice.IntN(20) == 0, "replayable": dice.IntN(8) > 0,
		"lost_before": dice.IntN(3) == 0, "policy": randomPolicy(dice)} {
		if dice.IntN(2) == 0 {
			v[name] = value
		}
	}
	if dice.IntN(4) == 0 {
		v["error"] = pick(dice, "connect_refused", "dns_not_found", "tls_timeout", "tls_certificate", "not_processed", "reset", "read_timeout", "truncated_body")
	} else {
		v["status"] = pick(dice, 200, 201, 204, 301, 304, 307, 400, 401, 402, 403, 404, 405, 408, 409, 409, 410, 413, 415, 422, 418, 429, 429, 500, 501, 502, 503, 503, 504, 505, 599)
		v["headers"], v["body"] = randomHeaders(dice), randomBody(dice)
	}
	v["expect"] = expected(t, v)
	return v
}

func randomPolicy(dice *rand.Rand) map[string]any {
	return pick(dice, map[string]any{}, map[string]any{"max_attempts": 1 + dice.IntN(80)}, map[string]any{"cap_ms": 100 + dice.IntN(9000)},
		map[string]any{"deadline_ms": 1000 * dice.IntN(200)}, map[string]any{"trust_keys": dice.IntN(2) == 0})
}

func randomHeaders(dice *rand.Rand) [][2]string {
	wait := func() string {
		return pick(dice, "0", "1", "7", " 7 ", "007", "60", "61", "999999999", "1000000000", "-1", "+5", "1.5", "5,", "soon", "", "0x10", "１", "5 6",
			"Sun, 22 Nov 2026 09:00:03 GMT", "Sun, 22 Nov 2026 08:00:00 GMT", "Sunday, 22-Nov-26 09:00:04 GMT", "Sun Nov 22 09:00:05 2026",
			"Sun, 22 Nov 2026 09:00:03 UTC", "Sun, 22 Nov 2026 09:00:03 +0000", "sun, 22 nov 2026 09:00:03 gmt", "Mon, 22 Nov 2026 09:00:03 GMT",
			"Sun, 22 Nov 2026 9:00:03 GMT", "22 Nov 2026 09:00:03 GMT", "Sun, 31 Feb 2026 09:00:03 GMT", "2026-11-22T09:00:03Z", "Sun, 22 Nov 2026 24:00:00 GMT")
	}
	headers := [][2]string{}
	for _, name := range []string{"Retry-After", "retry_after", "Retry-After"} {
		if dice.IntN(4) == 0 {
			headers = append(headers, [2]string{name, wait()})
		}
	}
	if dice.IntN(4) == 0 {
		headers = append(headers, [2]string{"Date", pick(dice, "Sun, 22 Nov 2026 09:00:00 GMT", "Sun, 22 Nov 2026 08:59:59 GMT", "yesterday")})
	}
	if dice.IntN(4) == 0 {
		headers = append(headers, [2]string{"RateLimit", pick(dice, `"burst";r=0;t=3`, `"burst";r=0;t=3, "key";r=0;t=8`, `"burst";t=3;r=0`, `"a";r=1;t=9`, `"a";r=0`,
			`"a";r=0;t=-1`, `"a";r=0;t=3,`, `a;r=0;t=3`, `"a" ;r=0;t=3`, `"a"; r=0; t=3`, `"a";r=0;t=1.5`, `"a";r=00;t=03`, ``, `"a,b";r=0;t=4`, `"a";r=0, "b";r=0;t=3`, `"a";t=3`, `"a;r=0;t=9\\"";r=0;t=3`, `"a";r=0;t=2;pk=:Zm9v:`,
			`"a";r=0;t=1;t=3`, `"a";r=0;x="t=9;t=8";t=3`, `"a";r=0;t`, `"a";r=0;t=3;w`, "\"a\";\tr=0;t=3", `"a";r=0;t="3"`, `"a";r=0;t=3 , "b";r=1;t=4`, `"a";r=0;t=99999999999`)})
	}
	return headers
}

func randomBody(dice *rand.Rand) string {
	if dice.IntN(3) == 0 {
		return pick(dice, "", "<html>502</html>", "[]", "null", "{}", `{"error":"no"}`, `{"error":null}`, `{"error":[]}`, `{"error":{}}`, `{"error":{}} `, `{"error":{}}x`,
			"\ufeff{\"error\":{\"code\":\"x\"}}", `{'error':{}}`, `{"error":{"code":"x"},}`, `{"error":{"code":"x","n":NaN}}`, `{"error":{"code":"x","n":-Infinity}}`, "\n{\"error\":{\"code\":\"x\"}}\n",
			`{"error":{"code":"idempotency_key_in_use"},"error":{"code":"other"}}`, `{"Error":{"code":"idempotency_key_in_use"}}`, `{"error":{"Code":"idempotency_key_in_use"}}`)
	}
	body := `{"error":{"code":` + pick(dice, `"x"`, `"idempotency_key_in_use"`, `"reference_exists"`, `"idempotency_key_expired"`, `"not_found"`, `7`, `null`)
	if dice.IntN(3) == 0 {
		body += `,"outcome":` + pick(dice, `"not_attempted"`, `"refused"`, `"pending"`, `"unknown"`, `"succeeded"`, `null`, `1`)
	}
	if dice.IntN(3) == 0 {
		body += `,"retry_after":` + randomNumber(dice)
	}
	if dice.IntN(3) == 0 {
		body += `,"retry":` + pick(dice, `null`, `"no"`, `[]`, `{}`, `{"allowed":`+pick(dice, "true", "false", "null", "1", `"true"`)+
			`,"with":`+pick(dice, `"same_key"`, `"new_key"`, `"after_verify"`, "null", "5")+`,"after_ms":`+randomNumber(dice)+`}`)
	}
	return body + "}}"
}

func randomNumber(dice *rand.Rand) string {
	return pick(dice, "0", "1", "6", "6.0", "0.0001", "1.5", "1500", "-3", "1e3", "1E-2", "1e400", "-1e400", "true", "null", `"6"`, "[6]", "0.1", "2.675", "123456789012345678", "60.0001")
}

// expected writes what is decided in the words of spec/vectors/retry.json.
func expected(t *testing.T, v map[string]any) map[string]any {
	raw, err := json.Marshal(v)
	var c retryCase
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	if err != nil {
		t.Fatal(err)
	}
	got := c.decide(t)
	out := map[string]any{"action": got.action, "tokens": got.tokens}
	if got.action != done {
		out["reason"] = got.reason
	}
	if got.action == retry {
		out["delay_ms"] = got.delayMS
	}
	if got.action == stop {
		if out["outcome"] = any(nil); got.outcome != "" {
			out["outcome"] = got.outcome
		}
		if out["retry_after_ms"] = any(nil); got.retryAfterMS > 0 {
			out["retry_after_ms"] = got.retryAfterMS
		}
	}
	return out
}
