package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// repository has one SDK whose bench says what the test wants.
func repository(t *testing.T, says string) string {
	t.Helper()
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "scripts"), 0o750); err != nil {
		t.Fatal(err)
	}
	script := "set -e\ncurl -sS --fail \"$JUICER_BENCH_URL/payments/1\" | grep -q captured\n" + says + "\n"
	if err := os.WriteFile(filepath.Join(root, "scripts", "sdk-go.sh"), []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	return root
}

func TestWhatABenchSaysBecomesARow(t *testing.T) {
	figures := `echo '{"language":"go","calls":100,"rounds":3,"bare":{"median_us":50,"cpu_us":20,"allocs":60},"sdk":{"median_us":60,"cpu_us":25,"allocs":70}}'`
	for _, c := range []struct {
		says, prints string
		flags        []string
		code         int
		want         string
	}{
		{"a row with the ratio", figures, nil, 0, "| go | 100 x 3 | 50.0 | 60.0 | 1.200 | 1.10 |"},
		{"a goal that is missed fails if asked to", figures, []string{"-goals"}, 1, "1.200"},
		{"the figures as they are", figures, []string{"-json"}, 0, `"median_us":60`},
		{"no figures", "echo nothing", nil, 1, "no figures"},
		{"figures of nothing", `echo '{"language":"go"}'`, nil, 1, "cannot be"},
		{"a bench that fails", "exit 3", nil, 1, "exit status 3"},
	} {
		t.Run(c.says, func(t *testing.T) {
			var out bytes.Buffer
			code := run(t.Context(), append([]string{"-root", repository(t, c.prints), "-language", "go"}, c.flags...), &out, &out)
			if code != c.code || !strings.Contains(out.String(), c.want) {
				t.Errorf("exit %d, want %d with %q:\n%s", code, c.code, c.want, out.String())
			}
		})
	}
}
