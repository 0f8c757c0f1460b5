package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/juicer-pay/juicer/internal/world"
	juicer "github.com/juicer-pay/juicer/sdk/go"
)

// requestsCmd reads the request log of a running server.
type requestsCmd struct {
	Show requestsShowCmd `cmd:"" help:"Show one request with its timeline."`
	Tail requestsTailCmd `cmd:"" help:"List the latest requests, and follow them with -f."`
}

type requestsShowCmd struct {
	remote
	ID string `arg:"" help:"The request_id of an answer."`
}

// Run implements the command.
func (c *requestsShowCmd) Run(t *terminal) error {
	client, err := c.client()
	if err != nil {
		return err
	}
	found, err := client.Requests.Get(t.ctx, c.ID, juicer.WithTimeout(callTime))
	if err != nil {
		return refusal(err)
	}
	show(t, "", found.Raw)
	return nil
}

type requestsTailCmd struct {
	remote
	Follow bool   `short:"f" help:"Go on until Ctrl-C."`
	Code   string `help:"Only requests with this error code."`
	JSON   bool   `help:"Print one JSON object a line."`
}

const tailEvery = time.Second

// Run implements the command.
func (c *requestsTailCmd) Run(t *terminal) error {
	before := ""
	for {
		items, cursor, err := c.page(t, before)
		if err != nil {
			return err
		}
		c.print(t, items)
		if cursor != "" {
			before = cursor
		}
		if !c.Follow || world.Sleep(t.ctx, tailEvery) != nil {
			return nil
		}
	}
}

// item is what a line shows.
type item struct {
	CreatedAt  string  `json:"created_at"`
	ID         string  `json:"id"`
	Method     string  `json:"method"`
	Path       string  `json:"path"`
	Status     int     `json:"status"`
	Code       *string `json:"code"`
	Outcome    *string `json:"outcome"`
	DurationMS int64   `json:"duration_ms"`
}

// page reads the latest requests, or those after a place; cursor is the place of
// the newest.
func (c *requestsTailCmd) page(t *terminal, before string) ([]json.RawMessage, string, error) {
	client, err := c.client()
	if err != nil {
		return nil, "", err
	}
	query := juicer.RequestsListQuery{Limit: new(int64(50)), Code: c.Code, Before: before}
	if before == "" {
		query.Limit = new(int64(15))
	}
	found, err := client.Requests.List(t.ctx, &query, juicer.WithTimeout(callTime))
	if err != nil {
		return nil, "", refusal(err)
	}
	var reply struct{ Data []json.RawMessage }
	if err := json.Unmarshal(found.Raw, &reply); err != nil {
		return nil, "", err
	}
	cursor := ""
	if at := found.Pagination.Before; at != nil {
		cursor = string(*at)
	}
	return reply.Data, cursor, nil
}

func (c *requestsTailCmd) print(t *terminal, items []json.RawMessage) {
	table := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for i := len(items) - 1; i >= 0; i-- {
		if c.JSON {
			fmt.Fprintln(t.out, string(items[i]))
			continue
		}
		var r item
		if json.Unmarshal(items[i], &r) == nil {
			fmt.Fprintf(table, "%s\t%s\t%s %s\t%d\t%s\t%s\t%d ms\n", r.CreatedAt, r.ID, r.Method, r.Path, r.Status, text(r.Code), text(r.Outcome), r.DurationMS)
		}
	}
	_ = table.Flush() // to a terminal that has gone nothing can be said
}

func text(s *string) string {
	if s == nil {
		return "-"
	}
	return strings.TrimSpace(*s)
}
