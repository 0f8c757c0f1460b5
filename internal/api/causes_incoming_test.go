package api_test

import (
	"fmt"

	"github.com/juicer-pay/juicer/internal/node/nodetest"
)

// incomingCauses are those of sessions whose payer sends the money, and of deposits.
func incomingCauses() []cause {
	bank := func(e *nodetest.Env, reference string) (id, number string) {
		a := awaited(e, reference, "bank_account", nil)
		return a.Text("data.id"), a.Text("data.payment.payment_method.account_number")
	}
	crypto := func(e *nodetest.Env, reference string) string {
		return set(e, "POST", "/payment-sessions", with(nodetest.Session(reference), "currency", "USDT", "amount", 5000,
			"payment_method", map[string]any{"type": "crypto_address"})).Text("data.id")
	}
	return []cause{
		{"limit_exceeded.interac", func(e *nodetest.Env) nodetest.Answer {
			for _, n := range []string{"d1", "d2"} {
				set(e, "POST", "/payment-sessions", with(interac(n), "amount", 1_000_000))
			}
			a := e.Do("POST", "/payment-sessions", with(interac("d3"), "amount", 600_000))
			wait, _ := a.At("error.retry.after_ms").(float64) // until midnight
			return numbered(a, fmt.Sprintf("%.0f", wait), "3600000")
		}},
		{"invalid_amount.interac", post("/payment-sessions", with(interac("small"), "amount", 9_999))},
		{"invalid_currency.method", post("/payment-sessions", with(interac("usd"), "currency", "USD"))},
		{"invalid_currency.chain", func(e *nodetest.Env) nodetest.Answer {
			return e.Do("POST", "/payment-sessions/"+crypto(e, "chain"), map[string]any{"crypto_address": map[string]any{"chain": "MATIC", "currency": "USDT"}})
		}},
		{"invalid_currency.token", func(e *nodetest.Env) nodetest.Answer {
			return e.Do("POST", "/payment-sessions/"+crypto(e, "token"), map[string]any{"crypto_address": map[string]any{"chain": "ETH", "currency": "USDC"}})
		}},
		{"validation_error.interac", func(e *nodetest.Env) nodetest.Answer {
			customer := with(nodetest.Session("x")["customer"].(map[string]any))
			return e.Do("POST", "/payment-sessions", with(interac("foreign"), "customer", customer))
		}},
		{"validation_error.crypto", func(e *nodetest.Env) nodetest.Answer {
			return e.Do("POST", "/payment-sessions/"+crypto(e, "nothing"), nil)
		}},
		{"validation_error.deposit", post("/sandbox/deposits/bank", map[string]any{"amount": 0, "notify_times": 6, "delay_ms": -1, "more": true})},
		{"validation_error.deposit_chain", post("/sandbox/deposits/chain", map[string]any{"address": "T", "amount": 1.5, "chain": "BTC", "currency": "NGN", "confirmations": "many"})},
		{"validation_error.deposit_interac", post("/sandbox/deposits/interac", map[string]any{"payment_id": "p", "email": "nobody", "amount": 1})},
		{"payment_method_mismatch.bank", func(e *nodetest.Env) nodetest.Answer {
			id, _ := bank(e, "card-on-bank")
			return e.Capture(id, approved)
		}},
		{"payment_method_mismatch.chain", func(e *nodetest.Env) nodetest.Answer {
			id := crypto(e, "other-chain")
			set(e, "POST", "/payment-sessions/"+id, onTron)
			return e.Do("POST", "/payment-sessions/"+id, map[string]any{"crypto_address": map[string]any{"chain": "ETH", "currency": "USDT"}})
		}},
		{"authentication_not_expected.awaiting", func(e *nodetest.Env) nodetest.Answer {
			id, _ := bank(e, "proof")
			return e.Do("POST", "/payment-sessions/"+id+"/authorize", map[string]any{"otp": "123456"})
		}},
		{"payment_in_progress.part", func(e *nodetest.Env) nodetest.Answer {
			id, number := bank(e, "part")
			transfer(e, number, 100, "reference", "part-1")
			return e.Do("POST", "/payment-sessions/"+id+"/cancel", nil)
		}},
		{"payment_session_completed.transfer", func(e *nodetest.Env) nodetest.Answer {
			id, number := bank(e, "paid")
			transfer(e, number, 250_000, "reference", "paid-1")
			return e.Do("POST", "/payment-sessions/"+id, nil)
		}},
		{"payment_not_refundable.crypto", func(e *nodetest.Env) nodetest.Answer {
			id := crypto(e, "crypto-refund")
			address := set(e, "POST", "/payment-sessions/"+id, onTron).Text("data.payment.payment_method.address")
			chained(e, address, 5000, "confirmations", 6)
			becomes(e, id, "settled")
			return refund(e, id, 1)
		}},
		{"invalid_status_transition.deposit", func(e *nodetest.Env) nodetest.Answer {
			id := set(e, "POST", "/payment-sessions", interac("not-captured")).Text("data.id")
			set(e, "POST", "/payment-sessions/"+id+"/cancel", nil)
			return e.Do("POST", "/sandbox/deposits/interac", map[string]any{"payment_id": id, "amount": 1})
		}},
		{"not_found.account", post("/sandbox/deposits/bank", map[string]any{"account_number": "0000000000", "amount": 1})},
		{"not_found.deposit", get("/deposits/01a20297-4dc0-74cd-9faf-fc8186734721")},
		{"invalid_request.deposits", get("/deposits?status=held&limit=0")},
		{"rail_unavailable.instructions", func(e *nodetest.Env) nodetest.Answer {
			set(e, "PATCH", "/sandbox/rails/nuban", map[string]any{"down_until": "2099-01-01T00:00:00Z"})
			a := e.Do("POST", "/payment-sessions/"+set(e, "POST", "/payment-sessions", with(nodetest.Session("down"),
				"payment_method", map[string]any{"type": "bank_account"})).Text("data.id"), nil)
			set(e, "PATCH", "/sandbox/rails/nuban", map[string]any{"down_until": nil})
			return a
		}},
	}
}
