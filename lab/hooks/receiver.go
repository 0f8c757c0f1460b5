package main

import (
	"context"
	"hash/fnv"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/juicer-pay/juicer/internal/world"
)

// receivers are servers whose mood at each attempt follows from the seed.
type receivers struct {
	seed    uint64
	timeout time.Duration
	server  *http.Server
	url     string

	mu       sync.Mutex
	accepted map[string]int // by path and webhook-id
	moods    map[string]int
	requests int
	newest   map[string]int64 // highest number among first attempts, by path
	early    int
}

func open(seed uint64, timeout time.Duration) (*receivers, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &receivers{seed: seed, timeout: timeout, url: "http://" + l.Addr().String(), accepted: map[string]int{}, moods: map[string]int{}, newest: map[string]int64{}}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: time.Minute}
	go func() { _ = r.server.Serve(l) }() // ends with Close
	return r, nil
}

// moodsOf are what receivers do, in percent.
var moodsOf = []struct {
	name string
	upTo uint64
}{{"fails", 15}, {"resets", 25}, {"hangs", 32}, {"slow", 40}, {"accepts", 100}}

func (r *receivers) mood(key string) string {
	h := fnv.New64a()
	_, _ = io.WriteString(h, strconv.FormatUint(r.seed, 10)+key) // a hash never fails
	n := h.Sum64() >> 20 % 100
	for _, m := range moodsOf {
		if n < m.upTo {
			return m.name
		}
	}
	return ""
}

// ServeHTTP implements http.Handler.
func (r *receivers) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	_, _ = io.Copy(io.Discard, req.Body)
	id, attempt := req.Header.Get("webhook-id"), req.Header.Get("Juicer-Attempt")
	mood := r.mood(req.URL.Path + id + "/" + attempt)
	sequence, _ := strconv.ParseInt(req.Header.Get("Juicer-Sequence"), 10, 64)
	r.note(req.URL.Path, id, mood, sequence, attempt == "1")
	switch mood {
	case "fails":
		w.WriteHeader(http.StatusInternalServerError) //nolint:gocritic // what a broken merchant answers
	case "resets":
		panic(http.ErrAbortHandler)
	case "hangs":
		<-req.Context().Done()
	case "slow":
		_ = world.Sleep(context.Background(), r.timeout/3)
	}
}

func (r *receivers) note(path, id, mood string, sequence int64, first bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests++
	r.moods[mood]++
	if mood == "accepts" || mood == "slow" {
		r.accepted[path+" "+id]++
	}
	if first {
		if sequence < r.newest[path] {
			r.early++
		}
		r.newest[path] = max(r.newest[path], sequence)
	}
}
