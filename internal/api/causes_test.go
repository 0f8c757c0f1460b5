package api_test

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wallet"
	"github.com/juicer-pay/juicer/internal/world"
)

// Times in milliseconds, as POST /sandbox/clock takes them.
const (
	second = 1000
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour
)

func testCauses() []cause {
	var all []cause
	for _, list := range [][]cause{bodyCauses(), requestCauses(), keyCauses(), sessionCauses(), captureCauses(), refundCauses(), idempotencyCauses(), faultCauses(),
		customerCauses(), walletCauses(), incomingCauses(), batchCauses(), exchangeCauses(),
		beneficiaryCauses(), payoutCauses(), bulkCauses()} {
		all = append(all, list...)
	}
	return all
}

func post(path string, body any, headers ...string) func(*nodetest.Env) nodetest.Answer {
	return func(e *nodetest.Env) nodetest.Answer { return e.Do("POST", path, body, headers...) }
}

func get(path string, headers ...string) func(*nodetest.Env) nodetest.Answer {
	return func(e *nodetest.Env) nodetest.Answer { return e.Do("GET", path, nil, headers...) }
}

func bodyCauses() []cause {
	return []cause{
		{"malformed_json", post("/payment-sessions", `{"amount":1,"amount":2}`)},
		{"payload_too_large", post("/payment-sessions", `{"description":"`+strings.Repeat("x", 1<<20)+`"}`)},
		{"unsupported_media_type", post("/payment-sessions", `amount=1`, "Content-Type", "application/x-www-form-urlencoded")},
		{"validation_error", post("/payment-sessions", with(nodetest.Session("v"), "amount", -5, "currency", "XYZ", "customer", nil, "extra", 1))},
	}
}

func requestCauses() []cause {
	return []cause{
		{"invalid_request.query", get("/payments?limit=0&colour=red")},
		{"invalid_request.cursor", get("/payments?after=nonsense")},
		{"invalid_request.header", post("/payment-sessions", nodetest.Session("h"), "Juicer-Deadline-Ms", "soon")},
		{"invalid_request.fault", post("/payment-sessions", nodetest.Session("h"), "Juicer-Fault", "explode")},
		{"limit_exceeded", func(e *nodetest.Env) nodetest.Answer {
			for n := range engine.EndpointsMax {
				e.Endpoint(fmt.Sprintf("https://shop.example/%d", n))
			}
			a := e.Do("POST", "/webhook-endpoints", map[string]any{"url": "https://shop.example/one-too-many"})
			set(e, "PATCH", "/accounts/settings", map[string]any{"webhook_urls": []any{}})
			return a
		}},
		{"invalid_request.rule", post("/sandbox/webhook-faults", map[string]any{"rule": "explode;often=yes"})},
		{"invalid_mode", get("/payment-sessions/encryption-keys/live")},
		{"not_found", get("/payments/no-such-reference", "X-Request-Id", "their own id")},
		{"route_not_found", get("/no-such-endpoint")},
		{"method_not_allowed", func(e *nodetest.Env) nodetest.Answer { return e.Do("PUT", "/payments", nil) }},
	}
}

func keyCauses() []cause {
	return []cause{
		{"missing_api_key", get("/payments", "Authorization", "")},
		{"invalid_api_key.malformed", get("/payments", "Authorization", "Basic dGVzdDp0ZXN0")},
		{"invalid_api_key.checksum", get("/payments", "Authorization", "test_0000000000000000000000000000000HGh7v")},
		{"invalid_api_key.unknown", get("/payments", "Authorization", "test_0000000000000000000000000000000HGh7u")},
		{"production_key_in_test", get("/payments", "Authorization", "live_0000000000000000000000000000004DY1fB")},
		{"expired_api_key", func(e *nodetest.Env) nodetest.Answer {
			in := world.RealNow().AddDate(1, 0, 0).Format("2006-01-02T15:04:05Z")
			k := set(e, "POST", "/keys", map[string]any{"name": "short lived", "scopes": []string{"*"}, "expiry_date": in})
			e.Advance(367 * day)
			return e.Do("GET", "/payments", nil, "Authorization", k.Text("data.key"))
		}},
		{"revoked_api_key", func(e *nodetest.Env) nodetest.Answer {
			k := set(e, "POST", "/keys", map[string]any{"name": "revoked", "scopes": []string{"*"}})
			set(e, "DELETE", "/keys/"+k.Text("data.id"), nil)
			return e.Do("GET", "/payments", nil, "Authorization", "Bearer "+k.Text("data.key"))
		}},
		{"insufficient_permissions", func(e *nodetest.Env) nodetest.Answer {
			return e.Do("POST", "/payment-sessions", nodetest.Session("s"), "Authorization", e.NewKey("keys:read", "payments:read"))
		}},
		{"invalid_status_transition", func(e *nodetest.Env) nodetest.Answer {
			id := set(e, "POST", "/keys", map[string]any{"name": "rotated", "scopes": []string{"*"}}).Text("data.id")
			set(e, "DELETE", "/keys/"+id, nil)
			return e.Do("POST", "/keys/"+id+"/rotate", nil)
		}},
	}
}

func sessionCauses() []cause {
	return []cause{
		{"invalid_amount", post("/payment-sessions", with(nodetest.Session("a"), "amount", 50))},
		{"invalid_currency", post("/payment-sessions", with(nodetest.Session("c"), "currency", "USDT"))},
		{"reference_exists", func(e *nodetest.Env) nodetest.Answer {
			e.NewSession("twice")
			return e.Do("POST", "/payment-sessions", with(nodetest.Session("twice"), "amount", 1000))
		}},
		{"probable_duplicate", func(e *nodetest.Env) nodetest.Answer {
			guard := func(seconds int) {
				set(e, "PATCH", "/sandbox/settings", map[string]any{"probable_duplicate_s": map[string]any{"payment_sessions": seconds}})
			}
			guard(300)
			defer guard(0)
			set(e, "POST", "/payment-sessions", with(nodetest.Session("first"), "amount", 777))
			return e.Do("POST", "/payment-sessions", with(nodetest.Session("second"), "amount", 777))
		}},
	}
}

func interac(reference string) map[string]any {
	customer := with(nodetest.Session("")["customer"].(map[string]any), "phone_number", "+14165550123", "billing_address",
		map[string]any{"line1": "1 King St", "city": "Toronto", "country": "CA", "zip_code": "M5H 1A1"})
	return with(nodetest.Session(reference), "currency", "CAD", "customer", customer, "payment_method", map[string]any{"type": "interac"})
}

func captureCauses() []cause {
	return []cause{
		{"invalid_encryption", func(e *nodetest.Env) nodetest.Answer {
			return captureWith(e, "enc", with(e.Card(approved), "card_number", "00:00:00"))
		}},
		{"invalid_card", func(e *nodetest.Env) nodetest.Answer { return captureWith(e, "luhn", e.Card("4000000000011000")) }},
		{"payment_method_mismatch", func(e *nodetest.Env) nodetest.Answer {
			return e.Do("POST", "/payment-sessions/"+e.NewSession("mismatch"), map[string]any{"crypto_address": map[string]any{"chain": "ETH", "currency": "USDC"}})
		}},
		{"payment_session_completed.captured", func(e *nodetest.Env) nodetest.Answer { return e.Capture(e.Paid("done"), approved) }},
		{"payment_session_completed.failed", func(e *nodetest.Env) nodetest.Answer {
			id := e.NewSession("declined")
			e.Capture(id, noFunds)
			return e.Do("POST", "/payment-sessions/"+id+"/cancel", nil)
		}},
		{"payment_session_expired", func(e *nodetest.Env) nodetest.Answer {
			id := e.NewSession("expired")
			e.Advance(13 * hour)
			return e.Capture(id, approved)
		}},
		{"authentication_not_expected", func(e *nodetest.Env) nodetest.Answer {
			return e.Do("POST", "/payment-sessions/"+e.NewSession("early")+"/authorize", map[string]any{"otp": "123456"})
		}},
		{"auth_type_mismatch", func(e *nodetest.Env) nodetest.Answer {
			id := e.NewSession("otp")
			e.Capture(id, withOTP)
			return e.Do("POST", "/payment-sessions/"+id+"/authorize", map[string]any{"pin": "1234"})
		}},
		{"payment_in_progress.pending", func(e *nodetest.Env) nodetest.Answer {
			id := e.NewSession("running")
			capturing := slowCapture(e, id)
			defer func() { e.Advance(20 * second); got(e.T, capturing) }()
			return e.Do("POST", "/payment-sessions/"+id+"/cancel", nil)
		}},
		{"payment_in_progress.unknown", func(e *nodetest.Env) nodetest.Answer {
			id := e.NewSession("doubtful")
			e.Capture(id, replyLost)
			return e.Capture(id, approved)
		}},
	}
}

func captureWith(e *nodetest.Env, reference string, card map[string]any) nodetest.Answer {
	return e.Do("POST", "/payment-sessions/"+e.NewSession(reference), map[string]any{"card": card})
}

func refundCauses() []cause {
	return []cause{
		{"payment_not_refundable", func(e *nodetest.Env) nodetest.Answer {
			return e.Do("POST", "/payments/"+e.NewSession("unpaid")+"/refunds", nil)
		}},
		{"refund_exceeds_payment", func(e *nodetest.Env) nodetest.Answer {
			return e.Do("POST", "/payments/"+e.Paid("all")+"/refunds", map[string]any{"amount": 250_001})
		}},
		{"insufficient_funds", func(e *nodetest.Env) nodetest.Answer {
			id := e.Paid("settled")
			e.Advance(25 * hour)
			withdraw(e, money.NGN, 100)
			return e.Do("POST", "/payments/"+id+"/refunds", nil)
		}},
	}
}

// withdraw empties the business wallet up to what is to be left. Withdrawals come
// with payouts; until then the money leaves by an entry of its own.
func withdraw(e *nodetest.Env, currency money.Currency, left int64) {
	e.T.Helper()
	ctx := e.T.Context()
	b, err := e.Business(ctx)
	nodetest.Must(e.T, err)
	var wallet wallet.Wallet
	var balance int64
	nodetest.Must(e.T, e.Engine.Store.Read(ctx, func(v store.View) (err error) {
		if wallet, err = v.WalletOf(b.ID, b.ID, currency); err == nil {
			balance, err = v.Balance(ledger.Wallet(wallet.ID), currency)
		}
		return err
	}))
	nodetest.Must(e.T, e.Engine.Store.Write(ctx, func(tx store.Tx) error {
		return tx.Post(ledger.Entry{ID: e.Engine.IDs.New(), Business: b.ID, At: e.Engine.Clock.Now(), Kind: "withdrawn", Object: wallet.ID,
			Postings: ledger.Move(ledger.Wallet(wallet.ID), ledger.Outside, money.Of(balance-left, currency))})
	}))
}

func idempotencyCauses() []cause {
	create := func(e *nodetest.Env, amount int, key string) nodetest.Answer {
		return e.Do("POST", "/payment-sessions", with(nodetest.Session(key), "amount", amount), "Idempotency-Key", key)
	}
	return []cause{
		{"invalid_idempotency_key", post("/payment-sessions", nodetest.Session("k"), "Idempotency-Key", "two words")},
		{"idempotency_key_reused", func(e *nodetest.Env) nodetest.Answer {
			create(e, 1000, "k-reused")
			return create(e, 2000, "k-reused")
		}},
		{"idempotency_key_expired", func(e *nodetest.Env) nodetest.Answer {
			create(e, 1000, "k-old")
			e.Advance(25 * hour)
			return create(e, 1000, "k-old")
		}},
		{"idempotency_key_in_use", func(e *nodetest.Env) nodetest.Answer {
			id := e.NewSession("in-use")
			card := map[string]any{"card": e.Card(twentySeconds)}
			first := later(e, "POST", "/payment-sessions/"+id, card, "Idempotency-Key", "k-in-use")
			defer func() { e.Advance(20 * second); got(e.T, first) }()
			until(e.T, "the capture is under way", func() bool { return e.State(id) == "processing" })
			return e.Do("POST", "/payment-sessions/"+id, card, "Idempotency-Key", "k-in-use")
		}},
	}
}

// These cannot be provoked as a user would; the sandbox shows how they look. The
// real causes of some are in brokenCauses.
func faultCauses() []cause {
	return []cause{
		{"server_error", post("/payment-sessions", nodetest.Session("f1"), "Juicer-Fault", "server_error")},
		{"server_error.after_commit", post("/payment-sessions", nodetest.Session("f2"), "Juicer-Fault", "error=server_error;at=after-commit")},
		{"storage_unavailable.after_commit", post("/payment-sessions", nodetest.Session("f3"), "Juicer-Fault", "error=storage_unavailable;at=after-commit")},
		{"request_timeout.after_commit", func(e *nodetest.Env) nodetest.Answer {
			return e.Do("POST", "/payments/"+e.Paid("f4")+"/refunds", nil, "Juicer-Fault", "error=request_timeout;at=after-commit")
		}},
		{"overloaded.load", post("/payment-sessions", nodetest.Session("f5"), "Juicer-Fault", "status=503")},
	}
}

func liveCauses() []cause {
	return []cause{
		{"test_key_in_production", get("/payments", "Authorization", "test_0000000000000000000000000000000HGh7u")},
		{"route_not_found.live", get("/sandbox/clock")},
		{"rail_unavailable.live", post("/payment-sessions", nodetest.Session("live"), "Juicer-Fault", "server_error")},
		{"rail_unavailable.live_interac", post("/payment-sessions", interac("live"))},
		{"invalid_api_key.live", get("/payments", "Authorization", "live_0000000000000000000000000000004DY1fB")},
		{"invalid_mode.live", get("/payment-sessions/encryption-keys/test")},
	}
}

func limitCauses() []cause {
	return []cause{
		{"rate_limit_exceeded.endpoint", func(e *nodetest.Env) nodetest.Answer { return crowd(e, "endpoint", "/payments/none") }},
		{"rate_limit_exceeded.key", func(e *nodetest.Env) nodetest.Answer { return crowd(e, "key", "/payment-sessions/none") }},
		{"rate_limit_exceeded.concurrency", func(e *nodetest.Env) nodetest.Answer {
			e.Key = e.NewKey(access.Everything)
			id := e.NewSession("waited-for")
			var polls []<-chan reply
			first := make(chan nodetest.Answer, pollsMax+1)
			for range pollsMax + 1 {
				polls = append(polls, tapped(first, later(e, "GET", "/payment-sessions/"+id+"?wait=25", nil)))
			}
			refused := <-first // the others wait, so the first to be answered is the one too many
			set(e, "POST", "/payment-sessions/"+id+"/cancel", nil)
			for _, p := range polls {
				got(e.T, p)
			}
			return refused
		}},
	}
}

const pollsMax = 32 // of a key at the same time, as documented

// tapped passes an answer on and shows it to another reader as well.
func tapped(to chan<- nodetest.Answer, from <-chan reply) <-chan reply {
	out := make(chan reply, 1)
	go func() {
		r := <-from
		to <- r.Answer
		out <- r
	}()
	return out
}

// crowd sends more at once than a limit allows, until the limit answers.
func crowd(e *nodetest.Env, limit, path string) (refused nodetest.Answer) {
	const atOnce = 300
	e.Key = e.NewKey(access.Everything)
	until(e.T, "the limit "+limit+" answers", func() bool {
		var all []<-chan reply
		for range atOnce {
			all = append(all, later(e, "GET", path, nil))
		}
		found := false
		for _, c := range all {
			if a := got(e.T, c); a.Status == http.StatusTooManyRequests && a.Text("error.details.limit") == limit {
				refused, found = a, true
			}
		}
		return found
	})
	return refused
}
