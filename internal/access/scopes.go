package access

import (
	"slices"
	"strings"

	"github.com/juicer-pay/juicer/internal/problem"
)

// Everything is the scope that includes all others.
const Everything = "*"

const (
	readAccess  = "read"
	writeAccess = "write"
)

// Resources are what scopes speak of.
func Resources() []string {
	return []string{"payments", "customers", "beneficiaries", "payouts", "wallets", "exchange", "webhooks", "keys", "requests"}
}

// Scopes lists every valid scope.
func Scopes() []string {
	all := []string{Everything}
	for _, r := range Resources() {
		all = append(all, r+":"+readAccess, r+":"+writeAccess)
	}
	return all
}

// Valid reports whether there is such a scope.
func Valid(scope string) bool { return slices.Contains(Scopes(), scope) }

// Allows reports whether the granted scopes include the required one: by name, by
// "*", or by write where read is required. "" is required of nobody.
func Allows(granted []string, required string) bool {
	if required == "" || slices.Contains(granted, Everything) || slices.Contains(granted, required) {
		return true
	}
	resource, access, _ := strings.Cut(required, ":")
	return access == readAccess && slices.Contains(granted, resource+":"+writeAccess)
}

// Lacking gives those of the wanted scopes that the granted ones do not include:
// a key cannot give what it does not have.
func Lacking(granted, wanted []string) []string {
	var out []string
	for _, w := range wanted {
		if !Allows(granted, w) {
			out = append(out, w)
		}
	}
	return out
}

// Require raises problem.InsufficientPermissions unless the key has the scope.
func (k Key) Require(scope string) error { return k.RequireAll([]string{scope}) }

// RequireAll raises problem.InsufficientPermissions for the first of the scopes
// that the key lacks.
func (k Key) RequireAll(scopes []string) error {
	lacking := Lacking(k.Scopes, scopes)
	if len(lacking) == 0 {
		return nil
	}
	granted := slices.Clone(k.Scopes)
	if granted == nil {
		granted = []string{}
	}
	return problem.InsufficientPermissions.With(problem.Details{"granted": granted, "required": lacking[0]})
}
