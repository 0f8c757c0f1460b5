package copying_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/copying"
	"github.com/juicer-pay/juicer/internal/migration"
	"github.com/juicer-pay/juicer/internal/node"
	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/servertest"
)

const batch = 7 // rows: small, so that few payments make many batches

// said is a request of a client and the answer it got.
type said struct {
	path, key string
	body      []byte
	answer    []byte
}

// business is an installation that has taken payments.
type business struct {
	dir      string
	apiKey   string
	payments map[string][]byte // answers of GET /payments/{id} by that path
	said     []said
}

// trade runs an installation for a while and closes it.
func trade(t *testing.T) *business {
	t.Helper()
	b := &business{dir: t.TempDir(), payments: map[string][]byte{}}
	t.Run("some business", func(t *testing.T) {
		e := nodetest.StartIn(t, b.dir)
		b.apiKey = e.Key
		for n := range 6 {
			b.pay(e, nodetest.Ref([]string{"ref", "REF", "Zeta"}[n%3], n)) // languages do not sort these as bytes do
		}
		session := e.NewSession("declined")
		e.Capture(session, "4000000000012015")
		b.look(e, session)
		e.Advance(1000)
		live := nodetest.StartIn(t, b.dir, nodetest.Live)
		live.Do(http.MethodGet, "/payments", nil)
	})
	oldRelease(t, b.dir)
	return b
}

// pay takes a payment and gives a part of it back.
func (b *business) pay(e *nodetest.Env, reference string) {
	id := b.say(e, "/payment-sessions", reference+"-create", nodetest.Session(reference)).Text("data.id")
	b.say(e, "/payment-sessions/"+id, reference+"-capture", map[string]any{"card": e.Card("4000000000011009")})
	b.say(e, "/payments/"+id+"/refunds", reference+"-refund", map[string]any{"amount": 1000})
	b.look(e, id)
}

func (b *business) say(e *nodetest.Env, path, key string, body any) nodetest.Answer {
	e.T.Helper()
	raw, err := json.Marshal(body)
	nodetest.Must(e.T, err)
	a := e.Do(http.MethodPost, path, raw, "Idempotency-Key", key)
	if a.Status >= 300 {
		e.T.Fatalf("POST %s: %d %s", path, a.Status, a.Body)
	}
	b.said = append(b.said, said{path, key, raw, a.Body})
	return a
}

func (b *business) look(e *nodetest.Env, id string) {
	path := "/payments/" + id
	b.payments[path] = e.Do(http.MethodGet, path, nil).Body
}

// oldRelease leaves a line of the request log as 0.1.0 could write it.
func oldRelease(t *testing.T, dir string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "test.db"))
	nodetest.Must(t, err)
	defer db.Close()
	_, err = db.Exec("UPDATE requests SET path = CAST(x'2f6100ff62' AS TEXT) WHERE id = (SELECT min(id) FROM requests)")
	nodetest.Must(t, err)
}

// again is a business in another directory of its own.
func (b *business) again(t *testing.T) *business {
	t.Helper()
	other := *b
	other.dir = t.TempDir()
	nodetest.Must(t, os.CopyFS(other.dir, os.DirFS(b.dir)))
	return &other
}

func (b *business) config(url string) copying.Config {
	return copying.Config{From: b.dir, To: url, Batch: batch, Records: append(node.Records(access.Test), node.Records(access.Live)...)}
}

// copied copies and wants both sides to be equal.
func (b *business) copied(t *testing.T, c copying.Config) copying.Report {
	t.Helper()
	report, err := copying.Run(t.Context(), c)
	if err != nil || !report.Equal {
		t.Fatalf("copy: %v, %+v", err, different(report))
	}
	return report
}

func different(r copying.Report) []copying.Check {
	var out []copying.Check
	for _, c := range r.Checks {
		if c.Differ > 0 {
			out = append(out, c)
		}
	}
	return out
}

// sameAnswers opens a node on the database and asks it what the old one was asked.
func (b *business) sameAnswers(t *testing.T, url string) {
	t.Helper()
	e := nodetest.StartIn(t, t.TempDir(), nodetest.On(url)) // nothing but the database and the secret goes along
	fresh := e.Key
	e.Key = b.apiKey
	for path, before := range b.payments {
		if after := e.Do(http.MethodGet, path, nil).Body; !bytes.Equal(publicly(after), publicly(before)) {
			t.Errorf("GET %s was %.300s\nand is now %.300s", path, before, after)
		}
	}
	for _, s := range b.said {
		a := e.Do(http.MethodPost, s.path, s.body, "Idempotency-Key", s.key)
		if !bytes.Equal(publicly(a.Body), publicly(s.answer)) || a.Header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("POST %s under the old key %s was %.300s\nand is now %d %.300s", s.path, s.key, s.answer, a.Status, a.Body)
		}
	}
	e.Key = fresh
	e.Paid("after-the-move")
	e.Clean()
}

// publicly is an answer without the address of the server that gave it, which is another
// one in every test.
func publicly(body []byte) []byte {
	return local.ReplaceAll(body, []byte("http://server"))
}

func exec(t *testing.T, url, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	nodetest.Must(t, err)
	defer conn.Close(context.Background())
	tag, err := conn.Exec(t.Context(), statement)
	if err != nil || !strings.HasPrefix(statement, "CREATE") && !strings.HasPrefix(statement, "ALTER") && tag.RowsAffected() == 0 {
		t.Fatalf("%s: %v, %s", statement, err, tag)
	}
}

func TestACopy(t *testing.T) {
	b := trade(t)
	t.Run("answers as the files did, replays old keys and takes new payments", func(t *testing.T) {
		b, url := b.again(t), servertest.Postgres(t)
		report := b.copied(t, b.config(url))
		if report.Rows == 0 || report.Replaced != 1 {
			t.Errorf("%d rows were copied with %d texts replaced, want some, with 1", report.Rows, report.Replaced)
		}
		b.sameAnswers(t, url)
	})
	t.Run("is compared in every way there is", func(t *testing.T) {
		b := b.again(t)
		seen := map[string]bool{}
		for _, c := range b.copied(t, b.config(servertest.Postgres(t))).Checks {
			seen[c.Record+" "+c.What] = c.Source > 0 && c.Source == c.Target
		}
		for _, want := range []string{"test payments", "test balances", "test hash chain, every seal computed again", "bank entries",
			"test sums of postings by account and currency", "bank the bank's entries: count and sum by rail, currency and direction", "live encryption_keys"} {
			if !seen[want] {
				t.Errorf("nothing was compared for %q", want)
			}
		}
	})
	t.Run("arrives in a database that sorts texts as people do", func(t *testing.T) {
		b, url := b.again(t), sortedByPeople(t)
		c := b.config(url)
		c.Reached = dying(30)
		if _, err := copying.Run(t.Context(), c); !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		b.copied(t, b.config(url))
	})
	t.Run("run again after success copies nothing and is still equal", func(t *testing.T) {
		b, url := b.again(t), servertest.Postgres(t)
		b.copied(t, b.config(url))
		if report := b.copied(t, b.config(url)); !report.Earlier || report.Rows != 0 {
			t.Errorf("the second run: %+v, want nothing copied", report)
		}
	})
}

// sortedByPeople is a database whose collation is that of English.
func sortedByPeople(t *testing.T) string {
	t.Helper()
	url := servertest.Postgres(t)
	config, err := pgx.ParseConfig(url)
	nodetest.Must(t, err)
	name := config.Database + "_en"
	exec(t, url, "CREATE DATABASE "+name+" TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'")
	t.Cleanup(func() {
		conn, err := pgx.Connect(context.Background(), url)
		nodetest.Must(t, err)
		defer conn.Close(context.Background())
		_, err = conn.Exec(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)")
		nodetest.Must(t, err)
	})
	return strings.Replace(url, "/"+config.Database, "/"+name, 1)
}

var errKilled = errors.New("killed")

// dying ends a copy at the n-th point it comes to.
func dying(n int) func(string) error {
	return func(string) error {
		if n--; n < 0 {
			return errKilled
		}
		return nil
	}
}

func TestACopyThatIsKilledAnywhereGoesOnWhereItWas(t *testing.T) {
	b := trade(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 1))
	b, url := b.again(t), servertest.Postgres(t)
	var rows int64
	deaths := 0
	for {
		c := b.config(url)
		c.Reached = dying(dice.IntN(24))
		report, err := copying.Run(t.Context(), c)
		rows += report.Rows
		if err == nil {
			break
		}
		if !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		deaths++
	}
	report := b.copied(t, b.config(url))
	var want int64
	for _, c := range report.Checks {
		if !strings.ContainsAny(c.What, " ,") { // a table
			want += c.Source
		}
	}
	if rows != want || deaths < 3 {
		t.Errorf("%d rows were copied in %d lives, want %d, each once, in more than 3", rows, deaths+1, want)
	}
	b.sameAnswers(t, url)
}

func TestACopyThatIsKilledBeforeItCouldSayThatItIsFinishedIsFinished(t *testing.T) {
	b, url := trade(t), servertest.Postgres(t)
	c := b.config(url)
	c.Reached = func(point string) error {
		if point == "published" {
			return errKilled
		}
		return nil
	}
	if _, err := copying.Run(t.Context(), c); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	if report := b.copied(t, b.config(url)); report.Rows != 0 {
		t.Errorf("%d rows were copied again", report.Rows)
	}
	if err := copying.Moved(b.dir); err == nil || !strings.Contains(err.Error(), "finished") {
		t.Errorf("the directory says %v", err)
	}
}

func TestAPlantedDifferenceIsFoundAndItsTableNamed(t *testing.T) {
	b := trade(t)
	for _, c := range []struct{ statement, what string }{
		{"UPDATE SCHEMA.payments SET course = course || ' ' WHERE id = (SELECT max(id) FROM SCHEMA.payments)", "payments"},
		{"DELETE FROM SCHEMA.events WHERE id = (SELECT min(id) FROM SCHEMA.events)", "events"},
		{"INSERT INTO SCHEMA.settings VALUES ('zzz', '')", "settings"},
		{"UPDATE SCHEMA.balances SET amount = amount + 1 WHERE account LIKE 'wallet:%'", "balances by account and currency"},
		{"UPDATE SCHEMA.postings SET amount = amount + 1 WHERE line = 0 AND entry = (SELECT entry FROM SCHEMA.seals WHERE seq = 2)", "hash chain, every seal computed again"},
		{"UPDATE SCHEMA.postings SET amount = amount + 1 WHERE line = 0 AND entry = (SELECT entry FROM SCHEMA.seals WHERE seq = 2)", "sums of postings by account and currency"},
		{"UPDATE juicer_bank_copying.entries SET amount = amount + 1 WHERE entry = 1", "the bank's entries: count and sum by rail, currency and direction"},
	} {
		t.Run(c.what, func(t *testing.T) {
			b, url := b.again(t), servertest.Postgres(t)
			config := b.config(url)
			config.Reached = func(point string) error {
				if point == "copied" {
					exec(t, url, strings.ReplaceAll(c.statement, "SCHEMA", "juicer_test_copying"))
				}
				return nil
			}
			report, err := copying.Run(t.Context(), config)
			nodetest.Must(t, err)
			if report.Equal || !strings.Contains(fmt.Sprint(different(report)), c.what) {
				t.Errorf("the fault was not found in %s: %+v", c.what, different(report))
			}
			if _, err := migrationsOf(t, url, "juicer_test"); !errors.Is(err, migration.ErrNone) {
				t.Errorf("a server would find this copy: %v", err)
			}
		})
	}
}

func TestRefusedCopies(t *testing.T) {
	trader := trade(t)
	refused := func(t *testing.T, c copying.Config, says string) {
		t.Helper()
		report, err := copying.Run(t.Context(), c)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, %+v; want an error with %q", err, report, says)
		}
	}
	half := func(t *testing.T, b *business, url string) {
		t.Helper()
		c := b.config(url)
		c.Reached = dying(9)
		if _, err := copying.Run(t.Context(), c); !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
	}
	t.Run("into a database that is used", func(t *testing.T) {
		b, url := trader.again(t), servertest.Postgres(t)
		exec(t, url, "CREATE SCHEMA juicer_live")
		refused(t, b.config(url), "juicer_live")
		if err := copying.Moved(b.dir); err != nil {
			t.Errorf("the directory was marked all the same: %v", err)
		}
	})
	t.Run("into the unfinished copy of another directory, unless it is to begin anew", func(t *testing.T) {
		b, other, url := trader.again(t), trader.again(t), servertest.Postgres(t)
		half(t, b, url)
		refused(t, other.config(url), "--restart")
		c := other.config(url)
		c.Restart = true
		other.copied(t, c)
	})
	t.Run("to another database than the one it was begun with", func(t *testing.T) {
		b := trader.again(t)
		half(t, b, servertest.Postgres(t))
		refused(t, b.config(servertest.Postgres(t)), "is being copied to PostgreSQL")
	})
	t.Run("once more to another database after it was finished", func(t *testing.T) {
		b := trader.again(t)
		b.copied(t, b.config(servertest.Postgres(t)))
		refused(t, b.config(servertest.Postgres(t)), copying.MarkerFile)
	})
	t.Run("of a directory without databases", func(t *testing.T) {
		refused(t, (&business{dir: t.TempDir()}).config(servertest.Postgres(t)), "is --from right?")
	})
	t.Run("of a table that only the files have", func(t *testing.T) {
		b := trader.again(t)
		alter(t, b.dir, "CREATE TABLE stowaway (id TEXT PRIMARY KEY)")
		refused(t, b.config(servertest.Postgres(t)), "stowaway")
	})
	t.Run("of a column that only PostgreSQL has, when it is resumed", func(t *testing.T) {
		b, url := trader.again(t), servertest.Postgres(t)
		half(t, b, url)
		exec(t, url, "ALTER TABLE juicer_test_copying.refunds ADD COLUMN stowaway TEXT")
		refused(t, b.config(url), "stowaway")
	})
	t.Run("while somebody writes to the files", func(t *testing.T) {
		b := trader.again(t)
		db, err := sql.Open("sqlite", filepath.Join(b.dir, "test.db")+"?_txlock=immediate")
		nodetest.Must(t, err)
		defer db.Close()
		tx, err := db.Begin()
		nodetest.Must(t, err)
		defer func() { _ = tx.Rollback() }()
		refused(t, b.config(servertest.Postgres(t)), "somebody writes to it")
	})
}

func alter(t *testing.T, dir, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "test.db"))
	nodetest.Must(t, err)
	defer db.Close()
	_, err = db.Exec(statement)
	nodetest.Must(t, err)
}

func TestNobodyWritesToTheFilesDuringACopy(t *testing.T) {
	b, url := trade(t), servertest.Postgres(t)
	var once sync.Once
	c := b.config(url)
	c.Reached = func(string) error {
		once.Do(func() {
			db, err := sql.Open("sqlite", filepath.Join(b.dir, "test.db"))
			nodetest.Must(t, err)
			defer db.Close()
			if _, err := db.Exec("UPDATE businesses SET name = 'another'"); err == nil {
				t.Error("a write went through")
			}
		})
		return nil
	}
	b.copied(t, c)
}

func migrationsOf(t *testing.T, url, schema string) ([]migration.Step, error) {
	t.Helper()
	c, err := pgx.ParseConfig(url)
	nodetest.Must(t, err)
	return migration.SchemaStatus(t.Context(), c, schema, node.Records(access.Test)[0].Steps)
}

// local is the address of a server of a test.
var local = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
