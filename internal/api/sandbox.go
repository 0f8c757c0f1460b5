package api

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/rail/scripted"
	"github.com/juicer-pay/juicer/internal/wire"
	"github.com/juicer-pay/juicer/internal/world"
)

const auditPath = "/sandbox/audit"

// sandboxRoutes exist in the test environment only; any valid test key may call
// them.
func sandboxRoutes() []Route {
	return []Route{
		{Method: get, Path: "/sandbox/catalogue", Free: true, handle: catalogue},
		{Method: post, Path: "/sandbox/payments/{id}/authenticate", Free: true, handle: payerDecides},
		{Method: post, Path: "/sandbox/payments/{id}/resolve", Free: true, handle: resolvePayment},
		{Method: post, Path: "/sandbox/refunds/{id}/resolve", Free: true, handle: resolveRefund},
		{Method: post, Path: "/sandbox/payouts/{id}/resolve", Free: true, handle: resolvePayout},
		{Method: post, Path: "/sandbox/customers/{id}/kyc", Free: true, handle: decideKYC},
		{Method: post, Path: "/sandbox/deposits/bank", Free: true, handle: depositBank},
		{Method: post, Path: "/sandbox/deposits/chain", Free: true, handle: depositChain},
		{Method: post, Path: "/sandbox/deposits/interac", Free: true, handle: depositInterac},
		{Method: post, Path: "/sandbox/wallets/fund", Free: true, handle: fundWallet},
		{Method: get, Path: "/sandbox/clock", Free: true, handle: getClock},
		{Method: post, Path: "/sandbox/clock", Free: true, handle: moveClock},
		{Method: post, Path: "/sandbox/clock/wait", Free: true, handle: waitClock},
		{Method: get, Path: "/sandbox/rails", Free: true, handle: listRails},
		{Method: patch, Path: "/sandbox/rails/{rail}", Free: true, handle: patchRail},
		{Method: get, Path: "/sandbox/rail-books", Free: true, Query: true, handle: railBooks},
		{Method: get, Path: auditPath, Free: true, Query: true, handle: audit},
		{Method: post, Path: auditPath, Free: true, Query: true, handle: audit},
		{Method: get, Path: "/sandbox/settings", Free: true, handle: getSettings},
		{Method: patch, Path: "/sandbox/settings", Free: true, handle: patchSettings},
		{Method: post, Path: "/sandbox/faults", Free: true, handle: addRequestFaults},
		{Method: get, Path: "/sandbox/faults", Free: true, handle: listRequestFaults},
		{Method: del, Path: "/sandbox/faults", Free: true, handle: dropRequestFaults},
		{Method: get, Path: "/sandbox/faults/trace", Free: true, Query: true, handle: faultTrace},
		{Method: get, Path: "/sandbox/faults/{id}", Free: true, handle: getRequestFault},
		{Method: del, Path: "/sandbox/faults/{id}", Free: true, handle: dropRequestFault},
		{Method: post, Path: "/sandbox/webhook-faults", Free: true, handle: addWebhookFaults},
		{Method: get, Path: "/sandbox/webhook-faults", Free: true, handle: listWebhookFaults},
		{Method: del, Path: "/sandbox/webhook-faults", Free: true, handle: dropWebhookFaults},
		{Method: del, Path: "/sandbox/webhook-faults/{id}", Free: true, handle: dropWebhookFault},
		{Method: post, Path: "/sandbox/reset", Free: true, handle: reset},
		{Method: get, Path: "/issuer/{id}", Page: issuerPage},
		{Method: post, Path: "/issuer/{id}", Page: issuerPage},
		{Method: post, Path: "/pay/{id}", Page: simulate},
	}
}

func catalogue(x *exchange) (answer, error) {
	bank := x.s.Sandbox.Bank.Catalogue()
	return data(wire.Catalogue{Banks: bank.Banks, Cards: bank.Cards, Endings: bank.Endings, Rates: wire.DefaultRates()}), nil
}

// payerDecides does what the payer does on the bank's page.
func payerDecides(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	result := wire.OneOf(r, "result", wire.Required, scripted.Approve, scripted.Reject, scripted.Abandon)
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	p, err := x.engine().FindPayment(x.ctx(), x.business(), x.param("id"))
	if err != nil {
		return answer{}, err
	}
	x.trace.About("payment", p.ID)
	if p.State != payment.Authenticating || p.Course.AuthType != string(rail.ThreeDS) {
		return answer{}, transition(string(p.State), string(result))
	}
	_, err = x.s.Sandbox.Bank.Authenticate(x.ctx(), p.Course.Challenged, result)
	return x.afterHand(err, string(p.State), string(result), func() (engine.Reply, error) {
		p, err := x.engine().FindPayment(x.ctx(), x.business(), p.ID)
		if err != nil {
			return engine.Reply{}, err
		}
		return x.engine().PaymentReply(p), nil
	})
}

func transition(from, to string) error {
	return problem.InvalidStatusTransition.With(problem.Details{"from": from, "to": to})
}

// afterHand waits until the bank's callback was booked, then shows the object.
func (x *exchange) afterHand(err error, from, to string, show func() (engine.Reply, error)) (answer, error) {
	switch {
	case errors.Is(err, scripted.ErrUnknown), errors.Is(err, scripted.ErrWrongState):
		return answer{}, transition(from, to)
	case err != nil:
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(x.ctx(), settlePatience)
	defer cancel()
	if _, err := x.s.Sandbox.Driver.Wait(ctx); err != nil {
		return answer{}, err
	}
	return reply(show())
}

// settlePatience is how long a call by hand waits for its consequences.
const settlePatience = 2 * time.Second

// resolvePayment ends a waiting, processing or doubtful payment by the bank's
// hand.
func resolvePayment(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	ending := wire.OneOf(r, "outcome", wire.Required, "succeeded", "failed", "expired")
	code := r.Text("code", wire.Allowed(paymentFailures()...))
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	p, err := x.engine().FindPayment(x.ctx(), x.business(), x.param("id"))
	if err != nil {
		return answer{}, err
	}
	x.trace.About("payment", p.ID)
	if ending == "expired" {
		p, err = x.engine().ExpireNow(x.ctx(), p)
		if err != nil {
			return answer{}, err
		}
		return replyOf(x.engine().PaymentReply(p)), nil
	}
	if p.Course.Payer != nil {
		return x.resolveAwaited(p, ending, code)
	}
	ref, err := x.engine().Unresolved(x.ctx(), p)
	if err != nil || ref == "" {
		return answer{}, firstOf(err, transition(string(p.State), ending))
	}
	return x.byBank(byHand{"payment", p.ID, ref, string(p.State), scripted.Ending(ending), code}, func() (engine.Reply, error) {
		p, err := x.engine().FindPayment(x.ctx(), x.business(), p.ID)
		if err != nil {
			return engine.Reply{}, err
		}
		return x.engine().PaymentReply(p), nil
	})
}

// byHand is what the bank is to do with an object's instruction.
type byHand struct {
	kind, id, ref string
	state         string // of the object before it
	ending        scripted.Ending
	code          string // a failure code; "" for a usual one
}

// byBank ends an instruction by the bank's hand, sees to it that the outcome is
// recorded, and shows the object.
func (x *exchange) byBank(h byHand, show func() (engine.Reply, error)) (answer, error) {
	_, err := x.s.Sandbox.Bank.Resolve(x.ctx(), h.ref, h.ending, h.code)
	return x.afterHand(err, h.state, string(h.ending), func() (engine.Reply, error) {
		if err := x.engine().Look(x.ctx(), h.kind, h.id); err != nil {
			return engine.Reply{}, err
		}
		return show()
	})
}

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// failureCodes are those that an object of a kind, payout or refund, may fail with.
func failureCodes(kind string) []string {
	var out []string
	for _, f := range problem.Failures() {
		if strings.Contains(f.Kind, kind) || f.Code == problem.FailureRailRejected {
			out = append(out, f.Code)
		}
	}
	return out
}

// paymentFailures are the codes that a payment may fail with.
func paymentFailures() []string {
	var out []string
	for _, f := range problem.Failures() {
		if !strings.Contains(f.Kind, "payout") {
			out = append(out, f.Code)
		}
	}
	return out
}

func resolveRefund(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	ending := wire.OneOf(r, "outcome", wire.Required, scripted.Succeed, scripted.Fail)
	code := r.Text("code", wire.Allowed(failureCodes("refund")...))
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	refund, err := x.engine().FindRefund(x.ctx(), x.business(), x.param("id"))
	if err != nil {
		return answer{}, err
	}
	x.trace.About("refund", refund.ID)
	if refund.State.Final() {
		return answer{}, transition(string(refund.State), string(ending))
	}
	return x.byBank(byHand{"refund", refund.ID, engine.RefundRef(refund), string(refund.State), ending, code}, func() (engine.Reply, error) {
		refund, err := x.engine().FindRefund(x.ctx(), x.business(), refund.ID)
		if err != nil {
			return engine.Reply{}, err
		}
		return x.engine().RefundReply(refund), nil
	})
}

func listRails(x *exchange) (answer, error) {
	rails, err := x.s.Sandbox.Bank.Rails(x.ctx())
	out := make([]wire.Rail, len(rails))
	for i, r := range rails {
		out[i] = showRail(r)
	}
	return data(out), err
}

func showRail(s scripted.Setting) wire.Rail {
	return wire.Rail{DownUntil: wire.AtOrNull(s.DownUntil), Personality: s.Personality, Rail: s.Rail, Seed: s.Seed}
}

func patchRail(x *exchange) (answer, error) {
	names := []string{}
	for _, b := range x.s.Sandbox.Bank.Catalogue().Banks {
		names = append(names, b.Personality)
	}
	r := wire.Read(x.body)
	var p scripted.Patch
	if name := r.Text("personality", wire.Allowed(names...)); name != "" {
		p.Personality = &name
	}
	if r.Has("seed") {
		seed := r.Int("seed")
		p.Seed = &seed
	} else {
		r.Int("seed")
	}
	t := r.Time("down_until")
	if v := x.body.Get("down_until"); v != nil {
		p.DownUntil = &t.Time // null: up again
	}
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	set, err := x.s.Sandbox.Bank.SetRail(x.ctx(), x.param("rail"), p)
	if errors.Is(err, scripted.ErrNoRail) {
		return answer{}, problem.NotFound.With(problem.Details{"id": x.param("rail"), "resource": "rail"})
	}
	return data(showRail(set)), err
}

func railBooks(x *exchange) (answer, error) {
	q := x.query
	f := rail.Filter{Rail: q.Text("rail"), Ref: q.Text("rail_reference"), After: q.Int("after_entry", 0, 0, 1<<53)}
	limit := int(q.Int("limit", pageSizeDefault, 1, wire.PageSizeMax))
	if after := q.Int("after", 0, 0, 1<<53); after > 0 {
		f.After = after
	}
	if err := q.Err(); err != nil {
		return answer{}, err
	}
	f.Limit = limit + 1
	rows, err := x.s.Sandbox.Bank.Statement(x.ctx(), f)
	if err != nil {
		return answer{}, err
	}
	return listed(wire.Books(rows, limit)), nil
}

// audit compares the books; with POST also with what the caller believes.
func audit(x *exchange) (answer, error) {
	wait := x.query.Int("wait", 0, 0, auditWaitMax)
	if err := x.query.Err(); err != nil {
		return answer{}, err
	}
	r := wire.Read(x.body)
	expected := readExpected(r)
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	x.s.Lines.Flush(x.ctx())
	report, err := x.engine().Audit(x.ctx(), engine.AuditRequest{Business: x.business(), Books: x.s.Sandbox.Bank, Expected: expected,
		Wait: time.Duration(wait) * time.Second})
	return data(report), err
}

func readExpected(r *wire.Reader) (out []engine.Expected) {
	r.Objects("expected", wire.Optional, 0, expectedMax, func(_ int, e *wire.Reader) {
		out = append(out, engine.Expected{
			Amount:    money.Of(e.Int("amount", wire.Required, wire.Positive), wire.OneOf(e, "currency", wire.Required, money.All...)),
			Kind:      wire.OneOf(e, "kind", wire.Required, "payment", "payout", "refund"),
			Reference: e.Text("reference", wire.Required, wire.Length(1, 64), wire.Printable),
			Result:    wire.OneOf(e, "result", wire.Required, "succeeded", "failed", "unknown"),
		})
	})
	return out
}

func reset(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	keep := map[string]bool{"keys": true, "webhook_endpoints": true}
	if r.Has("keep") {
		keep = map[string]bool{}
		for _, name := range r.Texts("keep", wire.Optional, 0, 4, wire.Allowed("keys", "webhook_endpoints", "settings", "faults")) {
			keep[name] = true
		}
	}
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	return answer{status: wire.NoContent}, x.resetAll(keep)
}

// resetAll waits until this is the only request, then empties the environment.
func (x *exchange) resetAll(keep map[string]bool) error {
	until := world.RealNow().Add(resetPatience)
	for x.s.running.Load() > 1 {
		if world.RealNow().After(until) {
			return problem.ResourceBusy.With(problem.Details{"id": "sandbox", "resource": "environment"})
		}
		if err := world.Sleep(x.ctx(), 5*time.Millisecond); err != nil {
			return err
		}
	}
	x.s.Lines.Flush(x.ctx())
	s := x.s.Sandbox
	if err := s.Bank.Reset(x.ctx()); err != nil {
		return err
	}
	s.Clock.Reset()
	if !keep["faults"] {
		s.Faults.Reset()
	}
	if err := x.engine().Reset(x.ctx(), x.key.ID, keep, s.Opening); err != nil {
		return err
	}
	x.s.useLimits()
	return x.engine().SaveClock(x.ctx(), s.Clock.State())
}
