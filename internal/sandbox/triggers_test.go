package sandbox

import (
	"context"
	"crypto/rand"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/rail/scripted"
	"github.com/juicer-pay/juicer/internal/servertest"
	"github.com/juicer-pay/juicer/internal/world"
)

func TestEveryProblemHasATrigger(t *testing.T) {
	seen := map[Where][]string{}
	for _, x := range Triggers() {
		seen[x.Where] = append(seen[x.Where], x.Code)
		if x.How == "" || x.Example == "" {
			t.Errorf("%s %s cannot be provoked: %+v", x.Where, x.Code, x)
		}
	}
	for _, k := range problem.All() {
		if !slices.Contains(seen[InError], k.Code) {
			t.Errorf("error code %s has no trigger", k.Code)
		}
	}
	for _, f := range problem.Failures() {
		if !slices.Contains(seen[InFailure], f.Code) {
			t.Errorf("failure code %s has no trigger", f.Code)
		}
	}
}

func TestExamplesOfErrorsAreFaultsThatParse(t *testing.T) {
	for _, x := range Triggers() {
		if x.Where != InError {
			continue
		}
		rules, err := ParseFault(strings.TrimPrefix(x.Example, FaultHeader+": "))
		if err != nil || len(rules) != 1 || rules[0].Code != x.Code {
			t.Errorf("%s: %q gives %+v, %v", x.Code, x.Example, rules, err)
		}
	}
}

func TestEveryTriggerBelongsToAFailure(t *testing.T) {
	for _, table := range []map[string]string{declinedCards(), accountEndings()} {
		for code := range table {
			if _, ok := problem.FailureByCode(code); !ok {
				t.Errorf("%s is no failure code", code)
			}
		}
	}
}

// bank is a simulated bank that runs until the test ends.
func bank(t *testing.T) *scripted.Bank {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	b, err := scripted.Open(ctx, scripted.Config{
		Path: filepath.Join(t.TempDir(), "bank.db"), Database: servertest.StoreURL(t), Clock: world.Real{}, Entropy: rand.Reader,
		IDs: id.Maker{Now: world.RealNow, Entropy: rand.Reader}, PublicURL: "http://bank.example",
	})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func charge(t *testing.T, b *scripted.Bank, ref, number string) rail.Result {
	t.Helper()
	card := rail.NewCard(1, 2039, "", func() (string, string) { return number, "100" })
	r, err := b.Execute(context.Background(), rail.Instruction{Ref: ref + "/1", Kind: rail.Charge, Amount: 1000, Currency: "NGN", Card: card})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestTheBankFailsAsTheTriggersSay asks the bank itself.
func TestTheBankFailsAsTheTriggersSay(t *testing.T) {
	b := bank(t)
	t.Run("declined cards", func(t *testing.T) {
		for code, number := range declinedCards() {
			t.Run(number+" is declined with "+code, func(t *testing.T) {
				t.Parallel()
				if r := charge(t, b, number, number); r.State != rail.Declined || r.Failure != code {
					t.Errorf("the bank says %+v", r)
				}
			})
		}
	})
	steps := map[string]struct {
		wrong rail.Proof
		times int
	}{
		problem.FailureIncorrectOTP:           {rail.Proof{OTP: "000000"}, 1},
		problem.FailureIncorrectPIN:           {rail.Proof{PIN: "0000"}, 1},
		problem.FailureAddressMismatch:        {rail.Proof{Address: &rail.Address{ZipCode: "1"}}, 1},
		problem.FailureEnrollmentRejected:     {rail.Proof{Enrol: "no"}, 1},
		problem.FailureAuthenticationFailed:   {rail.Proof{OTP: "123456"}, 3},
		problem.FailureAuthenticationRejected: {rail.Proof{OTP: "123456"}, 1},
	}
	t.Run("steps", func(t *testing.T) {
		for code, step := range steps {
			number := stepTriggers()[code].Example
			t.Run(number+" fails with "+code, func(t *testing.T) {
				t.Parallel()
				r := charge(t, b, number, number)
				if r.State != rail.Challenged || r.Failure != "" {
					t.Fatalf("the bank says %+v to the charge, want a challenge", r)
				}
				for n := range step.times {
					in := rail.Instruction{Ref: number + "/" + string(rune('2'+n)), Kind: rail.Authenticate, Amount: 1000, Currency: "NGN", Target: number + "/1", Proof: &step.wrong}
					var err error
					if r, err = b.Execute(context.Background(), in); err != nil {
						t.Fatal(err)
					}
				}
				if r.Failure != code {
					t.Errorf("the bank says %+v, want %s", r, code)
				}
			})
		}
	})
}
