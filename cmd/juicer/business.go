package main

import (
	"fmt"

	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/node"
)

// businessCmd works on businesses, also while the server runs.
type businessCmd struct {
	Create businessCreateCmd `cmd:"" help:"Make a business with its wallets and print its id."`
	List   businessListCmd   `cmd:"" help:"List businesses."`
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
