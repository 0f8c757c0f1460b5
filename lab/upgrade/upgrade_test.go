package upgrade

import (
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"github.com/juicer-pay/juicer/internal/servertest"
)

// upgrade is one installation on its way from one release to the next.
type upgrade struct {
	t        *testing.T
	old, new release
	place    *place
	shop     *shop
	server   *server // of the old release
}

// begin starts the old release, and clients who have paid there.
func begin(t *testing.T, old release, database string) *upgrade {
	t.Helper()
	u := &upgrade{t: t, old: old, new: need(t, present), place: &place{dir: t.TempDir(), database: database}}
	u.server = u.place.serve(t, old)
	u.place.key = strings.TrimSpace(u.must(old, "keys", "create", "--quiet"))
	u.shop = &shop{key: u.place.key, paid: map[string]string{}}
	if r, err := u.shop.send("PATCH", u.server.url+"/sandbox/rails/card", "", map[string]any{"personality": "instant"}); err != nil || r.status != http.StatusOK {
		t.Fatalf("make the bank instant: %v %s", err, r.body)
	}
	card, err := output(old, "card", "4000000000011009", "--target", u.server.url, "--key", u.place.key)
	if err != nil {
		t.Fatal(err)
	}
	u.shop.card = []byte(card)
	return u
}

// output runs a command that needs no place.
func output(r release, args ...string) (string, error) {
	p := &place{}
	c := p.command(r, args...)
	c.Args = c.Args[:len(args)+1] // without --data
	out, err := c.Output()
	return strings.TrimSpace(string(out)), err
}

// must is a command on the place that has to work.
func (u *upgrade) must(r release, args ...string) string {
	u.t.Helper()
	out, err := u.place.output(r, args...)
	if err != nil {
		u.t.Fatal(err)
	}
	return out
}

// migrate runs migrate up of the new release from two places at once.
func (u *upgrade) migrate() {
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			if _, err := u.place.output(u.new, "migrate", "up"); err != nil {
				u.t.Error(err)
			}
		})
	}
	all.Wait()
}

// underLoad migrates while the clients pay at the old release.
func (u *upgrade) underLoad(migrate func()) {
	u.t.Helper()
	u.shop.during("old", []string{u.server.url}, migrate)
}

// handOver lets the new release take over, and clients go on. Before that, the old one
// must be able to open what the new one has made of the store, as it does when it starts.
func (u *upgrade) handOver() {
	u.t.Helper()
	u.must(u.old, "keys", "list")
	old := u.server
	if u.place.database == "" {
		old.stop(u.t)
		u.server = u.place.serve(u.t, u.new)
		u.shop.during("new", []string{u.server.url}, func() {})
		return
	}
	u.server = u.place.serve(u.t, u.new)
	u.shop.during("both", []string{old.url, u.server.url}, func() {})
	u.shop.during("new", []string{u.server.url}, func() { old.stop(u.t) })
}

// check looks at the end whether clients have noticed anything, whether every payment is
// there and under its old key, and whether the books balance.
func (u *upgrade) check() {
	u.t.Helper()
	for reference, id := range u.shop.paid {
		r, err := u.shop.send("POST", u.server.url+"/payment-sessions", reference+"-create", order(reference))
		if u.shop.expect("create "+reference+" again", http.StatusCreated, r, err) && r.Data.ID != id {
			u.t.Errorf("%s under its old key is payment %s, was %s", reference, r.Data.ID, id)
		}
		r, err = u.shop.send("GET", u.server.url+"/payments/"+id, "", nil)
		if u.shop.expect("look at "+reference, http.StatusOK, r, err) && r.Data.State != "captured" {
			u.t.Errorf("%s is %s in the end", reference, r.Data.State)
		}
	}
	if len(u.shop.wrong) > 0 {
		u.t.Errorf("%d answers that no client should see, the first: %s", len(u.shop.wrong), u.shop.wrong[0])
	}
	if out, err := u.place.output(u.new, "audit", "--wait", "25"); err != nil {
		u.t.Errorf("the audit: %v\n%s", err, out)
	}
	u.t.Logf("from %s: %d payments", u.old.name, len(u.shop.paid))
}

// alter runs a statement on the store as a migration to come would.
func (u *upgrade) alter(statement string) {
	u.t.Helper()
	driver, source := "sqlite", filepath.Join(u.place.dir, "test.db")+"?_pragma=busy_timeout(5000)"
	if u.place.database != "" {
		driver, source = "pgx", u.place.database
		statement = fmt.Sprintf("SET search_path = juicer_test; %s", statement)
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		u.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		u.t.Fatalf("%s: %v", statement, err)
	}
}

// additive is a migration that every release can live with.
const additive = "ALTER TABLE payments ADD COLUMN of_a_later_release TEXT NOT NULL DEFAULT ''"

func TestClientsDoNotNoticeAnUpgradeFromTheLastRelease(t *testing.T) {
	old := need(t, previous)
	t.Run(old.name+" on SQLite", func(t *testing.T) {
		u := begin(t, old, "")
		u.underLoad(u.migrate)
		u.handOver()
		u.check()
	})
	if !old.knowsPostgres(t) {
		t.Logf("%s has no --database: it knows SQLite alone", old.name)
		return
	}
	t.Run(old.name+" on PostgreSQL", func(t *testing.T) {
		u := begin(t, old, servertest.Postgres(t))
		u.underLoad(u.migrate)
		u.handOver()
		u.check()
	})
}

// The present commit stands for the release that it will be.
func TestClientsWillNotNoticeAnUpgradeFromThisRelease(t *testing.T) {
	for name, database := range stores(t) {
		t.Run(name, func(t *testing.T) {
			u := begin(t, need(t, present), database)
			u.underLoad(func() { u.migrate(); u.alter(additive) })
			u.handOver()
			u.check()
		})
	}
}

func stores(t *testing.T) map[string]string {
	t.Helper()
	return map[string]string{"SQLite": "", "PostgreSQL": servertest.Postgres(t)}
}

func TestAMigrationThatTheOldReleaseCannotLiveWithIsNoticed(t *testing.T) {
	for name, database := range stores(t) {
		t.Run("a renamed column on "+name, func(t *testing.T) {
			u := begin(t, need(t, present), database)
			u.underLoad(func() { u.alter("ALTER TABLE payments RENAME COLUMN course TO progress") })
			if len(u.shop.wrong) == 0 {
				t.Error("no client has noticed")
			}
		})
	}
	t.Run("a renamed column under the last release", func(t *testing.T) {
		u := begin(t, need(t, previous), "")
		u.underLoad(func() { u.alter("ALTER TABLE payments RENAME COLUMN course TO progress") })
		if len(u.shop.wrong) == 0 {
			t.Error("no client has noticed")
		}
	})
}
