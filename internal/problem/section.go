package problem

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Section is what the documentation says about one code. Texts may hold code
// between backticks.
type Section struct {
	Code    string
	Status  string // "404 Not Found"
	Type    string
	Message string   // template
	When    string   // given when
	Means   string   // what it means
	Moved   []string // did money move? one sentence per outcome it can have
	Next    string   // may the request be repeated?
	Details []string // names in error.details
	Headers []string // "Name: value" beyond those of every error
	Sandbox string   // how to provoke it
	Sample  string   // indented JSON of the golden body
}

// Doc is the section of k.
func Doc(k *Kind) Section {
	e := Sample(k).BrokeOff(NoWork)
	return Section{
		Code: k.Code, Status: fmt.Sprintf("%d %s", k.Status, http.StatusText(k.Status)), Type: k.Type,
		Message: k.Message, When: k.When, Means: k.Says, Moved: moved(k), Next: next(k),
		Details: slices.DeleteFunc(slices.Clone(k.Details), func(name string) bool { return name == AnyName }),
		Headers: ownHeaders(e.Headers(SampleEnvelope(k))), Sandbox: k.Sandbox,
		Sample: pretty(e.Body(SampleEnvelope(k))),
	}
}

// answers says for each outcome whether money moved.
func answers() map[Outcome]string {
	return map[Outcome]string{
		NotAttempted: "No. Nothing was handed to a bank or booked.",
		Refused:      "No. It was processed and finally refused.",
		Pending:      "Not yet known, it will be. It was accepted and is still going.",
		Unknown:      "It may have. Verify before anything else.",
		Succeeded:    "Yes. It has happened.",
	}
}

func moved(k *Kind) []string {
	var texts []string
	for _, o := range k.every() {
		texts = append(texts, fmt.Sprintf("`%s`: %s", o, answers()[o]))
	}
	return texts
}

// next says what the row's advice means for a program.
func next(k *Kind) string {
	r := k.Retry
	switch {
	case !r.Allowed:
		return "`retry.allowed` is false: the same request would get the same answer."
	case k.Status == http.StatusTooManyRequests:
		return "`same_key`: send the identical request again with the same `Idempotency-Key`, after `retry_after` seconds."
	case *r.With == SameKey:
		return "`same_key`: send the identical request again with the same `Idempotency-Key`, " + after(r) + "."
	case *r.With == AfterVerify:
		return "`same_key` after a second if no work had begun, or if the request had a key or reference; otherwise `after_verify`: " +
			"look first, send again only if nothing happened."
	}
	return "`new_key`: this try is over. A new one needs a new `Idempotency-Key`, and only once the cause is gone; programs do not repeat it by themselves."
}

func after(r Retry) string {
	if r.AfterMS == nil {
		return "once the cause is gone"
	}
	return "after " + strconv.FormatFloat(float64(*r.AfterMS)/1000, 'f', -1, 64) + " s"
}

func ownHeaders(h http.Header) []string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(h)) {
		switch name {
		case "Cache-Control", "Content-Type", "Juicer-Outcome":
		case "Www-Authenticate":
			lines = append(lines, "WWW-Authenticate: "+strings.Join(h[name], ", "))
		default:
			lines = append(lines, name+": "+strings.Join(h[name], ", "))
		}
	}
	return lines
}

func pretty(body []byte) string {
	var out bytes.Buffer
	if err := json.Indent(&out, body, "", "  "); err != nil {
		return string(body)
	}
	return out.String()
}
