package api_test

import (
	"fmt"
	"time"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/party"
)

func payoutCauses() []cause {
	pay := func(account string, changes ...any) func(*nodetest.Env) nodetest.Answer {
		return func(e *nodetest.Env) nodetest.Answer { return ordered(e, "cause_"+account, account, changes...) }
	}
	return []cause{
		{"invalid_beneficiary.not_found", func(e *nodetest.Env) nodetest.Answer {
			return e.Do("POST", "/payouts", nodetest.Payout("nobody", "01a20297-bb20-7830-8a8e-bd356b0a18e8"))
		}},
		{"invalid_beneficiary.deleted", func(e *nodetest.Env) nodetest.Answer {
			id := e.Beneficiary("0610000001", "999001")
			set(e, "DELETE", "/beneficiaries/"+id, nil)
			return e.Do("POST", "/payouts", nodetest.Payout("gone", id))
		}},
		{"invalid_beneficiary.type", func(e *nodetest.Env) nodetest.Answer {
			id := e.Beneficiary("0610000002", "999001")
			return e.Do("POST", "/payouts", with(nodetest.Payout("other", id), "beneficiary", map[string]any{"id": id, "type": "interac"}))
		}},
		{"invalid_beneficiary.currency", pay("0610000003", "destination_currency", "CAD", "source_currency", "CAD")},
		{"incorrect_payout_pin", func(e *nodetest.Env) nodetest.Answer {
			set(e, "PATCH", "/accounts/settings", map[string]any{"payout_pin": "4711"})
			defer set(e, "PATCH", "/accounts/settings", map[string]any{"payout_pin": nil})
			return ordered(e, "pin", "0610000004", "pin", "0000")
		}},
		{"invalid_amount.payout", pay("0610000005", "amount", 9999)},
		{"invalid_currency.payout", func(e *nodetest.Env) nodetest.Answer {
			return coins(e, "dear", "TQ5nV1h7mXbWc8RfKp2yZsD3uJ6eG0001", 1000, "source_currency", "NGN")
		}},
		{"insufficient_funds.payout", func(e *nodetest.Env) nodetest.Answer {
			withdraw(e, money.NGN, 90_000)
			defer set(e, "POST", "/sandbox/wallets/fund", map[string]any{"currency": "NGN", "amount": 900_000_000})
			return ordered(e, "poor", "0610000006")
		}},
		{"limit_exceeded.daily", func(e *nodetest.Env) nodetest.Answer {
			noon := e.Engine.Clock.Now().AddDate(0, 0, 1).Format("2006-01-02") + "T12:00:00Z" // of another day: other causes may have used this one up
			set(e, "POST", "/sandbox/clock", map[string]any{"set": noon, "frozen": true})
			for n := range 2 {
				coins(e, fmt.Sprint("coins_", n), fmt.Sprintf("TQ5nV1h7mXbWc8RfKp2yZsD3uJ6eG1%03d", n), 4_000_000)
			}
			return coins(e, "coins_3", "TQ5nV1h7mXbWc8RfKp2yZsD3uJ6eG1999", 4_000_000)
		}},
		{"reference_exists.payout", func(e *nodetest.Env) nodetest.Answer {
			ordered(e, "twice_out", "0610000007")
			e.Advance(2000) // it has succeeded
			return e.Do("POST", "/payouts", with(nodetest.Payout("twice_out", e.Beneficiary("0610000008", "999001")), "amount", 20_000))
		}},
		{"probable_duplicate.payout", func(e *nodetest.Env) nodetest.Answer {
			guard := func(seconds int) {
				set(e, "PATCH", "/sandbox/settings", map[string]any{"probable_duplicate_s": map[string]any{"payouts": seconds}})
			}
			guard(300)
			defer guard(0)
			to := e.Beneficiary("0610000009", "999001")
			e.Do("POST", "/payouts", nodetest.Payout("dup_1", to))
			e.Advance(2000)
			set(e, "POST", "/payouts", with(nodetest.Payout("dup_2", to), "allow_duplicate", true))
			e.Advance(2000)
			return e.Do("POST", "/payouts", nodetest.Payout("dup_3", to))
		}},
		{"rail_unavailable.down", func(e *nodetest.Env) nodetest.Answer {
			down := func(until any) { set(e, "PATCH", "/sandbox/rails/nuban", map[string]any{"down_until": until}) }
			down(e.Engine.Clock.Now().Add(time.Hour).Format("2006-01-02T15:04:05Z"))
			defer down(nil)
			return ordered(e, "down", "0610000010")
		}},
		{"quote_mismatch.payout", func(e *nodetest.Env) nodetest.Answer {
			quote := set(e, "GET", "/exchange/quote?source_currency=CAD&target_currency=NGN", nil).Text("data.id")
			return ordered(e, "quoted", "0610000011", "source_currency", "USD", "quote_id", quote)
		}},
		{"quote_expired.payout", func(e *nodetest.Env) nodetest.Answer {
			quote := set(e, "GET", "/exchange/quote?source_currency=CAD&target_currency=NGN", nil).Text("data.id")
			e.Advance(2 * minute)
			return ordered(e, "late", "0610000012", "source_currency", "CAD", "quote_id", quote)
		}},
	}
}

// coins pays out over a chain.
func coins(e *nodetest.Env, reference, address string, amount int64, changes ...any) nodetest.Answer {
	e.T.Helper()
	to := e.BeneficiaryOf(party.ToCrypto, money.USDT, party.Details{Chain: "TRX", CryptoAddress: address})
	return e.Do("POST", "/payouts", with(map[string]any{"amount": amount, "beneficiary": map[string]any{"id": to, "type": "crypto_address"}, "destination_currency": "USDT",
		"reference": reference, "source_currency": "USDT"}, changes...))
}
