package vault

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

const vectorsFile = "../../spec/vectors/card-encryption.json"

type vectors struct {
	Vectors []struct{ Name, Key, IV, Plaintext, Encrypted string }
	Reject  []struct{ Name, Key, Encrypted, Why string }
}

func readVectors(t testing.TB) vectors {
	t.Helper()
	raw, err := os.ReadFile(vectorsFile)
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Vectors) < 9 || len(v.Reject) < 11 {
		t.Fatalf("only %d vectors and %d rejects in %s", len(v.Vectors), len(v.Reject), vectorsFile)
	}
	return v
}

func TestVectors(t *testing.T) {
	for _, v := range readVectors(t).Vectors {
		t.Run(v.Name+" is sealed and opened as published", func(t *testing.T) {
			gcm, err := newGCM(v.Key)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := open(v.Encrypted, gcm); err != nil || got != v.Plaintext {
				t.Errorf("open(%q) = %q, %v; want %q", v.Encrypted, got, err, v.Plaintext)
			}
			iv, err := hex.DecodeString(v.IV)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := Seal(v.Plaintext, v.Key, iv); err != nil || got != strings.ToLower(v.Encrypted) {
				t.Errorf("Seal(%q) = %q, %v; want %q", v.Plaintext, got, err, strings.ToLower(v.Encrypted))
			}
		})
	}
}

func TestRejects(t *testing.T) {
	for _, v := range readVectors(t).Reject {
		t.Run(v.Name+" is refused: "+v.Why, func(t *testing.T) {
			gcm, err := newGCM(v.Key)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := open(v.Encrypted, gcm); err == nil {
				t.Errorf("open(%q) = %q, want an error", v.Encrypted, got)
			}
		})
	}
}

func TestSealRefusesWhatNobodyCouldOpen(t *testing.T) {
	iv := make([]byte, ivBytes)
	for _, key := range []string{"", "0123456789abcdef", strings.Repeat("z", 32), strings.Repeat("0", 64)} {
		if got, err := Seal("100", key, iv); err == nil {
			t.Errorf("Seal with key %q = %q, want an error", key, got)
		}
	}
	if got, err := Seal("100", testKey, iv[:12]); err == nil {
		t.Errorf("Seal with a 12-byte IV = %q, want an error", got)
	}
}

// FuzzOpen: whatever text arrives, opening it neither panics nor yields anything
// but what Seal would write the same way again.
func FuzzOpen(f *testing.F) {
	v := readVectors(f)
	for _, x := range v.Vectors {
		f.Add(x.Encrypted, x.Key)
	}
	for _, x := range v.Reject {
		f.Add(x.Encrypted, x.Key)
	}
	f.Add(strings.Repeat("0", 32)+"::"+strings.Repeat("0", 32), testKey)
	f.Add("::", testKey)
	f.Fuzz(func(t *testing.T, sealed, key string) {
		gcm, err := newGCM(key)
		if err != nil {
			return
		}
		clear, err := open(sealed, gcm)
		if err != nil {
			return
		}
		iv, err := hex.DecodeString(strings.Split(sealed, ":")[0])
		if err != nil {
			t.Fatalf("opened %q, whose IV is not hex", sealed)
		}
		if again, err := Seal(clear, key, iv); err != nil || again != strings.ToLower(sealed) {
			t.Errorf("opened %q to a value that seals to %q, %v", sealed, again, err)
		}
	})
}
