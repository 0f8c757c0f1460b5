package store

import (
	"database/sql"
	"slices"
	"strings"

	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
)

// Seal is one link of the hash chain over entries.
type Seal struct {
	Seq   int64
	Entry string
	Hash  string
}

// Balance is the kept balance of one account and currency.
type Balance struct {
	Account ledger.Account
	Amount  money.Amount
}

var (
	insertEntry          = query("insert_entry")
	insertPosting        = query("insert_posting")
	insertTwoPostings    = query("insert_two_postings")
	changeGuardedBalance = query("change_guarded_balance")
	addToBalance         = query("add_to_balance")
	openBalance          = query("open_balance")
	shutBalance          = query("shut_balance")
	closeBalance         = query("close_balance")
	unsealedSum          = query("unsealed_sum")
	balanceOf            = query("balance")
	allBalances          = query("balances")
	unsealedEntries      = query("unsealed_entries")
	entryByID            = query("entry_by_id")
	postingsOf           = query("postings_of")
	entriesOfObject      = query("entries_of_object")
	numberEntry          = query("number_entry")
	insertSeal           = query("insert_seal")
	lastSeal             = query("last_seal")
	sealsAfter           = query("seals_after")
	entriesAfter         = query("entries_after")
	countStrayPostings   = query("count_stray_postings")
)

// Post writes a balanced entry. Balances of guarded accounts (wallets, holds)
// change with it: a Conflict of "change_guarded_balance" means that one would
// have fallen below zero, or that one is shut. Other balances follow when the entry is sealed, so
// that writers do not queue for one row.
func (t Tx) Post(e ledger.Entry) error {
	if err := e.Check(); err != nil {
		return err
	}
	if err := t.s.Exec(insertEntry, One, e.ID, e.Business, micros(e.At), e.Kind, e.Object, e.RailRef); err != nil {
		return err
	}
	if err := t.insertPostings(e); err != nil {
		return err
	}
	for _, p := range guarded(e.Postings) {
		if err := t.s.Exec(changeGuardedBalance, One, p.Amount, string(p.Account), string(p.Currency)); err != nil {
			return err
		}
	}
	return nil
}

// guarded are the postings that change a kept balance, in the order of accounts: two
// movements between the same wallets must not wait for each other.
func guarded(postings []ledger.Posting) []ledger.Posting {
	var out []ledger.Posting
	for _, p := range postings {
		if p.Account.Guarded() {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b ledger.Posting) int { return strings.Compare(string(a.Account), string(b.Account)) })
	return out
}

func (t Tx) insertPostings(e ledger.Entry) error {
	if len(e.Postings) == 2 {
		a, b := e.Postings[0], e.Postings[1]
		return t.s.Exec(insertTwoPostings, Any, e.ID, string(a.Account), a.Amount, string(a.Currency),
			string(b.Account), b.Amount, string(b.Currency))
	}
	for line, p := range e.Postings {
		if err := t.s.Exec(insertPosting, One, e.ID, line, string(p.Account), p.Amount, string(p.Currency)); err != nil {
			return err
		}
	}
	return nil
}

// AddToBalance rolls sealed postings of an unguarded account up.
func (t Tx) AddToBalance(a ledger.Account, amount money.Amount) error {
	return t.s.Exec(addToBalance, One, string(a), string(amount.Currency), amount.Minor)
}

// OpenBalance makes a guarded account ready at zero; there already: no change.
func (t Tx) OpenBalance(a ledger.Account, c money.Currency) error {
	return t.s.Exec(openBalance, Any, string(a), string(c))
}

// ShutBalance makes a guarded account refuse every movement, or take them again: a
// Conflict of "shut_balance" means that there is no such account.
func (t Tx) ShutBalance(a ledger.Account, c money.Currency, shut bool) error {
	return t.s.Exec(shutBalance, One, flag(shut), string(a), string(c))
}

// CloseBalance shuts a guarded account that holds nothing: a Conflict of
// "close_balance" means that it holds something.
func (t Tx) CloseBalance(a ledger.Account, c money.Currency) error {
	return t.s.Exec(closeBalance, One, string(a), string(c))
}

// BalanceNow is Balance with what was not rolled up yet, for accounts that are not
// guarded. Both must be read in one Snapshot.
func (v View) BalanceNow(a ledger.Account, c money.Currency) (int64, error) {
	kept, err := v.Balance(a, c)
	if err != nil {
		return 0, err
	}
	fresh, err := one(v, unsealedSum, readInt, string(a), string(c))
	return kept + fresh, err
}

// Balance reads the kept balance of an account, 0 if it has none.
func (v View) Balance(a ledger.Account, c money.Currency) (int64, error) {
	n, err := one(v, balanceOf, readInt, string(a), string(c))
	if IsMissing(err) {
		return 0, nil
	}
	return n, err
}

// Balances reads all kept balances.
func (v View) Balances() ([]Balance, error) {
	return many(v, allBalances, func(scan Scan) (b Balance, err error) {
		err = scan((*string)(&b.Account), (*string)(&b.Amount.Currency), &b.Amount.Minor)
		return b, err
	})
}

// Unsealed reads entries that the chain does not hold yet, with their postings.
func (v View) Unsealed(limit int) ([]ledger.Entry, error) {
	entries, err := many(v, unsealedEntries, readEntry, limit)
	return v.withPostings(entries, err)
}

// EntriesOf reads the entries of one payment or refund, oldest first.
func (v View) EntriesOf(object string) ([]ledger.Entry, error) {
	entries, err := many(v, entriesOfObject, readEntry, object)
	return v.withPostings(entries, err)
}

func (v View) withPostings(entries []ledger.Entry, err error) ([]ledger.Entry, error) {
	for i := range entries {
		if err != nil {
			return nil, err
		}
		entries[i].Postings, err = many(v, postingsOf, readPosting, entries[i].ID)
	}
	return entries, err
}

// Entry reads one entry; ErrNotFound.
func (v View) Entry(id string) (ledger.Entry, error) {
	e, err := one(v, entryByID, readEntry, id)
	if err != nil {
		return e, err
	}
	e.Postings, err = many(v, postingsOf, readPosting, id)
	return e, err
}

// SealEntry links an entry into the chain; a Conflict means that the entry, or its
// place, was taken before.
func (t Tx) SealEntry(s Seal) error {
	if err := t.s.Exec(numberEntry, One, s.Seq, s.Entry); err != nil {
		return err
	}
	return t.s.Exec(insertSeal, One, s.Seq, s.Entry, s.Hash)
}

// LastSeal is the end of the chain; a zero Seal if there is none.
func (v View) LastSeal() (Seal, error) {
	s, err := one(v, lastSeal, readSeal)
	if IsMissing(err) {
		return Seal{}, nil
	}
	return s, err
}

// SealsAfter walks the chain.
func (v View) SealsAfter(seq int64, limit int) ([]Seal, error) {
	return many(v, sealsAfter, readSeal, seq, limit)
}

// SealedEntry is an entry with its place in the chain, 0 if it has none.
type SealedEntry struct {
	ledger.Entry
	Seq int64
}

// EntriesAfter walks all entries in the order of their ids, for the audit.
func (v View) EntriesAfter(id string, limit int) ([]SealedEntry, error) {
	var out []SealedEntry
	err := v.s.Rows(entriesAfter, []any{id, limit}, func(scan Scan) error {
		var e SealedEntry
		var at int64
		var account, currency sql.NullString
		var amount sql.NullInt64
		err := scan(&e.ID, &e.Business, &at, &e.Kind, &e.Object, &e.RailRef, &e.Seq, &account, &amount, &currency)
		if err != nil {
			return err
		}
		if n := len(out); n == 0 || out[n-1].ID != e.ID {
			e.At = fromMicros(at)
			out = append(out, e)
		}
		if account.Valid {
			last := &out[len(out)-1]
			last.Postings = append(last.Postings, ledger.Posting{Account: ledger.Account(account.String),
				Amount: amount.Int64, Currency: money.Currency(currency.String)})
		}
		return nil
	})
	return out, err
}

// CountStrayPostings counts postings without an entry.
func (v View) CountStrayPostings() (int64, error) { return one(v, countStrayPostings, readInt) }

func readEntry(scan Scan) (e ledger.Entry, err error) {
	var at int64
	err = scan(&e.ID, &e.Business, &at, &e.Kind, &e.Object, &e.RailRef)
	e.At = fromMicros(at)
	return e, err
}

func readPosting(scan Scan) (p ledger.Posting, err error) {
	return p, scan((*string)(&p.Account), &p.Amount, (*string)(&p.Currency))
}

func readSeal(scan Scan) (s Seal, err error) { return s, scan(&s.Seq, &s.Entry, &s.Hash) }
