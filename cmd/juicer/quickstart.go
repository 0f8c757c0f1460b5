package main

import (
	"fmt"
	"strings"

	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/node"
)

// quickstartCmd is serve with a fresh test key and requests to paste.
type quickstartCmd struct {
	serveCmd
}

// quickstartName marks the keys that earlier quick starts made.
const quickstartName = "quick start"

// Run implements the command.
func (c *quickstartCmd) Run(t *terminal) error {
	key, err := c.freshKey(t)
	if err != nil {
		return err
	}
	c.started = func(r ready) { c.greet(t, r, key) }
	return c.serveCmd.Run(t)
}

// freshKey revokes the keys of earlier quick starts and makes one.
func (c *quickstartCmd) freshKey(t *terminal) (key string, err error) {
	err = c.with(t.ctx, access.Test, func(n *node.Node) error {
		b, err := n.Business(t.ctx)
		if err != nil {
			return err
		}
		old, err := n.Engine.APIKeys(t.ctx, b.ID, string(access.Active))
		if err != nil {
			return err
		}
		for _, k := range old {
			if k.Name != quickstartName {
				continue
			}
			if _, err := n.Engine.RevokeKey(t.ctx, &engine.Call{Business: b.ID}, k.ID); err != nil {
				return err
			}
		}
		made, err := keyIn(n.Engine.CreateKey(t.ctx, &engine.Call{Business: b.ID}, engine.NewKey{Name: quickstartName, Scopes: []string{access.Everything}}))
		key = made.Key
		return err
	})
	return key, err
}

func (c *quickstartCmd) greet(t *terminal, r ready, key string) {
	fmt.Fprint(t.out, greetingWith(r, key))
}

// greetingWith is the greeting as people see it.
func greetingWith(r ready, key string) string {
	return strings.NewReplacer("{url}", r.TestURL, "{key}", key, "{admin}", r.AdminURL).Replace(greeting)
}

const greeting = `
Juicer is running. No real money moves here.

  API             {url}
  Errors          {url}/docs/errors
  Health, metrics {admin}/readyz  {admin}/metrics
  Test key        {key}

In another terminal, paste:

  export JUICER_TARGET={url} JUICER_KEY={key}

Take a payment (the same line again returns the same payment, not a second one):

  curl -s $JUICER_TARGET/payment-sessions -H "Authorization: $JUICER_KEY" -H 'Content-Type: application/json' -H 'Idempotency-Key: order-1' -d '{"amount":250000,"currency":"NGN","description":"Term fee","reference":"order-1","customer":{"first_name":"Ada","last_name":"Obi","email":"ada@example.com","phone_number":"+2348031234567","billing_address":{"line1":"5 Marina Road","city":"Lagos","country":"NG","zip_code":"100001"}},"order":{"identifier":"INV-7","items":[{"name":"Term fee","type":"service"}]},"payment_method":{"type":"card"}}'

  ID=$(curl -s $JUICER_TARGET/payments/order-1 -H "Authorization: $JUICER_KEY" | sed 's/.*"data":{.*"id":"\([^"]*\)","metadata".*/\1/')

  curl -s $JUICER_TARGET/payment-sessions/$ID -H "Authorization: $JUICER_KEY" -H 'Content-Type: application/json' -H 'Idempotency-Key: order-1-capture' -d "{\"card\":$(bin/juicer card 4000000000011009)}"

Other cards: 4000000000012015 has no funds, 4000000000011108 asks for the OTP 123456,
4000000000013013 is charged but the bank's reply is lost, 4000000000020406 takes 40 seconds.

See what happened, and prove that no money was lost or doubled:

  bin/juicer requests tail
  bin/juicer audit

Or let the program do it all:  bin/juicer pay
Ctrl-C stops the server; the data stays.
`
