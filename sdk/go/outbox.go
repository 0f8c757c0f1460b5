package juicer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// Outbox keeps writes on disk, key and body, before their first byte leaves, and until
// their end is known. After a crash Client.ResumeOutbox sends what is left with the
// same keys, so that nothing is done twice. Card data is in it only encrypted.
type Outbox struct{ dir string }

// OpenOutbox uses a directory, and makes it if it is not there. It must be on a disk
// that survives the crash, and belong to one kind of client (server and account).
func OpenOutbox(dir string) (*Outbox, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("juicer: make the outbox: %w", err)
	}
	return &Outbox{dir: dir}, nil
}

// letter is a write in the outbox.
type letter struct {
	Key    string    `json:"key"`
	Method string    `json:"method"`
	Route  string    `json:"route"`
	Path   string    `json:"path"`
	Query  string    `json:"query,omitempty"`
	Body   []byte    `json:"body"` // the very bytes
	At     time.Time `json:"at"`
}

const letterEnding = ".json"

// file is where the letter of a key lies.
func (o *Outbox) file(key string) string {
	sum := sha256.Sum256([]byte(key))
	return filepath.Join(o.dir, hex.EncodeToString(sum[:16])+letterEnding)
}

// write sends a call that is on disk meanwhile.
func (o *Outbox) write(ctx context.Context, l *loop) (answer, error) {
	out := l.out
	note := letter{Key: out.key[0], Method: out.method, Route: l.route, Path: out.path, Query: out.query, Body: out.body, At: time.Now()}
	if err := o.put(note); err != nil {
		return answer{}, err
	}
	a, err := l.answer(ctx)
	if settled(err) {
		return a, errors.Join(err, o.drop(note.Key))
	}
	return a, err
}

// settled: it is known whether it was done.
func settled(err error) bool {
	e := base(err)
	return err == nil || e != nil && e.Outcome != OutcomeUnknown && e.Outcome != OutcomePending
}

// put writes a letter so that it is there whole, or not at all, whatever happens.
func (o *Outbox) put(note letter) error {
	raw, err := json.Marshal(note)
	if err != nil {
		return err
	}
	draft, err := os.CreateTemp(o.dir, "draft-*")
	if err != nil {
		return fmt.Errorf("juicer: write the outbox: %w", err)
	}
	_, err = draft.Write(raw)
	if err = errors.Join(err, draft.Sync(), draft.Close()); err == nil {
		err = os.Rename(draft.Name(), o.file(note.Key))
	}
	if err == nil {
		err = o.sync()
	}
	if err != nil {
		return fmt.Errorf("juicer: write the outbox: %w", errors.Join(err, os.Remove(draft.Name())))
	}
	return nil
}

// sync makes the names in the directory durable.
func (o *Outbox) sync() error {
	d, err := os.Open(o.dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (o *Outbox) drop(key string) error {
	if err := os.Remove(o.file(key)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("juicer: clear the outbox: %w", err)
	}
	return nil
}

// letters are the writes whose end is not known, oldest first.
func (o *Outbox) letters() ([]letter, error) {
	names, err := os.ReadDir(o.dir)
	if err != nil {
		return nil, fmt.Errorf("juicer: read the outbox: %w", err)
	}
	var out []letter
	for _, n := range names {
		if !strings.HasSuffix(n.Name(), letterEnding) {
			continue // a draft of a process that died
		}
		raw, err := os.ReadFile(filepath.Join(o.dir, n.Name()))
		if err != nil {
			return nil, fmt.Errorf("juicer: read the outbox: %w", err)
		}
		var note letter
		if err := json.Unmarshal(raw, &note); err != nil {
			return nil, fmt.Errorf("juicer: the outbox holds a file that is not its own, %s: %w", n.Name(), err)
		}
		out = append(out, note)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].At.Before(out[j].At) })
	return out, nil
}

// Keys are the idempotency keys of the writes whose end is not known, oldest first.
func (o *Outbox) Keys() ([]string, error) {
	letters, err := o.letters()
	var keys []string
	for _, note := range letters {
		keys = append(keys, note.Key)
	}
	return keys, err
}

// Resumed is a write of the outbox that was sent again.
type Resumed struct {
	Key, Method, Path string
	Result            *Result[json.RawMessage] // nil with Err
	Err               error                    // of the tree; what stays unknown stays in the outbox
}

// ResumeOutbox sends every write whose end is not known again, with the same key and
// the same bytes, and says how each ended. Call it at the start of the program.
func (c *Client) ResumeOutbox(ctx context.Context) ([]Resumed, error) {
	if c.outbox == nil {
		return nil, errors.New("juicer: this client has no Outbox")
	}
	letters, err := c.outbox.letters()
	if err != nil {
		return nil, err
	}
	var ended []Resumed
	for _, note := range letters {
		ended = append(ended, c.resume(ctx, note))
		if ctx.Err() != nil {
			break
		}
	}
	return ended, nil
}

func (c *Client) resume(ctx context.Context, note letter) Resumed {
	out := Resumed{Key: note.Key, Method: note.Method, Path: note.Path}
	result := &Result[json.RawMessage]{}
	l := &loop{client: c, policy: c.policy, route: note.Route, accept: result.into,
		out: &outgoing{method: note.Method, path: note.Path, query: note.Query, body: note.Body, key: []string{note.Key}, options: &options{}}}
	l.call = call{method: note.Method, keyed: true, replayable: true}
	a, err := c.journey(ctx, l, nil)
	if err != nil {
		out.Err = err
		return out
	}
	result.fill(a)
	out.Result = result
	return out
}
