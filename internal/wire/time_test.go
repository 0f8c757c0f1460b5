package wire_test

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/juicer-pay/juicer/internal/wire"
)

func TestTimesAreWrittenInUTCWithSixDigits(t *testing.T) {
	lagos := time.FixedZone("WAT", 3600)
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC), "2026-11-22T09:30:00.000000Z"},
		{time.Date(2026, 11, 22, 9, 30, 0, 123456789, time.UTC), "2026-11-22T09:30:00.123456Z"},
		{time.Date(2026, 11, 22, 10, 30, 0, 0, lagos), "2026-11-22T09:30:00.000000Z"},
	} {
		want := `{"a":"` + c.want + `","b":null,"c":"` + c.want + `"}`
		got := string(wire.Marshal(map[string]any{"a": wire.At(c.at), "b": wire.AtOrNull(nil), "c": c.at}))
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if old, err := json.Marshal(wire.At(c.at)); err != nil || string(old) != `"`+c.want+`"` {
			t.Errorf("encoding/json writes %s, %v", old, err)
		}
	}
}

func TestAnyRFC3339TimeIsRead(t *testing.T) {
	for in, want := range map[string]string{
		"2026-11-22T09:30:00Z":                   "2026-11-22T09:30:00.000000Z",
		"2026-11-22t09:30:00.5z":                 "2026-11-22T09:30:00.500000Z",
		"2026-11-22T10:30:00+01:00":              "2026-11-22T09:30:00.000000Z",
		"2026-11-22T00:00:00-09:30":              "2026-11-22T09:30:00.000000Z",
		"2026-11-22T09:30:00.123456789Z":         "2026-11-22T09:30:00.123456Z",
		"2026-11-22T09:30:00.99999999999999999Z": "2026-11-22T09:30:00.999999Z",
		"2026-11-22T09:30:00-00:00":              "2026-11-22T09:30:00.000000Z",
		"2028-02-29T00:00:00Z":                   "2028-02-29T00:00:00.000000Z",
		"9999-12-31T23:59:59Z":                   "9999-12-31T23:59:59.000000Z",
	} {
		if got, err := wire.ParseTime(in); err != nil || got.String() != want {
			t.Errorf("ParseTime(%q) = %s, %v; want %s", in, got, err, want)
		}
	}
}

func TestOtherTimesAreRefused(t *testing.T) {
	for _, in := range []string{
		"", "now", "2026-11-22", "2026-11-22T09:30Z", "2026-11-22T09:30:00", "2026-11-22 09:30:00Z", "2026-11-22T9:30:00Z", "2026-11-22T09:30:00,5Z",
		"2026-11-22T09:30:00.Z", "2026-11-22T09:30:00+0100", "2026-11-22T09:30:00+24:00", "2026-11-22T09:30:00+01:60", "2026-02-30T09:30:00Z",
		"2026-13-01T09:30:00Z", "2026-11-22T24:00:00Z", "2026-11-22T23:59:60Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00",
		"9999-12-31T23:59:59-01:00", "+2026-11-22T09:30:00Z", " 2026-11-22T09:30:00Z", "1795339803", "2026-11-22T09:30:00Z\n",
		"2026-11-22T09:30:00.00000000000000000000000000000000000000000000000Z",
	} {
		if got, err := wire.ParseTime(in); err == nil {
			t.Errorf("ParseTime(%q) = %s, want a refusal", in, got)
		}
	}
}

func TestTimesSurviveTheWire(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := wire.At(time.UnixMicro(rapid.Int64Range(-62135596800000000, 253402300799999999).Draw(t, "microseconds")))
		var back wire.Time
		if err := json.Unmarshal(wire.Marshal(at), &back); err != nil || !back.Equal(at.Time) {
			t.Fatalf("%s came back as %s, %v", at, back, err)
		}
	})
}
