package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/juicer-pay/juicer/internal/webhook"
	"github.com/juicer-pay/juicer/internal/world"
	juicer "github.com/juicer-pay/juicer/sdk/go"
)

// listenCmd forwards the events of a server to a URL that the server cannot reach.
type listenCmd struct {
	remote
	ForwardTo string        `help:"URL to which each event is sent, e.g. http://localhost:3000/hooks." required:"" placeholder:"URL"`
	Secret    string        `help:"Signing secret (whsec_...) that your receiver knows; better from the environment (JUICER_SECRET_WEBHOOK). Default: one of its own, kept in the position file and printed." env:"JUICER_SECRET_WEBHOOK" placeholder:"whsec_..."`
	State     string        `help:"File that remembers the position, so that events are sent that came while nobody listened." default:".juicer-listen.json" type:"path"`
	FromStart bool          `help:"Forget the position and send every event that is kept."`
	Event     string        `help:"Only this event, e.g. payment.session.succeeded."`
	Timeout   time.Duration `help:"How long your receiver may take." default:"10s"`
	Once      bool          `help:"End when everything was sent instead of waiting for more."`
	JSON      bool          `help:"Print one JSON object for each attempt."`
}

// Help is shown by juicer listen --help.
func (c *listenCmd) Help() string {
	return `Follows the events of a business and sends each to --forward-to as a webhook endpoint would get it: the same body with
its checksum, the same headers, signed with a secret of its own. Nothing has to be registered at the server, and the
receiver may be on a laptop behind a router.

  juicer listen --forward-to http://localhost:3000/hooks --key test_...

The first run begins with the oldest event that is kept. The position is kept in a file: start again and what happened
meanwhile is sent first, in order. An event that your
receiver does not accept (any answer but 2xx) is sent again after 1, 2, 4 ... at most 30 seconds, and the next ones wait for
it; webhook-id stays the same, so that the receiver can tell a repetition. The key needs the scope webhooks:write: the
checksum is made with the business id, which only such keys are shown.`
}

const (
	listenWait    = 20 // seconds of one long poll
	listenPage    = 100
	listenRetry   = time.Second
	listenRetryTo = 30 * time.Second
)

// position is what is remembered between two runs.
type position struct {
	After  int64  `json:"after"`
	Secret string `json:"secret"`
	Sent   int64  `json:"sent"` // the number of the event sent before
	Target string `json:"target"`
}

// Run implements the command.
func (c *listenCmd) Run(t *terminal) error {
	to, ok := webhook.ParseURL(c.ForwardTo)
	if !ok {
		return errors.New("--forward-to must be a URL such as http://localhost:3000/hooks")
	}
	at, err := c.recall()
	if err != nil {
		return err
	}
	business, err := c.businessID(t.ctx)
	if err != nil {
		return err
	}
	if err := c.keep(at); err != nil {
		return err
	}
	if !c.JSON {
		fmt.Fprintf(t.err, "Forwarding events behind %d of %s to %s\nSigning secret: %s\n", at.After, c.Target, to, at.Secret)
	}
	client, err := c.client()
	if err != nil {
		return err
	}
	l := &listening{cmd: c, term: t, client: client, business: business, at: at, sender: webhook.NewSender()}
	defer l.sender.Close()
	err = l.follow()
	if errors.Is(err, context.Canceled) {
		return nil // Ctrl-C
	}
	return err
}

// recall reads the position of an earlier run, or begins with the oldest event that is kept.
func (c *listenCmd) recall() (p position, err error) {
	raw, err := os.ReadFile(c.State)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return p, fmt.Errorf("read --state: %w", err)
	default:
		if err := json.Unmarshal(raw, &p); err != nil {
			return p, fmt.Errorf("--state %s is no position of juicer listen: %w", c.State, err)
		}
	}
	if p.Target != c.Target || c.FromStart {
		p = position{Secret: p.Secret, Target: c.Target}
	}
	if c.Secret != "" {
		p.Secret = c.Secret
	}
	if p.Secret == "" {
		p.Secret, err = webhook.NewSecret(world.Entropy)
		return p, err
	}
	_, err = webhook.Sign([]string{p.Secret}, "", world.RealNow(), nil)
	return p, err
}

// keep writes the position; the file appears whole or not at all.
func (c *listenCmd) keep(p position) error {
	raw, err := json.Marshal(p)
	if err != nil {
		return err
	}
	draft, err := os.CreateTemp(filepath.Dir(c.State), ".juicer-listen-*")
	if err != nil {
		return fmt.Errorf("write --state: %w", err)
	}
	_, err = draft.Write(append(raw, '\n'))
	if err = errors.Join(err, draft.Close()); err == nil {
		err = os.Rename(draft.Name(), c.State)
	}
	if err != nil {
		return fmt.Errorf("write --state: %w", errors.Join(err, os.Remove(draft.Name())))
	}
	return nil
}

func (c *listenCmd) businessID(ctx context.Context) (string, error) {
	client, err := c.client()
	if err != nil {
		return "", err
	}
	settings, err := client.AccountSettings.Get(ctx, juicer.WithTimeout(callTime))
	if err != nil {
		return "", refusal(err)
	}
	if settings.Data.BusinessID == nil {
		return "", errors.New("the key lacks the scope webhooks:write, which is needed to make checksums")
	}
	return *settings.Data.BusinessID, nil
}

// listening is one run.
type listening struct {
	cmd      *listenCmd
	term     *terminal
	client   *juicer.Client
	business string
	at       position
	sender   *webhook.Sender
}

// told is an event as GET /events gives it.
type told struct {
	Data     json.RawMessage `json:"data"`
	Event    string          `json:"event"`
	ID       string          `json:"id"`
	Sequence int64           `json:"sequence"`
}

// follow sends events until the command is ended. A server that does not answer is
// waited for.
func (l *listening) follow() error {
	wait := listenRetry
	for {
		page, err := l.page()
		switch {
		case l.term.ctx.Err() != nil:
			return l.term.ctx.Err()
		case err != nil && (unwelcome(err) || l.cmd.Once):
			return refusal(err)
		case err != nil:
			fmt.Fprintln(l.term.err, "juicer:", refusal(err), "- trying again in", wait)
			if err := world.Sleep(l.term.ctx, wait); err != nil {
				return err
			}
			wait = min(2*wait, listenRetryTo)
			continue
		}
		wait = listenRetry
		for _, e := range page {
			if err := l.forward(e); err != nil {
				return err
			}
		}
		if l.cmd.Once && len(page) == 0 {
			return nil
		}
	}
}

// unwelcome: the position or the name of the event is wrong, and stays so.
func unwelcome(err error) bool {
	var answer *juicer.APIError
	return errors.As(err, &answer) && answer.Code == juicer.CodeInvalidRequest
}

func (l *listening) page() ([]told, error) {
	query := juicer.EventsListQuery{Limit: new(int64(listenPage)), Event: juicer.EventName(l.cmd.Event)}
	if l.at.After != 0 { // else from the oldest that is kept
		query.After = &l.at.After
	}
	if !l.cmd.Once {
		query.Wait = new(int64(listenWait))
	}
	found, err := l.client.Events.List(l.term.ctx, &query)
	if err != nil {
		return nil, err
	}
	var reply struct{ Data []told }
	return reply.Data, json.Unmarshal(found.Raw, &reply)
}

// forward sends one event until the receiver takes it, and remembers that it did.
func (l *listening) forward(e told) error {
	wait := listenRetry
	for n := int64(1); ; n++ {
		m := webhook.Message{URL: l.cmd.ForwardTo, ID: e.ID, At: world.RealNow(), Secrets: []string{l.at.Secret},
			Body: webhook.Body(l.business, e.Event, bytes.TrimSpace(e.Data)), Sequence: e.Sequence, Previous: l.at.Sent, Attempt: n}
		a := l.sender.Send(l.term.ctx, m, webhook.Rules{Private: true, Timeout: l.cmd.Timeout})
		if l.term.ctx.Err() != nil && !a.Accepted() {
			return l.term.ctx.Err()
		}
		if err := l.report(e, m, a); err != nil {
			return err
		}
		if a.Accepted() {
			l.at.After, l.at.Sent = e.Sequence, e.Sequence
			return l.cmd.keep(l.at)
		}
		if err := world.Sleep(l.term.ctx, wait); err != nil {
			return err
		}
		wait = min(2*wait, listenRetryTo)
	}
}

// reported is an attempt as --json prints it.
type reported struct {
	Attempt    int64  `json:"attempt"`
	DurationMS int64  `json:"duration_ms"`
	Error      string `json:"error,omitempty"`
	Event      string `json:"event"`
	ID         string `json:"id"`
	Sequence   int64  `json:"sequence"`
	Signature  string `json:"signature"`
	Status     int    `json:"status"`
}

func (l *listening) report(e told, m webhook.Message, a webhook.Answer) error {
	signed, err := webhook.Sign(m.Secrets, m.ID, m.At, m.Body)
	if err != nil {
		return err
	}
	r := reported{Attempt: m.Attempt, DurationMS: a.Duration.Milliseconds(), Error: a.Error, Event: e.Event, ID: e.ID, Sequence: e.Sequence, Signature: signed, Status: a.Status}
	if l.cmd.JSON {
		line, err := json.Marshal(r)
		fmt.Fprintln(l.term.out, string(line))
		return err
	}
	result := strconv.Itoa(a.Status)
	if a.Error != "" {
		result = a.Error
	}
	fmt.Fprintf(l.term.out, "%d  %s  %s  attempt %d  %s  %d ms\n    webhook-signature: %s\n", e.Sequence, e.Event, e.ID, m.Attempt, result, r.DurationMS, signed)
	return nil
}
