package wire

import (
	"github.com/juicer-pay/juicer/internal/exchange"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/problem"
)

// Quote is a price of a swap that may be had for a while.
type Quote struct {
	ExpiresAt     Time   `json:"expires_at"`
	ID            string `json:"id"`
	Locked        bool   `json:"locked"`
	Rate          int64  `json:"rate"`
	Symbol        string `json:"symbol"`
	TimeToConvert int64  `json:"time_to_convert"`
	TimeToLock    int64  `json:"time_to_lock"`
	Type          string `json:"type"`
}

// ShowQuote is q as every endpoint shows it.
func ShowQuote(q *exchange.Quote) Quote {
	return Quote{ExpiresAt: At(q.ExpiresAt), ID: q.ID, Locked: q.State != exchange.Open, Rate: q.Price.Minor(), Symbol: q.Symbol(),
		TimeToConvert: q.TimeToConvert, TimeToLock: q.TimeToLock, Type: string(q.Price.Side)}
}

// fxType is what every FX rate is for.
const fxType = "conversion"

// FXRate is a rate as text: target units for one source unit.
type FXRate struct {
	ID             string           `json:"id"`
	Rate           exchange.Decimal `json:"rate"`
	SourceCurrency string           `json:"source_currency"`
	TargetCurrency string           `json:"target_currency"`
	TimeToConvert  int64            `json:"time_to_convert"`
	TimeToLock     int64            `json:"time_to_lock"`
	Type           string           `json:"type"`
}

// ShowFXRate is a rate as it is first given.
func ShowFXRate(q *exchange.Quote) FXRate {
	return FXRate{ID: q.ID, Rate: q.Price.Text(), SourceCurrency: string(q.Price.Source()), TargetCurrency: string(q.Price.Target()),
		TimeToConvert: q.TimeToConvert, TimeToLock: q.TimeToLock, Type: fxType}
}

// LockedFXRate is a rate that is held.
type LockedFXRate struct {
	ID     string           `json:"id"`
	Rate   exchange.Decimal `json:"rate"`
	Symbol string           `json:"symbol"`
	TTL    int64            `json:"ttl"`
	Type   string           `json:"type"`
}

// ShowLockedFXRate is a rate after it was locked.
func ShowLockedFXRate(q *exchange.Quote) LockedFXRate {
	return LockedFXRate{ID: q.ID, Rate: q.Price.Text(), Symbol: q.Symbol(), TTL: q.TimeToConvert, Type: fxType}
}

// AggregatorRate is a rate that was locked when it was given.
type AggregatorRate struct {
	ID             string           `json:"id"`
	Rate           exchange.Decimal `json:"rate"`
	SourceCurrency string           `json:"source_currency"`
	Symbol         string           `json:"symbol"`
	TargetCurrency string           `json:"target_currency"`
	TimeToConvert  int64            `json:"time_to_convert"`
	TimeToLock     int64            `json:"time_to_lock"`
	TTL            int64            `json:"ttl"`
	Type           string           `json:"type"`
}

// ShowAggregatorRate is both shapes of an FX rate together.
func ShowAggregatorRate(q *exchange.Quote) AggregatorRate {
	return AggregatorRate{ID: q.ID, Rate: q.Price.Text(), SourceCurrency: string(q.Price.Source()), Symbol: q.Symbol(),
		TargetCurrency: string(q.Price.Target()), TimeToConvert: q.TimeToConvert, TimeToLock: q.TimeToLock, TTL: q.TimeToConvert, Type: fxType}
}

// MoneyAmount is an amount with its currency.
type MoneyAmount struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

func showAmount(a money.Amount) MoneyAmount {
	return MoneyAmount{Amount: a.Minor, Currency: string(a.Currency)}
}

// SwapParty is who swaps with whom.
type SwapParty struct {
	Email *string `json:"email"`
	ID    string  `json:"id"`
	Name  string  `json:"name"`
	Type  string  `json:"type"`
}

// Swap is a swap as every endpoint shows it.
type Swap struct {
	CorrelationID string      `json:"correlation_id"`
	CreatedAt     Time        `json:"created_at"`
	Customer      SwapParty   `json:"customer"`
	ID            string      `json:"id"`
	Provider      SwapParty   `json:"provider"`
	QuoteID       *string     `json:"quote_id"`
	Rate          int64       `json:"rate"`
	SourceAmount  MoneyAmount `json:"source_amount"`
	Status        string      `json:"status"`
	Symbol        string      `json:"symbol"`
	TargetAmount  MoneyAmount `json:"target_amount"`
	UpdatedAt     Time        `json:"updated_at"`
}

// The provider of every swap is the operator's own desk.
const (
	deskEmail = "desk@juicer.example"
	deskID    = "01a20299-a750-7f0c-96bf-ec8a7631a992"
	deskName  = "Juicer"
)

// ShowSwap is a swap of the business with that name.
func ShowSwap(d *exchange.Deal, business string) Swap {
	const party = "business"
	email := deskEmail
	return Swap{CorrelationID: d.CorrelationID, CreatedAt: At(d.CreatedAt), Customer: SwapParty{ID: d.Business, Name: business, Type: party},
		ID: d.ID, Provider: SwapParty{Email: &email, ID: deskID, Name: deskName, Type: party}, QuoteID: orNull(d.QuoteID),
		Rate: d.Price.Minor(), SourceAmount: showAmount(d.Terms.Source), Status: string(d.State), Symbol: d.Price.Pair.Symbol(),
		TargetAmount: showAmount(d.Terms.Target), UpdatedAt: At(d.CreatedAt)}
}

// SwapMoney is the money block of a swap.
func (s Site) SwapMoney(d *exchange.Deal) Money {
	return Money{Outcome: d.State.Outcome(), StatusURL: s.PublicURL + "/exchange/swap/" + d.ID}
}

// Conversion is a conversion under an FX rate.
type Conversion struct {
	CreatedAt    Time             `json:"created_at"`
	ID           string           `json:"id"`
	Rate         exchange.Decimal `json:"rate"`
	RateID       string           `json:"rate_id"`
	Reference    string           `json:"reference"`
	SourceAmount MoneyAmount      `json:"source_amount"`
	Status       string           `json:"status"`
	TargetAmount MoneyAmount      `json:"target_amount"`
}

// ShowConversion is a conversion as it is answered.
func ShowConversion(d *exchange.Deal) Conversion {
	return Conversion{CreatedAt: At(d.CreatedAt), ID: d.ID, Rate: d.Price.Text(), RateID: d.QuoteID, Reference: d.Reference,
		SourceAmount: showAmount(d.Terms.Source), Status: string(d.State), TargetAmount: showAmount(d.Terms.Target)}
}

// AboutDone is the envelope of a movement of money that cannot be read again.
type AboutDone struct {
	Data  any       `json:"data"`
	Money MoneyDone `json:"money"`
}

// MoneyDone is a money block without an address.
type MoneyDone struct {
	Outcome   problem.Outcome `json:"outcome"`
	Retry     problem.Retry   `json:"retry"`
	StatusURL *string         `json:"status_url"` // always null
}

// ConversionMoney is the money block of a conversion: no address shows one.
func ConversionMoney(d *exchange.Deal) MoneyDone { return MoneyDone{Outcome: d.State.Outcome()} }

// Converted is arithmetic at the present rate.
type Converted struct {
	ConvertedAmount int64            `json:"converted_amount"`
	From            string           `json:"from"`
	Rate            exchange.Decimal `json:"rate"`
	To              string           `json:"to"`
}

// ShowConverted is what an amount would become.
func ShowConverted(p exchange.Price, t exchange.Terms) Converted {
	return Converted{ConvertedAmount: t.Target.Minor, From: string(p.Source()), Rate: p.Text(), To: string(p.Target())}
}

// ExchangeOrder is an order as every endpoint shows it.
type ExchangeOrder struct {
	CreatedAt     Time    `json:"created_at"`
	ExpiresAt     *Time   `json:"expires_at"`
	ID            string  `json:"id"`
	PercentFilled int64   `json:"percent_filled"`
	Price         *int64  `json:"price"`
	PriceType     string  `json:"price_type"`
	Qty           int64   `json:"qty"`
	Status        string  `json:"status"`
	Symbol        string  `json:"symbol"`
	TimeInForce   string  `json:"time_in_force"`
	Trades        []Trade `json:"trades"`
	Type          string  `json:"type"`
	UpdatedAt     Time    `json:"updated_at"`
}

// Trade is what filled an order.
type Trade struct {
	Amount    int64 `json:"amount"`
	CreatedAt Time  `json:"created_at"`
	Price     int64 `json:"price"`
	Qty       int64 `json:"qty"`
}

// MarketPrice is the only price type.
const MarketPrice = "market"

const allFilled = 10000 // hundredths of a per cent

// ShowOrder is an order as every endpoint shows it.
func ShowOrder(o *exchange.Order) ExchangeOrder {
	out := ExchangeOrder{CreatedAt: At(o.CreatedAt), ExpiresAt: AtOrNull(o.ExpiresAt), ID: o.ID, PriceType: MarketPrice, Qty: o.Qty,
		Status: string(o.State), Symbol: o.Pair.Symbol(), TimeInForce: o.TimeInForce, Trades: []Trade{}, Type: string(o.Type), UpdatedAt: At(o.UpdatedAt)}
	if o.State == exchange.OrderFilled {
		out.PercentFilled = allFilled
		out.Trades = append(out.Trades, Trade{Amount: o.FillAmount, CreatedAt: At(o.CreatedAt), Price: o.FillPrice, Qty: o.Qty})
	}
	return out
}

// OrderMoney is the money block of an order.
func (s Site) OrderMoney(o *exchange.Order) Money {
	return Money{Outcome: o.State.Outcome(), StatusURL: s.PublicURL + "/exchange/orders/" + o.ID}
}

// OperatorRate is the present rate of a pair, with what it was set to if it was.
type OperatorRate struct {
	Buy       *int64 `json:"buy"`
	ID        string `json:"id"`
	Sell      *int64 `json:"sell"`
	Symbol    string `json:"symbol"`
	TTL       int64  `json:"ttl"`
	UpdatedAt *Time  `json:"updated_at"`
}

// SwapConfiguration is what a swap of a pair must keep to.
type SwapConfiguration struct {
	ID            string `json:"id"`
	Maximum       int64  `json:"maximum"`
	Minimum       int64  `json:"minimum"`
	Status        string `json:"status"`
	Symbol        string `json:"symbol"`
	TimeToConvert int64  `json:"time_to_convert"`
	TimeToLock    int64  `json:"time_to_lock"`
}

// Catalogue is what triggers an outcome in the sandbox.
type Catalogue struct {
	Banks   any           `json:"banks"`
	Cards   any           `json:"cards"`
	Endings any           `json:"endings"` // of beneficiaries' accounts
	Rates   []DefaultRate `json:"rates"`
}

// DefaultRate is a rate of the sandbox in minor units.
type DefaultRate struct {
	Buy    int64  `json:"buy"`
	Sell   int64  `json:"sell"`
	Symbol string `json:"symbol"`
}

// DefaultRates are those of the sandbox.
func DefaultRates() (all []DefaultRate) {
	for _, d := range exchange.Defaults() {
		all = append(all, DefaultRate{Buy: d.Buy, Sell: d.Sell, Symbol: d.Pair.Symbol()})
	}
	return all
}
