package wire_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/wire"
)

type inner struct {
	B string `json:"b"`
	C *int   `json:"c"`
}

type reply struct {
	inner
	D []string          `json:"d"`
	E map[string]inner  `json:"e"`
	F wire.Raw          `json:"f"`
	G *wire.Value       `json:"g"`
	H wire.Time         `json:"h"`
	I int               `json:"i,omitempty"`
	J map[string]string `json:"j"`
	K any               `json:"k"`
	L string            `json:"-"`
	M []inner           `json:"m"`
}

func TestMarshalWritesCanonicalJSON(t *testing.T) {
	v := reply{
		inner: inner{B: "<b>&\u2028</b>/\"\x7f"}, E: map[string]inner{"z": {}, "a": {}},
		F: wire.Raw(`{"a":1.50,"b":[1e2]}`), G: parse(t, `{"z":1.0,"a":"é"}`), H: wire.At(time.Unix(0, 0)),
		K: map[string]any{"y": 1, "x": []any{nil, true, "x"}}, L: "hidden",
	}
	want := `{"b":"<b>&` + "\u2028" + `</b>/\"` + "\x7f" + `","c":null,"d":[],"e":{"a":{"b":"","c":null},"z":{"b":"","c":null}},` +
		`"f":{"a":1.50,"b":[1e2]},"g":{"a":"é","z":1.0},"h":"1970-01-01T00:00:00.000000Z","j":{},"k":{"x":[null,true,"x"],"y":1},"m":[]}`
	if got := string(wire.Marshal(v)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if err := wire.Sorted(reflect.TypeFor[reply]()); err != nil {
		t.Error(err)
	}
}

func TestMarshalWritesAbsentPartsAsNull(t *testing.T) {
	if got := string(wire.Marshal(reply{})); !strings.Contains(got, `"f":null,"g":null,`) {
		t.Errorf("got %s", got)
	}
}

func TestMarshalReplacesWhatIsNotUTF8(t *testing.T) {
	if got := string(wire.Marshal(map[string]string{"a": "x\xffy"})); got != "{\"a\":\"x\uFFFDy\"}" {
		t.Errorf("got %q", got)
	}
}

func TestSortedFindsWhatIsNotCanonical(t *testing.T) {
	type swapped struct {
		B int `json:"b"`
		A int `json:"a"`
	}
	for want, v := range map[string]any{
		`"a" is declared after "b"`: swapped{},
		`Inside: wire_test.swapped: "a" is declared after "b"`: struct {
			Inside []map[string]*swapped `json:"inside"`
		}{},
		`has no JSON name`:      struct{ A int }{},
		`"c" is declared after`: struct{ inner2 }{},
		`float64 does not`: struct {
			A []float64 `json:"a"`
		}{},
		`keys are not texts`: struct {
			A map[int]string `json:"a"`
		}{},
		`func() does not belong`: struct {
			A func() `json:"a"`
		}{},
	} {
		if err := wire.Sorted(reflect.TypeOf(v)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Sorted(%T) = %v, want %s", v, err, want)
		}
	}
}

type inner2 struct {
	inner
	C int `json:"c"`
}

func TestSortedEndsOnTypesThatHoldThemselves(t *testing.T) {
	type node struct {
		Name string `json:"name"`
		Next *node  `json:"next"`
	}
	if err := wire.Sorted(reflect.TypeFor[node]()); err != nil {
		t.Error(err)
	}
}
