package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path"
	"strconv"

	"github.com/juicer-pay/juicer/internal/vault"
)

const (
	approvedCard = "4000000000011009"
	customerMail = "ada@example.com" // one customer: their creation is not what is measured
	wayHTTP      = "HTTP, SQLite"
	wayAgainst   = "HTTP, SQLite, against" // the other binary
	wayOneNode   = "HTTP, PostgreSQL, one node"
	wayNodes     = "HTTP, PostgreSQL, three nodes"
)

// visitor uses the API as a client does: every write with an Idempotency-Key,
// every answer looked at.
type visitor struct {
	way     string
	nodes   []*server // callers are spread over them
	store   string    // URL of the database that they share; "" for files of their own
	key     string    // header
	headers string    // of every request that is measured
	card    string    // JSON of the capture
	name    string    // makes references unique
	made    int
	ready   []string // sessions that wait to be captured
	paid    []string // captured payments
	lines   []*caller
	dice    *rand.Rand
}

// visit prepares to use a server with a key.
func visit(nodes []*server, key string, seed int64) (*visitor, error) {
	v := &visitor{nodes: nodes, key: "Authorization: " + key + "\r\n", name: "bench-" + strconv.FormatInt(seed, 36) + "-",
		dice: rand.New(rand.NewPCG(uint64(seed), 0))}
	v.headers = v.key + "Accept-Encoding: gzip\r\n" // as nearly every client does
	if err := v.connect(1); err != nil {
		return nil, err
	}
	a, err := v.lines[0].send("GET", "/payment-sessions/encryption-keys/test", v.key, "")
	if err != nil {
		return nil, err
	}
	var key1 struct {
		Data struct {
			EncryptionKey string `json:"encryption_key"`
		} `json:"data"`
	}
	if err := json.Unmarshal(a.body, &key1); err != nil {
		return nil, fmt.Errorf("read the encryption key: %w: %s", err, a.excerpt())
	}
	v.card, err = sealedCard(key1.Data.EncryptionKey)
	return v, err
}

// sealedCard is the body of a capture. All captures may share it: what a server
// does with it does not depend on whether it saw it before.
func sealedCard(key string) (string, error) {
	iv := make([]byte, 16)
	number, err := vault.Seal(approvedCard, key, iv)
	if err != nil {
		return "", err
	}
	iv[0] = 1
	cvv, err := vault.Seal("100", key, iv)
	return fmt.Sprintf(`{"card":{"card_number":%q,"cvv":%q,"expiry_month":1,"expiry_year":2039}}`, number, cvv), err
}

func sessionBody(reference string) string {
	return `{"amount":250000,"currency":"NGN","description":"Term fee","reference":"` + reference + `",` +
		`"customer":{"first_name":"Ada","last_name":"Obi","email":"` + customerMail + `","phone_number":"+2348031234567",` +
		`"billing_address":{"line1":"5 Marina Road","city":"Lagos","country":"NG","zip_code":"100001"}},` +
		`"order":{"identifier":"INV-7","items":[{"name":"Term fee","type":"service"}]},"payment_method":{"type":"card"}}`
}

func (v *visitor) connect(callers int) error {
	for len(v.lines) < callers {
		c, err := dial(v.nodes[len(v.lines)%len(v.nodes)].host)
		if err != nil {
			return err
		}
		v.lines = append(v.lines, c)
	}
	return nil
}

func (v *visitor) close() {
	if v == nil {
		return
	}
	for _, c := range v.lines {
		c.close()
	}
}

// tune gives the bank its personality.
func (v *visitor) tune(personality string, seed int64) error {
	a, err := v.lines[0].send("PATCH", "/sandbox/rails/card", v.key, fmt.Sprintf(`{"personality":%q,"seed":%d}`, personality, seed))
	if err == nil && a.status != 200 {
		err = fmt.Errorf("set the bank's personality: %s", a.excerpt())
	}
	return err
}

// round makes n calls by so many callers.
type round func(callers, n int, call func(caller, i int) error) (burst, error)

// measured drives all nodes and charges what they use.
func (v *visitor) measured(callers, n int, call func(caller, i int) error) (burst, error) {
	before := make([]usage, len(v.nodes))
	for i, s := range v.nodes {
		var err error
		if before[i], err = s.used(); err != nil {
			return burst{}, err
		}
	}
	b, err := drive(callers, n, call)
	for i, s := range v.nodes {
		if err != nil {
			break
		}
		var after usage
		var looks int
		after, looks, err = s.quiet()
		b.charge(before[i], after, looks, s.glance)
	}
	return b, err
}

// create makes n sessions ready to be captured.
func (v *visitor) create(by round, callers, n int) (burst, error) {
	if err := v.connect(callers); err != nil {
		return burst{}, err
	}
	first, ids := v.made, make([]string, n)
	v.made += n
	b, err := by(callers, n, func(caller, i int) error {
		ref := v.name + strconv.Itoa(first+i)
		a, err := v.lines[caller].send("POST", "/payment-sessions", v.headers+"Idempotency-Key: "+ref+"\r\n", sessionBody(ref))
		if err != nil {
			return err
		}
		id := path.Base(a.location)
		if a.status != 201 || a.outcome != "not_attempted" || a.replayed {
			return fmt.Errorf("create: want 201, outcome not_attempted; got %s", a.excerpt())
		}
		ids[i] = id
		return nil
	})
	v.ready = append(v.ready, ids...)
	return b, err
}

// capture takes n sessions that are ready and pays them.
func (v *visitor) capture(by round, callers, n int) (burst, error) {
	ids := v.ready[:n]
	v.ready = v.ready[n:]
	b, err := by(callers, n, func(caller, i int) error {
		a, err := v.lines[caller].send("POST", "/payment-sessions/"+ids[i], v.headers+"Idempotency-Key: pay-"+ids[i]+"\r\n", v.card)
		if err == nil && (a.status != 200 || a.outcome != "succeeded" || a.replayed) {
			err = fmt.Errorf("capture: want 200, outcome succeeded; got %s", a.excerpt())
		}
		return err
	})
	v.paid = append(v.paid, ids...)
	return b, err
}

// read fetches n paid payments in an order of chance.
func (v *visitor) read(callers, n int) (burst, error) {
	if err := v.connect(callers); err != nil {
		return burst{}, err
	}
	order := make([]string, n)
	for i := range order {
		order[i] = v.paid[v.dice.IntN(len(v.paid))]
	}
	return v.measured(callers, n, func(caller, i int) error {
		a, err := v.lines[caller].send("GET", "/payments/"+order[i], v.headers, "")
		if err == nil && (a.status != 200 || a.outcome != "succeeded") {
			err = fmt.Errorf("read: want 200, outcome succeeded; got %s", a.excerpt())
		}
		return err
	})
}

// sample is the body of one paid payment, not compressed.
func (v *visitor) sample() ([]byte, error) {
	a, err := v.lines[0].send("GET", "/payments/"+v.paid[0], v.key, "")
	return append([]byte(nil), a.body...), err
}
