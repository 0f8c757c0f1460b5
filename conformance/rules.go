package conformance

import (
	"fmt"
	"sync"
)

// A rule holds for every reply of the run, whatever case it belongs to.
type rule struct {
	id, sentence string

	// breach says what is wrong with r, "" if nothing is.
	breach func(r reply) string
}

// rulebook shows every reply to every rule and keeps the first breach of each.
type rulebook struct {
	rules []rule

	mu      sync.Mutex
	replies int
	broken  map[string]*Failure
	count   map[string]int
}

func newRulebook() *rulebook {
	return &rulebook{rules: allRules(), broken: map[string]*Failure{}, count: map[string]int{}}
}

func (b *rulebook) read(r reply) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.replies++
	for _, rule := range b.rules {
		wrong := rule.breach(r)
		if wrong == "" {
			continue
		}
		b.count[rule.id]++
		if b.broken[rule.id] == nil {
			b.broken[rule.id] = &Failure{
				Expected: wrong, Request: r.request.describe(), Status: r.status, Body: r.excerpt(), RequestID: r.requestID(),
			}
		}
	}
}

// results gives one result per rule that cfg chooses.
func (b *rulebook) results(cfg Config) []Result {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []Result
	for _, rule := range b.rules {
		if !cfg.chosen(rule.id) {
			continue
		}
		res := Result{ID: rule.id, Topic: "replies", Sentence: rule.sentence, Verdict: Pass, Note: fmt.Sprintf("%d replies", b.replies)}
		if f := b.broken[rule.id]; f != nil {
			res.Verdict, res.Failure = Fail, f
			res.Note = fmt.Sprintf("%d of %d replies", b.count[rule.id], b.replies)
		}
		out = append(out, res)
	}
	return out
}

func allRules() []rule {
	return append(headerRules(), bodyRules()...)
}
