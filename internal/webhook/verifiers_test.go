package webhook_test

import (
	"bufio"
	"encoding/json"
	"io"
	"os/exec"
	"testing"

	"pgregory.net/rapid"

	"github.com/juicer-pay/juicer/internal/webhook"
	"github.com/juicer-pay/juicer/internal/wire"
)

// verifier is a program that verifies bodies as an integrator would have written it.
type verifier struct {
	name string
	in   io.Writer
	out  *bufio.Reader
}

// verdicts: of the raw bytes; of data sorted at every level and encoded again; of data
// sorted at the top level alone and encoded again, as receivers in PHP do.
type verdicts struct{ Raw, Recursive, Top bool }

func startVerifier(t *testing.T, command, script string) *verifier {
	t.Helper()
	c := exec.Command(command, script)
	in, err := c.StdinPipe()
	must(t, err)
	out, err := c.StdoutPipe()
	must(t, err)
	must(t, c.Start())
	t.Cleanup(func() {
		_ = in.Close()
		if err := c.Wait(); err != nil {
			t.Errorf("%s: %v", script, err)
		}
	})
	return &verifier{name: script, in: in, out: bufio.NewReader(out)}
}

func (v *verifier) ask(t rapid.TB, business string, body []byte) (got verdicts) {
	line, err := json.Marshal(map[string]string{"business_id": business, "body": string(body)})
	if err == nil {
		_, err = v.in.Write(append(line, '\n'))
	}
	var answer []byte
	if err == nil {
		answer, err = v.out.ReadBytes('\n')
	}
	if err == nil {
		err = json.Unmarshal(answer, &got)
	}
	if err != nil {
		t.Fatalf("%s: %v", v.name, err)
	}
	return got
}

var texts = rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom([]rune("aé₦學🎓\"\\/<>&'\t\n\r\b\f\x00\x1f\x7f\u2028\u2029  0"))))

// values draws what callers put into metadata: also what must not travel.
func values(depth int) *rapid.Generator[any] {
	plain := []*rapid.Generator[any]{
		rapid.Map(texts, func(s string) any { return s }), rapid.Map(rapid.Int64(), func(n int64) any { return n }),
		rapid.Map(rapid.Float64Range(-1e9, 1e9), func(f float64) any { return f }), rapid.Map(rapid.Bool(), func(b bool) any { return b }), rapid.Just[any](nil),
	}
	if depth > 0 {
		plain = append(plain, rapid.Map(rapid.SliceOfN(values(depth-1), 0, 3), func(l []any) any { return l }),
			rapid.Map(objects(depth-1), func(m map[string]any) any { return m }))
	}
	return rapid.OneOf(plain...)
}

func objects(depth int) *rapid.Generator[map[string]any] {
	keys := rapid.OneOf(rapid.StringMatching(`[A-Za-z_][A-Za-z0-9_. -]{0,8}`), rapid.StringMatching(`[0-9]{1,3}`), rapid.Just("__proto__x"), rapid.Just("é"), texts)
	return rapid.MapOfN(keys, values(depth), 0, 5)
}

// Whatever a caller puts into metadata, what is sent comes out the same from receivers in
// Go, Node.js and Python, whether they look at the raw bytes, sort at every level, or sort
// the top level alone: nested members are sorted already. Only a sender of other bytes
// makes the third way fail.
func TestThreeVerifiersAgreeWithWhatIsSent(t *testing.T) {
	all := []*verifier{startVerifier(t, "node", "testdata/verify.js"), startVerifier(t, "python3", "testdata/verify.py")}
	const business = "6e0f7c52-4b1d-4f0a-9d53-0c9b7f6a2e11"
	rapid.Check(t, func(t *rapid.T) {
		stored, err := json.Marshal(objects(3).Draw(t, "metadata"))
		if err != nil {
			t.Fatal(err)
		}
		sent, _ := wire.PrunedMetadata(stored)
		data := `{"amount":250000,"fee":null,"reference":"ord/1"}`
		if sent != nil {
			data = `{"amount":250000,"fee":null,"metadata":` + string(sent) + `,"reference":"ord/1"}`
		}
		body := webhook.Body(business, "payment.session.succeeded", []byte(data))
		if !webhook.VerifyBody(business, body) {
			t.Fatalf("Go: %s", body)
		}
		for _, v := range all {
			if got := v.ask(t, business, body); got != (verdicts{true, true, true}) {
				t.Fatalf("%s: got %+v of %s", v.name, got, body)
			}
		}
	})
}

// The alarm works: a body of another sender, sorted at the top level alone, is refused by
// those who sort at every level, and a changed byte by all.
func TestTheVerifiersRefuse(t *testing.T) {
	all := []*verifier{startVerifier(t, "node", "testdata/verify.js"), startVerifier(t, "python3", "testdata/verify.py")}
	unsorted := webhook.Body("b", "e", []byte(`{"a":{"z":1,"b":2}}`))
	changed := []byte(`{"checksum":"` + webhook.Checksum("b", "e", []byte(`{"a":1}`)) + `","data":{"a":2},"event":"e"}`)
	for _, v := range all {
		equal(t, v.name+" of a body that is not canonical", v.ask(t, "b", unsorted), verdicts{Raw: true, Recursive: false, Top: true})
		equal(t, v.name+" of a changed body", v.ask(t, "b", changed), verdicts{})
	}
}
