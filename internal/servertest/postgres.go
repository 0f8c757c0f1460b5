package servertest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/juicer-pay/juicer/internal/world"
)

// SharedPostgres names the environment variable with the URL of a cluster to use
// instead of one of our own, for somebody who wants to look at it. make test lets each
// package start its own: that takes a second, and results can be cached.
const SharedPostgres = "JUICER_TEST_POSTGRES"

const (
	startTime   = 60 * time.Second
	startLook   = 20 * time.Millisecond
	connections = 400
)

// Cluster is a running PostgreSQL server.
type Cluster struct {
	dir  string
	made atomic.Int64

	mu     sync.Mutex
	models map[string]*model
}

// model is a prepared database that others are copied from.
type model struct {
	once sync.Once
	name string
	err  error
}

// fast gives durability up, which tests that never kill PostgreSQL do not need;
// benchmarks do.
var fast = []string{"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"}

var shared = sync.OnceValues(func() (*Cluster, error) {
	if url := os.Getenv(SharedPostgres); url != "" {
		return &Cluster{dir: url}, nil
	}
	return startPostgres(roomy(), fast...)
})

// Postgres gives the URL of an empty database of the test's own, on a server that the
// tests of this process share. It is dropped with the test.
func Postgres(t testing.TB) string {
	t.Helper()
	c, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return c.Database(t)
}

// PostgresCopy is Postgres with what prepare has made of it: that happens once for each
// name, and the databases of tests are copies, which takes less time than most tests.
func PostgresCopy(t testing.TB, name string, prepare func(url string) error) string {
	t.Helper()
	c, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	m := c.model(name)
	m.once.Do(func() { m.name, m.err = c.prepared(prepare) })
	if m.err != nil {
		t.Fatalf("prepare a database: %v", m.err)
	}
	return c.database(t, " TEMPLATE "+m.name)
}

func (c *Cluster) model(name string) *model {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.models == nil {
		c.models = map[string]*model{}
	}
	if c.models[name] == nil {
		c.models[name] = &model{}
	}
	return c.models[name]
}

// prepared makes a database that stays until the server ends.
func (c *Cluster) prepared(prepare func(url string) error) (string, error) {
	name := c.fresh()
	if err := c.do("CREATE DATABASE " + name); err != nil {
		return "", err
	}
	return name, prepare(c.URL(name))
}

func (c *Cluster) fresh() string { return fmt.Sprintf("t_%d_%d", os.Getpid(), c.made.Add(1)) }

// StartPostgres starts a server on disk that lives as long as this process. settings
// are arguments of postgres.
func StartPostgres(settings ...string) (*Cluster, error) { return startPostgres("", settings...) }

func startPostgres(base string, settings ...string) (*Cluster, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	dir, err := directory(base, "postgres")
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	init := demoted(filepath.Join(bin, "initdb"), "--no-sync", "-D", data, "-U", account, "--auth=trust", "--encoding=UTF8", "--locale=C")
	if out, err := exec.Command(init[0], init[1:]...).CombinedOutput(); err != nil { //nolint:noctx // initdb ends by itself
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	args := append([]string{"-D", data, "-k", dir, "-c", "listen_addresses=", "-c", fmt.Sprint("max_connections=", connections),
		"-c", "shared_buffers=256MB", "-c", "max_wal_size=2GB"}, settings...)
	if err := keep(dir, demoted(filepath.Join(bin, "postgres"), args...)); err != nil {
		return nil, err
	}
	c := &Cluster{dir: dir}
	return c, c.wait()
}

// binaries finds the newest PostgreSQL of the machine; Debian does not put it on the
// path.
func binaries() (string, error) {
	if path, err := exec.LookPath("postgres"); err == nil {
		path, err = filepath.EvalSymlinks(path) // a link may stand without its neighbours
		return filepath.Dir(path), err
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) == 0 {
		return "", errors.New("PostgreSQL is not installed: apt-get install postgresql-15, or put the directory of postgres and initdb on the PATH")
	}
	return filepath.Dir(found[len(found)-1]), nil
}

// Binary is the path of one of PostgreSQL's programs, such as pgbench.
func Binary(name string) (string, error) {
	bin, err := binaries()
	return filepath.Join(bin, name), err
}

func (c *Cluster) wait() error {
	end := world.RealNow().Add(startTime)
	for {
		err := c.do("SELECT 1")
		if err == nil {
			return nil
		}
		if world.RealNow().After(end) {
			return fmt.Errorf("PostgreSQL did not start: %w\n%s", err, logged(c.dir))
		}
		_ = world.Sleep(context.Background(), startLook)
	}
}

// URL names a database of the cluster.
func (c *Cluster) URL(database string) string {
	if strings.Contains(c.dir, "://") {
		return strings.Replace(c.dir, "/postgres?", "/"+database+"?", 1)
	}
	return "postgres://" + account + "@/" + database + "?host=" + c.dir
}

// do runs a statement beside all databases of tests.
func (c *Cluster) do(statement string) error { return execute(c.URL("postgres"), statement) }

// Exec runs statements, with semicolons between them, on a database.
func Exec(t testing.TB, url, statements string) {
	t.Helper()
	if err := execute(url, statements); err != nil {
		t.Fatalf("%s: %v", statements, err)
	}
}

func execute(url, statements string) error {
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statements)
	return err
}

// Database makes an empty database that is dropped with the test.
func (c *Cluster) Database(t testing.TB) string {
	t.Helper()
	return c.database(t, "")
}

func (c *Cluster) database(t testing.TB, template string) string {
	t.Helper()
	name := c.fresh()
	if err := c.do("CREATE DATABASE " + name + template); err != nil {
		t.Fatalf("make a database: %v", err)
	}
	t.Cleanup(func() {
		if err := c.do("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("drop a database: %v", err)
		}
	})
	return c.URL(name)
}
