package servertest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/world"
)

// Redis starts a Redis of the test's own on a private socket and gives its URL
// (unix://...). It ends with the process.
func Redis(t testing.TB) string {
	t.Helper()
	url, err := StartRedis()
	if err != nil {
		t.Fatal(err)
	}
	return url
}

// StartRedis starts a server that lives as long as this process.
func StartRedis() (string, error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return "", errors.New("Redis is not installed: apt-get install redis-server")
	}
	dir, err := directory("", "redis")
	if err != nil {
		return "", err
	}
	socket := filepath.Join(dir, "redis.sock")
	command := demoted(program, "--port", "0", "--unixsocket", socket, "--dir", dir, "--save", "", "--appendonly", "no")
	if err := keep(dir, command); err != nil {
		return "", err
	}
	end := world.RealNow().Add(startTime)
	for {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
		cancel()
		if err == nil {
			return "unix://" + socket, conn.Close()
		}
		if world.RealNow().After(end) {
			return "", fmt.Errorf("Redis did not start: %w\n%s", err, logged(dir))
		}
		_ = world.Sleep(context.Background(), startLook)
	}
}
