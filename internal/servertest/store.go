package servertest

import (
	"os"
	"testing"
)

// Store names the environment variable that chooses the database of tests that run
// on either: unset or "sqlite", or "postgres".
const Store = "JUICER_TEST_STORE"

// Database gives the URL of an empty PostgreSQL database if the tests run on
// PostgreSQL, and "" if they run on SQLite.
func Database(t testing.TB) string {
	t.Helper()
	switch choice := os.Getenv(Store); choice {
	case "", "sqlite":
		return ""
	case "postgres":
		return Postgres(t)
	default:
		t.Fatalf("%s is %q: want sqlite or postgres", Store, choice)
		return ""
	}
}
