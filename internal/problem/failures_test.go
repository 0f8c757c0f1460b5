package problem

import (
	"slices"
	"testing"
)

func TestEveryFailureIsComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Failures() {
		t.Run(f.Code, func(t *testing.T) {
			if !wireWord.MatchString(f.Code) || f.Kind == "" || f.Message == "" || seen[f.Code] {
				t.Errorf("incomplete or twice: %+v", f)
			}
			if f.RailsOwn && f.Reason != "" {
				t.Errorf("reason %q is said to be the rail's own", f.Reason)
			}
			if got, ok := FailureByCode(f.Code); !ok || got != f {
				t.Errorf("FailureByCode gives %+v, %v", got, ok)
			}
		})
		seen[f.Code] = true
	}
	if len(seen) != 31 {
		t.Errorf("%d failures", len(seen))
	}
	if _, ok := FailureByCode("no_such_failure"); ok {
		t.Error("a failure that does not exist is found")
	}
}

func TestFailuresAdviseByWhetherAnotherTryMayHelp(t *testing.T) {
	for code, want := range map[string]Retry{
		FailureCardDeclined:      Never(),
		FailureInsufficientFunds: Again(NewKey, -1),
		FailureIssuerUnavailable: Again(NewKey, 5000),
		FailureProcessingError:   Again(NewKey, 5000),
	} {
		t.Run(code, func(t *testing.T) {
			f, _ := FailureByCode(code)
			if got := f.Retry(); got.Allowed != want.Allowed || way(got) != way(want) || ms(got) != ms(want) {
				t.Errorf("got %v %s %d", got.Allowed, way(got), ms(got))
			}
		})
	}
}

func TestPayersAreNotToldWhyTheirCardIsWanted(t *testing.T) {
	for _, code := range []string{FailureLostCard, FailureStolenCard, FailureSuspectedFraud} {
		if f, _ := FailureByCode(code); f.Message != declined {
			t.Errorf("%s says %q", code, f.Message)
		}
	}
}

func TestUnderpaidSaysHowMuchCame(t *testing.T) {
	f, _ := FailureByCode(FailureUnderpaid)
	got := f.Sentence(Details{"amount_paid": "5.00 NGN", "amount": "10.00 NGN"})
	if want := "Only 5.00 NGN of 10.00 NGN arrived; it was returned."; got != want {
		t.Errorf("got %q", got)
	}
}

func TestWrongCodesLeaveAttempts(t *testing.T) {
	var steps []string
	for _, f := range Failures() {
		if f.Step {
			steps = append(steps, f.Code)
		}
	}
	want := []string{"incorrect_cvv", "incorrect_otp", "incorrect_pin", "address_mismatch", "enrollment_rejected"}
	if !slices.Equal(steps, want) {
		t.Errorf("got %v", steps)
	}
}
