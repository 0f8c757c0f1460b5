package conformance

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write golden files")

func sampleReport() Report {
	r := Report{Target: "http://127.0.0.1:8080", StartedAt: time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC), DurationMS: 41500}
	r.add(
		Result{ID: "capture/approved", Topic: "capture", Sentence: "an approved card is captured: money has moved", Verdict: Pass, DurationMS: 40},
		Result{ID: "capture/partial", Topic: "capture", Sentence: "less may be captured", Verdict: Fail, DurationMS: 35, Failure: &Failure{
			Expected: "400 invalid_amount", Request: "POST /payment-sessions/x (Idempotency-Key: k)", Status: 200, Body: `{"data":{}}`,
			RequestID: "req_01m819grrrewqt6ag60hkd4a3p",
		}},
		Result{ID: "clock/expiry", Topic: "clock", Sentence: "a session expires", Verdict: Left, Note: "the clock may not be moved"},
		Result{ID: "replies/compact", Topic: "replies", Sentence: "JSON is compact", Verdict: Pass, Note: "812 replies"},
	)
	return r
}

func TestTheTableIsReadable(t *testing.T) {
	var out bytes.Buffer
	if err := sampleReport().WriteTable(&out); err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/table.txt"
	if *update {
		if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Errorf("got:\n%s\nwant:\n%s", out.String(), want)
	}
}

func TestTheJSONReportReadsBack(t *testing.T) {
	var out bytes.Buffer
	if err := sampleReport().WriteJSON(&out); err != nil {
		t.Fatal(err)
	}
	var back Report
	if err := json.Unmarshal(out.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back, sampleReport()) {
		t.Errorf("got %+v", back)
	}
}

func TestAReportIsGoodOnlyIfSomethingPassedAndNothingFailed(t *testing.T) {
	if (Report{}).OK() || sampleReport().OK() || !(Report{Passed: 1, LeftOut: 3}).OK() {
		t.Error("OK judges wrongly")
	}
}
