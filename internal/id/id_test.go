package id_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"math/big"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/juicer-pay/juicer/internal/id"
)

const (
	long  = "01a20297-4dc0-74cd-9faf-fc8186734721"
	short = "0351vm8V2yXYWCC0IDJFar"
)

func TestTheShortForm(t *testing.T) {
	t.Run("of the documented payment is the documented one", func(t *testing.T) {
		if got := id.Short(long); got != short {
			t.Errorf("got %s, want %s", got, short)
		}
	})
	t.Run("reads back", func(t *testing.T) {
		got, ok := id.Long(short)
		if !ok || got != long {
			t.Errorf("got %s %v, want %s", got, ok, long)
		}
	})
	t.Run("of an id in capitals is that of the same id", func(t *testing.T) {
		if got := id.Short(strings.ToUpper(long)); got != short {
			t.Errorf("got %s, want %s", got, short)
		}
	})
	t.Run("of every id reads back as that id and has 22 characters", rapid.MakeCheck(func(t *rapid.T) {
		u := uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "uuid")).String()
		s := id.Short(u)
		if back, ok := id.Long(s); !ok || back != u || len(s) != 22 {
			t.Fatalf("%s has the short form %s, which reads back as %q (%v)", u, s, back, ok)
		}
	}))
	t.Run("of no id is nothing", func(t *testing.T) {
		if got := id.Short("ord_1001"); got != "" {
			t.Errorf("got %q, want nothing", got)
		}
	})
	for _, bad := range []string{"", "0", short[1:], short + "0", "0351vm8V2yXYWCC0IDJFa-", "0351vm8V2yXYWCC0IDJFa ", "zzzzzzzzzzzzzzzzzzzzzz", "é351vm8V2yXYWCC0IDJFa"} {
		t.Run("is not read from "+bad, func(t *testing.T) {
			if got, ok := id.Long(bad); ok {
				t.Errorf("got %s, want a refusal", got)
			}
		})
	}
}

// maker makes ids at a moment, from randomness that is all ones.
func maker(at time.Time) id.Maker {
	return id.Maker{Now: func() time.Time { return at }, Entropy: bytes.NewReader(bytes.Repeat([]byte{0xff}, 1<<12))}
}

func TestAnId(t *testing.T) {
	at := time.Date(2026, 11, 22, 9, 30, 0, 123_456_000, time.UTC)
	u := uuid.MustParse(maker(at).New())
	if u.Version() != 7 || u.Variant() != uuid.RFC4122 {
		t.Errorf("got version %d and variant %v, want 7 and %v", u.Version(), u.Variant(), uuid.RFC4122)
	}
	if sec, nsec := u.Time().UnixTime(); time.Unix(sec, nsec).UTC().Truncate(time.Millisecond) != at.Truncate(time.Millisecond) {
		t.Errorf("got the moment %v, want %v", time.Unix(sec, nsec).UTC(), at)
	}
	if !id.Valid(u.String()) || !id.Valid(strings.ToUpper(u.String())) {
		t.Errorf("%s is not valid, want it so in both cases", u)
	}
	for _, bad := range []string{"", long[1:], long + "0", "{" + long[1:], strings.ReplaceAll(long, "-", ""), "urn:uuid:" + long, long[:35] + "g"} {
		if id.Valid(bad) {
			t.Errorf("%q is valid, want only the form with hyphens", bad)
		}
	}
	if got := id.Fold(strings.ToUpper(long)); got != long {
		t.Errorf("folded: got %s, want %s", got, long)
	}
}

func TestIdsSortByTheMomentTheyWereMade(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// Moments in microseconds, as every clock of the server gives them.
		first := time.UnixMicro(rapid.Int64Range(0, 1<<47).Draw(t, "first")).UTC()
		later := first.Add(time.Duration(rapid.OneOf(rapid.Int64Range(1, 2000), rapid.Int64Range(1, 1<<40)).Draw(t, "microseconds later")) * time.Microsecond)
		for name, made := range map[string]func(id.Maker) string{"object": id.Maker.New, "request": id.Maker.Request, "event": id.Maker.Event} {
			a := made(id.Maker{Now: func() time.Time { return first }, Entropy: bytes.NewReader(bytes.Repeat([]byte{0xff}, 8))})
			b := made(id.Maker{Now: func() time.Time { return later }, Entropy: bytes.NewReader(make([]byte, 8))})
			if a >= b {
				t.Fatalf("%s ids: %s of %v does not sort before %s of %v", name, a, first, b, later)
			}
		}
	})
}

func TestRequestAndEventIds(t *testing.T) {
	form := regexp.MustCompile(`^(req|evt)_[0-7][0-9a-hjkmnp-tv-z]{25}$`)
	m := id.Maker{Now: time.Now, Entropy: rand.Reader}
	seen := map[string]bool{}
	for range 1000 {
		for _, s := range []string{m.Request(), m.Event()} {
			if !form.MatchString(s) || seen[s] {
				t.Fatalf("got %s (seen: %v), want a fresh one like req_01m819ge10es0vfhb0nknb8xyj", s, seen[s])
			}
			seen[s] = true
		}
	}
	if s := m.Request(); !strings.HasPrefix(s, "req_") {
		t.Errorf("got %s, want a request id", s)
	}
	if s := m.Event(); !strings.HasPrefix(s, "evt_") {
		t.Errorf("got %s, want an event id", s)
	}
}

func TestARequestIdIsItsUUIDInBase32(t *testing.T) {
	const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
	at := time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)
	n := new(big.Int)
	for _, c := range strings.TrimPrefix(maker(at).Request(), "req_") {
		n.Add(n.Lsh(n, 5), big.NewInt(int64(strings.IndexRune(alphabet, c))))
	}
	var u uuid.UUID
	n.FillBytes(u[:])
	if want := maker(at).New(); u.String() != want {
		t.Errorf("got %s, want %s", u, want)
	}
}

func TestWithoutRandomnessThereIsNoId(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an id was made from a broken source, want none")
		}
	}()
	id.Maker{Now: time.Now, Entropy: broken{}}.New()
}

type broken struct{ io.Reader }

func (broken) Read([]byte) (int, error) { return 0, errors.New("broken") }

func TestBase62(t *testing.T) {
	for _, c := range []struct {
		n     int64
		width int
		want  string
	}{{0, 1, "0"}, {61, 1, "z"}, {62, 2, "10"}, {9, 3, "009"}, {10, 1, "A"}, {36, 1, "a"}, {3843, 2, "zz"}} {
		if got := id.Base62(big.NewInt(c.n), c.width); got != c.want {
			t.Errorf("%d in %d characters: got %s, want %s", c.n, c.width, got, c.want)
		}
	}
}

func TestANameAlwaysHasTheSameIdentifier(t *testing.T) {
	const known = "c66faead-8020-5153-923f-fa97c6652045" // clients keep it
	if got := id.Named("rate CAD-NGN"); got != known || !id.Valid(got) {
		t.Errorf("got %s, want %s", got, known)
	}
	if a, b := id.Named("a"), id.Named("b"); a == b {
		t.Errorf("two names have the identifier %s", a)
	}
}
