package main

import (
	"fmt"
	"unicode/utf8"

	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/node"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

// businessCmd works on businesses, also while the server runs.
type businessCmd struct {
	Create  businessCreateCmd  `cmd:"" help:"Make a business with its wallets and print its id."`
	Address businessAddressCmd `cmd:"" help:"Set the address of a business, which its settings and webhooks show."`
	List    businessListCmd    `cmd:"" help:"List businesses."`
}

type businessCreateCmd struct {
	place
	environment
	Name string `arg:"" help:"Name of the business, as payers see it."`
}

// Run implements the command.
func (c *businessCreateCmd) Run(t *terminal) error {
	return c.with(t.ctx, access.Env(c.Env), func(n *node.Node) error {
		b, err := n.Engine.AddBusiness(t.ctx, c.Name, n.Opening())
		if err == nil {
			fmt.Fprintln(t.out, b.ID)
		}
		return err
	})
}

type businessAddressCmd struct {
	place
	environment
	ID      string `arg:"" help:"The business (juicer business list)."`
	Line1   string `name:"line1" required:"" help:"Street and number."`
	Line2   string `name:"line2" help:"More of it."`
	City    string `required:"" help:"City."`
	State   string `help:"State or province."`
	Country string `required:"" help:"Two capital letters, as in ISO 3166: NG."`
	ZipCode string `required:"" help:"Postal code."`
}

// Validate is called by the parser.
func (c *businessAddressCmd) Validate() error {
	if !wire.IsCountry(c.Country) {
		return fmt.Errorf("--country is %q; it must be two capital letters of ISO 3166, such as NG", c.Country)
	}
	for name, text := range map[string]string{"line1": c.Line1, "line2": c.Line2, "city": c.City, "state": c.State, "zip-code": c.ZipCode} {
		if utf8.RuneCountInString(text) > addressMax {
			return fmt.Errorf("--%s is longer than %d characters", name, addressMax)
		}
	}
	return nil
}

const addressMax = 200 // characters of one line, as with customers

// Run implements the command.
func (c *businessAddressCmd) Run(t *terminal) error {
	at := wire.Address{City: c.City, Country: c.Country, Line1: c.Line1, Line2: wire.OrNull(c.Line2), State: wire.OrNull(c.State), ZipCode: c.ZipCode}
	return c.existing(t.ctx, access.Env(c.Env), func(n *node.Node) error {
		err := n.Engine.SetAddress(t.ctx, c.ID, at)
		if store.Lost(err, "save_business_address") {
			return fmt.Errorf("there is no business %s: juicer business list shows those there are", c.ID)
		}
		return err
	})
}

type businessListCmd struct {
	place
	environment
}

// Run implements the command.
func (c *businessListCmd) Run(t *terminal) error {
	return c.existing(t.ctx, access.Env(c.Env), func(n *node.Node) error {
		all, err := n.Engine.Businesses(t.ctx)
		for _, b := range all {
			fmt.Fprintf(t.out, "%s  %s\n", b.ID, b.Name)
		}
		return err
	})
}

// encryptionCmd works on the card encryption key.
type encryptionCmd struct {
	Rotate encryptionRotateCmd `cmd:"" help:"Make a new card encryption key. Cards encrypted with the old one are accepted for 24 hours more. Restart the server to take it up."`
}

type encryptionRotateCmd struct {
	place
	environment
}

// Run implements the command.
func (c *encryptionRotateCmd) Run(t *terminal) error {
	return c.existing(t.ctx, access.Env(c.Env), func(n *node.Node) error { return n.RotateEncryptionKey(t.ctx) })
}
