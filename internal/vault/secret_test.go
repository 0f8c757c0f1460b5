package vault

import (
	"bytes"
	"crypto/rand"
	"errors"
	"testing"
)

func TestSubkeys(t *testing.T) {
	s := testSecret(t)
	t.Run("are the same each time and differ by purpose", func(t *testing.T) {
		if !bytes.Equal(s.Subkey(ForAPIKeys), s.Subkey(ForAPIKeys)) || bytes.Equal(s.Subkey(ForAPIKeys), s.Subkey(ForStorage)) {
			t.Error("a subkey does not follow its purpose")
		}
	})
	t.Run("do not change when the caller's bytes do", func(t *testing.T) {
		raw := []byte("a server secret of enough length")
		own, err := NewSecret(raw)
		if err != nil {
			t.Fatal(err)
		}
		clear(raw)
		if !bytes.Equal(own.Subkey(ForAPIKeys), s.Subkey(ForAPIKeys)) {
			t.Error("the secret is shared with its maker")
		}
	})
	t.Run("a secret that could be guessed is refused", func(t *testing.T) {
		if _, err := NewSecret(make([]byte, 31)); !errors.Is(err, ErrShortSecret) {
			t.Errorf("got %v, want ErrShortSecret", err)
		}
	})
}

func TestAtRest(t *testing.T) {
	s := testSecret(t)
	kept, err := s.SealAtRest("encryption_keys/1", []byte(testKey), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("what was sealed is read again", func(t *testing.T) {
		if got, err := s.OpenAtRest("encryption_keys/1", kept); err != nil || string(got) != testKey {
			t.Errorf("got %q, %v", got, err)
		}
	})
	t.Run("the value does not stand in the stored bytes, nor twice the same way", func(t *testing.T) {
		again, err := s.SealAtRest("encryption_keys/1", []byte(testKey), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(kept, []byte(testKey)) || bytes.Equal(kept, again) {
			t.Error("stored bytes give the value away")
		}
	})
	t.Run("under another label it does not open", func(t *testing.T) {
		if _, err := s.OpenAtRest("encryption_keys/2", kept); !errors.Is(err, ErrNotOurs) {
			t.Errorf("got %v, want ErrNotOurs", err)
		}
	})
	t.Run("with any byte changed or cut off it does not open", func(t *testing.T) {
		for i := range kept {
			bad := bytes.Clone(kept)
			bad[i] ^= 1
			if _, err := s.OpenAtRest("encryption_keys/1", bad); !errors.Is(err, ErrNotOurs) {
				t.Errorf("byte %d changed: got %v, want ErrNotOurs", i, err)
			}
			if _, err := s.OpenAtRest("encryption_keys/1", kept[:i]); !errors.Is(err, ErrNotOurs) {
				t.Errorf("cut at %d: got %v, want ErrNotOurs", i, err)
			}
		}
	})
	t.Run("a dry entropy source is an error, not a weak nonce", func(t *testing.T) {
		if _, err := s.SealAtRest("x", nil, bytes.NewReader(nil)); err == nil {
			t.Error("sealed without entropy")
		}
		if _, err := NewEncryptionKey(bytes.NewReader(make([]byte, 15))); err == nil {
			t.Error("made a key without entropy")
		}
	})
}
