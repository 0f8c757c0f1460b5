package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
)

// caller is one client on one kept connection. It does as little as a client can,
// because it runs on the cores of the server that it measures.
type caller struct {
	net  net.Conn
	in   *bufio.Reader
	out  []byte
	body []byte
}

// answer is what callers look at in a reply. Its body is good until the next call.
type answer struct {
	status   int
	outcome  string // Juicer-Outcome
	location string
	replayed bool
	body     []byte
}

func dial(host string) (*caller, error) {
	c, err := net.Dial("tcp", host)
	if err != nil {
		return nil, err
	}
	return &caller{net: c, in: bufio.NewReaderSize(c, 16<<10)}, nil
}

func (c *caller) close() { _ = c.net.Close() }

// send makes one request; headers are whole lines that end in \r\n.
func (c *caller) send(method, path, headers, body string) (answer, error) {
	c.out = append(c.out[:0], method...)
	c.out = append(append(append(c.out, ' '), path...), " HTTP/1.1\r\nHost: bench\r\n"...)
	c.out = append(c.out, headers...)
	if body != "" {
		c.out = append(c.out, "Content-Type: application/json\r\nContent-Length: "...)
		c.out = append(strconv.AppendInt(c.out, int64(len(body)), 10), "\r\n"...)
	}
	c.out = append(append(c.out, "\r\n"...), body...)
	if _, err := c.net.Write(c.out); err != nil {
		return answer{}, err
	}
	a, err := c.receive()
	if err != nil {
		return a, fmt.Errorf("%s %s: %w", method, path, err)
	}
	return a, nil
}

var errNoLength = errors.New("a reply without Content-Length")

func (c *caller) receive() (a answer, err error) {
	first, err := c.line()
	if err != nil {
		return a, err
	}
	if _, rest, ok := strings.Cut(first, " "); ok && len(rest) >= 3 {
		a.status, err = strconv.Atoi(rest[:3])
	}
	length := -1
	for err == nil {
		var line string
		if line, err = c.line(); line == "" {
			break
		}
		name, value, _ := strings.Cut(line, ": ")
		switch name {
		case "Content-Length":
			length, err = strconv.Atoi(value)
		case "Juicer-Outcome":
			a.outcome = value
		case "Location":
			a.location = value
		case "Idempotent-Replayed":
			a.replayed = true
		}
	}
	if err == nil && length < 0 {
		err = errNoLength
	}
	if err != nil {
		return a, err
	}
	c.body = append(c.body[:0], make([]byte, length)...)
	a.body = c.body
	_, err = io.ReadFull(c.in, a.body)
	return a, err
}

func (c *caller) line() (string, error) {
	raw, err := c.in.ReadSlice('\n')
	return string(bytes.TrimRight(raw, "\r\n")), err
}

// excerpt is a reply for people.
func (a answer) excerpt() string {
	text := a.body
	if zip, err := gzip.NewReader(bytes.NewReader(text)); err == nil {
		text, _ = io.ReadAll(zip)
	}
	if len(text) > 400 {
		text = text[:400]
	}
	return fmt.Sprintf("%d, outcome %q, replayed %t: %s", a.status, a.outcome, a.replayed, text)
}
