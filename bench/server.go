package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	readyTime = 30 * time.Second // for a server to come up
	stopTime  = 40 * time.Second // for a server to drain
	tailBytes = 4 << 10          // of a log that is shown
)

// server is a process that serves HTTP and tells what it uses at /metrics.
type server struct {
	process *exec.Cmd
	log     string        // file
	hangUp  io.Closer     // its stdin, whose end says that we are gone
	host    string        // of the API
	metrics string        // URL
	start   time.Duration // from its start to its ready line
	glance  usage         // what it costs to look at /metrics once
}

// usage is what a process has used since it began.
type usage struct {
	cpu     time.Duration
	mallocs float64
	bytes   float64
	memory  float64 // resident now, bytes
	looks   int     // how often the metrics were read
}

// launch starts a server that logs to a file, and waits for the ready line on its
// stdout.
func launch(ctx context.Context, log, binary string, args ...string) (*server, error) {
	s := &server{process: exec.CommandContext(ctx, binary, args...), log: log}
	s.process.Cancel = func() error { return s.process.Process.Signal(syscall.SIGTERM) }
	s.process.WaitDelay = stopTime
	file, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	defer file.Close() // the process has it open by then
	s.process.Stderr = file
	out, err := s.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if s.hangUp, err = s.process.StdinPipe(); err != nil {
		return nil, err
	}
	at := time.Now()
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	line := make(chan string, 1)
	go func() {
		text, _ := bufio.NewReader(out).ReadString('\n')
		line <- text
		_, _ = io.Copy(io.Discard, out)
	}()
	select {
	case text := <-line:
		s.start = time.Since(at)
		if err = s.ready(text); err == nil {
			return s, nil
		}
	case <-time.After(readyTime):
		err = fmt.Errorf("not ready after %v", readyTime)
	case <-ctx.Done():
		err = ctx.Err()
	}
	return nil, errors.Join(fmt.Errorf("start %s: %w", strings.Join(args, " "), err), s.stop())
}

func (s *server) ready(line string) error {
	var ready struct {
		Event string `json:"event"`
		Admin string `json:"admin_url"`
		Test  string `json:"test_url"`
	}
	if err := json.Unmarshal([]byte(line), &ready); err != nil || ready.Event != "ready" {
		return fmt.Errorf("no ready line but %q\n%s", line, s.tail())
	}
	s.host, s.metrics = strings.TrimPrefix(ready.Test, "http://"), ready.Admin+"/metrics"
	return nil
}

// stop ends the server as an operator would and reports how it went.
func (s *server) stop() error {
	if s == nil || s.process.ProcessState != nil {
		return nil
	}
	if err := s.process.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	kill := time.AfterFunc(stopTime, func() { _ = s.process.Process.Kill() })
	defer kill.Stop()
	if err := s.process.Wait(); err != nil {
		return fmt.Errorf("a server ended badly: %w\n%s", err, s.tail())
	}
	return nil
}

// used reads what the server has used, without what looking at it has cost.
func (s *server) used() (usage, error) {
	res, err := http.Get(s.metrics)
	if err != nil {
		return usage{}, err
	}
	defer res.Body.Close()
	u := usage{looks: 1}
	var cpu float64
	wanted := map[string]*float64{"process_cpu_seconds_total": &cpu, "process_resident_memory_bytes": &u.memory,
		"go_memstats_mallocs_total": &u.mallocs, "go_memstats_alloc_bytes_total": &u.bytes}
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if into := wanted[name]; into != nil {
			if *into, err = strconv.ParseFloat(value, 64); err != nil {
				return u, fmt.Errorf("metric %s: %w", name, err)
			}
		}
	}
	u.cpu = time.Duration(cpu * float64(time.Second))
	return u, lines.Err()
}

// charge adds what a server used from one look to another to a round.
func (b *burst) charge(from, to usage, looks int, glance usage) {
	b.cpu += to.cpu - from.cpu
	b.mallocs += max(0, to.mallocs-from.mallocs-float64(looks)*glance.mallocs)
	b.bytes += max(0, to.bytes-from.bytes-float64(looks)*glance.bytes)
}

// learn measures what one look allocates.
func (s *server) learn() error {
	const looks = 10
	first, err := s.used()
	if err != nil {
		return err
	}
	last := first
	for range looks {
		if last, err = s.used(); err != nil {
			return err
		}
	}
	s.glance = usage{mallocs: (last.mallocs - first.mallocs) / looks, bytes: (last.bytes - first.bytes) / looks}
	return nil
}

const (
	quietFirst = 250 * time.Millisecond // the log's and the sealer's own pauses are shorter
	quietEvery = 50 * time.Millisecond
	quietShare = 0.25 // of a core, below which only pollers are at work
	quietLooks = 100
)

// quiet waits until the server has done what its answers left to be done (its
// request log, its seals), so that this is charged to the round that caused it
// and disturbs none of the others. It gives the usage then, and how often it looked.
func (s *server) quiet() (usage, int, error) {
	time.Sleep(quietFirst)
	last, err := s.used()
	for looks := 1; looks < quietLooks && err == nil; looks++ {
		at := time.Now()
		time.Sleep(quietEvery)
		var now usage
		if now, err = s.used(); err == nil && float64(now.cpu-last.cpu) <= quietShare*float64(time.Since(at)) {
			return now, looks + 1, nil
		}
		last = now
	}
	if err == nil {
		err = errors.New("the server does not come to rest")
	}
	return last, 0, err
}

// tail is the end of what a server has logged.
func (s *server) tail() string {
	text, err := os.ReadFile(s.log)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-tailBytes):])
}
