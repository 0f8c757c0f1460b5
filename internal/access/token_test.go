package access

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/juicer-pay/juicer/internal/problem"
)

const (
	zeroTest = "test_0000000000000000000000000000000HGh7u" // the contract's vectors
	zeroLive = "live_0000000000000000000000000000004DY1fB"
	example  = "test_Ky9Pf34qY6Nb3wWD25RQ4F5ZR3qa7y3FjqIz"
)

func newKey(t testing.TB, env Env) string {
	t.Helper()
	key, err := New(env, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestVectors(t *testing.T) {
	zeros := bytes.NewReader(make([]byte, 2*randomChars))
	for _, c := range []struct {
		env  Env
		want string
	}{{Test, zeroTest}, {Live, zeroLive}} {
		t.Run("the key of 30 zeros in "+string(c.env)+" has the published checksum", func(t *testing.T) {
			if got, err := New(c.env, zeros); err != nil || got != c.want {
				t.Errorf("New = %q, %v; want %q", got, err, c.want)
			}
			p, err := Parse(c.want)
			if err != nil || p.Env != c.env {
				t.Errorf("Parse(%q) = %v in %q, %v", c.want, p, p.Env, err)
			}
		})
	}
	t.Run("the key of the contract's example is well formed", func(t *testing.T) {
		if _, err := Parse(example); err != nil {
			t.Error(err)
		}
	})
}

func TestNewIsUnbiased(t *testing.T) {
	const cycles = randomChars // of all byte values: a whole number of keys
	var entropy bytes.Buffer
	for range cycles {
		for b := range 256 {
			entropy.WriteByte(byte(b))
		}
	}
	count := map[rune]int{}
	for {
		key, err := New(Live, &entropy)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range key[envChars : keyChars-checksumChars] {
			count[c]++
		}
	}
	for _, c := range base62 {
		if want := cycles * 4; count[c] != want {
			t.Errorf("%c was drawn %d times out of even entropy, want %d", c, count[c], want)
		}
	}
}

func TestParse(t *testing.T) {
	key := newKey(t, Test)
	good := map[string]string{
		"the key alone":                  key,
		"after Bearer":                   "Bearer " + key,
		"after bearer in any case":       "bEARER " + key,
		"with blanks around":             " \t" + key + "\t ",
		"with many blanks behind Bearer": "  BEARER \t  " + key + " ",
	}
	for claim, header := range good {
		t.Run("takes "+claim, func(t *testing.T) {
			p, err := Parse(header)
			if err != nil || p.Hash(nil) != Hash(nil, key) || p.Prefix() != key[:12] || p.Env != Test {
				t.Errorf("Parse(%q) = %v, %v", header, p, err)
			}
		})
	}
	for claim, header := range map[string]string{
		"nothing": "", "blanks": " \t ", "Bearer without a key": "Bearer", "Bearer and blanks": " bearer \t ",
	} {
		t.Run(claim+" is a missing key", func(t *testing.T) {
			if _, err := Parse(header); !problem.MissingAPIKey.Is(err) {
				t.Errorf("Parse(%q) gives %v, want missing_api_key", header, err)
			}
		})
	}
	bad := []struct{ claim, header, reason string }{
		{"another scheme", "Basic " + key, "malformed"},
		{"a scheme like Bearer", "Bearers " + key, "malformed"},
		{"two keys", key + " " + key, "malformed"},
		{"another environment", "prod_" + key[5:], "malformed"},
		{"an environment in capitals", "TEST_" + key[5:], "malformed"},
		{"a character too few", key[:40], "malformed"},
		{"a character too many", key + "0", "malformed"},
		{"a character outside base62", key[:20] + "-" + key[21:], "malformed"},
		{"letters of another script", key[:20] + "é" + key[22:], "malformed"},
		{"a changed checksum", zeroTest[:40] + "v", "checksum"},
		{"the checksum of the other environment", "live_" + zeroTest[5:], "checksum"},
	}
	for _, c := range bad {
		t.Run(c.claim+" is invalid: "+c.reason, func(t *testing.T) {
			_, err := Parse(c.header)
			if e, ok := problem.Of(err); !ok || e.Kind != problem.InvalidAPIKey || e.Details["reason"] != c.reason {
				t.Errorf("Parse(%q) gives %v", c.header, err)
			}
		})
	}
}

func TestTheChecksumFindsSlips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key, err := New(rapid.SampledFrom([]Env{Test, Live}).Draw(t, "env"), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		at := rapid.IntRange(envChars, keyChars-2).Draw(t, "at")
		slips := map[string]string{
			"another character":   key[:at] + string(base62[rapid.IntRange(0, 61).Draw(t, "char")]) + key[at+1:],
			"exchanged neighbour": key[:at] + key[at+1:at+2] + key[at:at+1] + key[at+2:],
			"other case":          key[:envChars] + strings.ToLower(key[envChars:]),
		}
		for slip, text := range slips {
			if text == key {
				continue
			}
			_, err := Parse(text)
			if e, ok := problem.Of(err); !ok || e.Details["reason"] != wrongChecksum {
				t.Fatalf("%s in %s: %s gives %v, want reason checksum", slip, key, text, err)
			}
		}
	})
}

func TestHashDependsOnTheServerSecret(t *testing.T) {
	if Hash([]byte("a"), zeroTest) == Hash([]byte("b"), zeroTest) || len(Hash(nil, zeroTest)) != 64 {
		t.Error("the hash is not 64 hex characters keyed by the secret")
	}
}

func TestAPresentedKeyIsNotPrinted(t *testing.T) {
	p, err := Parse("Bearer " + example)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("in", "key", p, "pointer", &p)
	j, err := json.Marshal(map[string]any{"key": p})
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{log.String(), string(j), fmt.Sprintf("%v %+v %#v %s %q %x %d", p, p, p, p, p, p, p), fmt.Sprint(struct{ p Presented }{p}, &struct{ p *Presented }{&p})}
	for _, text := range texts {
		if strings.Contains(text, example[12:20]) || strings.Contains(text, fmt.Sprintf("%x", example[12:20])) {
			t.Errorf("%q shows more than the first 12 characters", text)
		}
	}
	if p.String() != "test_Ky9Pf34..." || (Presented{}).String() != "[no key]" {
		t.Errorf("printed as %s", p)
	}
}

// FuzzParse: no header breaks parsing, and what is accepted is a key of ours.
func FuzzParse(f *testing.F) {
	for _, s := range []string{zeroTest, "Bearer " + zeroLive, "bearer\t" + example, "", "Bearer", "Basic dGVzdDp0ZXN0", "test_", strings.Repeat("0", 41)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		p, err := Parse(header)
		if err != nil {
			if e, ok := problem.Of(err); !ok || e.Kind != problem.MissingAPIKey && e.Kind != problem.InvalidAPIKey {
				t.Fatalf("Parse(%q) gives %v", header, err)
			}
			return
		}
		body := p.plain()[:keyChars-checksumChars]
		if p.plain() != body+checksum(body) || p.Env != Test && p.Env != Live || !strings.Contains(header, p.plain()) {
			t.Fatalf("Parse(%q) accepts %s", header, p)
		}
	})
}
