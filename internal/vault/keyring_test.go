package vault

import (
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/problem"
)

func TestRotation(t *testing.T) {
	keys := Keys{Current: testKey}.Rotated(otherKey, noon)
	k := testRing(t, keys)
	old := sealedCard(t, approved, "100") // sealed with the retired key

	t.Run("clients are told the new key", func(t *testing.T) {
		if k.Current() != otherKey {
			t.Errorf("got %s, want %s", k.Current(), otherKey)
		}
	})
	t.Run("the retired key is accepted until 24 h are over", func(t *testing.T) {
		if _, err := k.Card(old, noon.Add(24*time.Hour-time.Microsecond)); err != nil {
			t.Error(err)
		}
	})
	t.Run("and not a moment longer", func(t *testing.T) {
		if _, err := k.Card(old, noon.Add(24*time.Hour)); !problem.InvalidEncryption.Is(err) {
			t.Errorf("got %v, want invalid_encryption", err)
		}
	})
	t.Run("a repeated request is still recognised after that", func(t *testing.T) {
		if k.Digest(NumberField, old.Number.text()) != k.Digest(NumberField, sealed(t, approved, otherKey)) {
			t.Error("digest under the retired key differs from that under the current one")
		}
	})
	t.Run("a later rotation keeps both retired keys, newest first", func(t *testing.T) {
		third, err := NewEncryptionKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		next := keys.Rotated(third, noon.Add(time.Hour))
		if len(next.Retired) != 2 || next.Retired[0].Key != otherKey || next.Retired[1].Key != testKey {
			t.Fatalf("got %d retired keys in another order", len(next.Retired))
		}
		if _, err := testRing(t, next).Card(old, noon.Add(2*time.Hour)); err != nil {
			t.Error(err)
		}
	})
	t.Run("after 90 days nothing refers to a key any more", func(t *testing.T) {
		if next := keys.Rotated(testKey, noon.Add(90*24*time.Hour)); len(next.Retired) != 1 {
			t.Errorf("%d keys kept, want 1", len(next.Retired))
		}
	})
}

func TestReplaceRefusesMalformedKeys(t *testing.T) {
	k := testRing(t, Keys{Current: testKey})
	for _, bad := range []Keys{{Current: "short"}, {Current: otherKey, Retired: []RetiredKey{{Key: "short"}}}} {
		if err := k.Replace(bad); !errors.Is(err, ErrEncryptionKey) {
			t.Errorf("got %v, want ErrEncryptionKey", err)
		}
	}
	if k.Current() != testKey {
		t.Error("a refused replacement changed the keys")
	}
}

func TestDigest(t *testing.T) {
	k := testRing(t, Keys{Current: testKey})
	t.Run("sealing a value again gives the same digest", func(t *testing.T) {
		one, other := k.Digest(NumberField, sealed(t, approved, testKey)), k.Digest(NumberField, sealed(t, approved, testKey))
		if one != other {
			t.Error("digests differ")
		}
	})
	t.Run("different values have different digests", func(t *testing.T) {
		if k.Digest(CVVField, sealed(t, "100", testKey)) == k.Digest(CVVField, sealed(t, "101", testKey)) {
			t.Error("digests are equal")
		}
	})
	t.Run("one value in two fields has two digests", func(t *testing.T) {
		if k.Digest("otp", "123456") == k.Digest("pin", "123456") {
			t.Error("digests are equal")
		}
	})
	t.Run("what does not decrypt is told apart by its text", func(t *testing.T) {
		one, same, other := k.Digest("otp", "123456"), k.Digest("otp", "123456"), k.Digest("otp", "123457")
		if one != same || one == other {
			t.Error("digest does not follow the text")
		}
	})
	t.Run("a value in clear is not the same request as the value sealed", func(t *testing.T) {
		if k.Digest(CVVField, "100") == k.Digest(CVVField, sealed(t, "100", testKey)) {
			t.Error("digests are equal")
		}
	})
}
