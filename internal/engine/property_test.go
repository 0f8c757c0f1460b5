package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/rail/scripted"
	"github.com/juicer-pay/juicer/internal/store"
)

// TestMain keeps the random runs short unless the caller asks for more with
// -rapid.checks.
func TestMain(m *testing.M) {
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if !asked {
		if err := flag.Set("rapid.checks", randomRuns); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// What a test card leads to if nobody interferes.
const (
	approves = "approves"
	declines = "declines"
	asks     = "asks"    // the payer must prove something; how it ends depends on that
	silent   = "silent"  // never tells: somebody must decide by hand
	excepted = "excepts" // declines, confirms it, and executes later
)

var cards = map[string]string{
	"4000000000011009": approves, "5123450000000008": approves, "4000000000014011": approves, "4000000000014029": approves,
	"4000000000013013": approves, "4000000000013021": approves, "4000000000013039": approves, "4000000000013054": approves,
	"4000000000013062": approves, "4000000000013096": approves, "4000000000020059": approves, "4000000000020406": approves, "4000000000021206": approves,
	"4000000000012015": declines, "4000000000012122": declines, "4000000000013047": declines, "4242424242424242": declines,
	"4000000000013088": excepted, "4000000000013070": silent,
	"4000000000011108": asks, "4000000000011116": asks, "4000000000011124": asks, "4000000000011207": asks, "4000000000011306": asks,
	"4000000000011405": asks, "4000000000011504": asks, "4000000000011512": asks, "4000000000011603": asks, "4000000000011702": asks, "4761530000000008": asks,
}

// refundable are cards whose refunds succeed, fail and take an hour.
var refundable = []string{"4000000000011009", "4000000000014011", "4000000000014029"}

func cardNumbers() []string {
	var all []string
	for number := range cards {
		all = append(all, number)
	}
	slices.Sort(all)
	return all
}

// numberOf finds a test card by what may be shown of it.
func numberOf(masked string) string {
	for number := range cards {
		if number[:6] == masked[:6] && number[12:] == masked[12:] {
			return number
		}
	}
	return ""
}

// shop is a random run: what it has done, and what must hold of it.
type shop struct {
	*till
	sales   []*sale
	keys    int
	buried  int        // deaths whose consequences were seen to
	mu      sync.Mutex // of what follows: commands run at the same time
	beliefs []belief
	sent    []command
}

// sale is a session with what was tried on it.
type sale struct {
	id, reference, card string
	amount              money.Amount
	part                int64
	by                  string // "hand" if somebody decided or gave up, else ""
	state               payment.State
	refunds             map[string]payment.RefundState
}

// belief is what a caller was told of a payment or refund: it must be true in the
// end.
type belief struct {
	object  string // id
	command string
	outcome problem.Outcome
}

func (s *shop) key() string { s.keys++; return fmt.Sprint("key ", s.keys) }

func (s *shop) pick(t *rapid.T) *sale {
	if len(s.sales) == 0 {
		t.Skip("no sale yet")
	}
	return s.sales[rapid.IntRange(0, len(s.sales)-1).Draw(t, "sale")]
}

// try sends commands at the same time. A refusal is an answer; anything else ends
// the test.
func (s *shop) try(t *rapid.T, of *sale, commands ...command) {
	errs := make([]error, len(commands))
	var group sync.WaitGroup
	for i, c := range commands {
		group.Go(func() { errs[i] = s.tell(of, c) })
	}
	group.Wait()
	s.sent = append(s.sent, commands...)
	s.bury(t)
	if err := errors.Join(errs...); err != nil {
		t.Fatalf("%s: %v", of.reference, err)
	}
}

func (s *shop) tell(of *sale, c command) error {
	out, err := s.send(c)
	outcome, object := out.Outcome, objectOf(out.Body)
	if p, refused := problem.Of(err); refused {
		if !problem.PaymentSessionCompleted.Is(err) && !problem.PaymentSessionExpired.Is(err) {
			return nil
		}
		outcome, object = p.Outcome(), of.id
	} else if errors.Is(err, errDied) || panicked(err) {
		return nil
	} else if err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	if object == "" {
		return nil // a stored refusal, sent again
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.beliefs = append(s.beliefs, belief{object, c.name, outcome})
	return nil
}

// objectOf is data.id of a reply.
func objectOf(body []byte) string {
	var reply struct{ Data struct{ ID string } }
	_ = json.Unmarshal(body, &reply) // a refusal has none
	return reply.Data.ID
}

func (s *shop) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"":                      s.look,
		"a session is made":     s.sell,
		"a card is captured":    s.pay,
		"a card is captured, 2": s.pay, // twice as likely as the rest
		"the payer proves":      s.prove,
		"the payer decides":     s.decide,
		"the shop cancels":      s.giveUp,
		"the shop refunds":      s.giveBack,
		"a request is repeated": s.repeat,
		"many come at once":     s.crowd,
		"somebody resolves":     s.resolve,
		"the session expires":   s.expire,
		"time passes":           s.pass,
		"the bank goes down":    s.goDown,
		"another bank answers":  s.change,
		"the server dies":       s.die,
	}
}

func (s *shop) sell(t *rapid.T) {
	if len(s.sales) >= 6 {
		t.Skip("enough sales")
	}
	amount := money.Of(rapid.Int64Range(100, 100_000).Draw(t, "amount"), rapid.SampledFrom([]money.Currency{money.NGN, money.USD, money.CAD}).Draw(t, "currency"))
	one := &sale{reference: fmt.Sprint("ord_", len(s.sales)), amount: amount, state: payment.Created, refunds: map[string]payment.RefundState{}}
	one.id = s.sold(t, one.reference, amount) // a bank that is down does not hinder it
	s.sales = append(s.sales, one)
}

func (s *shop) pay(t *rapid.T) {
	of := s.pick(t)
	number := rapid.OneOf(rapid.SampledFrom(refundable), rapid.SampledFrom(cardNumbers())).Draw(t, "card")
	part := rapid.SampledFrom([]int64{0, 0, 1, of.amount.Minor / 2, of.amount.Minor}).Draw(t, "part")
	s.try(t, of, s.till.capture(of.id, number, part, s.key()))
}

// answers are the right and the wrong proofs of each step.
var answers = map[string][2]rail.Proof{
	"otp": {{OTP: "123456"}, {OTP: "000000"}}, "pin": {{PIN: "1234"}, {PIN: "0000"}}, "cvv": {{CVV: "100"}, {CVV: "999"}},
	"card_enroll": {{Enrol: "enrol-ok"}, {Enrol: "no"}}, "avs": {{Address: &rail.Address{ZipCode: "100001"}}, {Address: &rail.Address{ZipCode: "1"}}},
}

func (s *shop) prove(t *rapid.T) {
	of := s.pick(t)
	kind := s.payment(t, of.id).Course.AuthType
	if kind == "" || kind == string(rail.ThreeDS) || rapid.IntRange(0, 9).Draw(t, "odd proof") == 0 {
		kind = rapid.SampledFrom([]string{"otp", "pin", "cvv", "card_enroll", "avs"}).Draw(t, "proof")
	}
	wrong := 0
	if rapid.IntRange(0, 2).Draw(t, "wrong") == 0 {
		wrong = 1
	}
	s.try(t, of, s.authorize(of.id, kind, answers[kind][wrong], s.key()))
}

func (s *shop) decide(t *rapid.T) {
	of := s.pick(t)
	decision := rapid.SampledFrom([]scripted.Decision{scripted.Approve, scripted.Reject, scripted.Abandon}).Draw(t, "decision")
	if p := s.payment(t, of.id); p.Course.Challenged != "" {
		_, err := s.Bank.Authenticate(context.Background(), p.Course.Challenged, decision)
		s.byHand(t, of, err)
	}
}

func (s *shop) byHand(t *rapid.T, of *sale, err error) {
	switch {
	case err == nil:
		of.by = "hand"
	case !errors.Is(err, scripted.ErrWrongState) && !errors.Is(err, scripted.ErrUnknown):
		t.Fatalf("by hand: %v", err)
	}
}

func (s *shop) giveUp(t *rapid.T) {
	of := s.pick(t)
	of.by = "hand"
	s.try(t, of, s.till.cancel(of.id, s.key()))
}

func (s *shop) giveBack(t *rapid.T) {
	of := s.pick(t)
	if paid := slices.IndexFunc(s.sales, func(one *sale) bool { return one.state.Paid() }); paid >= 0 && !of.state.Paid() {
		of = s.sales[paid]
	}
	s.try(t, of, s.refundOf(t, of))
}

func (s *shop) refundOf(t *rapid.T, of *sale) command {
	amount := rapid.SampledFrom([]int64{0, 1, of.amount.Minor / 3, of.amount.Minor}).Draw(t, "refund")
	return s.till.refund(of.id, amount, s.key())
}

func (s *shop) repeat(t *rapid.T) {
	if len(s.sent) == 0 {
		t.Skip("nothing was sent yet")
	}
	again := s.sent[rapid.IntRange(0, len(s.sent)-1).Draw(t, "request")]
	_, err := s.send(again)
	s.bury(t)
	if _, refused := problem.Of(err); err != nil && !refused && !errors.Is(err, errDied) && !panicked(err) {
		t.Fatalf("%s again: %v", again.name, err)
	}
}

func (s *shop) crowd(t *rapid.T) {
	of := s.pick(t)
	var all []command
	number := of.card
	if number == "" {
		number = rapid.SampledFrom(cardNumbers()).Draw(t, "card")
	}
	for range rapid.IntRange(2, 4).Draw(t, "how many") {
		switch rapid.IntRange(0, 3).Draw(t, "what") {
		case 0:
			of.by = "hand"
			all = append(all, s.till.cancel(of.id, s.key()))
		case 1:
			all = append(all, s.refundOf(t, of))
		case 2:
			all = append(all, s.authorize(of.id, "otp", answers["otp"][0], s.key()))
		default:
			again := s.till.capture(of.id, number, of.part, s.key())
			all = append(all, again, again) // and once more under the same key
		}
	}
	s.try(t, of, all...)
}

func (s *shop) resolve(t *rapid.T) {
	of := s.pick(t)
	ending := rapid.SampledFrom([]scripted.Ending{scripted.Succeed, scripted.Fail}).Draw(t, "ending")
	ref, err := s.Engine.Unresolved(context.Background(), s.payment(t, of.id))
	if err != nil {
		t.Fatalf("unresolved: %v", err)
	}
	for _, r := range s.refunds(t) {
		if r.PaymentID == of.id && !r.State.Final() {
			ref = engine.RefundRef(r)
		}
	}
	if ref != "" {
		_, err = s.Bank.Resolve(context.Background(), ref, ending, "")
		s.byHand(t, of, err)
	}
}

func (s *shop) expire(t *rapid.T) {
	of := s.pick(t)
	of.by = "hand"
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := dying(func() error {
		_, err := s.Engine.ExpireNow(ctx, s.payment(t, of.id))
		return err
	})
	s.bury(t)
	if errors.Is(err, errDied) || panicked(err) {
		return
	}
	if _, refused := problem.Of(err); err != nil && !refused && !errors.Is(err, context.DeadlineExceeded) && !store.Lost(err) {
		t.Fatalf("expire: %v", err)
	}
}

func (s *shop) pass(t *rapid.T) {
	s.advance(t, rapid.SampledFrom([]time.Duration{time.Second, 5 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 10 * time.Minute,
		time.Hour, 13 * time.Hour, 25 * time.Hour}).Draw(t, "time"))
}

func (s *shop) goDown(t *rapid.T) {
	until := s.clock.Now().Add(rapid.SampledFrom([]time.Duration{10 * time.Second, time.Minute, 20 * time.Minute}).Draw(t, "time"))
	if _, err := s.Bank.SetRail(context.Background(), "card", scripted.Patch{DownUntil: &until}); err != nil {
		t.Fatalf("take the bank down: %v", err)
	}
}

// change gives the rail another character. None of these refuses by itself.
func (s *shop) change(t *rapid.T) {
	name := rapid.SampledFrom([]string{"instant", "forgetful", "doubtful", "echo", "silent"}).Draw(t, "personality")
	if _, err := s.Bank.SetRail(context.Background(), "card", scripted.Patch{Personality: &name}); err != nil {
		t.Fatalf("change the bank: %v", err)
	}
}

// die lets the server die when it comes to a crash point next.
func (s *shop) die(t *rapid.T) {
	s.death.arm(rapid.SampledFrom([]string{"after intent", "before act", "after act", "after outcome"}).Draw(t, "point"), rapid.IntRange(0, 2).Draw(t, "skip"))
}

// bury sees to it that a death takes the cards in memory with it. What they were
// for may then end without money although the card is good.
func (s *shop) bury(t *rapid.T) {
	if s.death.count() == s.buried {
		return
	}
	s.buried = s.death.count()
	for _, of := range s.sales {
		if p := s.payment(t, of.id); p.State.Running() || p.State == payment.Created {
			of.by = "death"
			s.Engine.Hold.Drop(fmt.Sprintf("%s/%d", p.ID, p.Steps))
		}
	}
}

// panicked: a death behind a call is what the call reports.
func panicked(err error) bool { return err != nil && strings.Contains(err.Error(), "panic in ") }

// look is what must hold at every moment at which nothing is due.
func (s *shop) look(t *rapid.T) {
	s.settled(t)
	s.bury(t)
	s.faultless(t)
	now := s.refunds(t)
	for _, of := range s.sales {
		p := s.payment(t, of.id)
		if !follows(of.state, p.State, payment.Next) {
			t.Fatalf("%s went from %s to %s: no events lead there", of.reference, of.state, p.State)
		}
		of.state = p.State
		if of.card == "" && p.Course.Card != nil {
			of.card, of.part = numberOf(p.Course.Card.Masked), p.Course.Attempted
		}
		for _, r := range now {
			if r.PaymentID != of.id {
				continue
			}
			if before, known := of.refunds[r.ID]; known && !follows(before, r.State, payment.NextRefund) {
				t.Fatalf("refund %s went from %s to %s: no events lead there", r.ID, before, r.State)
			}
			of.refunds[r.ID] = r.State
		}
	}
}

// follows reports whether events lead from one state to another.
func follows[S ~string](from, to S, next func(S, payment.Event) (S, bool)) bool {
	seen, todo := map[S]bool{from: true}, []S{from}
	for len(todo) > 0 && !seen[to] {
		for _, e := range payment.Events {
			if s, ok := next(todo[0], e); ok && !seen[s] {
				seen[s] = true
				todo = append(todo, s)
			}
		}
		todo = todo[1:]
	}
	return seen[to]
}

// end brings everything to its end and checks what must hold then.
func (s *shop) end(t *rapid.T) {
	s.death.arm("", 0)
	s.advance(t, time.Hour) // the bank is up again, and has told what it ever will
	for _, of := range s.sales {
		if p := s.payment(t, of.id); p.State == payment.InDoubt && cards[of.card] == silent {
			of.by = "hand"
			ref, err := s.Engine.Unresolved(context.Background(), p)
			if err == nil {
				_, err = s.Bank.Resolve(context.Background(), ref, scripted.Fail, "")
			}
			if err != nil {
				t.Fatalf("resolve %s: %v", of.reference, err)
			}
		}
	}
	s.advance(t, 72*time.Hour)
	s.look(t)
	s.clean(t)
	refunded := s.checkRefunds(t)
	for _, of := range s.sales {
		s.checkSale(t, of, refunded[of.id])
	}
	s.checkWallets(t, refunded)
	truth := s.truth(t)
	for _, b := range s.beliefs {
		if said := b.outcome; (said == problem.Succeeded || said == problem.Refused) && said != truth[b.object] {
			t.Errorf("%s was told %q, in the end it is %q", b.command, said, truth[b.object])
		}
	}
}

// truth is the outcome of every payment and refund as it is now.
func (s *shop) truth(t *rapid.T) map[string]problem.Outcome {
	all := map[string]problem.Outcome{}
	for _, p := range s.payments(t) {
		all[p.ID] = p.State.Outcome()
	}
	for _, r := range s.refunds(t) {
		all[r.ID] = r.State.Outcome()
	}
	return all
}

func (s *shop) checkSale(t *rapid.T, of *sale, refunded int64) {
	p := s.payment(t, of.id)
	told := map[payment.State]string{payment.Settled: "payment.session.succeeded", payment.Failed: "payment.session.failed",
		payment.Cancelled: "payment.session.cancelled", payment.Expired: "payment.session.expired"}[p.State]
	if got := s.events(t, of.id); !slices.Equal(got, []string{told}) {
		t.Errorf("%s is %s and its events are %q, want %q alone", of.reference, p.State, got, told)
	}
	if !p.State.Final() {
		t.Errorf("%s is %s three days later, want it final", of.reference, p.State)
	}
	want := p.Amount.Minor
	if of.part > 0 {
		want = of.part
	}
	if p.State.Paid() && p.AmountPaid != want || !p.State.Paid() && p.AmountPaid != 0 || p.AmountRefunded != refunded {
		t.Errorf("%s is %s with %d paid (want %d) and %d refunded (want %d)", of.reference, p.State, p.AmountPaid, want, p.AmountRefunded, refunded)
	}
	effect := cards[of.card]
	if of.by == "" && (effect == approves && p.State != payment.Settled || (effect == declines || effect == excepted) && p.State != payment.Failed) {
		t.Errorf("%s is %s, but card %s %s", of.reference, p.State, of.card, effect)
	}
}

// checkRefunds gives what was refunded of each payment.
func (s *shop) checkRefunds(t *rapid.T) map[string]int64 {
	refunded := map[string]int64{}
	for _, r := range s.refunds(t) {
		want := []string(nil)
		if r.State == payment.RefundSucceeded {
			refunded[r.PaymentID] += r.Amount.Minor
			want = []string{"payment.refunded"}
		}
		if got := s.events(t, r.ID); !slices.Equal(got, want) || !r.State.Final() {
			t.Errorf("refund %s is %s and its events are %q, want it final and %q", r.ID, r.State, got, want)
		}
	}
	return refunded
}

// checkWallets: what the shop has is what it had, plus what it took, less what it
// gave back; and nobody else has anything.
func (s *shop) checkWallets(t *rapid.T, refunded map[string]int64) {
	want := map[money.Currency]int64{}
	for _, c := range money.All {
		want[c] = s.Opening()
	}
	for _, of := range s.sales {
		want[of.amount.Currency] += s.payment(t, of.id).AmountPaid - refunded[of.id]
	}
	for _, w := range view(t, s.till, store.View.Wallets) {
		for account, amount := range map[ledger.Account]int64{ledger.Wallet(w.ID): want[w.Currency], ledger.Held(w.ID): 0, ledger.Pending(w.ID): 0,
			ledger.Clearing("card"): 0, ledger.RailExceptions: 0} {
			got := view(t, s.till, func(v store.View) (int64, error) { return v.Balance(account, w.Currency) })
			if got != amount {
				t.Errorf("%s holds %s, want %s", account, money.Of(got, w.Currency), money.Of(amount, w.Currency))
			}
		}
	}
}

// fresh empties the environment for the next random run.
func (x *till) fresh(t reporter) {
	t.Helper()
	if a := x.Do("POST", "/sandbox/reset", map[string]any{}); a.Status != 204 {
		t.Fatalf("reset: %d %s", a.Status, a.Body)
	}
	x.clock.Freeze()
	instant := "instant"
	if _, err := x.Bank.SetRail(context.Background(), "card", scripted.Patch{Personality: &instant}); err != nil {
		t.Fatalf("set the bank up: %v", err)
	}
}

func TestWhateverHappensNoMoneyIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	rapid.Check(t, func(t *rapid.T) {
		x.fresh(t)
		s := &shop{till: x, buried: x.death.count()}
		s.sell(t)
		t.Repeat(s.actions())
		s.end(t)
	})
}
