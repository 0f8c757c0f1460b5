package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// serveFile serves one JSON with net/http and nothing else: what reads are
// compared with. It ends with its parent, or when told to.
func serveFile(ctx context.Context, path string, out io.Writer) error {
	body, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	api, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	admin, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	static := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body) // a caller that has gone reads nothing more
	})
	serve := func(l net.Listener, h http.Handler) {
		_ = (&http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}).Serve(l) // ends with the process
	}
	go serve(api, static)
	go serve(admin, promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	ready, err := json.Marshal(map[string]string{"event": "ready", "test_url": "http://" + api.Addr().String(), "admin_url": "http://" + admin.Addr().String()})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, string(ready))
	orphaned := make(chan struct{})
	go func() { _, _ = io.Copy(io.Discard, os.Stdin); close(orphaned) }()
	select {
	case <-ctx.Done():
	case <-orphaned:
	}
	return nil
}
