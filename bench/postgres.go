package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/juicer-pay/juicer/internal/servertest"
)

// nodesMost is how many processes share a database in the larger of the two settings.
const nodesMost = 3

// cluster is a PostgreSQL server that exists for one run, and what it promises.
type cluster struct {
	Version    string            `json:"version"`
	Settings   map[string]string `json:"settings"`
	FileSystem string            `json:"file_system"`
	FlushMS    float64           `json:"flush_ms"`
	Statements []string          `json:"statements"` // of one capture, as recorded
	Script     string            `json:"pgbench_script"`
	server     *servertest.Cluster
}

// durable is said to the server although most of it is the default: a commit that is
// not on disk is not what is measured.
var durable = []string{"-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "full_page_writes=on"}

// told are the settings that a reader of the figures wants to know.
var told = []string{"fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", "shared_buffers", "max_wal_size", "max_connections"}

// String is the cluster for people.
func (c *cluster) String() string {
	var set []string
	for _, name := range told {
		set = append(set, name+"="+c.Settings[name])
	}
	return fmt.Sprintf("PostgreSQL %s: %s; on %s, a flush to disk takes %s ms", c.Version, strings.Join(set, " "), c.FileSystem, short(c.FlushMS))
}

// onPostgres starts what is measured on PostgreSQL: a durable server, one node on a
// database, three on another one, and pgbench on a third.
func (b *bench) onPostgres(ctx context.Context) error {
	if !slices.Contains(b.Store, storePostgres) {
		return nil
	}
	b.tell.now("starting PostgreSQL")
	var err error
	if b.cluster, err = startCluster(ctx); err != nil {
		return err
	}
	b.report.PostgreSQL = b.cluster
	for database, n := range map[string]int{"one": 1, "three": nodesMost} {
		way := map[int]string{1: wayOneNode, nodesMost: wayNodes}[n]
		if err := b.openNodes(ctx, way, database, n); err != nil {
			return fmt.Errorf("%s: %w", way, err)
		}
	}
	slices.SortFunc(b.shared, func(a, b *visitor) int { return len(a.nodes) - len(b.nodes) })
	b.tell.now("recording the statements of a capture on PostgreSQL")
	p, err := openPgbench(ctx, b.cluster, "pgbench", b.path("pgbench"), b.Personality)
	b.pgbench = p
	if err != nil {
		return fmt.Errorf("%s: %w", wayPgbench, err)
	}
	b.cluster.Statements, b.cluster.Script = names(recorded{capture: p.script.capture}), p.text
	return nil
}

func startCluster(ctx context.Context) (*cluster, error) {
	server, err := servertest.StartPostgres(durable...)
	if err != nil {
		return nil, err
	}
	c := &cluster{server: server, FileSystem: fileSystem(os.TempDir()), Settings: map[string]string{}}
	flush, err := flushTime(os.TempDir())
	if err != nil {
		return nil, err
	}
	c.FlushMS = float64(flush) / float64(time.Millisecond)
	return c, c.ask(ctx)
}

// ask reads the settings from the server itself.
func (c *cluster) ask(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, c.server.URL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, name := range append([]string{"server_version"}, told...) {
		var value string
		if err := conn.QueryRow(ctx, "SELECT current_setting($1)", name).Scan(&value); err != nil {
			return err
		}
		c.Settings[name] = value
	}
	c.Version = c.Settings["server_version"]
	delete(c.Settings, "server_version")
	return nil
}

// database makes an empty one and gives its URL.
func (c *cluster) database(ctx context.Context, name string) (string, error) {
	conn, err := pgx.Connect(ctx, c.server.URL("postgres"))
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
	return c.server.URL(name), err
}

// openNodes starts n servers on one database and pays once.
func (b *bench) openNodes(ctx context.Context, way, database string, n int) error {
	url, err := b.cluster.database(ctx, database)
	if err != nil {
		return err
	}
	var nodes []*server
	for range n {
		s, err := b.launch(ctx, b.juicer, dirOf(way), "--database", url) // one directory: they share the secret in it
		if err != nil {
			return err
		}
		b.servers, nodes = append(b.servers, s), append(nodes, s)
	}
	key, err := exec.CommandContext(ctx, b.juicer, "keys", "create", "--data", b.path(dirOf(way)), "--database", url, "--quiet").Output()
	if err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	v, err := b.begun(way, nodes, strings.TrimSpace(string(key)))
	if v != nil {
		v.store = url
		b.shared = append(b.shared, v)
	}
	return err
}
