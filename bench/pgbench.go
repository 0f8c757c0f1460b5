package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/node"
	"github.com/juicer-pay/juicer/internal/servertest"
	"github.com/juicer-pay/juicer/internal/store"
)

const (
	wayPgbench     = "pgbench"
	pgbenchSchemas = "juicer_test,pgbench"
)

// pgbenchDiffers is printed below the figures.
const pgbenchDiffers = `pgbench runs the statements that the server was heard to run for a capture, in the same transactions with the same kinds of
values, prepared. It differs from the server so: one round trip for each statement, where the server sends those of a
transaction together; one statement more for each capture, which fetches its values; numbers stand in the text; the bank
is a single insert with a commit of its own; guards are looked at in the end, not one by one; and nothing else is done: no
HTTP, keys, cards, request log, seals. The first capture of each client, which prepares, is left out.`

// pgbench runs the statements of captures against PostgreSQL.
type pgbench struct {
	program string
	dir     string // of its script and logs
	url     string
	script  *script
	text    string   // of the script of pgbench
	columns []string // texts as recorded that differ from payment to payment, or that a script of pgbench cannot hold
	driver  store.Driver
	conn    *pgx.Conn
	made    int
	paid    int
	runs    int
}

// openPgbench records a capture in a database of its own, which captures are then made in.
func openPgbench(ctx context.Context, c *cluster, database, dir, personality string) (p *pgbench, err error) {
	p = &pgbench{dir: dir}
	if p.program, err = servertest.Binary("pgbench"); err != nil {
		return p, err
	}
	if p.url, err = c.database(ctx, database); err != nil {
		return p, err
	}
	if err = os.MkdirAll(p.dir, 0o700); err != nil {
		return p, err
	}
	one, other, err := record(ctx, p.dir, p.url, personality)
	if err != nil {
		return p, err
	}
	if p.script, err = write(one, other); err != nil {
		return p, err
	}
	if p.driver, err = node.Driver(ctx, access.Test, p.dir, p.url); err != nil {
		return p, err
	}
	if p.conn, err = pgx.Connect(ctx, p.url); err != nil {
		return p, err
	}
	p.text = p.translate()
	if err = os.WriteFile(p.path("capture.sql"), []byte(p.text), 0o600); err != nil {
		return p, err
	}
	return p, p.makeTables(ctx)
}

func (p *pgbench) path(name string) string { return filepath.Join(p.dir, name) }

func (p *pgbench) close() error {
	if p == nil {
		return nil
	}
	var errs []error
	if p.conn != nil {
		errs = append(errs, p.conn.Close(context.Background()))
	}
	if p.driver != nil {
		errs = append(errs, p.driver.Close())
	}
	return errors.Join(errs...)
}

// translate writes the capture as a script of pgbench.
func (p *pgbench) translate() string {
	var body strings.Builder
	for _, s := range p.script.capture {
		begin, end := "", ""
		switch s.kind {
		case snapshots:
			begin, end = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;\n", "COMMIT;\n"
		case writes:
			begin, end = "BEGIN;\n", "COMMIT;\n"
		case orders:
			fmt.Fprintf(&body, "BEGIN;\nINSERT INTO executions (ref) VALUES (%s);\nCOMMIT;\n", p.value(s.order.Ref))
			continue
		}
		body.WriteString(begin)
		for _, d := range s.does {
			body.WriteString(p.statement(d) + ";\n")
		}
		body.WriteString(end)
	}
	var names []string
	for i := range p.columns {
		names = append(names, column(i))
	}
	return "SELECT " + strings.Join(names, ", ") + " FROM captures WHERE n = (SELECT nextval('next')) \\gset\n" + body.String()
}

func column(i int) string { return "t" + strconv.Itoa(i) }

// statement is the text of the store with a value for each placeholder, on one line.
func (p *pgbench) statement(d statement) string {
	text := placeholder.ReplaceAllStringFunc(uncommented(d.query.Text), func(number string) string {
		n, _ := strconv.Atoi(number[1:]) // digits, by the pattern
		return p.value(d.args[n-1])
	})
	return strings.Join(strings.Fields(text), " ")
}

// uncommented is a text without the lines that explain it.
func uncommented(text string) string {
	return strings.Join(slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return strings.HasPrefix(line, "--") }), "\n")
}

// value writes numbers out; texts are variables, each fetched from a column.
func (p *pgbench) value(arg any) string {
	text, isText := arg.(string)
	switch {
	case arg == nil:
		return "NULL"
	case !isText:
		return fmt.Sprint(arg)
	}
	at := slices.Index(p.columns, text)
	if at < 0 {
		at = len(p.columns)
		p.columns = append(p.columns, text)
	}
	return ":" + column(at)
}

func (p *pgbench) makeTables(ctx context.Context) error {
	var columns strings.Builder
	for i := range p.columns {
		columns.WriteString(", " + column(i) + " TEXT NOT NULL")
	}
	_, err := p.conn.Exec(ctx, `CREATE SCHEMA pgbench;
		SET search_path = `+pgbenchSchemas+`;
		CREATE TABLE pgbench.captures (n BIGINT PRIMARY KEY`+columns.String()+`);
		CREATE TABLE pgbench.executions (ref TEXT PRIMARY KEY);
		CREATE SEQUENCE pgbench.next CACHE 1`)
	return err
}

// prepare makes n payments ready to be captured; how fast does not count.
func (p *pgbench) prepare(ctx context.Context, n int) error {
	made := make([]recorded, n)
	rows := make([][]any, n)
	for i := range made {
		var values []string
		made[i], values = p.script.filled()
		rows[i] = []any{int64(p.made + i + 1)}
		for _, text := range p.columns {
			rows[i] = append(rows[i], p.script.holes[text].fill(values))
		}
	}
	plain := &bare{way: wayPgbench}
	if _, err := drive(64, n, func(_, i int) error { return plain.replay(ctx, p.driver, made[i].create) }); err != nil {
		return err
	}
	names := []string{"n"}
	for i := range p.columns {
		names = append(names, column(i))
	}
	_, err := p.conn.CopyFrom(ctx, pgx.Identifier{"pgbench", "captures"}, names, pgx.CopyFromRows(rows))
	p.made += n
	return err
}

// withPgbench is a round.
func (b *bench) withPgbench(ctx context.Context, callers int) error {
	each := 1 + (b.size(captures, wayPgbench, callers, b.RoundTime)+callers-1)/callers // the first is left out
	if err := b.pgbench.prepare(ctx, each*callers); err != nil {
		return err
	}
	paid, err := b.pgbench.capture(ctx, callers, each)
	if err == nil {
		b.note(captures, wayPgbench, callers, paid)
	}
	return err
}

// capture lets so many clients make so many captures each.
func (p *pgbench) capture(ctx context.Context, clients, each int) (burst, error) {
	p.runs++
	log := p.path("log-" + strconv.Itoa(p.runs))
	c := exec.CommandContext(ctx, p.program, "-n", "-M", "prepared", "-c", strconv.Itoa(clients), "-j", strconv.Itoa(min(clients, runtime.NumCPU())),
		"-t", strconv.Itoa(each), "-f", p.path("capture.sql"), "-l", "--log-prefix", log, p.url)
	c.Env = append(os.Environ(), "PGOPTIONS=-c search_path="+pgbenchSchemas)
	if out, err := c.CombinedOutput(); err != nil {
		return burst{}, fmt.Errorf("pgbench: %w\n%s", err, out)
	}
	files, err := filepath.Glob(log + ".*")
	if err != nil {
		return burst{}, err
	}
	var text []byte
	for _, file := range files {
		part, err := os.ReadFile(file)
		if err != nil {
			return burst{}, err
		}
		text = append(text, part...)
	}
	b, calls, err := readLog(string(text))
	if err == nil && calls != clients*each {
		err = fmt.Errorf("pgbench made %d captures, want %d", calls, clients*each)
	}
	p.paid += calls
	return b, err
}

var errLog = errors.New("a line of pgbench's log is not as it should be")

// readLog reads lines "client number microseconds script seconds microseconds", the last
// two being the moment of the end. The first capture of each client is not counted in
// the round, for it prepares the statements; calls counts all.
func readLog(text string) (b burst, calls int, err error) {
	begun := map[string]bool{}
	var first, last time.Time
	for line := range strings.Lines(text) {
		var client, number string
		var took, script, seconds, micros int64
		if n, err := fmt.Sscan(line, &client, &number, &took, &script, &seconds, &micros); n != 6 {
			return b, calls, fmt.Errorf("%w: %q: %w", errLog, line, err)
		}
		calls++
		if !begun[client] {
			begun[client] = true
			continue
		}
		end, wait := time.Unix(seconds, micros*1000), time.Duration(took)*time.Microsecond
		if start := end.Add(-wait); first.IsZero() || start.Before(first) {
			first = start
		}
		if end.After(last) {
			last = end
		}
		b.waits = append(b.waits, wait)
	}
	if b.n = len(b.waits); b.n == 0 {
		return b, calls, fmt.Errorf("%w: no capture is counted", errLog)
	}
	b.took, b.cpu = last.Sub(first), unmeasured
	slices.Sort(b.waits)
	return b, calls, nil
}

// check is the audit of what pgbench has done: the bank of the server knows nothing
// of it, so that the rows are counted, and the postings summed up.
func (p *pgbench) check(ctx context.Context, v *verdict) error {
	conn, err := pgx.Connect(ctx, p.url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var entries, uneven, open int
	err = conn.QueryRow(ctx, `SELECT (SELECT COUNT(1) FROM juicer_test.payments),
		(SELECT COUNT(1) FROM juicer_test.payments WHERE state IN ('captured', 'settled')),
		(SELECT COUNT(1) FROM juicer_test.entries WHERE object IN (SELECT id FROM juicer_test.payments)),
		(SELECT COUNT(1) FROM (SELECT entry FROM juicer_test.postings GROUP BY entry, currency HAVING SUM(amount) <> 0 OR COUNT(1) < 2) AS u),
		(SELECT COUNT(1) FROM juicer_test.instructions WHERE closed_at IS NULL)
			+ (SELECT COUNT(1) FROM juicer_test.idempotency_keys WHERE completed_at IS NULL)`).Scan(&v.Payments, &v.Executions, &entries, &uneven, &open)
	if err != nil {
		return fmt.Errorf("check what pgbench has done: %w", err)
	}
	var executions int
	if err := conn.QueryRow(ctx, "SELECT COUNT(1) FROM pgbench.executions").Scan(&executions); err != nil {
		return err
	}
	v.Clean = uneven == 0 && open == 0 && executions == v.Executions-p.script.before && entries == v.Executions*p.entriesEach()
	return nil
}

// entriesEach is how many entries a capture writes.
func (p *pgbench) entriesEach() (n int) {
	for _, s := range p.script.capture {
		for _, d := range s.does {
			if d.query.Name == "insert_entry" {
				n++
			}
		}
	}
	return n
}
