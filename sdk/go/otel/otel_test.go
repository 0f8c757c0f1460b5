package otel

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	juicer "github.com/juicer-pay/juicer/sdk/go"
)

func TestEachRequestIsASpanWithTheStableNames(t *testing.T) {
	var parents []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		parents = append(parents, r.Header.Get("traceparent"))
		if len(parents) == 1 {
			w.WriteHeader(503)
			return
		}
		_, _ = io.WriteString(w, `{"data":{"id":"pay_1"}}`)
	}))
	defer server.Close()
	spans, reader := tracetest.NewSpanRecorder(), metric.NewManualReader()
	hooks, err := Hooks(trace.NewTracerProvider(trace.WithSpanProcessor(spans)), metric.NewMeterProvider(metric.WithReader(reader)))
	if err != nil {
		t.Fatal(err)
	}
	c, err := juicer.New(juicer.Config{BaseURL: server.URL, APIKey: "k", Hooks: []juicer.Hooks{hooks}, Transport: Propagate(nil, propagation.TraceContext{})})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Payments.Get(context.Background(), "secret-reference", nil); err != nil {
		t.Fatal(err)
	}
	ended := spans.Ended()
	if len(ended) != 2 {
		t.Fatalf("%d spans, want two", len(ended))
	}
	host, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "http://"), ":")
	common := fmt.Sprintf("http.request.method=GET server.address=%s server.port=%s url.full=%s/payments/secret-reference ", host, port, server.URL)
	for i, want := range []string{common + "http.response.status_code=503 error.type=503 ", common + "http.request.resend_count=1 http.response.status_code=200 "} {
		got := ""
		for _, a := range ended[i].Attributes() {
			got += string(a.Key) + "=" + a.Value.Emit() + " "
		}
		if got != want || ended[i].Name() != "GET /payments/{id}" {
			t.Errorf("span %d: %s %s\nwant %s", i+1, ended[i].Name(), got, want)
		}
		if id := ended[i].SpanContext().SpanID().String(); !strings.Contains(parents[i], id) {
			t.Errorf("request %d carried %q, its span is %s", i+1, parents[i], id)
		}
	}
	durations(t, reader)
}

// durations wants two series, of one request each.
func durations(t *testing.T, reader *metric.ManualReader) {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &all); err != nil {
		t.Fatal(err)
	}
	m := all.ScopeMetrics[0].Metrics[0]
	series := m.Data.(metricdata.Histogram[float64]).DataPoints
	if m.Name != "http.client.request.duration" || m.Unit != "s" || len(series) != 2 || series[0].Count != 1 {
		t.Errorf("got %s in %s, %d series", m.Name, m.Unit, len(series))
	}
	for _, s := range series {
		if _, found := s.Attributes.Value("url.full"); found {
			t.Error("the metric has a series for each URL")
		}
	}
}
