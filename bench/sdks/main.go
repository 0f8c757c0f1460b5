// Command sdks measures what a call through each SDK costs beside the bare HTTP client
// of its language, against one loopback server, in one run.
//
//	go run ./bench/sdks                 all three languages, as a table
//	go run ./bench/sdks -language node  one
//	go run ./bench/sdks -json           one JSON object a language
//
// Exit codes: 0 measured, 1 an SDK did not run or misses its goal with -goals, 2 bad flags.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// goals are how much longer a call may take through the SDK.
var goals = map[string]float64{"go": 1.10, "node": 1.15, "python": 1.15}

var order = []string{"go", "node", "python"}

func run(ctx context.Context, args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("sdks", flag.ContinueOnError)
	flags.SetOutput(errs)
	root := flags.String("root", ".", "the root of the repository")
	only := flags.String("language", "", "go, node or python; all of them without it")
	asJSON := flags.Bool("json", false, "print one JSON object for each language")
	strict := flags.Bool("goals", false, "fail when an SDK misses its goal")
	if flags.Parse(args) != nil {
		return 2
	}
	url, stop, err := serve()
	if err != nil {
		fmt.Fprintln(errs, "sdks:", err)
		return 1
	}
	defer stop()
	code := 0
	if !*asJSON {
		fmt.Fprint(out, head)
	}
	for _, language := range order {
		if *only != "" && *only != language {
			continue
		}
		m, err := measure(ctx, *root, language, url)
		if err != nil {
			fmt.Fprintf(errs, "sdks: %s: %v\n", language, err)
			return 1
		}
		if m.print(out, *asJSON); *strict && m.Ratio() > goals[language] {
			code = 1
		}
	}
	return code
}

// cost is what a call takes: wall time and CPU time of the caller in microseconds,
// allocations where the language counts them.
type cost struct {
	Median float64  `json:"median_us"`
	CPU    float64  `json:"cpu_us"`
	Allocs *float64 `json:"allocs"`
}

// measured is what an SDK's bench prints.
type measured struct {
	Language string `json:"language"`
	Calls    int    `json:"calls"`
	Rounds   int    `json:"rounds"`
	Bare     cost   `json:"bare"`
	SDK      cost   `json:"sdk"`
}

// Ratio is how much longer a call takes through the SDK.
func (m *measured) Ratio() float64 { return m.SDK.Median / m.Bare.Median }

const head = `| language | calls x rounds | bare, median us | SDK, median us | ratio | goal | CPU us, bare and SDK | allocations, bare and SDK |
| --- | --- | --- | --- | --- | --- | --- | --- |
`

func (m *measured) print(out io.Writer, asJSON bool) {
	if asJSON {
		line, _ := json.Marshal(m) // numbers
		fmt.Fprintln(out, string(line))
		return
	}
	allocs := "-"
	if m.Bare.Allocs != nil && m.SDK.Allocs != nil {
		allocs = fmt.Sprintf("%.0f, %.0f", *m.Bare.Allocs, *m.SDK.Allocs)
	}
	fmt.Fprintf(out, "| %s | %d x %d | %.1f | %.1f | %.3f | %.2f | %.1f, %.1f | %s |\n", m.Language, m.Calls, m.Rounds,
		m.Bare.Median, m.SDK.Median, m.Ratio(), goals[m.Language], m.Bare.CPU, m.SDK.CPU, allocs)
}

// measure runs the bench of an SDK, a process of its own.
func measure(ctx context.Context, root, language, url string) (*measured, error) {
	c := exec.CommandContext(ctx, "bash", filepath.Join(root, "scripts", "sdk-"+language+".sh"), "bench")
	c.Env = append(os.Environ(), "JUICER_BENCH_URL="+url)
	var said bytes.Buffer
	c.Stderr = &said
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, said.String())
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	m := &measured{}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), m); err != nil {
		return nil, fmt.Errorf("no figures in %q: %w", lines[len(lines)-1], err)
	}
	if m.Bare.Median <= 0 || m.SDK.Median <= 0 {
		return nil, fmt.Errorf("figures that cannot be: %+v", *m)
	}
	return m, nil
}

// answer is a payment as the server tells it, with its usual headers.
const answer = `{"data":{"amount":250000,"amount_paid":250000,"amount_refunded":0,"cancellation_reason":null,"correlation_id":"01a20299-de00-77e6-8df7-1dbe0f17a300","currency":"NGN","customer":{"billing_address":{"city":"Lagos","country":"NG","line1":"5 Marina Road","zip_code":"100001"},"email":"ada@example.com","first_name":"Ada","id":"01a20299-de00-77e6-8df7-1dbe0f17a301","last_name":"Obi","phone_number":"+2348031234567","type":"individual"},"date":"2026-11-22T09:30:00.000000Z","description":"Term fee","failure":null,"fee":null,"id":"01a20299-de00-77e6-8df7-1dbe0f17a302","metadata":{},"mode":"test","order":{"identifier":"INV-7","items":[{"name":"Term fee","type":"service"}]},"payer":null,"payment_method":{"card":null,"id":"01a20299-de00-77e6-8df7-1dbe0f17a303","type":"card"},"provider_id":null,"reference":"order-1","state":"captured","status":"succeeded","type":"payin","updated_at":"2026-11-22T09:30:00.000000Z"},"money":{"outcome":"succeeded","retry":{"after_ms":null,"allowed":false,"with":null},"status_url":"http://127.0.0.1/payments/order-1"}}`

func respond(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // a caller that went away is not answered
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("X-Request-Id", "req_01a20299de0077e68df71dbe0f17a300")
	h.Set("Juicer-Environment", "test")
	h.Set("Juicer-Outcome", "succeeded")
	h.Set("Cache-Control", "no-store")
	h.Set("RateLimit-Policy", `"key";q=100;w=60`)
	h.Set("RateLimit", `"key";r=99;t=1`)
	_, _ = io.WriteString(w, answer)
}

func serve() (url string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	s := &http.Server{Handler: http.HandlerFunc(respond), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.Serve(l) }()
	return "http://" + l.Addr().String(), func() { _ = s.Close() }, nil
}
