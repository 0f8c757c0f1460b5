package juicer

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
)

// outside is an empty module beside the SDK, as a user has it.
type outside struct {
	t   *testing.T
	dir string
	env []string
}

func newModule(t *testing.T, s *realServer) *outside {
	t.Helper()
	sdk, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	m := &outside{t: t, dir: t.TempDir()}
	m.write("go.mod", "module example.com/shop\n\ngo 1.26.0\n\nrequire github.com/juicer-pay/juicer/sdk/go v0.3.0\n\nreplace github.com/juicer-pay/juicer/sdk/go => "+sdk+"\n")
	m.env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod", "GOPROXY=off", "JUICER_BASE_URL="+s.url, "JUICER_API_KEY="+s.key)
	return m
}

func (m *outside) write(name, text string) {
	m.t.Helper()
	path := filepath.Join(m.dir, name)
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	if err == nil {
		err = os.WriteFile(path, []byte(text), 0o600)
	}
	if err != nil {
		m.t.Fatal(err)
	}
}

// run executes a command in the module and gives what it printed.
func (m *outside) run(args ...string) string {
	m.t.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.Env = m.dir, m.env
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		m.t.Fatalf("%s: %v\n%s%s", strings.Join(args, " "), err, out, errs.String())
	}
	return string(out)
}

// stormy stands before a real server and switches a fault on for the first attempt of
// every call.
func stormy(t *testing.T, s *realServer) *realServer {
	t.Helper()
	target, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	faults := []string{"drop=after-commit", "status=503;retry-after=1", "garbage", "error=server_error;at=after-commit", "truncate=9", "status=429;retry-after=1", "drop=before"}
	var n atomic.Int64
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			if r.In.Header.Get("X-Juicer-Attempt") == "1" && r.In.Header.Get("X-Request-Id") == "" { // an id of its own marks the example that allows one attempt
				r.Out.Header.Set("Juicer-Fault", faults[int(n.Add(1))%len(faults)])
			}
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }, // the client sees what the proxy saw
		ErrorLog:     log.New(io.Discard, "", 0),
	}
	front := httptest.NewUnstartedServer(proxy)
	front.Config.ErrorLog = proxy.ErrorLog
	front.Start()
	t.Cleanup(front.Close)
	t.Cleanup(func() {
		if n.Load() == 0 {
			t.Error("no fault was switched on")
		}
	})
	return &realServer{url: front.URL, key: s.key}
}

func TestAnEmptyModuleUsesTheSDK(t *testing.T) {
	m := newModule(t, stormy(t, startServer(t, "--limits", "off")))
	m.write("main.go", blocks(t)[0])
	m.run("go", "vet", "./...")
	equal(t, "printed", m.run("go", "run", "."), "paid: ord_1001\n")
	if graph := strings.TrimSpace(m.run("go", "list", "-m", "all")); strings.Count(graph, "\n") != 1 {
		t.Errorf("the SDK brings modules along:\n%s", graph)
	}
}

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

// blocks are the Go examples of the README.
func blocks(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, found := range goBlock.FindAllSubmatch(text, -1) {
		out = append(out, string(found[1]))
	}
	if strings.Count(string(text), "```") != 2*len(out) || len(out) < 8 {
		t.Fatalf("%d Go examples, and others that nobody runs", len(out))
	}
	return out
}

// around makes a program of lines that use what a README's reader has already.
func around(lines string, given map[string]string) string {
	paths := map[string]string{"context": "context", "errors": "errors", "fmt": "fmt", "log": "log", "time": "time", "os": "os", "http": "net/http", "slog": "log/slog", "filepath": "path/filepath"}
	var imports strings.Builder
	for name, path := range paths {
		if regexp.MustCompile(`\b`+name+`\.`).MatchString(lines) && name != "context" && name != "log" {
			fmt.Fprintf(&imports, "\t%q\n", path)
		}
	}
	var values strings.Builder
	for name, value := range given {
		fmt.Fprintf(&values, "\t%s := %q\n\t_ = %s\n", name, value, name)
	}
	return "package main\n\nimport (\n\t\"context\"\n\t\"log\"\n" + imports.String() + "\n\tjuicer \"github.com/juicer-pay/juicer/sdk/go\"\n)\n\nfunc main() {\n" +
		"\tctx := context.Background()\n\tclient, err := juicer.New(juicer.Config{})\n\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n\t_, _ = ctx, client\n" +
		values.String() + "\t{\n" + lines + "\t}\n}\n"
}

func TestEveryExampleOfTheREADMERuns(t *testing.T) {
	s := startServer(t, "--limits", "off")
	s.instant(t)
	c := s.client(t)
	settings, err := c.AccountSettings.Get(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	m := newModule(t, stormy(t, s))
	given := map[string]string{"paymentID": capture(t, c), "webhookSecret": "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "businessID": *settings.Data.BusinessID}
	for i, block := range blocks(t) {
		if !strings.HasPrefix(block, "package main") {
			block = around(block, given)
		}
		m.write(fmt.Sprintf("example%d/main.go", i), block)
	}
	m.run("go", "build", "-o", filepath.Join(m.dir, "bin")+"/", "./...")
	for i := range blocks(t) {
		m.run(filepath.Join(m.dir, "bin", fmt.Sprintf("example%d", i)))
	}
}

func TestTheSamplesPrintWhatTheyPromise(t *testing.T) {
	for _, name := range []string{"quickstart", "errors"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startServer(t, "--limits", "off")
			bin := filepath.Join(t.TempDir(), name)
			if out, err := exec.Command("go", "build", "-o", bin, "./samples/"+name).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			cmd := exec.Command(bin)
			cmd.Env = append(serverEnviron(), "JUICER_BASE_URL="+s.url, "JUICER_API_KEY="+s.key)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			golden(t, filepath.Join("samples", "testdata", name+".txt"), string(out))
		})
	}
}

// golden compares with a file; JUICER_UPDATE_GOLDENS=1 writes it.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("JUICER_UPDATE_GOLDENS") == "1" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: printed\n%s\nwant\n%s", path, got, want)
	}
}
