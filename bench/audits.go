package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
)

// verdict is the audit of one way's books against what its callers know.
type verdict struct {
	Way        string `json:"way"`
	Made       int    `json:"made"` // payments that callers have created
	Paid       int    `json:"paid"` // captures that callers were told of
	Clean      bool   `json:"clean"`
	Payments   int    `json:"payments"`   // in the books
	Executions int    `json:"executions"` // at the bank
	dir        string
	store      string                                // URL of a database
	check      func(context.Context, *verdict) error // instead of juicer audit
}

// audits holds every environment against its bank's books and against what was
// answered. The bare databases of SQLite pass the same audit: they did the same work.
func (b *bench) audits(ctx context.Context) error {
	var wrong []error
	for i := range b.report.Audits {
		v := &b.report.Audits[i]
		b.tell.now("auditing: %s", v.Way)
		if err := b.audit(ctx, v); err != nil {
			return err
		}
		if !v.Clean || v.Payments != v.Made || v.Executions != v.Paid {
			wrong = append(wrong, fmt.Errorf("the audit of %q is not what it should be: %+v", v.Way, *v))
		}
	}
	return errors.Join(wrong...)
}

func (b *bench) audit(ctx context.Context, v *verdict) error {
	if v.check != nil {
		return v.check(ctx, v)
	}
	args := []string{"audit", "--data", b.path(v.dir), "--json"}
	if v.store != "" {
		args = append(args, "--database", v.store)
	}
	out, err := exec.CommandContext(ctx, b.juicer, args...).Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) { // a finding has an exit code of its own; the report tells
		return fmt.Errorf("audit %s: %w", v.Way, err)
	}
	var report struct {
		Data struct {
			Clean  bool `json:"clean"`
			Counts struct {
				Payments   int `json:"payments"`
				Executions int `json:"executions"`
			} `json:"counts"`
		} `json:"data"`
	}
	if err := json.Unmarshal(out, &report); err != nil {
		return fmt.Errorf("read the audit of %s: %w: %s", v.Way, err, out)
	}
	v.Clean, v.Payments, v.Executions = report.Data.Clean, report.Data.Counts.Payments, report.Data.Counts.Executions
	return nil
}
