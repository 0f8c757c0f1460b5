package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/juicer-pay/juicer/internal/servertest"
)

// TestMain lets the test binary be the command itself, so that the tests run real
// processes without building twice.
func TestMain(m *testing.M) {
	if os.Getenv("JUICER_BE_THE_COMMAND") == "1" {
		os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// invoke prepares the command with the given arguments.
func invoke(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), self, args...)
	c.Env = servertest.Environ("JUICER_BE_THE_COMMAND=1")
	return c
}

// output runs the command and gives what it printed and its exit code.
func output(t *testing.T, args ...string) (out, errs string, code int) {
	t.Helper()
	return result(t, invoke(t, args...))
}

func result(t *testing.T, c *exec.Cmd) (out, errs string, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	err := c.Run()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		t.Fatal(err)
	}
	return stdout.String(), stderr.String(), c.ProcessState.ExitCode()
}

// site is where an installation keeps its data: a directory, and a database if the
// tests run on PostgreSQL.
type site struct{ dir, database string }

func newSite(t *testing.T) site {
	t.Helper()
	return site{t.TempDir(), servertest.StoreURL(t)}
}

// flags name the site to a command.
func (s site) flags() []string {
	if s.database == "" {
		return []string{"--data", s.dir}
	}
	return []string{"--data", s.dir, "--database", s.database}
}

// output runs a command that works on the site.
func (s site) output(t *testing.T, args ...string) (out, errs string, code int) {
	t.Helper()
	return output(t, append(args, s.flags()...)...)
}

// server is a running `juicer serve`.
type server struct {
	*exec.Cmd
	ready
	site
	key string
}

// onFreePorts are the flags of servers that run beside each other.
var onFreePorts = []string{"--test-addr", "127.0.0.1:0", "--admin-addr", "127.0.0.1:0"}

// serve starts a server in a directory, with a database of its own.
func serve(t *testing.T, dir string, args ...string) *server {
	t.Helper()
	return serveAt(t, site{dir, servertest.StoreURL(t)}, args...)
}

func serveAt(t *testing.T, at site, args ...string) *server {
	t.Helper()
	s := &server{site: at}
	s.Cmd = invoke(t, slices.Concat([]string{"serve"}, at.flags(), onFreePorts, args)...)
	out, err := s.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Process.Kill(); _ = s.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the server did not get ready: %v", err)
	}
	if err := json.Unmarshal([]byte(line), &s.ready); err != nil {
		t.Fatalf("ready line %q: %v", line, err)
	}
	key, errs, code := s.output(t, "keys", "create", "--quiet")
	if code != exitOK {
		t.Fatalf("keys create: exit %d, %s", code, errs)
	}
	s.key = strings.TrimSpace(key)
	return s
}

func (s *server) remote() []string { return []string{"--target", s.TestURL, "--key", s.key} }

func TestServeSaysInOneLineThatItIsReady(t *testing.T) {
	s := serve(t, t.TempDir(), "--live-addr", "127.0.0.1:0")
	if s.Event != "ready" || s.TestURL == "" || s.LiveURL == "" || s.AdminURL == "" {
		t.Errorf("ready line: %+v", s.ready)
	}
	res, err := http.Get(s.AdminURL + "/readyz")
	if err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("readyz: %v %v, want 200", res, err)
	}
}

func TestSIGTERMEndsTheServerInOrder(t *testing.T) {
	s := serve(t, t.TempDir())
	if err := s.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := s.Wait(); err != nil {
		t.Errorf("the server ended with %v, want exit code 0", err)
	}
}

func TestKeysAreMadeQuietlyListedAndRevokedWhileTheServerRuns(t *testing.T) {
	s := serve(t, t.TempDir())
	if !regexp.MustCompile(`^test_[0-9A-Za-z]{36}$`).MatchString(s.key) {
		t.Fatalf("--quiet printed %q, want the key alone", s.key)
	}
	list, _, _ := s.output(t, "keys", "list", "--json")
	var k struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal([]byte(strings.Split(list, "\n")[0]), &k); err != nil {
		t.Fatalf("keys list --json printed %q: %v", list, err)
	}
	if status(t, s) != http.StatusOK {
		t.Fatal("the key does not work")
	}
	if _, errs, code := s.output(t, "keys", "revoke", k.ID); code != exitOK {
		t.Fatalf("revoke: exit %d %s", code, errs)
	}
	if got := status(t, s); got != http.StatusUnauthorized {
		t.Errorf("a revoked key gets %d, want 401 at once", got)
	}
}

func status(t *testing.T, s *server) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.TestURL+"/payments", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", s.key)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

func TestPayTakesAPaymentAndTheAuditIsClean(t *testing.T) {
	s := serve(t, t.TempDir())
	out, errs, code := output(t, append([]string{"pay"}, s.remote()...)...)
	if code != exitOK || !strings.Contains(out, `"state": "captured"`) {
		t.Fatalf("pay: exit %d, %s%s", code, out, errs)
	}
	report, errs, code := s.output(t, "audit", "--wait", "5")
	if code != exitOK || !strings.Contains(report, "clean: no money lost or doubled") {
		t.Errorf("audit: exit %d, %s%s", code, report, errs)
	}
}

func TestTheAuditTellsByItsExitCodeThatSomethingIsInFlight(t *testing.T) {
	s := serve(t, t.TempDir())
	if _, errs, code := output(t, append([]string{"pay", "--number", "4000000000013070"}, s.remote()...)...); code != exitOK {
		t.Fatalf("pay: exit %d %s", code, errs)
	}
	out, _, code := s.output(t, "audit", "--json")
	var report struct {
		Data struct {
			Clean    bool  `json:"clean"`
			InFlight int64 `json:"in_flight"`
		} `json:"data"`
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatalf("audit --json printed %q: %v", out, err)
	}
	if code != exitInFlight || report.Data.Clean || report.Data.InFlight != 1 {
		t.Errorf("audit: exit %d, %+v; want exit 3 with one in flight", code, report.Data)
	}
}

func TestAWrongCommandLineIsExplained(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"sevre"}, exitUsage, "juicer --help"},
		{[]string{"keys", "create", "--data", t.TempDir(), "--scope", "payment:read"}, exitFailed, "payments:read"},
		{[]string{"card", "4000000000011009"}, exitUsage, "--key"},
		{[]string{"serve", "--data", t.TempDir(), "--test-addr", "127.0.0.1:0", "--limits", "none"}, exitFailed, "documented, off, or a file"},
		{[]string{"--help"}, exitOK, "Usage: juicer"},
	} {
		out, errs, code := output(t, c.args...)
		if code != c.code || !strings.Contains(out+errs, c.says) {
			t.Errorf("juicer %s: exit %d, %s%s; want %d and %q", strings.Join(c.args, " "), code, out, errs, c.code, c.says)
		}
	}
}

func TestASecondQuickStartEndsTheKeyOfTheFirst(t *testing.T) {
	at := newSite(t)
	first := quickKey(t, at)
	quickKey(t, at)
	out, _, _ := at.output(t, "keys", "list")
	if !regexp.MustCompile(regexp.QuoteMeta(first[:12]) + `.*revoked`).MatchString(out) {
		t.Errorf("the first key is not revoked:\n%s", out)
	}
}

// quickKey starts a quick start, reads the key it shows, and ends it.
func quickKey(t *testing.T, at site) string {
	t.Helper()
	c := invoke(t, slices.Concat([]string{"quickstart"}, at.flags(), onFreePorts)...)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Process.Signal(syscall.SIGTERM); _ = c.Wait() }()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if key := regexp.MustCompile(`test_[0-9A-Za-z]{36}`).FindString(lines.Text()); key != "" {
			return key
		}
	}
	t.Fatal("the quick start showed no key")
	return ""
}

// fences are the shell blocks of a document that are marked to be run: all that open
// with "```sh run", and those for the store of this run, "```sh run postgres".
func fences(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	store := "sqlite"
	if servertest.OnPostgres(t) {
		store = "postgres"
	}
	var out strings.Builder
	for _, m := range regexp.MustCompile("(?s)```sh run(?: "+store+")?\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		out.WriteString(m[1] + "\necho; echo ---\n")
	}
	return out.String()
}

func TestTheReadmesExamplesWorkWhenPasted(t *testing.T) {
	s := serve(t, t.TempDir())
	script := fences(t, "../../README.md")
	answers := strings.Split(paste(t, s, script), "---\n")
	if len(answers) < 3 {
		t.Fatalf("the README has %d blocks to run, want a success and a refusal", len(answers)-1)
	}
	if !strings.Contains(answers[0], `"outcome":"succeeded"`) || !strings.Contains(answers[0], `"status":"captured"`) {
		t.Errorf("the first example answered %s, want a captured payment", answers[0])
	}
	if !strings.Contains(answers[1], `"code":"idempotency_key_reused"`) {
		t.Errorf("the second example answered %s, want idempotency_key_reused", answers[1])
	}
}

func TestTheGreetingsRequestsWorkWhenPasted(t *testing.T) {
	s := serve(t, t.TempDir())
	var script strings.Builder
	script.WriteString("unset JUICER_TARGET JUICER_KEY\n") // the greeting's own line must set them
	for _, line := range strings.Split(greetingWith(s.ready, s.key), "\n") {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "export ") || strings.HasPrefix(line, "curl ") || strings.HasPrefix(line, "ID=") || strings.HasPrefix(line, "bin/juicer requests") {
			fmt.Fprintf(&script, "%s\necho\n", line)
		}
	}
	out := paste(t, s, script.String())
	if !strings.Contains(out, `"status":"captured"`) {
		t.Errorf("the greeting's requests answered %s, want a captured payment", out)
	}
}

// paste runs a script in a shell as a reader would, beside a bin/juicer.
func paste(t *testing.T, s *server, script string) string {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	wrapper := "#!/bin/sh\nJUICER_BE_THE_COMMAND=1 exec " + self + " \"$@\"\n"
	if err := os.MkdirAll(filepath.Join(dir, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "bin", "juicer"), []byte(wrapper), 0o755); err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
	c.Dir = dir
	c.Env = servertest.Environ("JUICER_TARGET="+s.TestURL, "JUICER_KEY="+s.key)
	if s.database != "" {
		c.Env = append(c.Env, "JUICER_DATABASE="+s.database)
	}
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("the script ended with %v:\n%s", err, out)
	}
	return string(out)
}

func TestASecondServerOnTheSameDirectoryIsRefused(t *testing.T) {
	s := serveAt(t, site{dir: t.TempDir()}) // files have one server; a database has many
	_, errs, code := s.output(t, append([]string{"serve"}, onFreePorts...)...)
	if code != exitFailed || !strings.Contains(errs, "another juicer serve") {
		t.Errorf("the second server ended with %d, %s; want 1 and the reason", code, errs)
	}
}

func TestCommandsThatLookMakeNothing(t *testing.T) {
	at := site{filepath.Join(t.TempDir(), "typo"), servertest.StoreURL(t)}
	hint := "is --data right?"
	if at.database != "" {
		hint = "is --database right?"
	}
	for range 2 { // the first look has not made what the second one looks for
		for _, args := range [][]string{{"audit"}, {"keys", "list"}, {"business", "list"}} {
			_, errs, code := at.output(t, args...)
			if code != exitFailed || !strings.Contains(errs, hint) {
				t.Errorf("juicer %v: exit %d, %s; want 1 and a hint", args, code, errs)
			}
		}
	}
	if _, err := os.Stat(at.dir); !os.IsNotExist(err) {
		t.Errorf("the directory was made: %v", err)
	}
}

func TestAWrongCertificateIsToldBeforeTheServerIsReady(t *testing.T) {
	out, errs, code := output(t, "serve", "--data", t.TempDir(), "--test-addr", "127.0.0.1:0", "--admin-addr", "127.0.0.1:0", "--tls-cert", "none.pem", "--tls-key", "none.key")
	if code != exitFailed || out != "" || !strings.Contains(errs, "--tls-cert") {
		t.Errorf("exit %d, %s%s; want 1 and the flag", code, out, errs)
	}
}
