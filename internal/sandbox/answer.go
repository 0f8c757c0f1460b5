package sandbox

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/juicer-pay/juicer/internal/problem"
)

// usualKinds are the answers of status=<n>, one per status.
func usualKinds() []*problem.Kind {
	return []*problem.Kind{
		problem.InvalidRequest, problem.InvalidAPIKey, problem.InsufficientPermissions, problem.NotFound,
		problem.MethodNotAllowed, problem.ResourceBusy, problem.PayloadTooLarge, problem.UnsupportedMediaType,
		problem.ValidationError, problem.RateLimitExceeded, problem.ServerError, problem.Overloaded,
	}
}

// The statuses that Juicer itself never gives: they are a proxy's words in front
// of it, hence not in the catalogue.
const (
	badGateway     = 502
	gatewayTimeout = 504
)

// statuses lists what status=<n> takes, in order.
func statuses() []int64 {
	var out []int64
	for _, k := range usualKinds() {
		out = append(out, int64(k.Status))
	}
	out = append(out, badGateway, gatewayTimeout)
	slices.Sort(out)
	return out
}

// usualCode is the code of status=<n>; "" for a proxy's page.
func usualCode(status int64) string {
	for _, k := range usualKinds() {
		if int64(k.Status) == status {
			return k.Code
		}
	}
	return ""
}

// Problem is the answer of a Fail or Status rule, with sample details; nil for
// every other rule. work says how far the request had come; a rule that acts
// before it knows better.
func (r Rule) Problem(work problem.Work) *problem.Error {
	k := r.Kind()
	if k == nil {
		return nil
	}
	if r.At == Before {
		work = problem.NoWork
	}
	e := problem.Sample(k).BrokeOff(work)
	if r.RetryAfter < 0 {
		return e
	}
	advice, wait := e.Retry(), 1000*r.RetryAfter
	advice.AfterMS = &wait
	return e.Advise(advice)
}

const proxyPage = `<html>
<head><title>%[1]d %[2]s</title></head>
<body>
<center><h1>%[1]d %[2]s</h1></center>
<hr><center>proxy</center>
</body>
</html>
`

// Page is the HTML page of a Status rule that speaks for a proxy; ok is false for
// every other rule.
func (r Rule) Page() (status int, html string, ok bool) {
	if r.Action != Status || r.Code != "" {
		return 0, "", false
	}
	return int(r.N), fmt.Sprintf(proxyPage, r.N, http.StatusText(int(r.N))), true
}
