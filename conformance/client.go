package conformance

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// client sends requests and shows every reply to the rules of all replies.
type client struct {
	target string
	kept   *http.Client // reuses connections
	fresh  *http.Client // one connection per request: never repeats by itself
	rules  *rulebook
}

// answerTime is longer than any request may take (25 s of waiting, 30 s in all).
const answerTime = 45 * time.Second

func newClient(target string, rules *rulebook) *client {
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client{
		target: target, rules: rules,
		kept:  &http.Client{Timeout: answerTime, CheckRedirect: stay, Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
		fresh: &http.Client{Timeout: answerTime, CheckRedirect: stay, Transport: &http.Transport{DisableKeepAlives: true}},
	}
}

// errCut is a reply whose body ended early.
var errCut = errors.New("the reply was cut off")

// send makes one call. A reply that was cut off comes with errCut and the part
// that arrived.
func (c *client) send(ctx context.Context, r request) (reply, error) {
	out, err := c.once(ctx, r)
	for try := 0; err == nil && out.status == http.StatusTooManyRequests && r.patient && try < maxPatience; try++ {
		seconds, convErr := strconv.Atoi(out.header.Get("Retry-After"))
		if convErr != nil {
			return out, nil
		}
		sleep(ctx, time.Duration(seconds)*time.Second)
		out, err = c.once(ctx, r)
	}
	return out, err
}

const maxPatience = 4

func (c *client) once(ctx context.Context, r request) (reply, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, c.target+r.path, bodyReader(r))
	if err != nil {
		return reply{}, fmt.Errorf("make request: %w", err)
	}
	for name, values := range r.header {
		req.Header[name] = values
	}
	hc := c.kept
	if r.header.Get("Juicer-Fault") != "" {
		hc = c.fresh
	}
	started := now()
	res, err := hc.Do(req)
	if err != nil {
		return reply{request: r}, err
	}
	defer res.Body.Close()
	body, err := readBody(res)
	out := reply{request: r, status: res.StatusCode, header: res.Header, body: body, took: now().Sub(started)}
	if err != nil {
		return out, fmt.Errorf("%w: %v", errCut, err)
	}
	out.parse()
	if r.header.Get("Juicer-Fault") == "" {
		c.rules.read(out)
	}
	return out, nil
}

// readBody undoes the compression that a case asked for by hand.
func readBody(res *http.Response) ([]byte, error) {
	if res.Header.Get("Content-Encoding") != "gzip" || res.Uncompressed {
		return io.ReadAll(res.Body)
	}
	gz, err := gzip.NewReader(res.Body)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(gz)
}

func bodyReader(r request) io.Reader {
	if r.body == nil {
		return nil
	}
	return bytes.NewReader(r.body)
}
