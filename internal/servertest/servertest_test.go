package servertest_test

import (
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/juicer-pay/juicer/internal/servertest"
)

func TestEachTestHasAnEmptyDatabase(t *testing.T) {
	urls := map[string]bool{}
	for range 2 {
		url := servertest.Postgres(t)
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		var tables int
		if err := conn.QueryRow(t.Context(), "SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'").Scan(&tables); err != nil || tables != 0 {
			t.Errorf("a fresh database has %d tables (%v), want none", tables, err)
		}
		if _, err := conn.Exec(t.Context(), "CREATE TABLE left_behind (n BIGINT)"); err != nil {
			t.Fatal(err)
		}
		if err := conn.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		urls[url] = true
	}
	if len(urls) != 2 {
		t.Errorf("got databases %v, want two", urls)
	}
}

func TestRedisAnswers(t *testing.T) {
	conn, err := net.Dial("unix", strings.TrimPrefix(servertest.Redis(t), "unix://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		t.Fatal(err)
	}
	reply := make([]byte, 7)
	if _, err := conn.Read(reply); err != nil || string(reply) != "+PONG\r\n" {
		t.Errorf("got %q (%v), want +PONG", reply, err)
	}
}

func TestACopyHoldsWhatTheFirstDatabaseHolds(t *testing.T) {
	from, to := servertest.Postgres(t), servertest.Postgres(t)
	servertest.Exec(t, from, `CREATE SCHEMA s; CREATE TABLE s.a (words TEXT, number BIGINT, bytes BYTEA);
		INSERT INTO s.a VALUES ('some words', 4242424242, 'in bytes')`)
	if err := servertest.Copy(from, to); err != nil {
		t.Fatal(err)
	}
	text, err := servertest.Dump(to)
	for _, want := range []string{"some words", "4242424242", "in bytes"} {
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("the dump of the copy (%v) lacks %q:\n%s", err, want, text)
		}
	}
}

func TestServersOfTestsHearNothingOfTheDevelopersSettings(t *testing.T) {
	t.Setenv("JUICER_DATABASE", "postgres://elsewhere")
	t.Setenv("HOUSE", "kept")
	env := servertest.Environ("JUICER_KEY=ours")
	for _, c := range []struct {
		pair string
		want bool
	}{{"JUICER_DATABASE=postgres://elsewhere", false}, {"HOUSE=kept", true}, {"JUICER_KEY=ours", true}} {
		if slices.Contains(env, c.pair) != c.want {
			t.Errorf("%s is among %q: %v, want %v", c.pair, env, !c.want, c.want)
		}
	}
}

func TestAnAddressIsFreeAndNoneThatTheKernelHandsOut(t *testing.T) {
	for range 50 {
		l, err := net.Listen("tcp", servertest.Address(t))
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
		if port := l.Addr().(*net.TCPAddr).Port; port >= 32_768 {
			t.Errorf("port %d may be handed out to a neighbour", port)
		}
	}
}
