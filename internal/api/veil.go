package api

import (
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/requestlog"
)

// veiled is the problem without anything in it that looks like a card number or
// an API key. Refusals repeat parts of the request - paths, names of fields and
// parameters - and end in the logs of callers. References are the merchant's own
// text and stay.
func veiled(p *problem.Error) *problem.Error {
	out := *p
	out.Details = make(problem.Details, len(p.Details))
	for name, v := range p.Details {
		switch v := v.(type) {
		case string:
			if name != "reference" {
				out.Details[name] = requestlog.Scrub(v)
				continue
			}
		case []string:
			out.Details[requestlog.Scrub(name)] = scrubAll(v)
			continue
		}
		out.Details[name] = v
	}
	out.Fields = nil
	for _, f := range p.Fields {
		f.Field, f.Message = requestlog.Scrub(f.Field), requestlog.Scrub(f.Message)
		out.Fields = append(out.Fields, f)
	}
	return &out
}

func scrubAll(texts []string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = requestlog.Scrub(text)
	}
	return out
}
