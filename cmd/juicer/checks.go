package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"syscall"

	"github.com/juicer-pay/juicer/internal/ratelimit/redis"
)

// check refuses flags that would fail only after the server said that it is ready.
func (c *serveCmd) check() error {
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return errors.New("--tls-cert and --tls-key go together: give both or neither")
	}
	if c.TLSCert != "" {
		if _, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey); err != nil {
			return fmt.Errorf("--tls-cert, --tls-key: %w", err)
		}
	}
	if c.Retention <= 0 {
		return fmt.Errorf("--retention %s: replies must be kept for a time above zero, e.g. 24h", c.Retention)
	}
	for flag, text := range map[string]string{"--public-url": c.PublicURL, "--live-public-url": c.LivePublicURL} {
		u, err := url.Parse(text)
		if text != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
			return fmt.Errorf("%s %q must be a whole URL, e.g. https://pay.example", flag, text)
		}
	}
	return c.checkRedis()
}

// checkRedis reads --redis here: the parser of the command line would repeat a wrong
// value, which may hold a password.
func (c *serveCmd) checkRedis() (err error) {
	if c.shared, err = redis.ParseServer(c.Redis); err != nil {
		return fmt.Errorf("--redis: %w", err)
	}
	return nil
}

// lock keeps a second server off the same data: two processes that resolve and
// settle the same payments would only be in each other's way.
func (c *serveCmd) lock() (unlock func(), err error) {
	if c.Database != "" {
		return func() {}, nil // there, several servers work together
	}
	if err := os.MkdirAll(c.Data, privateDir); err != nil {
		return nil, fmt.Errorf("make --data: %w", err)
	}
	unlock, free, err := lockData(c.Data)
	if err == nil && !free {
		err = fmt.Errorf("another juicer serve, or a juicer copy, works on %s: stop it, or choose another --data", c.Data)
	}
	return unlock, err
}

// lockData takes the lock of a data directory; free is false if somebody else has it.
func lockData(dir string) (unlock func(), free bool, err error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, privateFile)
	if err != nil {
		return nil, false, fmt.Errorf("lock %s: %w", dir, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, false, nil
	}
	return func() { f.Close() }, true, nil // the lock goes with the file, also if the process is killed
}
