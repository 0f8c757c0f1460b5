package scripted

import (
	"fmt"
	"testing"
)

func TestNamesOfAccountsAreSpreadAndStayTheSame(t *testing.T) {
	seen := map[string]int{}
	for n := range 1600 {
		number := fmt.Sprintf("%010d", n)
		name := holderOf("999001", number)
		if again := holderOf("999001", number); again != name {
			t.Fatalf("%s is %s and %s", number, name, again)
		}
		seen[name]++
	}
	for _, name := range holders {
		if seen[name] < 50 {
			t.Errorf("%s has %d of 1600 accounts: the names are not spread", name, seen[name])
		}
	}
}
