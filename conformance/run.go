package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Run drives the target through every chosen case and returns the report. It
// returns an error only if the run could not begin (bad configuration, no
// connection, the key is refused or lacks the scope *), was ended by ctx, or the
// report could not be written; failed cases are in the report.
func Run(ctx context.Context, cfg Config) (Report, error) {
	cfg, err := cfg.checked()
	if err != nil {
		return Report{}, err
	}
	started := now()
	env, err := newEnvironment(ctx, cfg)
	if err != nil {
		return Report{}, err
	}
	report := Report{Target: cfg.Target, StartedAt: started.UTC()}
	runner := runner{cfg: cfg, env: env}
	report.add(runner.all(ctx, Cases())...)
	report.add(env.client.rules.results(cfg)...)
	report.DurationMS = now().Sub(started).Milliseconds()
	return report, errors.Join(ctx.Err(), write(cfg, report))
}

func write(cfg Config, report Report) error {
	if cfg.Out == nil {
		return nil
	}
	if cfg.JSON {
		return report.WriteJSON(cfg.Out)
	}
	return report.WriteTable(cfg.Out)
}

type runner struct {
	cfg   Config
	env   *environment
	mu    sync.Mutex
	done  int
	total int
}

// all runs the ordinary cases side by side, then those that move the clock,
// then those that look at everything, one after the other.
func (r *runner) all(ctx context.Context, cases []Case) []Result {
	cases = r.chosen(cases)
	r.total = len(cases)
	results := make([]Result, len(cases))
	var alone []int
	places := make(chan struct{}, r.cfg.Parallel)
	var running sync.WaitGroup
	for i, c := range cases {
		if c.clock || c.last {
			alone = append(alone, i)
			continue
		}
		places <- struct{}{}
		running.Go(func() {
			defer func() { <-places }()
			results[i] = r.one(ctx, c)
		})
	}
	running.Wait()
	defer r.env.retireKeys(ctx)
	for _, last := range []bool{false, true} {
		for _, i := range alone {
			if cases[i].last == last {
				results[i] = r.one(ctx, cases[i])
			}
		}
	}
	return results
}

func (r *runner) chosen(cases []Case) []Case {
	var out []Case
	for _, c := range cases {
		if r.cfg.chosen(c.ID) {
			out = append(out, c)
		}
	}
	return out
}

func (r *runner) one(ctx context.Context, c Case) Result {
	out := Result{ID: c.ID, Topic: c.Topic(), Sentence: c.Sentence, Verdict: Pass}
	started := now()
	switch {
	case ctx.Err() != nil:
		out.Verdict, out.Note = Left, "the run was ended"
	case c.clock && !r.cfg.MoveClock:
		out.Verdict, out.Note = Left, "the clock may not be moved"
	default:
		t := begin(ctx, r.env, c)
		if t.fail != nil {
			out.Verdict, out.Failure = Fail, t.fail
		} else if t.left != "" {
			out.Verdict, out.Note = Left, t.left
		}
	}
	out.DurationMS = now().Sub(started).Milliseconds()
	r.progress(out)
	return out
}

func (r *runner) progress(res Result) {
	if r.cfg.Progress == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done++
	line := fmt.Sprintf("[%d/%d] %-4s %s (%d ms)\n", r.done, r.total, word(res.Verdict), res.ID, res.DurationMS)
	if _, err := io.WriteString(r.cfg.Progress, line); err != nil {
		r.cfg.Progress = nil // nobody reads any more
	}
}
