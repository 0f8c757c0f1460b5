package vault

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/problem"
)

const (
	testKey  = "67634cc972d2433b8725c8f6fbfdf792"
	otherKey = "0123456789abcdef0123456789abcdef"
	approved = "4012000033330026"
	noLuhn   = "4761530000000008" // a documented test card whose check digit is wrong
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func testSecret(t testing.TB) Secret {
	t.Helper()
	s, err := NewSecret([]byte("a server secret of enough length"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func testRing(t testing.TB, keys Keys, exempt ...string) *Keyring {
	t.Helper()
	k, err := NewKeyring(testSecret(t), keys, exempt)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sealed(t testing.TB, plain, key string) string {
	t.Helper()
	iv := make([]byte, ivBytes)
	if _, err := rand.Read(iv); err != nil {
		t.Fatal(err)
	}
	text, err := Seal(plain, key, iv)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func sealedCard(t testing.TB, number, cvv string) SealedCard {
	return SealedCard{
		Number: Sealed(sealed(t, number, testKey)), CVV: Sealed(sealed(t, cvv, testKey)),
		ExpiryMonth: 1, ExpiryYear: 2039, Name: "ADA OBI",
	}
}

func TestCardTellsWhatMayBeKept(t *testing.T) {
	k := testRing(t, Keys{Current: testKey})
	c, err := k.Card(sealedCard(t, "4012-0000 3333-0026", "100"), noon)
	if err != nil {
		t.Fatal(err)
	}
	if c.First6 != "401200" || c.Last4 != "0026" || c.Masked != "401200******0026" {
		t.Errorf("got %s, %s, %s; want 401200, 0026, 401200******0026", c.First6, c.Last4, c.Masked)
	}
	number, cvv := c.Rail().Reveal()
	if number != approved || cvv != "100" {
		t.Errorf("the rail gets %s, %s; want %s, 100", number, cvv, approved)
	}
	if r := c.Rail(); r.ExpiryMonth != 1 || r.ExpiryYear != 2039 || r.Name != "ADA OBI" {
		t.Errorf("the rail gets %d/%d %q; want 1/2039 ADA OBI", r.ExpiryMonth, r.ExpiryYear, r.Name)
	}
}

func TestMaskKeepsTheLengthOfTheNumber(t *testing.T) {
	k := testRing(t, Keys{Current: testKey})
	for number, want := range map[string]string{
		"630400000000":        "630400**0000",
		"4222222222222":       "422222***2222",
		"6304000000000000018": "630400*********0018",
	} {
		c, err := k.Card(sealedCard(t, number, "1234"), noon)
		if err != nil {
			t.Errorf("card %s: %v", number, err)
		} else if c.Masked != want {
			t.Errorf("card %s is masked %s, want %s", number, c.Masked, want)
		}
	}
}

func TestCardRefusals(t *testing.T) {
	k := testRing(t, Keys{Current: testKey}, noLuhn)
	good := sealed(t, approved, testKey)
	cases := []struct {
		claim       string
		number, cvv string
		kind        *problem.Kind
		field       string
	}{
		{"a number in clear is not sealed", approved, sealed(t, "100", testKey), problem.InvalidEncryption, NumberField},
		{"a number sealed with an unknown key cannot be opened", sealed(t, approved, otherKey), sealed(t, "100", testKey), problem.InvalidEncryption, NumberField},
		{"a security code in clear is not sealed", good, "100", problem.InvalidEncryption, CVVField},
		{"sealing is looked at before the contents", sealed(t, "1", testKey), "100", problem.InvalidEncryption, CVVField},
		{"a wrong check digit is no card", sealed(t, "4012000033330027", testKey), sealed(t, "100", testKey), problem.InvalidCard, NumberField},
		{"eleven digits are no card", sealed(t, "63040000000", testKey), sealed(t, "100", testKey), problem.InvalidCard, NumberField},
		{"twenty digits are no card", sealed(t, "63040000000000000180", testKey), sealed(t, "100", testKey), problem.InvalidCard, NumberField},
		{"letters are no card", sealed(t, "40120000333300Z6", testKey), sealed(t, "100", testKey), problem.InvalidCard, NumberField},
		{"other scripts' digits are no card", sealed(t, strings.Repeat("٤", 16), testKey), sealed(t, "100", testKey), problem.InvalidCard, NumberField},
		{"nothing is no card", sealed(t, "", testKey), sealed(t, "100", testKey), problem.InvalidCard, NumberField},
		{"two digits are no security code", good, sealed(t, "10", testKey), problem.InvalidCard, CVVField},
		{"five digits are no security code", good, sealed(t, "10000", testKey), problem.InvalidCard, CVVField},
		{"blanks are no security code", good, sealed(t, "1 0", testKey), problem.InvalidCard, CVVField},
	}
	for _, c := range cases {
		t.Run(c.claim, func(t *testing.T) {
			_, err := k.Card(SealedCard{Number: Sealed(c.number), CVV: Sealed(c.cvv), ExpiryMonth: 1, ExpiryYear: 39}, noon)
			e, ok := problem.Of(err)
			if !ok || e.Kind != c.kind || e.Details["field"] != c.field {
				t.Fatalf("got %v, want %s for %s", err, c.kind.Code, c.field)
			}
		})
	}
	t.Run("a documented card is exempt from the check digit", func(t *testing.T) {
		if _, err := k.Card(sealedCard(t, noLuhn, "100"), noon); err != nil {
			t.Error(err)
		}
		if _, err := testRing(t, Keys{Current: testKey}).Card(sealedCard(t, noLuhn, "100"), noon); err == nil {
			t.Error("and yet it passes where it is not exempt")
		}
	})
}

func TestHashesTellCardsApart(t *testing.T) {
	k := testRing(t, Keys{Current: testKey})
	card := func(number, cvv string, month, year int) *Card {
		in := sealedCard(t, number, cvv)
		in.ExpiryMonth, in.ExpiryYear = month, year
		c, err := k.Card(in, noon)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	base := card(approved, "100", 1, 2039)
	t.Run("the same card under another IV, spelling of the year and name is the same", func(t *testing.T) {
		if again := card("4012 0000 3333 0026", "100", 1, 39); again.Fingerprint != base.Fingerprint ||
			again.NumberHash != base.NumberHash || again.CVVHash != base.CVVHash {
			t.Error("hashes differ")
		}
	})
	t.Run("another expiry is another fingerprint of the same number", func(t *testing.T) {
		if other := card(approved, "100", 2, 2039); other.Fingerprint == base.Fingerprint || other.NumberHash != base.NumberHash {
			t.Error("expiry is not in the fingerprint, or is in the number's hash")
		}
	})
	t.Run("another security code changes its own hash only", func(t *testing.T) {
		if other := card(approved, "101", 1, 2039); other.CVVHash == base.CVVHash || other.Fingerprint != base.Fingerprint {
			t.Error("got the hashes of another card")
		}
	})
	t.Run("no hash of one purpose equals one of another", func(t *testing.T) {
		seen := map[string]bool{base.Fingerprint: true, base.NumberHash: true, base.CVVHash: true, k.Digest(NumberField, approved): true}
		if len(seen) != 4 {
			t.Errorf("only %d different hashes of 4 purposes", len(seen))
		}
	})
	t.Run("another server secret gives other hashes", func(t *testing.T) {
		s, err := NewSecret([]byte("some other server secret, as long"))
		if err != nil {
			t.Fatal(err)
		}
		other, err := NewKeyring(s, Keys{Current: testKey}, nil)
		if err != nil {
			t.Fatal(err)
		}
		c, err := other.Card(sealedCard(t, approved, "100"), noon)
		if err != nil {
			t.Fatal(err)
		}
		if c.Fingerprint == base.Fingerprint || c.NumberHash == base.NumberHash || c.CVVHash == base.CVVHash {
			t.Error("a hash does not depend on the secret")
		}
	})
}
