package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/juicer-pay/juicer/internal/deposit"
	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/requestlog"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/world"
)

// The kinds of object that have instructions, jobs and claims.
const (
	aboutPayment = "payment"
	aboutRefund  = "refund"
	aboutKey     = "key"

	aboutEndpoint = "webhook_endpoint"
	aboutDelivery = "webhook_delivery"
	aboutBusiness = "business"
)

// answer is what a message to a rail brought: a result, or an error after which
// the outcome is open (rail.ErrUnreachable: the message certainly did not arrive).
type answer struct {
	result rail.Result
	err    error
	asked  bool // by a status query, not by handing the instruction over
}

// attempt is one instruction on its way to a rail, with the call that waits.
type attempt struct {
	order rail.Instruction
	node  string // as which this process has begun it
	rail  string
	call  *Call                       // nil in background work
	reply func(standing) Reply        // what the call answers for the object as it stands
	about object                      // the payment, refund or payout
	quiet bool                        // what the rail says is not yet the call's reply
	done  chan struct{}               // closed when reply or err is set
	sent  Reply                       //
	err   error                       //
	after func(context.Context) error // what follows the record, before done; may be nil

	entered bool // counted as being sent by this process since before its intent
}

// standing is a payment, a refund, a payout or a deposit as it is now.
type standing struct {
	payment *payment.Payment // a refund comes with its payment
	refund  *payment.Refund
	payout  *payment.Payout
	deposit *deposit.Deposit
}

// state is the state of what it is about, and whether money has moved.
func (s standing) state() (string, problem.Outcome) {
	switch {
	case s.deposit != nil:
		return string(s.deposit.State), problem.Pending
	case s.payout != nil:
		return string(s.payout.State), s.payout.State.Outcome()
	case s.refund != nil:
		return string(s.refund.State), s.refund.State.Outcome()
	}
	return string(s.payment.State), s.payment.State.Outcome()
}

// sending knows which instructions this process is handing over right now.
type sending struct {
	mu   sync.Mutex
	refs map[string]bool
}

func (s *sending) enter(ref string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refs[ref] {
		return false
	}
	if s.refs == nil {
		s.refs = map[string]bool{}
	}
	s.refs[ref] = true
	return true
}

func (s *sending) leave(ref string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.refs, ref)
}

func (s *sending) has(ref string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refs[ref]
}

// start hands the instruction over in the background; whatever comes is recorded
// even if nobody waits any more.
func (e *Engine) start(a *attempt) {
	a.done = make(chan struct{})
	if !a.entered && e.enter(a) != nil {
		close(a.done) // this very process is sending it
		return
	}
	e.calls.Add(1)
	go func() {
		defer e.calls.Done()
		defer e.Activity.Leave()
		defer close(a.done)
		defer e.sends.leave(a.order.Ref)
		a.err = e.guarded("rail call", a.about.id, func() (err error) {
			a.sent, err = e.carry(e.life, a)
			return err
		})
	}()
}

// guarded runs background work at whose edge nobody else would catch a panic. The
// intent is committed, so the work is taken up again by the resolver: one bad
// payment must not end the process for all others.
func (e *Engine) guarded(work, object string, do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			text := requestlog.Scrub(fmt.Sprint(p))
			e.Log.Error("panic in "+work, "object", object, "panic", text, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic in %s: %s", work, text)
		}
	}()
	return do()
}

// carry is act and outcome: the rail is called outside any transaction, then
// what it said is recorded.
func (e *Engine) carry(ctx context.Context, a *attempt) (Reply, error) {
	got := e.execute(ctx, a)
	if errors.Is(got.err, errFenced) {
		e.Log.Warn("not sent", "object", a.about.id, "ref", a.order.Ref, "error", got.err)
		return Reply{}, got.err
	}
	e.crash("after act")
	if ctx.Err() != nil {
		return Reply{}, ctx.Err() // stopping: the intent stays open and is asked about at the next start
	}
	sent, err := e.record(ctx, a.order.Ref, got, a)
	e.crash("after outcome")
	if err == nil && a.after != nil {
		err = a.after(ctx)
	}
	return sent, err
}

func (e *Engine) execute(ctx context.Context, a *attempt) answer {
	e.crash("before act")
	if !e.holds(a.node) {
		return answer{err: errFenced}
	}
	at := a.call.trace().Since()
	ctx, cancel := context.WithTimeout(ctx, executeTime)
	defer cancel()
	res, err := e.railOf(a.about.kind, a.rail).Execute(ctx, a.order)
	a.call.trace().Rail(requestlog.RailAttempt{Answer: describe(res, err), AtMS: at, Kind: "execute", Rail: a.rail, RailReference: a.order.Ref})
	return answer{result: res, err: err}
}

// executeTime is how long a rail may take to answer, in real time; then its answer
// counts as lost, and it is asked.
const executeTime = 10 * time.Minute

// ask is a status query.
func (e *Engine) ask(ctx context.Context, ins *store.Instruction) answer {
	res, err := e.railOf(ins.ObjectType, ins.Rail).Status(ctx, ins.Ref)
	e.Log.Info("asked the rail", "object", ins.ObjectID, "ref", ins.Ref, "answer", describe(res, err))
	return answer{result: res, err: err, asked: true}
}

func describe(res rail.Result, err error) string {
	switch {
	case errors.Is(err, rail.ErrUnreachable):
		return "unreachable"
	case err != nil:
		return "no answer"
	case res.Failure != "":
		return string(res.State) + " " + res.Failure
	default:
		return string(res.State)
	}
}

func (c *Call) trace() *requestlog.Trace {
	if c == nil {
		return nil
	}
	return c.Trace
}

// await gives the reply of an attempt, or what is known when the call's time is
// up. The money goes on without the caller.
func (e *Engine) await(ctx context.Context, a *attempt) (Reply, error) {
	timer, end := world.After(a.call.Deadline.Sub(world.RealNow()))
	defer end()
	select {
	case <-a.done:
		return a.sent, a.err
	case <-timer:
		a.call.Trace.Step("deadline", "answering without the rail")
	case <-ctx.Done(): // the caller has gone: the outcome will be the key's reply, not "processing"
		return Reply{}, ctx.Err()
	}
	if a.quiet {
		return Reply{}, nil
	}
	return e.answerNow(context.WithoutCancel(ctx), a.call, a.about, a.reply)
}

// answerNow replies with the object as it stands and stores that under the key,
// unless the outcome was faster: then what was stored is sent.
func (e *Engine) answerNow(ctx context.Context, c *Call, about object, reply func(standing) Reply) (Reply, error) {
	var out Reply
	read := func(v store.View) error {
		s, err := e.load(v, about)
		if err == nil {
			out = reply(s)
		}
		return err
	}
	if c.Claim == nil {
		err := e.Store.Read(ctx, read)
		return out, err
	}
	err := e.Store.Write(ctx, func(tx store.Tx) error {
		if err := read(tx.View); err != nil {
			return err
		}
		if err := e.complete(tx, c, about, &out); err != nil {
			return err
		}
		kept, err := tx.Claim(c.Business, c.Claim.Key)
		if err == nil {
			out.Status, out.Body, out.Outcome = kept.Status, []byte(kept.Body), problem.Outcome(kept.Outcome)
		}
		return err
	})
	c.done.Store(err == nil)
	return out, err
}

// railOf is the rail over which an object's instructions go.
func (e *Engine) railOf(objectType, name string) rail.Rail {
	if objectType == aboutPayout {
		return e.Payouts[name]
	}
	return e.Rails[name]
}

// reachable raises rail_unavailable if the rail is known to be down: nothing is
// begun then.
func (e *Engine) reachable(ctx context.Context, name string) error {
	return reachable(ctx, e.Rails[name], name)
}

func reachable(ctx context.Context, r rail.Rail, name string) error {
	known, ok := r.(rail.Outages)
	if !ok {
		return nil
	}
	down, err := known.Down(ctx)
	if err == nil && down {
		err = problem.RailUnavailable.With(problem.Details{"rail": name, "reason": "down"})
	}
	return err
}

// load reads a payment, refund, payout or deposit; a refund comes with its payment.
func (e *Engine) load(v store.View, about object) (s standing, err error) {
	switch about.kind {
	case aboutPayment:
		s.payment, err = v.Payment(about.id)
		return s, err
	case aboutPayout:
		s.payout, err = v.Payout(about.id)
		return s, err
	case aboutDeposit:
		s.deposit, err = v.Deposit(about.id)
		return s, err
	}
	if s.refund, err = v.Refund(about.id); err == nil {
		s.payment, err = v.Payment(s.refund.PaymentID)
	}
	return s, err
}

// stateTriesMax bounds how often a command starts over because the object was
// changed by somebody else in between.
const stateTriesMax = 20

// races are the statements whose Conflict means: read again, decide again.
var races = []string{
	"save_payment", "save_refund", "save_payout", "save_deposit", "insert_deposit", "save_instruction", "insert_instruction",
	"save_wallet", "insert_wallet", "insert_wallet_transaction", "save_customer", "hold_customer", "leave_email", "insert_customer",
	"insert_beneficiary", "retire_beneficiary",
	"insert_bulk", "save_bulk", "insert_link", "save_link", "insert_bulk_item", "end_bulk_item",
	"save_quote", "insert_deal", "save_order", "insert_rate", "save_rate",
}

// optimistic runs a command until it does not lose a race for its object.
func (e *Engine) optimistic(ctx context.Context, about object, try func() error) error {
	var err error
	for range stateTriesMax {
		if err = try(); !store.Lost(err, races...) {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return problem.ResourceBusy.With(problem.Details{"id": about.id, "resource": about.kind}).Because(err)
}

// step names the n-th instruction of an object.
func step(id string, n int64) string { return id + "/" + strconv.FormatInt(n, 10) }

// objectOf is the object whose instruction a reference names.
func objectOf(ref string) string {
	object, _, _ := strings.Cut(ref, "/")
	return object
}

// intend prepares the record of an order that is about to be given.
func (e *Engine) intend(business string, about object, railName string, order rail.Instruction, now time.Time) *store.Instruction {
	return &store.Instruction{Ref: order.Ref, Business: business, ObjectType: about.kind, ObjectID: about.id, Rail: railName,
		Kind: order.Kind, Target: order.Target, Amount: amountOf(order), Sends: 1, Node: e.nodeID(), SentAt: now}
}

// orderOf rebuilds the order of a record, as far as it may be kept: a card comes
// from the vault's memory, a payer's proof is never kept, and a payout knows who gets it.
func (e *Engine) orderOf(ctx context.Context, ins *store.Instruction) (rail.Instruction, error) {
	if ins.Kind == rail.Payout {
		var p *payment.Payout
		err := e.Store.Read(ctx, func(v store.View) (err error) {
			p, err = v.Payout(ins.ObjectID)
			return err
		})
		if err != nil {
			return rail.Instruction{}, err
		}
		return payoutOrder(p), nil
	}
	return rail.Instruction{Ref: ins.Ref, Kind: ins.Kind, Amount: ins.Amount.Minor, Currency: string(ins.Amount.Currency),
		Target: ins.Target, Card: e.Hold.Peek(ins.Ref), ReturnURL: e.returnURL(ins.ObjectID)}, nil
}

func movesMoney(k rail.Kind) bool { return k == rail.Charge || k == rail.Authenticate }

// post writes an entry unless it moves nothing.
func post(tx store.Tx, e ledger.Entry) error {
	if len(e.Postings) == 0 {
		return nil
	}
	if err := tx.Post(e); err != nil {
		return fmt.Errorf("post %s for %s: %w", e.Kind, e.Object, err)
	}
	return nil
}
