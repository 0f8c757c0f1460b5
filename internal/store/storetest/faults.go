package storetest

import (
	"errors"
	"time"

	"github.com/juicer-pay/juicer/internal/store"
)

func faultClaims() []claim {
	return []claim{
		{"rules for requests are counted once for each match", requestFaults},
		{"what requests have met is listed in order, and forgotten", faultTraces},
	}
}

func aRequestFault(n int, business string) store.RequestFault {
	return store.RequestFault{ID: number(n), Business: business, Matcher: `{"nth":1}`, Rule: "drop=before", CreatedAt: at(time.Duration(n) * time.Second)}
}

func requestFaults(s *suite) {
	for n, business := range []string{ada, ada, bola} {
		s.write(func(tx store.Tx) error { return tx.InsertRequestFault(aRequestFault(n, business)) })
	}
	list := func() []store.RequestFault {
		return get(s, func(v store.View) ([]store.RequestFault, error) { return v.RequestFaults(ada) })
	}
	same(s, "those of all", len(get(s, store.View.AllRequestFaults)), 3)
	once := aRequestFault(0, ada)
	once.Fired, once.Counts = 1, []int64{1, 0}
	count := func(int) error {
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.CountRequestFault(once) })
	}
	same(s, "winners", s.wins(atOnce(6, count), "count_request_fault"), 1)
	first := get(s, func(v store.View) (store.RequestFault, error) { return v.RequestFault(ada, number(0)) })
	once.Matched = 1
	same(s, "the first", first, once)
	s.missing(try(s, func(v store.View) (store.RequestFault, error) { return v.RequestFault(bola, number(0)) }))
	s.write(func(tx store.Tx) error { return tx.DropRequestFault(ada, number(0)) })
	s.lost(s.store.Write(s.ctx, func(tx store.Tx) error { return tx.DropRequestFault(ada, number(0)) }), "drop_request_fault")
	same(s, "left", len(list()), 1)
	s.write(func(tx store.Tx) error { return tx.DropRequestFaults(ada) })
	same(s, "left then", len(list()), 0)
	s.write(store.Tx.ClearRequestFaults)
	same(s, "left of all", len(get(s, store.View.AllRequestFaults)), 0)
}

func faultTraces(s *suite) {
	trace := func(n int, business string) store.FaultTrace {
		return store.FaultTrace{ID: number(n), Business: business, RequestID: "req_1", RuleID: number(9), Action: "drop=before", Nth: 1, CreatedAt: at(time.Duration(n) * time.Second)}
	}
	s.write(func(tx store.Tx) error {
		return errors.Join(tx.InsertFaultTrace(trace(2, ada)), tx.InsertFaultTrace(trace(1, ada)), tx.InsertFaultTrace(trace(3, bola)))
	})
	after := func(pos store.Position) []store.FaultTrace {
		return get(s, func(v store.View) ([]store.FaultTrace, error) { return v.FaultTraceAfter(ada, pos, 10) })
	}
	same(s, "from the first", after(store.Position{}), []store.FaultTrace{trace(1, ada), trace(2, ada)})
	last := get(s, func(v store.View) (store.FaultTrace, error) { return v.FaultTrace(number(1)) })
	same(s, "behind it", after(store.Position{At: last.CreatedAt, ID: last.ID}), []store.FaultTrace{trace(2, ada)})
	s.missing(try(s, func(v store.View) (store.FaultTrace, error) { return v.FaultTrace(number(8)) }))
	s.write(func(tx store.Tx) error {
		more, err := tx.ForgetFaultTrace(at(2 * time.Second))
		same(s, "there was something old", more, true)
		return err
	})
	same(s, "what is left", after(store.Position{}), []store.FaultTrace{trace(2, ada)})
	s.write(store.Tx.ClearRequestFaults)
	same(s, "after a reset", len(after(store.Position{})), 0)
}
