package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/migration"
	"github.com/juicer-pay/juicer/internal/node"
	"github.com/juicer-pay/juicer/internal/store/postgres"
	"github.com/juicer-pay/juicer/internal/store/sqlite"
)

// migrateCmd works on the schemas of an installation, also while servers run.
type migrateCmd struct {
	Status migrateStatusCmd `cmd:"" help:"Show which steps were applied, and change nothing. Exit code 4: some are pending."`
	Up     migrateUpCmd     `cmd:"" help:"Apply the steps that are pending. Safe from several places at once, and while servers run."`
}

const bothEnvironments = "both"

// migrations is what both commands are told.
type migrations struct {
	place
	Env  string `help:"Environment: test (with its simulated bank), live, or both. up makes a schema that is not there only for an environment named here." enum:"test,live,both" default:"both"`
	JSON bool   `help:"Print JSON."`
}

// records are those of the chosen environments.
func (c *migrations) records() []migration.Record {
	switch c.Env {
	case bothEnvironments:
		return append(node.Records(access.Test), node.Records(access.Live)...)
	default:
		return node.Records(access.Env(c.Env))
	}
}

// at says where a record is kept.
func (c *migrations) at(r migration.Record) string {
	if c.Database != "" {
		return r.Schema
	}
	return r.File
}

func (c *migrations) status(ctx context.Context, r migration.Record) ([]migration.Step, error) {
	if c.Database == "" {
		return migration.FileStatus(ctx, filepath.Join(c.Data, r.File), r.Steps)
	}
	config, err := postgres.Config(c.Database, r.Schema)
	if err != nil {
		return nil, err
	}
	steps, err := migration.SchemaStatus(ctx, config.ConnConfig, r.Schema, r.Steps)
	return steps, postgres.Unreachable(err)
}

func (c *migrations) up(ctx context.Context, r migration.Record) ([]migration.Step, error) {
	if c.Database == "" {
		return sqlite.Migrate(ctx, filepath.Join(c.Data, r.File), r.Steps)
	}
	config, err := postgres.Config(c.Database, r.Schema)
	if err != nil {
		return nil, err
	}
	steps, err := migration.Schema(ctx, config.ConnConfig, r.Schema, r.Steps)
	return steps, postgres.Unreachable(err)
}

// nothing is the error where no record is there at all: most likely a mistyped flag.
func (c *migrations) nothing() error {
	if c.Database != "" {
		return errors.New("there is no Juicer in this database: is --database right? A new one is made by the first server, or by juicer migrate up --env test (or live)")
	}
	return fmt.Errorf("there are no databases of Juicer in %s: is --data right?", c.Data)
}

// shownRecord and shownStep are how both commands show what they saw or did.
type shownRecord struct {
	At     string      `json:"at"` // file or schema
	Exists bool        `json:"exists"`
	Record string      `json:"record"`
	Steps  []shownStep `json:"steps"`
}

type shownStep struct {
	AppliedAt *time.Time `json:"applied_at"` // null: pending
	Step      string     `json:"step"`
}

func (c *migrations) shown(r migration.Record, exists bool, steps []migration.Step) shownRecord {
	out := shownRecord{At: c.at(r), Exists: exists, Record: r.Name, Steps: []shownStep{}}
	for _, s := range steps {
		out.Steps = append(out.Steps, shownStep{AppliedAt: s.AppliedAt, Step: s.Name})
	}
	return out
}

func printJSON(t *terminal, data any) error {
	line, err := json.Marshal(map[string]any{"data": data})
	if err == nil {
		fmt.Fprintln(t.out, string(line))
	}
	return err
}

type migrateStatusCmd struct{ migrations }

// Run implements the command.
func (c *migrateStatusCmd) Run(t *terminal) error {
	var all []shownRecord
	exist, pending := 0, 0
	for _, r := range c.records() {
		steps, err := c.status(t.ctx, r)
		there := !errors.Is(err, migration.ErrNone)
		if err != nil && there {
			return fmt.Errorf("look at %s: %w", c.at(r), err)
		}
		if there {
			exist, pending = exist+1, pending+len(migration.Pending(steps))
		}
		all = append(all, c.shown(r, there, steps))
	}
	if exist == 0 {
		return c.nothing()
	}
	return errors.Join(c.show(t, all, pending), pendingCode(pending))
}

func pendingCode(pending int) error {
	if pending > 0 {
		return exit(exitPending)
	}
	return nil
}

func (c *migrateStatusCmd) show(t *terminal, all []shownRecord, pending int) error {
	if c.JSON {
		return printJSON(t, map[string]any{"pending": pending, "records": all})
	}
	table := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, r := range all {
		if !r.Exists {
			fmt.Fprintf(table, "%s\t-\tthere is none\n", r.At)
		}
		for _, s := range r.Steps {
			fmt.Fprintf(table, "%s\t%s\t%s\n", r.At, s.Step, s.when())
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if pending == 0 {
		fmt.Fprintln(t.out, "up to date")
		return nil
	}
	fmt.Fprintf(t.out, "%d pending: juicer migrate up applies them, and so does a server of this release when it starts\n", pending)
	return nil
}

func (s shownStep) when() string {
	if s.AppliedAt == nil {
		return "pending"
	}
	return "applied " + s.AppliedAt.Format(time.DateTime)
}

type migrateUpCmd struct{ migrations }

// Run implements the command.
func (c *migrateUpCmd) Run(t *terminal) error {
	var all []shownRecord
	for _, r := range c.records() {
		there, err := c.wanted(t.ctx, r)
		if err != nil {
			return err
		}
		if !there {
			continue
		}
		done, err := c.up(t.ctx, r)
		if err != nil {
			return fmt.Errorf("bring %s up to date: %w", c.at(r), err)
		}
		all = append(all, c.shown(r, true, done))
	}
	if len(all) == 0 {
		return c.nothing()
	}
	return c.show(t, all)
}

// wanted reports whether to work on a record: on one that is there, or on a schema of an
// environment that was named. A file is made by the first server, never by a mistyped path.
func (c *migrateUpCmd) wanted(ctx context.Context, r migration.Record) (bool, error) {
	_, err := c.status(ctx, r)
	if errors.Is(err, migration.ErrNone) {
		return c.Database != "" && c.Env != bothEnvironments, nil
	}
	if err != nil {
		return false, fmt.Errorf("look at %s: %w", c.at(r), err)
	}
	return true, nil
}

func (c *migrateUpCmd) show(t *terminal, all []shownRecord) error {
	if c.JSON {
		return printJSON(t, map[string]any{"records": all})
	}
	for _, r := range all {
		for _, s := range r.Steps {
			fmt.Fprintf(t.out, "%s  %s applied\n", r.At, s.Step)
		}
		if len(r.Steps) == 0 {
			fmt.Fprintf(t.out, "%s  up to date\n", r.At)
		}
	}
	return nil
}
