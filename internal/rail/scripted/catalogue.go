package scripted

// Catalogue is what the simulated bank can be asked to do, as data.
type Catalogue struct {
	Banks   []BankRow   `json:"banks"`
	Cards   []CardRow   `json:"cards"`
	Endings []EndingRow `json:"endings"`
}

// EndingRow is what the last four characters of a beneficiary's account make of a payout.
type EndingRow struct {
	Effect string `json:"effect"`
	Ending string `json:"ending"`
}

// CardRow is a test card, or a pattern of card numbers.
type CardRow struct {
	CardNumber string  `json:"card_number"`
	CVV        string  `json:"cvv"`
	Documented bool    `json:"documented"` // by the original API
	Effect     string  `json:"effect"`
	Expiry     *string `json:"expiry"` // MM/YY, good although it may have passed; null: any future date
	OTP        *string `json:"otp"`
}

// BankRow is a personality with the bank that has it.
type BankRow struct {
	BankCode    *string `json:"bank_code"`
	BankName    *string `json:"bank_name"`
	Behaviour   string  `json:"behaviour"`
	Latency     string  `json:"latency"`
	Personality string  `json:"personality"`
}

// Catalogue lists the cards and the personalities.
func (b *Bank) Catalogue() Catalogue {
	var c Catalogue
	for _, row := range testCards() {
		c.Cards = append(c.Cards, CardRow{CardNumber: row.number, CVV: rightCVV, Documented: row.documented, Effect: row.effect,
			Expiry: orNull(row.expiry), OTP: orNull(row.behaviour.password())})
	}
	c.Cards = append(c.Cards, CardRow{CardNumber: delayedPattern, CVV: rightCVV,
		Effect: "approved after NNN seconds (L: Luhn digit), e.g. 4000000000020059 after 5 s"})
	for _, e := range endings() {
		c.Endings = append(c.Endings, EndingRow{Effect: e.effect, Ending: e.characters})
	}
	for _, p := range personalities() {
		c.Banks = append(c.Banks, BankRow{BankCode: orNull(p.BankCode), BankName: orNull(p.BankName), Behaviour: p.Conduct,
			Latency: p.Latency.String(), Personality: p.Name})
	}
	return c
}

// password is the one-time password that takes a step of the card; "" if none.
func (b Behaviour) password() string {
	for _, s := range b.Steps {
		if s.OTP != "" {
			return s.OTP
		}
	}
	return ""
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
