package servertest

import (
	"os"
	"slices"
	"strings"
)

// Environ is the environment for a server that a test starts: ours without the
// settings of Juicer that a developer has made, and with those of add.
func Environ(add ...string) []string {
	inherited := slices.DeleteFunc(os.Environ(), func(pair string) bool { return strings.HasPrefix(pair, "JUICER_") })
	return append(inherited, add...)
}
