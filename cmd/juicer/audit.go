package main

import (
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/node"
	"github.com/juicer-pay/juicer/internal/wire"
)

// auditCmd proves the books, also while the server runs.
type auditCmd struct {
	place
	environment
	Wait int  `help:"Seconds to wait until nothing is in flight." default:"0"`
	JSON bool `help:"Print the report as JSON."`
}

// Run implements the command.
func (c *auditCmd) Run(t *terminal) error {
	return c.existing(t.ctx, access.Env(c.Env), func(n *node.Node) error {
		report, err := n.Engine.Audit(t.ctx, engine.AuditRequest{Books: n.Books(), Wait: time.Duration(c.Wait) * time.Second})
		if err != nil {
			return err
		}
		if c.JSON {
			fmt.Fprintln(t.out, string(wire.Marshal(wire.Data{Data: report})))
		} else {
			showAudit(t, report)
		}
		return verdict(report)
	})
}

func verdict(r wire.Audit) error {
	switch {
	case r.Clean:
		return nil
	case r.Totals[wire.Lost]+r.Totals[wire.Doubled]+r.Totals[wire.Orphaned]+r.Totals[wire.Unbalanced] > 0:
		return exit(exitFindings)
	default:
		return exit(exitInFlight)
	}
}

func showAudit(t *terminal, r wire.Audit) {
	table := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	row := func(name string, value any) { fmt.Fprintf(table, "%s\t%v\n", name, value) }
	row("checked at", r.CheckedAt)
	row("payments", r.Counts.Payments)
	row("refunds", r.Counts.Refunds)
	row("payouts", r.Counts.Payouts)
	row("deposits", r.Counts.Deposits)
	row("executions at the bank", r.Counts.Executions)
	row("postings", r.Counts.Postings)
	row("events", r.Counts.Events)
	row("webhook deliveries", r.Counts.Deliveries)
	row("in flight", r.InFlight)
	for _, kind := range wire.FindingKinds {
		row(kind, r.Totals[kind])
	}
	for _, c := range r.Clearing {
		row(c.Account, money.Of(c.Amount, money.Currency(c.Currency)))
	}
	_ = table.Flush() // to a terminal that has gone nothing can be said
	for _, f := range r.Findings {
		fmt.Fprintf(t.out, "%s: %s\n", f.Kind, f.Detail)
	}
	for _, part := range r.Unavailable {
		fmt.Fprintf(t.out, "not available: %s; only our own books were compared\n", part)
	}
	switch verdict(r) {
	case nil:
		fmt.Fprintln(t.out, "clean: no money lost or doubled, every book balances")
	case exit(exitInFlight):
		fmt.Fprintln(t.out, "not final: something is still in flight; try --wait 25")
	default:
		fmt.Fprintln(t.out, "NOT clean: see the findings above")
	}
	fmt.Fprintln(t.out, "digest", r.Digest)
}
