package conformance

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

func TestCardFieldsAreEncryptedAsTheVectorsSay(t *testing.T) {
	text, err := os.ReadFile("../spec/vectors/card-encryption.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Vectors []struct{ Name, Key, IV, Plaintext, Encrypted string }
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Vectors) == 0 {
		t.Fatal("no vectors")
	}
	for _, v := range file.Vectors {
		iv, err := hex.DecodeString(v.IV)
		if err != nil {
			t.Fatal(err)
		}
		got, err := encrypt(v.Key, v.Plaintext, iv)
		if err != nil || got != strings.ToLower(v.Encrypted) {
			t.Errorf("%s: got %s (%v), want %s", v.Name, got, err, v.Encrypted)
		}
	}
}

func TestKeysGetTheirChecksum(t *testing.T) {
	for _, want := range []string{"test_0000000000000000000000000000000HGh7u", "live_0000000000000000000000000000004DY1fB"} {
		if got := withChecksum(want[:35]); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestShortIDs(t *testing.T) {
	if got := shortID("01a20297-4dc0-74cd-9faf-fc8186734721"); got != "0351vm8V2yXYWCC0IDJFar" {
		t.Errorf("got %s", got)
	}
	if got := shortID("nonsense"); got != "" {
		t.Errorf("got %s for no UUID", got)
	}
}

func TestFormsOfAPageAreRead(t *testing.T) {
	page := `<form method="post" action="/a?x=1&amp;y=2"><input type="hidden" name="t" value="7&quot;">
	<button type="submit" name="result" value="ok"><b>Approve</b> payment</button><button name=result value=no>Reject</button></form>
	<FORM><input type=submit value="Go"></FORM>`
	got := forms([]byte(page))
	if len(got) != 2 {
		t.Fatalf("got %d forms", len(got))
	}
	first := got[0]
	if first.method != "POST" || first.action != "/a?x=1&y=2" || first.fields.Get("t") != `7"` {
		t.Errorf("got %+v", first)
	}
	if len(first.buttons) != 2 || first.buttons[0] != (button{"result", "ok", "Approve payment"}) || first.buttons[1].value != "no" {
		t.Errorf("buttons: %+v", first.buttons)
	}
	if got[1].method != "GET" || len(got[1].buttons) != 1 || got[1].buttons[0].label != "Go" {
		t.Errorf("got %+v", got[1])
	}
}
