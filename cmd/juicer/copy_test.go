package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/juicer-pay/juicer/internal/copying"
	"github.com/juicer-pay/juicer/internal/servertest"
)

// paidOnce is a directory in which a payment was made, with the key that made it.
func paidOnce(t *testing.T) *server {
	t.Helper()
	s := serveAt(t, site{dir: t.TempDir()})
	if _, errs, code := output(t, append([]string{"pay"}, s.remote()...)...); code != exitOK {
		t.Fatal(errs)
	}
	return s
}

func (s *server) stop(t *testing.T) {
	t.Helper()
	if err := s.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := s.Wait(); err != nil {
		t.Fatal(err)
	}
}

func TestACopyMovesAnInstallation(t *testing.T) {
	s, url := paidOnce(t), servertest.Postgres(t)
	if _, errs, code := output(t, "copy", "--from", s.dir, "--to", url); code != exitFailed || !strings.Contains(errs, "stop it first") {
		t.Errorf("beside a server: exit %d, %s; want 1 and what to do", code, errs)
	}
	s.stop(t)

	dying := invoke(t, "copy", "--from", s.dir, "--to", url)
	dying.Env = append(dying.Env, "JUICER_CRASH_AT=batch 5 before its commit")
	if err := dying.Run(); err == nil || dying.ProcessState.ExitCode() != 137 {
		t.Fatalf("the copy was to die: %v", err)
	}
	if _, errs, code := output(t, "serve", "--data", s.dir); code != exitFailed || !strings.Contains(errs, copying.MarkerFile) {
		t.Errorf("a server on a half-copied directory: exit %d, %s; want 1 and the file that says so", code, errs)
	}

	out, errs, code := output(t, "copy", "--from", s.dir, "--to", url)
	if code != exitOK || errs != "" { // progress is for terminals alone
		t.Fatalf("copy: exit %d, %s%s", code, out, errs)
	}
	for _, want := range []string{"hash chain", "equal: every row, balance and seal", "juicer serve --database", filepath.Join(s.dir, "secret")} {
		if !strings.Contains(out, want) {
			t.Errorf("copy printed %s\nwithout %q", out, want)
		}
	}
	if _, errs, code := output(t, "keys", "list", "--data", s.dir); code != exitFailed || !strings.Contains(errs, "start with --database instead") {
		t.Errorf("keys on the copied directory: exit %d, %s; want 1 and what to do", code, errs)
	}

	there := serveAt(t, site{dir: beside(t, s.dir), database: url})
	there.key = s.key
	if got := status(t, there); got != 200 {
		t.Errorf("the old key gets %d from the new server", got)
	}
	if report, errs, code := there.output(t, "audit"); code != exitOK {
		t.Errorf("audit: exit %d, %s%s", code, report, errs)
	}
}

// beside is a directory that holds nothing but the secret of another.
func beside(t *testing.T, dir string) string {
	t.Helper()
	secret, err := os.ReadFile(filepath.Join(dir, "secret"))
	if err != nil {
		t.Fatal(err)
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "secret"), secret, privateFile); err != nil {
		t.Fatal(err)
	}
	return other
}

func TestACopyWhoseSidesDifferEndsWithTwo(t *testing.T) {
	s, url := paidOnce(t), servertest.Postgres(t)
	s.stop(t)
	if _, errs, code := output(t, "copy", "--from", s.dir, "--to", url); code != exitOK {
		t.Fatal(errs)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), "UPDATE juicer_test.customers SET email = 'eve@example.com'"); err != nil {
		t.Fatal(err)
	}
	out, errs, code := output(t, "copy", "--from", s.dir, "--to", url)
	if code != exitFindings || !strings.Contains(out, "the column email is not the same") || !strings.Contains(out, "NOT equal") {
		t.Errorf("copy: exit %d, %s%s; want 2 and the column", code, out, errs)
	}
	if out, _, code := output(t, "copy", "--from", s.dir, "--to", url, "--json"); code != exitFindings || !strings.Contains(out, `"equal":false`) {
		t.Errorf("copy --json: exit %d, %s", code, out)
	}
}
