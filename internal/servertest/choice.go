package servertest

import (
	"os"
	"testing"
)

// StoreVariable names the environment variable that chooses the store of tests which
// run on either: "sqlite", which is also the default, or "postgres". make test runs them
// on both.
const StoreVariable = "JUICER_TEST_STORE"

// OnPostgres reports whether the tests of this run use PostgreSQL.
func OnPostgres(t testing.TB) bool {
	t.Helper()
	switch choice := os.Getenv(StoreVariable); choice {
	case "", "sqlite":
		return false
	case "postgres":
		return true
	default:
		t.Fatalf("%s is %q; it must be sqlite or postgres", StoreVariable, choice)
		return false
	}
}

// StoreURL is an empty database for the test if it runs on PostgreSQL, else "".
func StoreURL(t testing.TB) string {
	t.Helper()
	if !OnPostgres(t) {
		return ""
	}
	return Postgres(t)
}
