package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/admin"
	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/node"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/ratelimit"
	"github.com/juicer-pay/juicer/internal/ratelimit/redis"
	"github.com/juicer-pay/juicer/spec"
)

// serveCmd runs the server until SIGTERM or Ctrl-C.
type serveCmd struct {
	place
	TestAddr       string           `help:"Address of the test API; :0 picks a free port." default:"127.0.0.1:8080"`
	LiveAddr       string           `help:"Address of the live API. Off unless given. Live has no rails yet: every payment is refused with rail_unavailable."`
	AdminAddr      string           `help:"Address of the operators' listener (health, metrics). Never make it public." default:"127.0.0.1:8090"`
	PublicURL      string           `help:"URL under which callers reach the test API. Default: http:// and its address."`
	LivePublicURL  string           `help:"The same for the live API."`
	TLSCert        string           `help:"Certificate file; with --tls-key the API listeners speak TLS." type:"path"`
	TLSKey         string           `help:"Key file of --tls-cert." type:"path"`
	Limits         string           `help:"Rate limits: documented, off, or a JSON file." default:"documented"`
	Redis          string           `help:"Share the rate limits with other processes through this Redis: redis://USER:PASSWORD@HOST:6379/0, rediss:// for TLS, or unix:///run/redis.sock. While it does not answer, each process limits alone. A password is better in JUICER_REDIS, where other users of the machine cannot see it." placeholder:"URL"`
	Retention      time.Duration    `help:"How long replies are stored under their Idempotency-Key." default:"24h"`
	Duplicate      map[string]int64 `name:"probable-duplicate" help:"Refuse probable duplicates: KIND=SECONDS, e.g. payment_sessions=300." mapsep:","`
	SupportContact string           `help:"Contact shown on the errors page."`
	LogFormat      string           `help:"Format of the log on stderr." enum:"text,json" default:"text"`

	shared  redis.Server // of --redis
	started func(ready)  // told when the listeners are up; for quickstart
}

// ready is the line on stdout that says that the server is up.
type ready struct {
	Event    string `json:"event"`
	AdminURL string `json:"admin_url"`
	LiveURL  string `json:"live_url,omitempty"`
	TestURL  string `json:"test_url"`
}

const (
	drainTime = 30 * time.Second // as long as a request may take
	closeTime = 5 * time.Second  // for connections to end
)

// Run implements the command.
func (c *serveCmd) Run(t *terminal) error {
	log := c.logger(t)
	if err := c.check(); err != nil {
		return err
	}
	unlock, err := c.lock()
	if err != nil {
		return err
	}
	defer unlock()
	if err := c.stays(); err != nil {
		return err
	}
	s := &serving{cmd: c, log: log, metrics: prometheus.NewRegistry()}
	s.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if err := s.open(t.ctx); err != nil {
		return errors.Join(err, s.close())
	}
	line, err := json.Marshal(s.ready)
	if err != nil {
		return err
	}
	if c.started != nil {
		c.started(s.ready)
	} else {
		fmt.Fprintln(t.out, string(line))
	}
	<-t.ctx.Done()
	log.Info("stopping: finishing what is in flight")
	return s.close()
}

func (c *serveCmd) logger(t *terminal) *slog.Logger {
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(t.err, nil))
	}
	return slog.New(slog.NewTextHandler(t.err, nil))
}

// serving is a server at work.
type serving struct {
	cmd     *serveCmd
	log     *slog.Logger
	metrics *prometheus.Registry
	openAPI []byte
	nodes   []*node.Node
	servers []*http.Server
	work    sync.WaitGroup
	ready   ready
}

func (s *serving) open(ctx context.Context) (err error) {
	if s.openAPI, err = spec.OpenAPI(); err != nil {
		return err
	}
	s.ready.Event = "ready"
	if s.ready.TestURL, err = s.environment(ctx, access.Test, s.cmd.TestAddr, s.cmd.PublicURL); err != nil {
		return err
	}
	if s.cmd.LiveAddr != "" {
		if s.ready.LiveURL, err = s.environment(ctx, access.Live, s.cmd.LiveAddr, s.cmd.LivePublicURL); err != nil {
			return err
		}
	}
	s.ready.AdminURL, err = s.operators()
	return err
}

// environment opens one environment and serves its API.
func (s *serving) environment(ctx context.Context, env access.Env, addr, publicURL string) (string, error) {
	secret, err := s.cmd.secret()
	if err != nil {
		return "", err
	}
	if s.cmd.Database != "" && s.cmd.Secret == "" && s.cmd.SecretFile == "" {
		s.log.Warn("the server secret is the one in --data; every server of this database needs the same: give --secret-file", "data", s.cmd.Data)
	}
	if err := os.MkdirAll(s.cmd.Data, privateDir); err != nil {
		return "", err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return "", fmt.Errorf("--%s-addr %s: %w", env, addr, err)
	}
	url := s.scheme() + "://" + listener.Addr().String()
	if publicURL == "" {
		publicURL = url
	}
	settings, limits, err := s.settings(env)
	if err != nil {
		return "", err
	}
	n, err := node.Open(ctx, node.Config{Env: env, Data: s.cmd.Data, Database: s.cmd.Database, Secret: secret, PublicURL: strings.TrimSuffix(publicURL, "/"),
		Support: s.cmd.SupportContact, OpenAPI: s.openAPI, Log: s.log, Metrics: s.metrics, Settings: settings, Limits: limits, Redis: s.cmd.shared, Crash: crashPoint(), Flaws: plantedFlaws()})
	if err != nil {
		return "", err
	}
	s.nodes = append(s.nodes, n)
	if err := n.Start(ctx); err != nil {
		return "", err
	}
	s.serve(n.API.HTTP(), listener, true)
	return url, nil
}

func (s *serving) scheme() string {
	if s.cmd.TLSCert != "" {
		return "https"
	}
	return "http"
}

// settings turns flags into the settings of a fresh environment.
func (s *serving) settings(env access.Env) (engine.Settings, *ratelimit.Table, error) {
	set := engine.DefaultSettings()
	set.KeepRepliesS = int64(s.cmd.Retention.Seconds())
	for kind, seconds := range s.cmd.Duplicate {
		if _, known := set.DuplicateS[kind]; !known {
			return set, nil, fmt.Errorf("--probable-duplicate: there is no kind %q; there are payment_sessions and payouts", kind)
		}
		set.DuplicateS[kind] = seconds
	}
	switch s.cmd.Limits {
	case "documented", "off":
		set.Limits = s.cmd.Limits
		return set, nil, nil
	}
	raw, err := os.ReadFile(s.cmd.Limits)
	if err != nil {
		return set, nil, fmt.Errorf("--limits takes documented, off, or a file: %w", err)
	}
	base := ratelimit.Test()
	if env == access.Live {
		base = ratelimit.Live()
	}
	table, err := ratelimit.Parse(raw, base)
	if err != nil {
		return set, nil, fmt.Errorf("--limits %s: %w", s.cmd.Limits, err)
	}
	return set, &table, nil
}

func (s *serving) serve(server *http.Server, l net.Listener, public bool) {
	s.servers = append(s.servers, server)
	s.work.Go(func() {
		var err error
		if public && s.cmd.TLSCert != "" {
			err = server.ServeTLS(l, s.cmd.TLSCert, s.cmd.TLSKey)
		} else {
			err = server.Serve(l)
		}
		if !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("listener ended", "address", l.Addr().String(), "error", err)
		}
	})
}

// operators serves the operators' listener.
func (s *serving) operators() (string, error) {
	l, err := net.Listen("tcp", s.cmd.AdminAddr)
	if err != nil {
		return "", fmt.Errorf("--admin-addr %s: %w", s.cmd.AdminAddr, err)
	}
	c := admin.Config{Metrics: s.metrics, OpenAPI: s.openAPI, Unready: func(w http.ResponseWriter, report []byte) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(problem.StorageUnavailable.Status)
		_, _ = w.Write(report)
	}}
	for _, n := range s.nodes {
		c.Checks = append(c.Checks, admin.Check{Name: "store_" + string(n.Env), Look: n.Engine.Alive},
			admin.Check{Name: "api_" + string(n.Env), Look: n.API.Accepting})
	}
	s.serve(&http.Server{Handler: admin.New(c), ReadHeaderTimeout: 10 * time.Second}, l, false)
	return "http://" + l.Addr().String(), nil
}

// close drains: new requests are refused, running ones finish, then the stores
// close.
func (s *serving) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	for _, n := range s.nodes {
		n.API.Stop()
	}
	for _, n := range s.nodes {
		n.API.Drain(ctx) // meanwhile the listeners stay open: new requests are told to come back
	}
	last, end := context.WithTimeout(context.Background(), closeTime)
	defer end()
	var errs []error
	for _, server := range s.servers {
		if err := server.Shutdown(last); err != nil { // who is still there has had its time
			errs = append(errs, server.Close())
		}
	}
	s.work.Wait()
	for _, n := range s.nodes {
		errs = append(errs, n.Close())
	}
	return errors.Join(errs...)
}
