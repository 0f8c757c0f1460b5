package access

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/juicer-pay/juicer/internal/problem"
)

func TestAllows(t *testing.T) {
	cases := []struct {
		claim    string
		granted  []string
		required string
		want     bool
	}{
		{"a scope allows itself", []string{"payments:read"}, "payments:read", true},
		{"write includes read", []string{"payments:write"}, "payments:read", true},
		{"read does not include write", []string{"payments:read"}, "payments:write", false},
		{"another resource is another matter", []string{"payments:write"}, "payouts:read", false},
		{"* is everything", []string{"*"}, "keys:write", true},
		{"* itself is given by * alone", slices.DeleteFunc(Scopes(), func(s string) bool { return s == "*" }), "*", false},
		{"no scope allows nothing", nil, "payments:read", false},
		{"any key will do where nothing is required", nil, "", true},
		{"a resource alone is no scope", []string{"payments"}, "payments:read", false},
	}
	for _, c := range cases {
		t.Run(c.claim, func(t *testing.T) {
			if got := Allows(c.granted, c.required); got != c.want {
				t.Errorf("Allows(%v, %q) = %v, want %v", c.granted, c.required, got, c.want)
			}
		})
	}
}

func TestValidScopes(t *testing.T) {
	for _, s := range []string{"*", "payments:read", "beneficiaries:write", "requests:read"} {
		if !Valid(s) {
			t.Errorf("%q is not valid", s)
		}
	}
	for _, s := range []string{"", "payments", "payments:*", "payments:", ":read", "Payments:read", "refunds:read", "payments:read ", "*:read"} {
		if Valid(s) {
			t.Errorf("%q is valid", s)
		}
	}
	if n := len(Scopes()); n != 19 {
		t.Errorf("%d scopes, want 19", n)
	}
}

// TestNobodyGivesWhatTheyLack: a key made with scopes that its maker does not
// lack can do nothing that the maker cannot.
func TestNobodyGivesWhatTheyLack(t *testing.T) {
	scopes := rapid.SliceOfN(rapid.SampledFrom(Scopes()), 0, 6)
	rapid.Check(t, func(t *rapid.T) {
		maker, wanted := scopes.Draw(t, "maker"), scopes.Draw(t, "wanted")
		lacking := Lacking(maker, wanted)
		for _, s := range Scopes() {
			if len(lacking) == 0 && Allows(wanted, s) && !Allows(maker, s) {
				t.Fatalf("%v made %v, which allows %s", maker, wanted, s)
			}
		}
		for _, s := range lacking {
			if Allows(maker, s) || !slices.Contains(wanted, s) {
				t.Fatalf("%s is lacking in %v for %v", s, maker, wanted)
			}
		}
	})
}

func TestRequire(t *testing.T) {
	k := Key{Scopes: []string{"payments:read"}}
	if err := k.Require("payments:read"); err != nil {
		t.Error(err)
	}
	for _, err := range []error{k.Require("payouts:write"), k.RequireAll([]string{"payments:read", "payouts:write", "keys:read"})} {
		e, ok := problem.Of(err)
		want := problem.Details{"granted": []string{"payments:read"}, "required": "payouts:write"}
		if !ok || e.Kind != problem.InsufficientPermissions || cmp.Diff(want, e.Details) != "" {
			t.Errorf("got %v, want insufficient_permissions with %v", err, want)
		}
	}
	t.Run("a key without scopes is told so by an empty list", func(t *testing.T) {
		e, _ := problem.Of(Key{}.Require("payments:read"))
		if granted, ok := e.Details["granted"].([]string); !ok || granted == nil || len(granted) != 0 {
			t.Errorf("granted is %#v, want an empty list", e.Details["granted"])
		}
	})
}
