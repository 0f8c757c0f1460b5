// Package otel reports the calls of package juicer to OpenTelemetry: a client span and a
// duration for each request, with the stable names of the HTTP conventions. It is a
// module of its own, so that package juicer needs nothing but the standard library.
//
//	hooks, err := otel.Hooks(tracers, meters)
//	client, err := juicer.New(juicer.Config{Hooks: []juicer.Hooks{hooks}, Transport: otel.Propagate(nil, propagator)})
package otel

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	juicer "github.com/juicer-pay/juicer/sdk/go"
)

const scope = "github.com/juicer-pay/juicer/sdk/go/otel"

// seconds are the boundaries that the convention recommends for durations.
func seconds() []float64 {
	return []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}
}

// Hooks makes hooks that open a span for each request of a call, and record its
// duration in http.client.request.duration. A second request of the same call carries
// http.request.resend_count.
func Hooks(tracers trace.TracerProvider, meters metric.MeterProvider) (juicer.Hooks, error) {
	tracer := tracers.Tracer(scope, trace.WithInstrumentationVersion(juicer.Version))
	durations, err := meters.Meter(scope, metric.WithInstrumentationVersion(juicer.Version)).Float64Histogram("http.client.request.duration",
		metric.WithUnit("s"), metric.WithDescription("Duration of HTTP client requests."), metric.WithExplicitBucketBoundaries(seconds()...))
	if err != nil {
		return juicer.Hooks{}, err
	}
	return juicer.Hooks{
		CallStarts: func(ctx context.Context, _ juicer.CallInfo) context.Context {
			return context.WithValue(ctx, sent{}, new(int))
		},
		AttemptStarts: func(ctx context.Context, try juicer.AttemptInfo) context.Context {
			ctx, _ = tracer.Start(ctx, try.Method+" "+try.Route, trace.WithSpanKind(trace.SpanKindClient), trace.WithTimestamp(try.At),
				trace.WithAttributes(append(common(try), attribute.String("url.full", try.URL))...), trace.WithAttributes(resent(ctx)...))
			return ctx
		},
		AttemptEnds: func(ctx context.Context, try juicer.AttemptInfo) {
			how := result(try)
			durations.Record(ctx, try.Took.Seconds(), metric.WithAttributes(append(common(try), how...)...))
			finish(trace.SpanFromContext(ctx), try, how)
		},
	}, nil
}

// sent is the key of the number of requests that a call has made.
type sent struct{}

// resent counts a request and says how many came before it.
func resent(ctx context.Context) []attribute.KeyValue {
	n, ok := ctx.Value(sent{}).(*int)
	if !ok {
		return nil
	}
	*n++
	if *n == 1 {
		return nil
	}
	return []attribute.KeyValue{attribute.Int("http.request.resend_count", *n-1)}
}

func common(try juicer.AttemptInfo) []attribute.KeyValue {
	port, err := strconv.Atoi(try.Port)
	if err != nil { // the scheme's own
		port = 80
		if strings.HasPrefix(try.URL, "https:") {
			port = 443
		}
	}
	return []attribute.KeyValue{attribute.String("http.request.method", try.Method), attribute.String("server.address", try.Address), attribute.Int("server.port", port)}
}

const firstError = 400 // of the statuses

// result is the status of an answer, and the kind of error if it is one.
func result(try juicer.AttemptInfo) []attribute.KeyValue {
	var out []attribute.KeyValue
	if try.Status != 0 {
		out = append(out, attribute.Int("http.response.status_code", try.Status))
	}
	switch {
	case try.Cause != "":
		out = append(out, attribute.String("error.type", try.Cause))
	case try.Status >= firstError:
		out = append(out, attribute.String("error.type", strconv.Itoa(try.Status)))
	}
	return out
}

func finish(span trace.Span, try juicer.AttemptInfo, how []attribute.KeyValue) {
	span.SetAttributes(how...)
	if try.Cause != "" || try.Status >= firstError {
		span.SetStatus(codes.Error, try.Cause)
	}
	span.End(trace.WithTimestamp(try.At.Add(try.Took)))
}

// Propagate sends the context of the span along, so that a server can continue the
// trace. through nil is a clone of http.DefaultTransport.
func Propagate(through http.RoundTripper, how propagation.TextMapPropagator) http.RoundTripper {
	if through == nil {
		through = http.DefaultTransport.(*http.Transport).Clone()
	}
	return propagating{through, how}
}

type propagating struct {
	through http.RoundTripper
	how     propagation.TextMapPropagator
}

// RoundTrip implements http.RoundTripper.
func (p propagating) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context()) // a RoundTripper must not change what it was given
	p.how.Inject(r.Context(), propagation.HeaderCarrier(r.Header))
	return p.through.RoundTrip(r)
}
