package juicer

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// open is what a server does with an encrypted value.
func open(key, sealed string) (string, error) {
	parts := strings.Split(sealed, ":")
	if len(parts) != 3 {
		return "", errors.New("three parts are needed")
	}
	var raw [3][]byte
	for i, p := range parts {
		var err error
		if raw[i], err = hex.DecodeString(p); err != nil {
			return "", err
		}
	}
	gcm, err := cardCipher(key)
	if err != nil || len(raw[0]) != ivBytes || len(raw[2]) != tagBytes {
		return "", errors.New("the lengths do not fit")
	}
	plain, err := gcm.Open(nil, raw[0], append(raw[1], raw[2]...), nil)
	return string(plain), err
}

func TestEveryCardVectorAgrees(t *testing.T) {
	var file struct {
		Vectors []struct{ Name, Key, IV, Plaintext, Encrypted string }
		Reject  []struct{ Name, Key, Encrypted string }
	}
	if err := json.Unmarshal(vectorFile(t, "card-encryption.json"), &file); err != nil || len(file.Vectors) < 9 || len(file.Reject) < 11 {
		t.Fatalf("%v, %d vectors, %d to refuse", err, len(file.Vectors), len(file.Reject))
	}
	for _, v := range file.Vectors {
		iv, err := hex.DecodeString(v.IV)
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := seal(v.Key, v.Plaintext, iv)
		if err != nil || sealed != strings.ToLower(v.Encrypted) {
			t.Errorf("%s: %v %s, want %s", v.Name, err, sealed, v.Encrypted)
		}
		fresh, err := EncryptField(v.Key, v.Plaintext)
		if plain, openErr := open(v.Key, fresh); err != nil || openErr != nil || plain != v.Plaintext {
			t.Errorf("%s: %v %v: a fresh one opens as %q", v.Name, err, openErr, plain)
		}
	}
	for _, r := range file.Reject {
		if plain, err := open(r.Key, r.Encrypted); err == nil {
			t.Errorf("%s opens as %s: the test's own server accepts too much", r.Name, plain)
		}
	}
}

func TestEveryEncryptionHasItsOwnIV(t *testing.T) {
	const key = "0123456789abcdef0123456789abcdef"
	seen := map[string]bool{}
	for range 1000 {
		sealed, err := EncryptField(key, "100")
		if err != nil || seen[sealed[:2*ivBytes]] {
			t.Fatalf("%v, or an IV came twice", err)
		}
		seen[sealed[:2*ivBytes]] = true
	}
	if _, err := EncryptField("short", "100"); err == nil {
		t.Error("a key of five characters was taken")
	}
}

func TestACardIsNeverPrinted(t *testing.T) {
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if out := fmt.Sprintf(verb, goodCard()); strings.Contains(out, "4000") {
			t.Errorf("%s prints %s", verb, out)
		}
	}
}
