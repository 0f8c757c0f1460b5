package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/party"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/store"
)

// ItemNames are what the items of a request name.
type ItemNames struct{ Beneficiaries, References []string }

// ReadItems reads the items of a request by the facts about them. It raises
// validation_error. It may be called again, with newer facts.
type ReadItems func(*ItemFacts) ([]NewPayout, error)

// ItemFacts are what must be known to judge items.
type ItemFacts struct {
	beneficiaries map[string]*party.Beneficiary
	own           map[string]*payment.BulkItem // of the same bulk transfer, by reference
	taken         map[string]bool              // references that others have
	sources       map[money.Currency][]money.Currency
	seen          map[string]bool // references of this request
}

// itemFacts reads them; here is the bulk transfer that the items belong to, "" for a new
// one.
func (e *Engine) itemFacts(ctx context.Context, business, here string, named ItemNames) (*ItemFacts, error) {
	f := &ItemFacts{beneficiaries: map[string]*party.Beneficiary{}, own: map[string]*payment.BulkItem{}, taken: map[string]bool{},
		sources: map[money.Currency][]money.Currency{}}
	err := e.Store.Read(ctx, func(v store.View) error {
		if err := f.readOwn(v, here); err != nil {
			return err
		}
		if err := f.readBeneficiaries(v, business, named.Beneficiaries); err != nil {
			return err
		}
		return f.readTaken(v, business, named.References)
	})
	for _, c := range money.All {
		if err == nil {
			f.sources[c], err = e.sourcesOf(ctx, c)
		}
	}
	return f, err
}

func (f *ItemFacts) readOwn(v store.View, here string) error {
	if here == "" {
		return nil
	}
	items, err := v.BulkItems(here)
	for _, i := range items {
		f.own[i.Reference] = i
	}
	return err
}

func (f *ItemFacts) readBeneficiaries(v store.View, business string, keys []string) error {
	for _, key := range keys {
		if !id.Valid(key) || f.beneficiaries[id.Fold(key)] != nil {
			continue
		}
		b, err := v.Beneficiary(id.Fold(key))
		switch {
		case store.IsMissing(err):
		case err != nil:
			return err
		case b.Business == business && b.Status == party.BeneficiaryActive:
			f.beneficiaries[b.ID] = b
		}
	}
	return nil
}

func (f *ItemFacts) readTaken(v store.View, business string, references []string) error {
	for _, reference := range references {
		_, err := v.PayoutByReference(business, reference)
		if store.IsMissing(err) {
			_, err = v.BulkItemWithReference(business, reference)
		}
		if err != nil && !store.IsMissing(err) {
			return err
		}
		f.taken[reference] = err == nil
	}
	return nil
}

// sourcesOf lists the currencies that can pay for a payout in another.
func (e *Engine) sourcesOf(ctx context.Context, target money.Currency) ([]money.Currency, error) {
	out := []money.Currency{target}
	for _, c := range money.All {
		if c == target || admitSource(c, target) != nil {
			continue
		}
		_, _, err := e.swapPrice(ctx, c, target)
		if _, refused := problem.Of(err); err != nil && !refused {
			return nil, err
		}
		if err == nil {
			out = append(out, c)
		}
	}
	return out, nil
}

// ItemBreach is what is wrong with a field of an item, whatever its form.
type ItemBreach struct {
	Field string
	Code  problem.FieldCode
	Args  problem.Details
}

// Begin starts judging the items of a request from its first.
func (f *ItemFacts) Begin() { f.seen = map[string]bool{} }

// Judge says what is wrong with an item. One that is in the bulk transfer already is
// right as it was then.
func (f *ItemFacts) Judge(in NewPayout) (breaches []ItemBreach) {
	again := f.seen[in.Reference]
	f.seen[in.Reference] = true
	own := f.own[in.Reference]
	if own != nil && !again && !own.Differs(itemOf(in)) {
		return nil
	}
	if in.Reference != "" && (again || own != nil || f.taken[in.Reference]) {
		breaches = append(breaches, ItemBreach{"reference", problem.FieldAlreadyExists, nil})
	}
	b := f.beneficiaries[id.Fold(in.Beneficiary)]
	switch {
	case in.Beneficiary == "":
		return breaches
	case b == nil:
		return append(breaches, ItemBreach{"beneficiary.id", problem.FieldNotFound, nil})
	}
	return append(breaches, f.judgeOrder(in, b)...)
}

// judgeOrder holds an item against its beneficiary and its rail.
func (f *ItemFacts) judgeOrder(in NewPayout, b *party.Beneficiary) (breaches []ItemBreach) {
	if in.Type != "" && in.Type != b.Type {
		breaches = append(breaches, ItemBreach{"beneficiary.type", problem.FieldNotAllowed, problem.Details{"list": []string{string(b.Type)}}})
	}
	if in.Amount.Currency != "" && in.Amount.Currency != b.Currency {
		return append(breaches, ItemBreach{"destination_currency", problem.FieldNotAllowed, problem.Details{"list": []string{string(b.Currency)}}})
	}
	if sources := f.sources[b.Currency]; in.Source != "" && !slices.Contains(sources, in.Source) {
		breaches = append(breaches, ItemBreach{"source_currency", problem.FieldNotAllowed, problem.Details{"list": sources}})
	}
	rail, _ := payment.PayoutRailByName(b.RailName())
	err := rail.AdmitPayout(in.Amount, in.FeePayer)
	if p, refused := problem.Of(err); refused && p.Kind == problem.InvalidAmount && in.Amount.Minor > 0 {
		code, limit := problem.FieldTooLarge, p.Details["maximum"]
		if least, _ := p.Details["minimum"].(int64); in.Amount.Minor < least {
			code, limit = problem.FieldTooSmall, least
		}
		breaches = append(breaches, ItemBreach{"amount", code, problem.Details{"limit": limit}})
	}
	return breaches
}

// itemOf is the item that an order makes, as far as the order alone tells.
func itemOf(in NewPayout) *payment.BulkItem {
	return &payment.BulkItem{Reference: in.Reference, Amount: in.Amount, Source: in.Source, FeePayer: in.FeePayer, State: payment.ItemPending,
		Fixed: payment.ItemFixed{Beneficiary: payment.Payee{ID: id.Fold(in.Beneficiary)}, Description: in.Description, AllowDuplicate: in.AllowDuplicate}}
}

// newItems makes items of well-judged orders that the bulk transfer has not yet.
func (e *Engine) newItems(ctx context.Context, b *payment.Bulk, f *ItemFacts, orders []NewPayout) (items []*payment.BulkItem, err error) {
	now := e.now()
	for _, in := range orders {
		if f.own[in.Reference] != nil {
			continue
		}
		to := f.beneficiaries[id.Fold(in.Beneficiary)]
		rail, _ := payment.PayoutRailByName(to.RailName())
		i := itemOf(in)
		i.ID, i.Bulk, i.Business, i.Number, i.CreatedAt = e.IDs.New(), b.ID, b.Business, b.Items+int64(len(items))+1, now
		i.Fee, i.Rail, i.Fixed.Beneficiary = rail.Fee, rail.Name, payeeOf(to)
		if i.Wallet, err = e.walletOf(ctx, b.Business, i.Amount.Currency); err != nil {
			return nil, err
		}
		items = append(items, i)
	}
	return items, nil
}

func insertItems(tx store.Tx, items []*payment.BulkItem) error {
	for _, i := range items {
		if err := tx.InsertBulkItem(i); err != nil {
			return err
		}
	}
	return nil
}

// givenOf is a digest of what orders move, in their order; "" for none.
func givenOf(orders []NewPayout) string {
	if len(orders) == 0 {
		return ""
	}
	sum := sha256.New()
	for _, in := range orders {
		fmt.Fprintf(sum, "%s %d %s %s %s %s\n", in.Reference, in.Amount.Minor, in.Amount.Currency, in.Source, id.Fold(in.Beneficiary), in.FeePayer)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// AddItems adds the items that read gives to a bulk transfer; those that are in it
// already are not added twice. It raises not_found, what read raises,
// bulk_transfer_not_open, bulk_transfer_full.
func (e *Engine) AddItems(ctx context.Context, c *Call, key string, named ItemNames, read ReadItems) (Reply, error) {
	var out Reply
	err := e.optimistic(ctx, object{aboutBulk, key}, func() (err error) {
		out, err = e.addItemsOnce(ctx, c, key, named, read)
		return err
	})
	return out, taken(c, err)
}

func (e *Engine) addItemsOnce(ctx context.Context, c *Call, key string, named ItemNames, read ReadItems) (Reply, error) {
	b, missing := e.FindBulk(ctx, c.Business, key)
	here := ""
	if missing == nil {
		here = b.ID
	}
	facts, err := e.itemFacts(ctx, c.Business, here, named)
	if err != nil {
		return Reply{}, err
	}
	orders, err := read(facts) // what is wrong with the fields comes before whether there is such a bulk transfer
	if err == nil {
		err = missing
	}
	if err != nil {
		return Reply{}, err
	}
	c.Trace.About(aboutBulk, b.ID)
	items, err := e.newItems(ctx, b, facts, orders)
	switch {
	case err != nil:
		return Reply{}, err
	case len(items) == 0:
		return e.standingBulk(ctx, c, b.ID, true)
	}
	if err := e.open(b); err != nil {
		return Reply{}, err
	}
	if b.Items+int64(len(items)) > BulkItemsMax {
		return Reply{}, problem.BulkTransferFull.With(problem.Details{"limit": BulkItemsMax})
	}
	return e.writeItems(ctx, c, b, items)
}

func (e *Engine) writeItems(ctx context.Context, c *Call, b *payment.Bulk, items []*payment.BulkItem) (Reply, error) {
	_, all, err := e.bulkAndItems(ctx, b.ID)
	if err != nil {
		return Reply{}, err
	}
	b.Add(items...)
	b.UpdatedAt = e.now()
	out := madeBulk(e.replyOfBulk(b, append(all, items...)), b.ID)
	err = e.commit(ctx, c, object{aboutBulk, b.ID}, &out, func(tx store.Tx) error {
		if err := insertItems(tx, items); err != nil {
			return err
		}
		return tx.SaveBulk(b)
	})
	return out, err
}

// standingBulk answers a repetition with the bulk transfer as it is now.
func (e *Engine) standingBulk(ctx context.Context, c *Call, bulkID string, made bool) (Reply, error) {
	out, err := e.BulkReply(ctx, bulkID)
	if err != nil {
		return out, err
	}
	if made {
		out = madeBulk(out, bulkID)
	}
	return e.keep(ctx, c, object{aboutBulk, bulkID}, out.replayed())
}
