package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/juicer-pay/juicer/internal/party"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/store"
)

func customerClaims() []claim {
	return []claim{
		{"a customer reads back by id and by e-mail", customerReadsBack},
		{"a customer is made once for an e-mail and a business", customers},
		{"a customer that must be new is not, if the e-mail is taken", customerTaken},
		{"a change of a customer is written once for the version it was made from", customerRace},
		{"a customer takes an e-mail that is free, and none that is taken", customerRenamed},
		{"of many customers that want one e-mail at once, one gets it", emailRace},
		{"a customer that is deleted gives its e-mail free and stays readable", customerRetired},
		{"a hold on a customer and a change of it cannot both be", customerHeld},
		{"pages of customers hold each once, and no deleted ones", customerPages},
		{"a customer's payments come newest first", paymentsOfCustomer},
	}
}

func customerByID(id string) func(store.View) (*party.Customer, error) {
	return func(v store.View) (*party.Customer, error) { return v.Customer(id) }
}

func customerWith(business, email string) func(store.View) (*party.Customer, error) {
	return func(v store.View) (*party.Customer, error) { return v.CustomerWithEmail(business, email) }
}

func (s *suite) addCustomers(all ...*party.Customer) {
	s.Helper()
	for _, c := range all {
		s.write(func(tx store.Tx) error { return tx.AddCustomer(c) })
	}
}

func customerReadsBack(s *suite) {
	c := fullCustomer(1, "ada@example.com")
	s.addCustomers(c)
	same(s, "by id", get(s, customerByID(c.ID)), c)
	same(s, "by e-mail", get(s, customerWith(ada, "ada@example.com")), c)
	s.missing(try(s, customerByID(number(9))))
	s.missing(try(s, customerWith(bola, "ada@example.com")))
}

func customers(s *suite) {
	put := func(n int, business, email string) {
		c := fullCustomer(n, email)
		c.Business = business
		s.write(func(tx store.Tx) error { return tx.InsertCustomer(c) })
	}
	put(1, ada, "ada@example.com")
	put(2, ada, "ada@example.com")
	put(3, bola, "ada@example.com")
	of := func(business, email string) func(store.View) (string, error) {
		return func(v store.View) (string, error) { return v.CustomerByEmail(business, email) }
	}
	same(s, "ada's customer", get(s, of(ada, "ada@example.com")), number(1))
	same(s, "bola's customer", get(s, of(bola, "ada@example.com")), number(3))
	s.missing(try(s, of(ada, "other@example.com")))
	errs := atOnce(20, func(i int) error {
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.InsertCustomer(fullCustomer(10+i, "new@example.com")) })
	})
	same(s, "made at once", s.wins(errs, "insert_customer"), 20)
}

func customerTaken(s *suite) {
	s.addCustomers(fullCustomer(1, "ada@example.com"))
	s.lost(s.store.Write(s.ctx, func(tx store.Tx) error { return tx.AddCustomer(fullCustomer(2, "ada@example.com")) }), "insert_customer")
}

func customerRace(s *suite) {
	c := fullCustomer(1, "ada@example.com")
	s.addCustomers(c)
	errs := atOnce(20, func(i int) error {
		mine := *c
		mine.Profile.FirstName, mine.Status, mine.UpdatedAt = fmt.Sprint("Ada", i), party.Active, at(time.Minute)
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.SaveCustomer(&mine) })
	})
	same(s, "changes written", s.wins(errs, "save_customer"), 1)
	got := get(s, customerByID(c.ID))
	same(s, "the version", got.Version, c.Version+1)
	same(s, "the status", got.Status, party.Active)
}

func customerRenamed(s *suite) {
	c, other := fullCustomer(1, "ada@example.com"), fullCustomer(2, "bola@example.com")
	s.addCustomers(c, other)
	want := *c
	want.Profile.Email, want.Profile.FirstName = "new@example.com", "Adaeze"
	s.write(func(tx store.Tx) error { return tx.RenameCustomer(&want) })
	s.lost(s.store.Write(s.ctx, func(tx store.Tx) error { return tx.RenameCustomer(&want) }), "leave_email")
	want.Version++
	same(s, "the renamed customer", get(s, customerByID(c.ID)), &want)
	s.missing(try(s, customerWith(ada, "ada@example.com")))
	taken := want
	taken.Profile.Email = "bola@example.com"
	s.lost(s.store.Write(s.ctx, func(tx store.Tx) error { return tx.RenameCustomer(&taken) }), "insert_customer")
	same(s, "the customer that was refused the e-mail", get(s, customerByID(c.ID)), &want)
}

func emailRace(s *suite) {
	for n := range 12 {
		s.addCustomers(fullCustomer(n, fmt.Sprintf("c%d@example.com", n)))
	}
	errs := atOnce(12, func(n int) error {
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.RenameCustomer(fullCustomer(n, "wanted@example.com")) })
	})
	same(s, "how many have it", s.wins(errs, "insert_customer"), 1)
}

func customerRetired(s *suite) {
	c := fullCustomer(1, "ada@example.com")
	s.addCustomers(c)
	gone := *c
	gone.Status = party.Deleted
	s.write(func(tx store.Tx) error { return tx.RetireCustomer(&gone) })
	gone.Version++
	same(s, "the deleted customer", get(s, customerByID(c.ID)), &gone)
	s.addCustomers(fullCustomer(2, "ada@example.com"))
	same(s, "who has the e-mail", get(s, customerWith(ada, "ada@example.com")).ID, number(2))
}

func customerHeld(s *suite) {
	c := fullCustomer(1, "ada@example.com")
	s.addCustomers(c)
	errs := atOnce(20, func(i int) error {
		return s.store.Write(s.ctx, func(tx store.Tx) error {
			if i%2 == 0 {
				return tx.HoldCustomer(c)
			}
			return tx.RetireCustomer(c)
		})
	})
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !store.Lost(err, "hold_customer", "leave_email"):
			s.Errorf("got error %v, want a lost race", err)
		}
	}
	same(s, "how many came through", won, 1)
}

func customerPages(s *suite) {
	const n = 11
	var want []string
	for i := range n {
		c := fullCustomer(i, fmt.Sprintf("c%d@example.com", i))
		c.CreatedAt = at(time.Duration(i/3) * time.Microsecond)
		s.addCustomers(c)
		want = append(want, c.ID)
	}
	gone := fullCustomer(50, "gone@example.com")
	gone.Status = party.Deleted
	s.addCustomers(gone)
	place := func(c *party.Customer) store.Position { return store.Position{At: c.CreatedAt, ID: c.ID} }
	newer := pages(s, oldest, func(v store.View, pos store.Position) ([]*party.Customer, error) {
		return v.CustomersNewer(ada, pos, ever, 4)
	}, place)
	same(s, "oldest first", newer, want)
	slices.Reverse(want)
	older := pages(s, newest, func(v store.View, pos store.Position) ([]*party.Customer, error) {
		return v.CustomersOlder(ada, pos, ever, 4)
	}, place)
	same(s, "newest first", older, want)
	early := store.Span{From: at(0), To: at(time.Microsecond)}
	few := get(s, func(v store.View) ([]*party.Customer, error) { return v.CustomersOlder(ada, newest, early, 9) })
	same(s, "how many in the first microsecond", len(few), 3)
	few = get(s, func(v store.View) ([]*party.Customer, error) { return v.CustomersNewer(ada, oldest, early, 9) })
	same(s, "how many, oldest first", len(few), 3)
}

func paymentsOfCustomer(s *suite) {
	for n := range 4 {
		p := newPayment(n, time.Duration(n)*time.Second)
		if n == 2 {
			p.CustomerID = "c-2"
		}
		s.addPayments(p)
	}
	rows := get(s, func(v store.View) ([]*payment.Payment, error) { return v.PaymentsOfCustomer(ada, "c-1", 2) })
	var ids []string
	for _, p := range rows {
		ids = append(ids, p.ID)
	}
	same(s, "the newest two", ids, []string{number(3), number(1)})
}
