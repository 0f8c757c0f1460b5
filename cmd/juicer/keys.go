package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/node"
)

// keysCmd works on API keys, also while the server runs.
type keysCmd struct {
	Create keysCreateCmd `cmd:"" help:"Make a key and show it once. Makes the default business if there is none."`
	List   keysListCmd   `cmd:"" help:"List keys."`
	Rotate keysRotateCmd `cmd:"" help:"Replace a key; the old one works on until 24 hours after the new one was first used, 7 days at most."`
	Revoke keysRevokeCmd `cmd:"" help:"End a key at once."`
}

// environment is the flag of commands that work in one environment.
type environment struct {
	Env string `help:"Environment." enum:"test,live" default:"test"`
}

type keysCreateCmd struct {
	place
	environment
	Scope     []string      `help:"What the key may do, e.g. payments:read; repeatable. Default: everything." default:"*"`
	ExpiresIn time.Duration `help:"How long the key works. Default: no end."`
	Name      string        `help:"Name of the key." default:"command line"`
	Business  string        `help:"Id of the business. Default: the first."`
	Quiet     bool          `help:"Print the key alone."`
}

// Run implements the command.
func (c *keysCreateCmd) Run(t *terminal) error {
	for _, s := range c.Scope {
		if !access.Valid(s) {
			return fmt.Errorf("there is no scope %q; there are: %s", s, strings.Join(access.Scopes(), ", "))
		}
	}
	return c.with(t.ctx, access.Env(c.Env), func(n *node.Node) error {
		made, err := c.create(t, n)
		if err != nil {
			return err
		}
		if c.Quiet {
			fmt.Fprintln(t.out, made.Key)
			return nil
		}
		fmt.Fprintf(t.out, "%s\n\nThis is the only time the key is shown. It may: %s\n", made.Key, strings.Join(c.Scope, ", "))
		return nil
	})
}

func (c *keysCreateCmd) create(t *terminal, n *node.Node) (shownKey, error) {
	business := c.Business
	if business == "" {
		first, err := n.Business(t.ctx)
		if err != nil {
			return shownKey{}, err
		}
		business = first.ID
	}
	in := engine.NewKey{Name: c.Name, Scopes: c.Scope}
	if c.ExpiresIn > 0 {
		end := n.Engine.Clock.Now().Add(c.ExpiresIn)
		in.ExpiresAt = &end
	}
	out, err := n.Engine.CreateKey(t.ctx, &engine.Call{Business: business}, in)
	return keyIn(out, err)
}

// shownKey is what a command shows of a new key.
type shownKey struct {
	ID  string `json:"id"`
	Key string `json:"key"`
}

func keyIn(out engine.Reply, err error) (shownKey, error) {
	var reply struct {
		Data shownKey `json:"data"`
	}
	if err != nil {
		return reply.Data, err
	}
	return reply.Data, json.Unmarshal(out.Body, &reply)
}

type keysListCmd struct {
	place
	environment
	JSON bool `help:"Print JSON for machines."`
}

// Run implements the command.
func (c *keysListCmd) Run(t *terminal) error {
	return c.existing(t.ctx, access.Env(c.Env), func(n *node.Node) error {
		all, err := n.Engine.Businesses(t.ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		if !c.JSON {
			fmt.Fprintln(table, "ID\tKEY\tNAME\tSTATUS\tSCOPES\tLAST USED")
		}
		for _, b := range all {
			keys, err := n.Engine.APIKeys(t.ctx, b.ID, "")
			if err != nil {
				return err
			}
			for _, k := range keys {
				c.show(t, table, n, k)
			}
		}
		return table.Flush()
	})
}

func (c *keysListCmd) show(t *terminal, table *tabwriter.Writer, n *node.Node, k access.Key) {
	if c.JSON {
		line, _ := json.Marshal(n.Engine.ShowKey(k)) // our own types always encode
		fmt.Fprintln(t.out, string(line))
		return
	}
	used := "never"
	if k.LastUsedAt != nil {
		used = k.LastUsedAt.Format(time.RFC3339)
	}
	fmt.Fprintf(table, "%s\t%s...%s\t%s\t%s\t%s\t%s\n", k.ID, k.Prefix, k.Last4, k.Name, k.StateAt(n.Engine.Clock.Now()), strings.Join(k.Scopes, ","), used)
}

type keysRotateCmd struct {
	place
	environment
	ID    string `arg:"" help:"Id of the key (juicer keys list)."`
	Quiet bool   `help:"Print the new key alone."`
}

// Run implements the command.
func (c *keysRotateCmd) Run(t *terminal) error {
	return c.existing(t.ctx, access.Env(c.Env), func(n *node.Node) error {
		return onKey(t, n, c.ID, func(call *engine.Call) error {
			made, err := keyIn(n.Engine.RotateKey(t.ctx, call, c.ID))
			if err == nil {
				fmt.Fprintln(t.out, made.Key)
			}
			if err == nil && !c.Quiet {
				fmt.Fprintln(t.out, "\nThis is the only time the key is shown. The old key goes on for a while.")
			}
			return err
		})
	})
}

type keysRevokeCmd struct {
	place
	environment
	ID string `arg:"" help:"Id of the key (juicer keys list)."`
}

// Run implements the command.
func (c *keysRevokeCmd) Run(t *terminal) error {
	return c.existing(t.ctx, access.Env(c.Env), func(n *node.Node) error {
		return onKey(t, n, c.ID, func(call *engine.Call) error {
			_, err := n.Engine.RevokeKey(t.ctx, call, c.ID)
			return err
		})
	})
}

// onKey finds the business of a key and works on it.
func onKey(t *terminal, n *node.Node, keyID string, work func(*engine.Call) error) error {
	all, err := n.Engine.Businesses(t.ctx)
	if err != nil {
		return err
	}
	for _, b := range all {
		if _, err := n.Engine.FindKey(t.ctx, b.ID, keyID); err == nil {
			return work(&engine.Call{Business: b.ID})
		}
	}
	return fmt.Errorf("there is no key %s; see: juicer keys list", keyID)
}
