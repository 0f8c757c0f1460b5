// Command bench measures what a call through the SDK costs beside the same call through
// net/http alone: a GET and a keyed POST in turn, in one process, against any loopback
// server that answers JSON. It prints one line of JSON.
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
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"time"

	juicer "github.com/juicer-pay/juicer/sdk/go"
)

// figures are medians of rounds, per call.
type figures struct {
	MedianUS float64 `json:"median_us"` // wall clock
	CPUUS    float64 `json:"cpu_us"`    // of this process
	Allocs   float64 `json:"allocs"`
}

// line is what is printed.
type line struct {
	Language string  `json:"language"`
	Calls    int     `json:"calls"` // in a round
	Rounds   int     `json:"rounds"`
	Bare     figures `json:"bare"`
	SDK      figures `json:"sdk"`
}

func main() {
	serve := flag.Bool("serve", false, "be the server: print its URL, and answer until stdin ends")
	calls := flag.Int("calls", 500, "calls in a round")
	rounds := flag.Int("rounds", 41, "rounds of each")
	flag.Parse()
	if err := run(*serve, *calls, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(serve bool, calls, rounds int) error {
	if serve {
		return answer()
	}
	url := os.Getenv("JUICER_BENCH_URL")
	if url == "" {
		return fmt.Errorf("JUICER_BENCH_URL names no server")
	}
	bare, sdk, err := contenders(url)
	if err != nil {
		return err
	}
	out, err := race(bare, sdk, calls, rounds)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(out)
	}
	return err
}

// caller makes the n-th call.
type caller func(n int) error

const key = "test_0000000000000000000000000000000HGh7u"

func contenders(url string) (bare, sdk caller, err error) {
	client, err := juicer.New(juicer.Config{BaseURL: url, APIKey: key})
	if err != nil {
		return nil, nil, err
	}
	ctx, body := context.Background(), &juicer.CreateRefund{Reason: "bench", Reference: "r_1"}
	sdk = func(n int) error {
		if n%2 == 0 {
			_, err := client.Payments.Get(ctx, "pay_1", nil)
			return err
		}
		_, err := client.Payments.Refund(ctx, "pay_1", body)
		return err
	}
	plain := &http.Client{Timeout: 30 * time.Second, Transport: http.DefaultTransport.(*http.Transport).Clone()}
	bare = func(n int) error {
		if n%2 == 0 {
			return plainCall[juicer.Payment](plain, "GET", url+"/payments/pay_1", nil, "")
		}
		return plainCall[juicer.Refund](plain, "POST", url+"/payments/pay_1/refunds", body, "bench-"+strconv.Itoa(n))
	}
	return bare, sdk, nil
}

// plainCall is what a careful program does without an SDK: net/http, a JSON body, an
// idempotency key, and the answer decoded into the same types.
func plainCall[T any](c *http.Client, method, url string, in any, idempotency string) error {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, url, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", key)
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", idempotency)
	}
	res, err := c.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var out struct {
		Data  T             `json:"data"`
		Money *juicer.Money `json:"money"`
	}
	return json.NewDecoder(res.Body).Decode(&out)
}

// race runs rounds of both in turn, so that what disturbs one disturbs the other.
func race(bare, sdk caller, calls, rounds int) (line, error) {
	var a, b []figures
	for n := range rounds + 1 {
		first, err := measure(bare, calls)
		if err != nil {
			return line{}, err
		}
		second, err := measure(sdk, calls)
		if err != nil {
			return line{}, err
		}
		if n > 0 { // the first round opens connections
			a, b = append(a, first), append(b, second)
		}
	}
	return line{Language: "go", Calls: calls, Rounds: rounds, Bare: medians(a), SDK: medians(b)}, nil
}

func measure(call caller, calls int) (figures, error) {
	took := make([]float64, calls)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	cpu := cpuTime()
	for n := range calls {
		start := time.Now()
		if err := call(n); err != nil {
			return figures{}, err
		}
		took[n] = float64(time.Since(start).Nanoseconds()) / 1000
	}
	cpu = cpuTime() - cpu
	runtime.ReadMemStats(&after)
	slices.Sort(took)
	per := float64(calls)
	return figures{MedianUS: took[calls/2], CPUUS: float64(cpu.Microseconds()) / per, Allocs: float64(after.Mallocs-before.Mallocs) / per}, nil
}

func cpuTime() time.Duration {
	var use syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &use) != nil {
		return 0
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

func medians(all []figures) figures {
	middle := func(of func(figures) float64) float64 {
		var values []float64
		for _, f := range all {
			values = append(values, of(f))
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	return figures{
		MedianUS: middle(func(f figures) float64 { return f.MedianUS }),
		CPUUS:    middle(func(f figures) float64 { return f.CPUUS }),
		Allocs:   middle(func(f figures) float64 { return f.Allocs }),
	}
}

// answers as a server gives them.
const (
	payment = `{"data":{"amount":250000,"amount_paid":250000,"amount_refunded":0,"cancellation_reason":null,"correlation_id":"01a20297-8470-772e-a6f9-2f3f49b64a08","currency":"NGN","customer":{"billing_address":{"city":"Lagos","country":"NG","line1":"5 Marina Road","line2":null,"state":"Lagos","zip_code":"100001"},"email":"ada@example.com","first_name":"Ada","id":"01a20297-6918-7e00-aeaf-3b4857ee05cd","last_name":"Obi","phone_number":"+2348031234567","type":"individual"},"date":"2026-11-22T09:30:00.000000Z","description":"Term fee","failure":null,"fee":null,"id":"01a20297-4dc0-74cd-9faf-fc8186734721","metadata":{"class":"JSS2"},"mode":"test","order":{"identifier":"INV-7","items":[{"name":"Term fee","type":"service"}]},"payer":null,"payment_method":{"card_number":"401200******0026","expiry_month":1,"expiry_year":2039,"id":"01a20297-9fc8-7fae-878e-63c412bd4ace","type":"card"},"provider_id":"card-7f31c2","reference":"ord_1001","state":"captured","status":"succeeded","type":"payin","updated_at":"2026-11-22T09:31:12.403117Z"},"money":{"outcome":"succeeded","retry":{"after_ms":null,"allowed":false,"with":null},"status_url":"https://sandbox.juicer.example/payments/01a20297-4dc0-74cd-9faf-fc8186734721"}}`
	refund  = `{"data":{"amount":50000,"created_at":"2026-11-22T10:02:00.000000Z","currency":"NGN","failure":null,"id":"01a20299-1e98-7b39-a96a-8f204f426dcb","mode":"test","payment_id":"01a20297-4dc0-74cd-9faf-fc8186734721","reason":"One book missing","reference":"rf_1001_1","state":"processing","status":"processing","updated_at":"2026-11-22T10:02:00.310000Z"},"money":{"outcome":"pending","retry":{"after_ms":2000,"allowed":false,"with":null},"status_url":"https://sandbox.juicer.example/refunds/01a20299-1e98-7b39-a96a-8f204f426dcb"}}`
)

func answer() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + l.Addr().String())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		l.Close()
	}()
	_ = http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		if r.Method == "GET" {
			_, _ = io.WriteString(w, payment)
			return
		}
		w.WriteHeader(201)
		_, _ = io.WriteString(w, refund)
	}))
	return nil // the listener was closed
}
