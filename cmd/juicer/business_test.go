package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

func TestTheAddressOfABusinessIsSetWhileTheServerRuns(t *testing.T) {
	s := serve(t, t.TempDir())
	list, _, _ := s.output(t, "business", "list")
	id, _, _ := strings.Cut(list, " ")
	address := []string{"--line1", "12 Allen Avenue", "--city", "Lagos", "--country", "NG", "--zip-code", "100281"}
	if _, errs, code := s.output(t, append([]string{"business", "address", id}, address...)...); code != exitOK {
		t.Fatalf("exit %d: %s", code, errs)
	}
	if got := s.account(t).Data.Address["line1"]; got != "12 Allen Avenue" {
		t.Errorf("the settings show %v", got)
	}
	for want, args := range map[string][]string{
		"there is no business": append([]string{"business", "address", "nobody"}, address...),
		"ISO 3166":             append([]string{"business", "address", id, "--country", "Nigeria"}, address[:4]...),
	} {
		if _, errs, code := s.output(t, append(args, "--zip-code", "1")...); code == exitOK || !strings.Contains(errs, want) {
			t.Errorf("%v: exit %d, %q, want it to say %q", args, code, errs, want)
		}
	}
}

// account reads the settings of the business.
func (s *server) account(t *testing.T) (out struct {
	Data struct{ Address map[string]any }
}) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, s.TestURL+"/accounts/settings", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", s.key)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}
