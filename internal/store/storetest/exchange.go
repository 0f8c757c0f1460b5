package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/juicer-pay/juicer/internal/exchange"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/store"
)

func exchangeClaims() []claim {
	return []claim{
		{"a quote reads back as it was written", quoteReadsBack},
		{"of many who use one quote at the same moment one does", quoteUsedOnce},
		{"forgetting old quotes spares the used and the young", quotesForgotten},
		{"a deal reads back as it was written, by id and by reference", dealReadsBack},
		{"a quote serves one deal", quoteServesOneDeal},
		{"a reference stands for one deal of a kind and business", dealReferenceTaken},
		{"pages of deals hold each once, of one business, kind, pair and state", dealPages},
		{"the audit's walk meets every deal once", dealsWalked},
		{"an order reads back as it was written", orderReadsBack},
		{"of many who change one order at the same moment one does", orderSavedOnce},
		{"pages of orders hold each once, of one business, pair and state", orderPages},
		{"a rate is set once, then changed by those who have seen it", rateGuarded},
	}
}

func quoteByID(id string) func(store.View) (*exchange.Quote, error) {
	return func(v store.View) (*exchange.Quote, error) { return v.Quote(id) }
}

func dealByID(id string) func(store.View) (*exchange.Deal, error) {
	return func(v store.View) (*exchange.Deal, error) { return v.Deal(id) }
}

func orderByID(id string) func(store.View) (*exchange.Order, error) {
	return func(v store.View) (*exchange.Order, error) { return v.Order(id) }
}

var cadngn = exchange.Pair{First: money.CAD, Second: money.NGN}

// fullQuote has a value in every field.
func fullQuote(n int) *exchange.Quote {
	return &exchange.Quote{ID: number(n), Business: ada, Kind: exchange.ForFX, State: exchange.Used, Version: 3, TimeToLock: 30, TimeToConvert: 60,
		Price:     exchange.Price{Pair: cadngn, Side: exchange.Sell, Rate: "1040.000000000000000001"},
		CreatedAt: at(0), ExpiresAt: at(time.Minute), UsedBy: number(9)}
}

// lockedQuote is one that nobody has used.
func lockedQuote(n int) *exchange.Quote {
	q := fullQuote(n)
	q.State, q.UsedBy = exchange.Locked, ""
	return q
}

// fullDeal has a value in every field.
func fullDeal(n int) *exchange.Deal {
	return &exchange.Deal{ID: number(n), Business: ada, Kind: exchange.Conversion, QuoteID: fmt.Sprint("quote ", n), Reference: fmt.Sprint("fx_", n),
		Price:         exchange.Price{Pair: cadngn, Side: exchange.Sell, Rate: "1040.00"},
		Terms:         exchange.Terms{Source: money.Of(104500, money.NGN), Target: money.Of(100, money.CAD), Rest: 500},
		CorrelationID: "k-1", State: exchange.DealDone, CreatedAt: at(0)}
}

// bareDeal is a swap without quote and reference.
func bareDeal(n int) *exchange.Deal {
	d := fullDeal(n)
	d.Kind, d.QuoteID, d.Reference = exchange.Swap, "", ""
	return d
}

// fullOrder has a value in every field.
func fullOrder(n int) *exchange.Order {
	return &exchange.Order{ID: number(n), Business: ada, Pair: cadngn, Type: exchange.BuyOrder, Qty: 10000, TimeInForce: exchange.UntilTime,
		ExpiresAt: ptr(at(time.Hour)), State: exchange.OrderFilled, Version: 2, FillPrice: 104000, FillAmount: 10400000, CreatedAt: at(0), UpdatedAt: at(time.Second)}
}

func fullRate(symbol string) store.Rate {
	return store.Rate{Symbol: symbol, Buy: 102500, Sell: 103500, TTL: 300, Version: 1, UpdatedAt: at(0)}
}

func quoteReadsBack(s *suite) {
	for _, q := range []*exchange.Quote{fullQuote(1), lockedQuote(2)} {
		s.write(func(tx store.Tx) error { return tx.InsertQuote(q) })
		same(s, "the quote", get(s, quoteByID(q.ID)), q)
	}
	s.missing(try(s, quoteByID(number(9))))
}

func quoteUsedOnce(s *suite) {
	s.write(func(tx store.Tx) error { return tx.InsertQuote(lockedQuote(1)) })
	errs := atOnce(20, func(i int) error {
		q := lockedQuote(1)
		q.State, q.UsedBy, q.ExpiresAt = exchange.Used, number(i), at(time.Hour)
		q.TimeToLock = 7 // never changes
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.SaveQuote(q) })
	})
	same(s, "how many used it", s.wins(errs, "save_quote"), 1)
	want := fullQuote(1)
	want.UsedBy, want.ExpiresAt, want.Version = number(slices.Index(errs, nil)), at(time.Hour), 4
	same(s, "the quote", get(s, quoteByID(number(1))), want)
}

func quotesForgotten(s *suite) {
	young := lockedQuote(3)
	young.CreatedAt = at(time.Second)
	s.write(func(tx store.Tx) error {
		for _, q := range []*exchange.Quote{fullQuote(1), lockedQuote(2), young} {
			if err := tx.InsertQuote(q); err != nil {
				return err
			}
		}
		return nil
	})
	for _, want := range []bool{true, false} {
		s.write(func(tx store.Tx) error {
			more, err := tx.ForgetQuotes(at(time.Second))
			same(s, "whether there was something to forget", more, want)
			return err
		})
	}
	s.missing(try(s, quoteByID(number(2))))
	same(s, "the used one", get(s, quoteByID(number(1))), fullQuote(1))
	same(s, "the young one", get(s, quoteByID(number(3))), young)
}

func (s *suite) addDeals(all ...*exchange.Deal) {
	s.Helper()
	for _, d := range all {
		s.write(func(tx store.Tx) error { return tx.InsertDeal(d) })
	}
}

func dealByReference(business string, kind exchange.DealKind, reference string) func(store.View) (*exchange.Deal, error) {
	return func(v store.View) (*exchange.Deal, error) { return v.DealByReference(business, kind, reference) }
}

func dealReadsBack(s *suite) {
	undone := fullDeal(3)
	undone.Kind, undone.QuoteID = exchange.PayoutUndone, ""
	undone.Terms = exchange.Terms{Source: money.Of(100, money.CAD), Target: money.Of(104000, money.NGN)}
	for _, d := range []*exchange.Deal{fullDeal(1), bareDeal(2), undone} {
		s.addDeals(d)
		same(s, "the deal", get(s, dealByID(d.ID)), d)
	}
	same(s, "by its reference", get(s, dealByReference(ada, exchange.Conversion, "fx_1")), fullDeal(1))
	s.missing(try(s, dealByReference(bola, exchange.Conversion, "fx_1")))
	s.missing(try(s, dealByReference(ada, exchange.Payout, "fx_1")))
	s.missing(try(s, dealByReference(ada, exchange.Swap, "")))
	s.missing(try(s, dealByID(number(9))))
}

func quoteServesOneDeal(s *suite) {
	errs := atOnce(20, func(i int) error {
		d := bareDeal(i)
		d.QuoteID = "one"
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.InsertDeal(d) })
	})
	same(s, "deals of one quote", s.wins(errs, "insert_deal"), 1)
	s.addDeals(bareDeal(30), bareDeal(31)) // without one they do not meet
}

func dealReferenceTaken(s *suite) {
	s.addDeals(fullDeal(1))
	twin, other, stranger := fullDeal(2), fullDeal(3), fullDeal(4)
	for _, d := range []*exchange.Deal{twin, other, stranger} {
		d.Reference = "fx_1"
	}
	s.lost(s.store.Write(s.ctx, func(tx store.Tx) error { return tx.InsertDeal(twin) }), "insert_deal")
	other.Kind, stranger.Business = exchange.Payout, bola
	s.addDeals(other, stranger)
}

func dealPages(s *suite) {
	want := []string{}
	for n := range 13 {
		d := bareDeal(n)
		d.CreatedAt = at(time.Duration(n/4) * time.Microsecond)
		s.addDeals(d)
		want = append(want, d.ID)
	}
	others := []*exchange.Deal{bareDeal(50), bareDeal(51), bareDeal(52), bareDeal(53)}
	others[0].Business, others[1].Kind, others[2].State = bola, exchange.Fill, exchange.DealFailed
	others[3].Price.Pair.First, others[3].Terms.Target.Currency = money.USD, money.USD
	s.addDeals(others...)
	f := store.ExchangeFilter{Symbol: "CAD-NGN", State: "success"}
	place := func(d *exchange.Deal) store.Position { return store.Position{At: d.CreatedAt, ID: d.ID} }
	up := func(v store.View, pos store.Position) ([]*exchange.Deal, error) {
		return v.DealsNewer(ada, exchange.Swap, pos, f, 4)
	}
	down := func(v store.View, pos store.Position) ([]*exchange.Deal, error) {
		return v.DealsOlder(ada, exchange.Swap, pos, f, 4)
	}
	same(s, "towards newer", pages(s, oldest, up, place), want)
	slices.Reverse(want)
	same(s, "towards older", pages(s, newest, down, place), want)
	all := get(s, func(v store.View) ([]*exchange.Deal, error) {
		return v.DealsOlder(ada, exchange.Swap, newest, store.ExchangeFilter{}, 50)
	})
	same(s, "without a filter", len(all), 15)
}

func dealsWalked(s *suite) {
	want := []string{}
	for n := range 5 {
		s.addDeals(fullDeal(n))
		want = append(want, number(n))
	}
	got := walk(s, func(v store.View, after string) (ids []string, err error) {
		rows, err := v.DealsAfter(after, 3)
		for _, d := range rows {
			ids = append(ids, d.ID)
		}
		return ids, err
	})
	same(s, "ids", got, want)
}

func (s *suite) addOrders(all ...*exchange.Order) {
	s.Helper()
	for _, o := range all {
		s.write(func(tx store.Tx) error { return tx.InsertOrder(o) })
	}
}

func orderReadsBack(s *suite) {
	bare := fullOrder(2)
	bare.ExpiresAt = nil
	for _, o := range []*exchange.Order{fullOrder(1), bare} {
		s.addOrders(o)
		same(s, "the order", get(s, orderByID(o.ID)), o)
	}
	s.missing(try(s, orderByID(number(9))))
}

func orderSavedOnce(s *suite) {
	s.addOrders(fullOrder(1))
	errs := atOnce(20, func(int) error {
		o := fullOrder(1)
		o.State, o.UpdatedAt, o.Qty = exchange.OrderCancelled, at(time.Hour), 1
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.SaveOrder(o) })
	})
	same(s, "how many changed it", s.wins(errs, "save_order"), 1)
	want := fullOrder(1)
	want.State, want.UpdatedAt, want.Version = exchange.OrderCancelled, at(time.Hour), 3
	same(s, "the order", get(s, orderByID(number(1))), want)
}

func orderPages(s *suite) {
	want := []string{}
	for n := range 13 {
		o := fullOrder(n)
		o.CreatedAt = at(time.Duration(n/4) * time.Microsecond)
		s.addOrders(o)
		want = append(want, o.ID)
	}
	others := []*exchange.Order{fullOrder(50), fullOrder(51), fullOrder(52)}
	others[0].Business, others[1].State, others[2].Pair.First = bola, exchange.OrderExpired, money.USD
	s.addOrders(others...)
	f := store.ExchangeFilter{Symbol: "CAD-NGN", State: "filled"}
	place := func(o *exchange.Order) store.Position { return store.Position{At: o.CreatedAt, ID: o.ID} }
	up := func(v store.View, pos store.Position) ([]*exchange.Order, error) {
		return v.OrdersNewer(ada, pos, f, 4)
	}
	down := func(v store.View, pos store.Position) ([]*exchange.Order, error) {
		return v.OrdersOlder(ada, pos, f, 4)
	}
	same(s, "towards newer", pages(s, oldest, up, place), want)
	slices.Reverse(want)
	same(s, "towards older", pages(s, newest, down, place), want)
	all := get(s, func(v store.View) ([]*exchange.Order, error) {
		return v.OrdersOlder(ada, newest, store.ExchangeFilter{}, 50)
	})
	same(s, "without a filter", len(all), 15)
}

func rateGuarded(s *suite) {
	errs := atOnce(20, func(int) error {
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.InsertRate(fullRate("CAD-NGN")) })
	})
	same(s, "how many set the first", s.wins(errs, "insert_rate"), 1)
	errs = atOnce(20, func(int) error {
		r := fullRate("CAD-NGN")
		r.Buy, r.Sell, r.TTL, r.UpdatedAt = 1, 2, 3, at(time.Hour)
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.SaveRate(r) })
	})
	same(s, "how many changed it", s.wins(errs, "save_rate"), 1)
	s.write(func(tx store.Tx) error { return tx.InsertRate(fullRate("USD-CAD")) })
	want := []store.Rate{{Symbol: "CAD-NGN", Buy: 1, Sell: 2, TTL: 3, Version: 2, UpdatedAt: at(time.Hour)}, fullRate("USD-CAD")}
	same(s, "the rates", get(s, store.View.Rates), want)
	s.write(store.Tx.ClearRates)
	same(s, "the rates after clearing", get(s, store.View.Rates), nil)
}
