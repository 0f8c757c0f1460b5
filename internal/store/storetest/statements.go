package storetest

import (
	"time"

	"github.com/juicer-pay/juicer/internal/exchange"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/store"
)

func statementClaims() []claim {
	return []claim{
		{"a statement's totals split at the beginning of the period and stop before its end", statementTotals},
		{"a statement's lines come once each, page by page, with the reference of their object", statementLines},
		{"an object's reference is found whatever kind it is", references},
	}
}

// seconds is the period from one second after noon to another.
func seconds(from, to int) store.Span {
	return store.Span{From: at(time.Duration(from) * time.Second), To: at(time.Duration(to) * time.Second)}
}

// ofPurse are 8 movements into and out of the purse, one each second.
func (s *suite) ofPurse() {
	s.Helper()
	s.funded(1000)
	for n := 1; n < 8; n++ {
		from, to := purse, held
		if n%3 == 0 {
			from, to = to, from
		}
		s.must(s.post(entry(n, from, to, int64(n))))
	}
}

func statementTotals(s *suite) {
	s.ofPurse()
	of := func(period store.Span) store.Totals {
		return get(s, func(v store.View) (store.Totals, error) { return v.StatementTotals(purse, money.NGN, period) })
	}
	same(s, "all of it", of(ever), store.Totals{Moved: 1000 - 1 - 2 + 3 - 4 - 5 + 6 - 7, Lines: 8})
	same(s, "from the third second to before the sixth", of(seconds(3, 6)), store.Totals{Opening: 1000 - 1 - 2, Moved: 3 - 4 - 5, Lines: 3})
	same(s, "after everything", of(seconds(50, 60)), store.Totals{Opening: 990})
	none := get(s, func(v store.View) (store.Totals, error) { return v.StatementTotals(purse, money.USD, ever) })
	same(s, "another currency", none, store.Totals{})
}

func statementLines(s *suite) {
	s.ofPurse()
	m := fullMove(1)
	s.must(s.addMove(m))
	var got []int64
	var last store.StatementLine
	for {
		rows := get(s, func(v store.View) ([]store.StatementLine, error) {
			return v.StatementLines(purse, money.NGN, seconds(1, 7), last, 2)
		})
		if len(rows) == 0 {
			break
		}
		for _, l := range rows {
			got = append(got, l.Amount)
		}
		last = rows[len(rows)-1]
	}
	same(s, "amounts", got, []int64{-1, -2, 3, -4, -5, 6})
	want := store.StatementLine{Entry: number(6), Line: 1, At: at(6 * time.Second), Kind: "capture.sent", Object: number(1), RailRef: number(1) + "/1",
		Amount: 6, Reference: m.Reference}
	same(s, "the last line", last, want)
}

func references(s *suite) {
	s.addPayments(fullPayment(1))
	s.write(func(tx store.Tx) error { return tx.InsertRefund(fullRefund(2)) })
	s.must(s.addMove(fullMove(3)))
	s.addPayouts(fullPayout(5))
	exchanged := fullDeal(6)
	exchanged.Reference = number(5) // the exchange that the payout needed
	for _, d := range []*exchange.Deal{exchanged, fullDeal(7), bareDeal(8)} {
		s.write(func(tx store.Tx) error { return tx.InsertDeal(d) })
	}
	for object, want := range map[string]string{number(1): "ord_1", number(2): "rf_2", number(3): "mv_3", number(4): "", number(5): "po_5", number(6): "po_5",
		number(7): "fx_7", number(8): ""} {
		same(s, "reference", get(s, func(v store.View) (string, error) { return v.ReferenceOf(object) }), want)
	}
}
