package api_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/juicer-pay/juicer/internal/node"
	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/servertest"
)

// marked are card numbers that must be found nowhere: test cards, and numbers
// that only look like a card's.
func marked() []string {
	return []string{documentedOne, "4539578763621486", "6304000000000000000"}
}

// spellings are how people write a card number.
func spellings(number string) []string {
	return []string{number, grouped(number, " "), grouped(number, "-"), grouped(number, "  ")}
}

func grouped(number, by string) string {
	var parts []string
	for len(number) > 4 {
		parts, number = append(parts, number[:4]), number[4:]
	}
	return strings.Join(append(parts, number), by)
}

// leak is a place where something secret was found.
type leak struct{ where, what, near string }

// near is what stands around a secret.
func near(content []byte, secret string) string {
	const around = 120
	at := bytes.Index(content, []byte(secret))
	if at < 0 {
		return "(in another spelling)"
	}
	return fmt.Sprintf("%q", content[max(0, at-around):min(len(content), at+len(secret)+around)])
}

// search looks for secrets in bytes: as text, as text without the blanks between
// digits, and as the integer that a database would store.
func search(where string, content []byte, secrets []string) (found []leak) {
	dense := bytes.Map(func(r rune) rune {
		if r == 0x20 || r == 0x2d {
			return -1
		}
		return r
	}, content)
	for _, s := range secrets {
		n, err := strconv.ParseUint(s, 10, 64)
		asNumber := err == nil && bytes.Contains(content, binary.BigEndian.AppendUint64(nil, n))
		if bytes.Contains(content, []byte(s)) || bytes.Contains(dense, []byte(s)) || asNumber {
			found = append(found, leak{where, s, near(content, s)})
		}
	}
	return found
}

// intruder sends secrets everywhere and keeps what the server refused.
type intruder struct {
	e        *nodetest.Env
	n        int
	open     string // a session that nobody captured yet
	refusals []nodetest.Answer
}

func (i *intruder) send(method, path string, body any, headers ...string) nodetest.Answer {
	i.e.T.Helper()
	a, err := i.e.Try(method, path, body, headers...)
	if err != nil {
		i.e.T.Errorf("%s %s: %v", method, path, err)
		return a
	}
	if a.Status >= 400 {
		i.refusals = append(i.refusals, a)
	}
	return a
}

// key is a fresh Idempotency-Key header.
func (i *intruder) key() []string {
	i.n++
	return []string{"Idempotency-Key", fmt.Sprintf("k-%d", i.n)}
}

func (i *intruder) session() string { i.n++; return i.e.NewSession(fmt.Sprintf("s-%d", i.n)) }

// capture sends a body to a session that was not captured yet.
func (i *intruder) capture(body any) {
	if i.open == "" {
		i.open = i.session()
	}
	if a := i.send("POST", "/payment-sessions/"+i.open, body, i.key()...); a.Status < 300 {
		i.open = ""
	}
}

// asCard captures with the card as documented, and in every wrong way.
func (i *intruder) asCard(number string) {
	e := i.e
	good := e.Card(number)
	for _, card := range []map[string]any{
		good, with(good, "cvv", e.Seal(number)), with(good, "name", number), with(good, "expiry_year", number), with(good, "expiry_month", number),
		with(good, "cvv", number), with(good, "pan", number), with(good, number, 1), with(good, "card_number", e.Seal(number+"1")), with(good, "card_number", e.Seal("x"+number)),
	} {
		i.capture(map[string]any{"card": card})
	}
	for _, text := range spellings(number) {
		i.capture(map[string]any{"card": with(good, "card_number", text)})
		i.capture(map[string]any{"card": text})
	}
	for _, body := range []string{
		`{"card":{"card_number":` + number + `}}`, `{"card":{"card_number":[` + number + `]}}`, `{"card":{"card_number":{"x":"` + number + `"}}}`,
		`{"card":{"card_number":"\u00` + fmt.Sprintf("%x", number[0]) + number[1:] + `"}}`, `{"amount":` + number + `}`, `{"amount":` + number + `.0}`,
		`{"card":{"card_number":"` + number + `"}`, `{"card_number":` + number, `card_number=` + number, `{"` + number + `":1,"` + number + `":2}`, `"` + number + `"`,
	} {
		i.capture(body)
	}
}

// asProof answers the steps of three cards with the number in every field.
func (i *intruder) asProof(number string) {
	for _, card := range []string{with3DS, "4000000000011405", "4000000000011306"} {
		id := i.session()
		i.send("POST", "/payment-sessions/"+id, map[string]any{"card": i.e.Card(card)})
		for _, body := range []map[string]any{
			{"otp": number}, {"pin": number}, {"cvv": number}, {"card_enroll": number}, {"otp": "123456", number: 1}, {"card_enroll": grouped(number, " ")},
			{"avs": map[string]any{"line1": "5 Marina Road", "city": "Lagos", "country": "NG", "zip_code": number}},
		} {
			i.send("POST", "/payment-sessions/"+id+"/authorize", body, i.key()...)
		}
	}
}

// elsewhere puts a secret into paths, queries, headers and fields that it has
// nothing to do with.
func (i *intruder) elsewhere(secret string) {
	id := i.session()
	escaped := strings.ReplaceAll(secret, " ", "%20")
	for _, path := range []string{"/payments/", "/payment-sessions/", "/refunds/", "/requests/", "/idempotency-keys/", "/keys/", "/pay/", "/no-such/",
		"/payment-sessions/encryption-keys/", "/payments?references=", "/payments?ids=", "/payments?after=", "/payments?card=", "/payments?limit=", "/payments?",
		"/payments?status=", "/requests?idempotency_key=", "/requests?path=", "/requests?status=", "/sandbox/rail-books?rail_reference="} {
		i.send("GET", path+escaped, nil)
	}
	for _, path := range []string{"/payment-sessions/", "/keys/", "/no-such/", "/payment-sessions?card=", "/payments/x/refunds?"} {
		i.send("POST", path+escaped, map[string]any{}, i.key()...)
		i.send("PUT", path+escaped, nil)
	}
	for _, name := range []string{"X-Request-Id", "X-Juicer-Attempt", "X-Business-Id", "User-Agent", "If-None-Match", "Juicer-Deadline-Ms", "Juicer-Fault",
		"Accept", "Cookie", "Idempotency-Key", "Content-Type", "Authorization", "X-Card-Number"} {
		i.send("GET", "/payments?limit=0", nil, name, secret)
		i.n++
		i.send("POST", "/payment-sessions", nodetest.Session(fmt.Sprintf("h-%d", i.n)), name, secret)
	}
	i.send("POST", "/payment-sessions", nodetest.Session("again"), "Idempotency-Key", secret)
	i.send("POST", "/payment-sessions", with(nodetest.Session("again"), "amount", 1000), "Idempotency-Key", secret)
	i.send("POST", "/payment-sessions/"+id, map[string]any{"card": i.e.Card(declined)}, "Idempotency-Key", "cap-"+secret)
	for _, field := range []string{"amount", "currency", "customer", "payment_method", "order", "redirect_url", "allow_duplicate", "direction", secret} {
		i.send("POST", "/payment-sessions", with(nodetest.Session("f"), field, secret), i.key()...)
	}
	for _, body := range []map[string]any{{"outcome": secret}, {"outcome": "failed", "code": secret}, {secret: secret}, {"scopes": []string{secret}}, {"advance_ms": secret}, {"set": secret}} {
		i.send("POST", "/sandbox/payments/"+id+"/resolve", body, i.key()...)
		i.send("POST", "/keys", body, i.key()...)
		i.send("POST", "/sandbox/clock", body, i.key()...)
		i.send("PATCH", "/sandbox/settings", body, i.key()...)
	}
}

// The merchant's own texts (description, reference, metadata, names) are kept as
// they come and are no place for card numbers; everywhere else none may be kept,
// logged, counted or sent back in a refusal.
func TestNoCardNumberAndNoKeyIsFoundAnywhere(t *testing.T) {
	t.Parallel()
	var armed atomic.Bool
	var key atomic.Value
	e := start(t, func(c *node.Config) {
		c.Crash = func(point string) {
			if point == "after intent" && armed.CompareAndSwap(true, false) {
				panic(fmt.Sprintf("planted: %s, %s, %v", documentedOne, grouped(documentedOne, " "), key.Load()))
			}
		}
	})
	own := e.NewKey("*")
	made := set(e, "POST", "/keys", map[string]any{"name": "shown once", "scopes": []string{"*"}}, "Idempotency-Key", "shown").Text("data.key")
	key.Store(own)
	i := &intruder{e: e}
	for _, number := range marked() {
		i.asCard(number)
	}
	i.asProof(documentedOne)
	for _, secret := range []string{documentedOne, grouped(marked()[1], " "), own} {
		i.elsewhere(secret)
	}
	armed.Store(true)
	want(t, i.send("POST", "/payment-sessions/"+i.session(), map[string]any{"card": e.Card(documentedOne)}), 500, "server_error")
	if !strings.Contains(e.Log.String(), "planted") {
		t.Error("the panic is not in the log")
	}

	secrets := append(marked(), own, made, e.Key)
	var found []leak
	for _, a := range i.refusals {
		found = append(found, search("a refusal", a.Body, secrets)...)
		found = append(found, search("the headers of a refusal", fmt.Append(nil, a.Header), secrets)...)
	}
	found = append(found, requestLog(e, secrets)...)
	found = append(found, databases(e, secrets)...)
	found = append(found, logged(e.Log.String(), secrets)...)
	metrics := httptest.NewRecorder()
	promhttp.HandlerFor(e.Metrics, promhttp.HandlerOpts{}).ServeHTTP(metrics, httptest.NewRequest("GET", "/metrics", nil))
	found = append(found, search("the metrics", metrics.Body.Bytes(), secrets)...)
	for _, l := range found {
		t.Errorf("%s is found in %s: %s", l.what, l.where, l.near)
	}
}

// requestLog reads the request log as people do: all of its lines, and every
// tenth request whole. (The bodies of all are in the database, which is searched.)
func requestLog(e *nodetest.Env, secrets []string) (found []leak) {
	e.T.Helper()
	path, seen := "/requests?limit=100", 0
	for path != "" {
		page := set(e, "GET", path, nil)
		found = append(found, search("the request log", page.Body, secrets)...)
		for _, item := range page.At("data").([]any) {
			if seen++; seen%10 != 0 {
				continue
			}
			detail := set(e, "GET", "/requests/"+item.(map[string]any)["id"].(string), nil)
			found = append(found, search("the request log", detail.Body, secrets)...)
		}
		path = ""
		if after := page.Text("pagination.after"); after != "" {
			path = "/requests?limit=100&after=" + after
		}
	}
	if seen < 300 {
		e.T.Errorf("the request log has %d lines; there should be more than 300", seen)
	}
	return found
}

// databases searches what is stored: every file of the directory, and the whole
// database if the store is one.
func databases(e *nodetest.Env, secrets []string) (found []leak) {
	e.T.Helper()
	read := 0
	nodetest.Must(e.T, filepath.WalkDir(e.Data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		read++
		found = append(found, search(filepath.Base(path), content, secrets)...)
		return err
	}))
	if e.Database != "" {
		return append(found, dumped(e.T, e.Database, secrets)...)
	}
	if read < 2 {
		e.T.Errorf("%d files in %s, want at least two databases", read, e.Data)
	}
	return found
}

// dumped searches line by line, which is row by row.
func dumped(t testing.TB, url string, secrets []string) (found []leak) {
	t.Helper()
	text, err := servertest.Dump(url)
	nodetest.Must(t, err)
	for _, line := range bytes.Split(text, []byte("\n")) {
		found = append(found, search("the database", line, secrets)...)
	}
	return found
}

func logged(text string, secrets []string) (found []leak) {
	for _, line := range strings.Split(text, "\n") {
		found = append(found, search("the log", []byte(line), secrets)...)
	}
	return found
}

// A search that has never found anything proves nothing.
func TestTheSearchFindsWhatIsThere(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"x" + approved + "y", grouped(approved, " "), grouped(approved, "-"), string(binary.BigEndian.AppendUint64(nil, 4000000000011009))} {
		if len(search("x", []byte(text), []string{approved})) != 1 {
			t.Errorf("%q: not found", text)
		}
	}
	if len(search("x", []byte("400000******1009"), []string{approved})) != 0 {
		t.Error("a masked number is taken for the number")
	}
}

func TestTheSearchFindsWhatADatabaseHolds(t *testing.T) {
	t.Parallel()
	for _, column := range []string{"TEXT", "BYTEA", "BIGINT", "JSONB"} {
		url := servertest.Postgres(t)
		servertest.Exec(t, url, "CREATE TABLE a (b "+column+"); INSERT INTO a VALUES ('"+approved+"')")
		if found := dumped(t, url, []string{approved}); len(found) != 1 {
			t.Errorf("a %s: found %v, want the number once", column, found)
		}
	}
}
