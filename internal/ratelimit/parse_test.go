package ratelimit

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	t.Run("changes what it names and nothing else", func(t *testing.T) {
		got, err := Parse([]byte(`{"key": "50/s burst 60", "in_flight": 8,
			"endpoints": {"POST /payouts": "30/min", "GET /payments/{id}": "off"}}`), Test())
		if err != nil {
			t.Fatal(err)
		}
		want := Test()
		want.Key = Limit{50, time.Second, 60}
		want.InFlight = 8
		want.Endpoints["POST /payouts"] = Limit{30, time.Minute, 30}
		want.Endpoints["GET /payments/{id}"] = Limit{}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("table (-want +got):\n%s", diff)
		}
	})
	t.Run("an empty object is the documented table", func(t *testing.T) {
		got, err := Parse([]byte(`{}`), Live())
		if diff := cmp.Diff(Live(), got); err != nil || diff != "" {
			t.Errorf("%v, table (-want +got):\n%s", err, diff)
		}
	})
	for file, want := range map[string]string{
		`{"keys": "1/s"}`:                `unknown field "keys"`,
		`{"key": "1/week"}`:              `key: "1/week" is not "off" nor like`,
		`{"key": "0/s"}`:                 `key: "0/s": numbers must be 1..1000000`,
		`{"key": "1/s burst 0"}`:         `numbers must be 1..1000000`,
		`{"key": "1/day burst 100"}`:     `more than 31 days`,
		`{"key": "9999999/s"}`:           `numbers must be 1..1000000`,
		`{"in_flight": -1}`:              `in_flight: want 0..1000000`,
		`{"long_polls": 1000001}`:        `long_polls: want 0..1000000`,
		`{"endpoints": {"/x": "1/s"}}`:   `endpoints "/x": want a name like`,
		`{"endpoints": {"GET /x": "."}}`: `endpoints "GET /x": "." is not`,
		`{} {}`:                          `more follows`,
		`not json`:                       `limits file`,
	} {
		t.Run("refuses "+file, func(t *testing.T) {
			got, err := Parse([]byte(file), Test())
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want one with %q", err, want)
			}
			if diff := cmp.Diff(Table{}, got); diff != "" {
				t.Errorf("a refused file gives a table:\n%s", diff)
			}
		})
	}
}

func TestNamed(t *testing.T) {
	if got, ok := Named("documented", Live()); !ok || cmp.Diff(Live(), got) != "" {
		t.Errorf("documented is %v, %v", got, ok)
	}
	if got, ok := Named("off", Live()); !ok || cmp.Diff(Table{}, got) != "" {
		t.Errorf("off is %v, %v", got, ok)
	}
	if _, ok := Named("on", Live()); ok {
		t.Error("an unknown name gives a table")
	}
}

func TestLimitsReadAsTheyAreWritten(t *testing.T) {
	limits := map[string]Limit{"key": Test().Key, "off": {}}
	for name, l := range Live().Endpoints {
		limits[name] = l
	}
	for name, l := range limits {
		got, err := ParseLimit(l.String())
		if err != nil || got != l {
			t.Errorf("%s: %q is read as %+v, %v; want %+v", name, l, got, err, l)
		}
	}
}

func FuzzParseLimit(f *testing.F) {
	for _, s := range []string{"100/min", "100/s burst 200", "off", "1000000/day burst 1", "", "1/s burst", "１/s"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := ParseLimit(text)
		if err != nil {
			return
		}
		if again, err := ParseLimit(l.String()); err != nil || again != l {
			t.Fatalf("%q is written %q and read as %+v, %v", text, l, again, err)
		}
		if l.Quota > 0 && l.Rate().Period < 1 {
			t.Fatalf("%q refills in no time", text)
		}
	})
}
