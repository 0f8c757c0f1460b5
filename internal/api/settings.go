package api

import (
	"maps"

	"github.com/juicer-pay/juicer/internal/engine"
	fx "github.com/juicer-pay/juicer/internal/exchange"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/wire"
)

func getSettings(x *exchange) (answer, error) { return data(showSettings(x.engine().Settings())), nil }

func showSettings(s engine.Settings) wire.Settings {
	return wire.Settings{AccountDelayMS: s.AccountDelayMS, DeadlineMS: s.DeadlineMS, KYC: s.KYC, Limits: s.Limits,
		ProbableDuplicateS: s.DuplicateS, Rates: s.Rates, SettlementDelayS: s.SettlementDelayS, SuccessEvents: s.SuccessEvents,
		WebhookPrivateAddresses: s.PrivateHooks, WebhookTimeoutMS: s.HookTimeoutMS}
}

const (
	delayMaxMS   = 3_600_000
	settleMaxS   = 30 * 86400
	windowMaxS   = 86400
	hookTimeMax  = 30_000
	duplicateOf1 = "payment_sessions"
	duplicateOf2 = "payouts"
)

func patchSettings(x *exchange) (answer, error) {
	s := x.engine().Settings()
	s.DuplicateS = maps.Clone(s.DuplicateS)
	r := wire.Read(x.body)
	number(r, "account_delay_ms", &s.AccountDelayMS, 0, delayMaxMS)
	number(r, "deadline_ms", &s.DeadlineMS, deadlineMinMS, deadlineMaxMS)
	choice(r, "kyc", &s.KYC, "auto", "required")
	choice(r, "limits", &s.Limits, "documented", "off")
	r.Object("probable_duplicate_s", wire.Optional, func(d *wire.Reader) {
		for _, kind := range []string{duplicateOf1, duplicateOf2} {
			n := s.DuplicateS[kind]
			number(d, kind, &n, 0, windowMaxS)
			s.DuplicateS[kind] = n
		}
	})
	rates(r, &s.Rates)
	number(r, "settlement_delay_s", &s.SettlementDelayS, 0, settleMaxS)
	flag(r, "success_events", &s.SuccessEvents)
	flag(r, "webhook_private_addresses", &s.PrivateHooks)
	number(r, "webhook_timeout_ms", &s.HookTimeoutMS, 1, hookTimeMax)
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	if err := x.engine().SaveSettings(x.ctx(), s); err != nil {
		return answer{}, err
	}
	x.s.useLimits()
	return data(showSettings(s)), nil
}

// number, choice and flag change a setting if the body names it.
func number(r *wire.Reader, name string, into *int64, least, most int64) {
	if n := r.Int(name, wire.AtLeast(least), wire.AtMost(most)); r.Has(name) {
		*into = n
	}
}

func choice(r *wire.Reader, name string, into *string, list ...string) {
	if word := r.Text(name, wire.Allowed(list...)); word != "" {
		*into = word
	}
}

func flag(r *wire.Reader, name string, into *bool) {
	if yes := r.Bool(name, wire.Optional); r.Has(name) {
		*into = yes
	}
}

// rates changes the sandbox's source of exchange rates.
func rates(r *wire.Reader, into *string) {
	text := r.Text("rates")
	if text == "" {
		return
	}
	if _, ok := fx.ReadSandbox(text); !ok {
		r.Breach("rates", problem.FieldInvalidFormat, problem.Details{"hint": "fixed, or walk;seed= and an integer"})
	}
	*into = text
}
