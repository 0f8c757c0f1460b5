package scripted

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
)

func TestDocumentedCardsAreGoodWithTheirPassedDates(t *testing.T) {
	for _, c := range documentedCards() {
		t.Run(c.number, func(t *testing.T) {
			w := newTown(t)
			at, err := time.Parse("01/06", c.expiry)
			if err != nil {
				t.Fatal(err)
			}
			in := charge("p/1", c.number)
			in.Card = printed(c.number, rightCVV, int(at.Month()), at.Year())
			want := c.behaviour.after(0)
			if r := w.must(want.State, in); r.Failure != want.Failure || r.Reason != want.Reason || r.Challenge != want.Challenge {
				t.Errorf("answered %+v, want %+v", r, want)
			}
		})
	}
}

func TestDeclinedCards(t *testing.T) {
	reasons := map[string]string{
		"4000000000000010": "insufficient_funds 51", "4000000000000002": "card_declined 05",
		"4000000000012015": "insufficient_funds 51", "4000000000012023": "card_declined 05", "4000000000012031": "transaction_not_permitted 57",
		"4000000000012049": "expired_card 54", "4000000000012056": "incorrect_cvv N7", "4000000000012064": "lost_card 41",
		"4000000000012072": "stolen_card 43", "4000000000012080": "suspected_fraud 59", "4000000000012098": "restricted_card 62",
		"4000000000012106": "card_limit_exceeded 61", "4000000000012114": "card_not_supported 12", "4000000000012122": "issuer_unavailable 91",
		"4000000000012130": "processing_error 96",
	}
	w := newTown(t)
	for number, want := range reasons {
		t.Run(want, func(t *testing.T) {
			r, err := w.do(charge("p/"+number, number))
			if got := r.Failure + " " + r.Reason; err != nil || r.State != rail.Declined || got != want {
				t.Errorf("answered %+v, %v, want %s", r, err, want)
			}
		})
	}
	w.books()
}

func TestACardIsLookedAtBeforeItsBehaviour(t *testing.T) {
	cases := []struct {
		says string
		card *rail.Card
		want string
	}{
		{"another CVV is refused", printed(approvedCard, "101", 1, 2039), problem.FailureIncorrectCVV},
		{"another CVV is refused on a slow card at once", printed("4000000000020406", "999", 1, 2039), problem.FailureIncorrectCVV},
		{"a past month is refused", printed(approvedCard, rightCVV, 10, 2026), problem.FailureExpiredCard},
		{"the running month is good", printed(approvedCard, rightCVV, 11, 2026), ""},
		{"a past date that is documented for another card is refused", printed("4012000033330026", rightCVV, 12, 2025), problem.FailureExpiredCard},
		{"a number that is not listed is refused", printed("4242424242424242", rightCVV, 1, 2039), problem.FailureCardNotSupported},
		{"a delay with a wrong Luhn digit is not listed", printed("4000000000020050", rightCVV, 1, 2039), problem.FailureCardNotSupported},
		{"a short number is refused", printed("4000", rightCVV, 1, 2039), problem.FailureCardNotSupported},
	}
	for _, c := range cases {
		t.Run(c.says, func(t *testing.T) {
			w := newTown(t)
			in := charge("p/1", approvedCard)
			in.Card = c.card
			if r, err := w.do(in); err != nil || r.Failure != c.want {
				t.Errorf("answered %+v, %v, want failure %q", r, err, c.want)
			}
		})
	}
}

func TestEveryListedNumberButOneHasItsLuhnDigit(t *testing.T) {
	var wrong []string
	for _, c := range testCards() {
		if !luhn(c.number) {
			wrong = append(wrong, c.number)
		}
	}
	if len(wrong) > 1 {
		t.Errorf("numbers with a wrong last digit: %v", wrong)
	}
}

func TestStepsBeforeTheApproval(t *testing.T) {
	otp, pin := rail.Proof{OTP: rightOTP}, rail.Proof{PIN: rightPIN}
	zip := func(code string) rail.Proof {
		return rail.Proof{Address: &rail.Address{Line1: "5 Marina Road", City: "Lagos", Country: "NG", ZipCode: code}}
	}
	cases := []struct {
		number, steps string // the challenges in order
		right         []rail.Proof
		wrong         rail.Proof
		wrongCode     string
		end           string // failure in the end
	}{
		{"4761530000000008", "3ds", []rail.Proof{otp}, rail.Proof{OTP: "000000"}, "incorrect_otp", ""},
		{"5200000000001005", "3ds", []rail.Proof{{Enrol: rightEnrol}}, rail.Proof{Enrol: "no"}, "enrollment_rejected", ""},
		{"4000000000011108", "otp", []rail.Proof{otp}, rail.Proof{OTP: "12345"}, "incorrect_otp", ""},
		{"4000000000011116", "otp", []rail.Proof{otp}, rail.Proof{OTP: "12345"}, "incorrect_otp", "insufficient_funds"},
		{"4000000000011207", "pin", []rail.Proof{pin}, rail.Proof{PIN: "4321"}, "incorrect_pin", ""},
		{"4000000000011702", "pin otp", []rail.Proof{pin, otp}, rail.Proof{PIN: "4321"}, "incorrect_pin", ""},
		{"4000000000011306", "avs", []rail.Proof{zip("100001")}, zip("1"), "address_mismatch", ""},
		{"4000000000011405", "card_enroll", []rail.Proof{{Enrol: rightEnrol}}, rail.Proof{Enrol: "x"}, "enrollment_rejected", ""},
		{"4000000000011603", "cvv", []rail.Proof{{CVV: "100"}}, rail.Proof{CVV: "101"}, "incorrect_cvv", ""},
		{"4000000000011504", "3ds", []rail.Proof{otp}, rail.Proof{OTP: "000000"}, "incorrect_otp", ""},
	}
	for _, c := range cases {
		t.Run(c.number, func(t *testing.T) {
			w := newTown(t)
			r := w.must(rail.Challenged, charge("p/0", c.number))
			if r = w.must(rail.Challenged, proof("p/wrong", "p/0", c.wrong)); r.Failure != c.wrongCode || r.AttemptsLeft != 2 {
				t.Errorf("a wrong proof gave %+v", r)
			}
			for i, step := range strings.Fields(c.steps) {
				if string(r.Challenge) != step {
					t.Fatalf("step %d is %+v, want %s", i, r, step)
				}
				var err error
				if r, err = w.do(proof("p/"+strings.Repeat("i", i+1), "p/0", c.right[i])); err != nil {
					t.Fatal(err)
				}
				if r.State == rail.Challenged && (r.Failure != "" || r.AttemptsLeft != 0) {
					t.Errorf("the next step begins with %+v", r)
				}
			}
			last := "p/" + strings.Repeat("i", len(c.right))
			if c.end != "" {
				if r.State != rail.Declined || r.Failure != c.end {
					t.Errorf("ended with %+v, want %s", r, c.end)
				}
				w.books()
				return
			}
			if r.State != rail.Approved {
				t.Fatalf("ended with %+v", r)
			}
			w.books(last + " in execution 100")
		})
	}
}

func TestNoOneTimePasswordIsRight(t *testing.T) {
	w := newTown(t)
	w.must(rail.Challenged, charge("p/1", "4000000000011124"))
	for _, ref := range []string{"p/2", "p/3"} {
		w.must(rail.Challenged, proof(ref, "p/1", rail.Proof{OTP: rightOTP}))
	}
	if r := w.must(rail.Declined, proof("p/4", "p/1", rail.Proof{OTP: rightOTP})); r.Failure != problem.FailureAuthenticationFailed {
		t.Errorf("ended with %+v", r)
	}
}

func TestAttemptsBeginAgainWithEachStep(t *testing.T) {
	w := newTown(t)
	w.must(rail.Challenged, charge("p/1", "4000000000011702"))
	w.must(rail.Challenged, proof("p/2", "p/1", rail.Proof{PIN: "0000"}))
	w.must(rail.Challenged, proof("p/3", "p/1", rail.Proof{PIN: "0000"}))
	w.must(rail.Challenged, proof("p/4", "p/3", rail.Proof{PIN: rightPIN}))
	if r := w.must(rail.Challenged, proof("p/5", "p/4", rail.Proof{OTP: "000000"})); r.AttemptsLeft != 2 {
		t.Errorf("a wrong password after two wrong PINs leaves %+v", r)
	}
}

func TestThe3DSCardThatIsAlwaysRefused(t *testing.T) {
	for says, p := range map[string]rail.Proof{"by password": {OTP: rightOTP}, "by enrolment": {Enrol: rightEnrol}} {
		t.Run(says, func(t *testing.T) {
			w := newTown(t)
			w.must(rail.Challenged, charge("p/1", "4000000000011512"))
			if r := w.must(rail.Declined, proof("p/2", "p/1", p)); r.Failure != problem.FailureAuthenticationRejected {
				t.Errorf("ended with %+v", r)
			}
			w.books()
		})
	}
}

func TestRefundsOfACardThatIsClosed(t *testing.T) {
	w := newTown(t)
	w.must(rail.Approved, charge("p/1", "4000000000014011"))
	if r := w.must(rail.Declined, on(rail.Refund, "r/1", "p/1", 100)); r.Failure != problem.FailureAccountClosed || r.Reason == "" {
		t.Errorf("refused as %+v", r)
	}
	w.books("p/1 in execution 100")
}

func TestRefundsThatTakeAnHour(t *testing.T) {
	w := newTown(t)
	w.must(rail.Approved, charge("p/1", "4000000000014029"))
	w.must(rail.Accepted, on(rail.Refund, "r/1", "p/1", 40))
	w.pass(time.Hour - time.Second)
	w.status("r/1", rail.Accepted)
	w.told()
	w.pass(time.Second)
	w.status("r/1", rail.Approved)
	w.told("r/1 approved")
	w.books("p/1 in execution 100", "r/1 out refund 40")
}

func TestCardsThatTakeTheirTime(t *testing.T) {
	for number, d := range map[string]time.Duration{"4000000000020059": 5 * time.Second, "4000000000020208": 20 * time.Second,
		"4000000000020406": 40 * time.Second, "4000000000021206": 2 * time.Minute} {
		t.Run(d.String(), func(t *testing.T) {
			w := newTown(t)
			c := w.send(t.Context(), charge("p/1", number))
			c.waits()
			w.pass(d - time.Microsecond)
			c.waits()
			w.status("p/1", rail.Accepted)
			w.pass(time.Microsecond)
			if r, err := c.answer(); err != nil || r.State != rail.Approved {
				t.Errorf("answered %+v, %v", r, err)
			}
			w.books("p/1 in execution 100")
			w.told() // the answer told it
		})
	}
}

func TestExecutedAndTheReplyLost(t *testing.T) {
	w := newTown(t)
	if _, err := w.do(charge("p/1", "4000000000013013")); !errors.Is(err, ErrNoReply) || errors.Is(err, rail.ErrUnreachable) {
		t.Errorf("Execute: %v", err)
	}
	w.books("p/1 in execution 100")
	w.unanswered("p/1", ErrNoReply)
	w.pass(5 * time.Second)
	w.status("p/1", rail.Approved)
	w.must(rail.Approved, charge("p/1", "4000000000013013"))
	w.books("p/1 in execution 100")
	w.told()
}

func TestLostBeforeTheBankSawIt(t *testing.T) {
	w := newTown(t)
	if _, err := w.do(charge("p/1", "4000000000013021")); !errors.Is(err, ErrNoReply) || errors.Is(err, rail.ErrUnreachable) {
		t.Errorf("Execute: %v", err)
	}
	w.status("p/1", rail.NotFound)
	w.books()
	w.restart()
	w.must(rail.Approved, charge("p/1", "4000000000013021"))
	w.books("p/1 in execution 100")
}

func TestLateSuccessAndLateFailure(t *testing.T) {
	w := newTown(t)
	w.must(rail.Accepted, charge("p/1", "4000000000013039"))
	w.must(rail.Accepted, charge("p/2", "4000000000013047"))
	w.must(rail.Accepted, charge("p/1", "4000000000013039"))
	w.books()
	w.pass(time.Minute)
	w.status("p/1", rail.Approved)
	w.status("p/2", rail.Declined)
	w.told("p/1 approved", "p/2 declined card_declined")
	w.books("p/1 in execution 100")
}

func TestTheCallbackThatComesTwice(t *testing.T) {
	w := newTown(t)
	w.must(rail.Approved, charge("p/1", "4000000000013054"))
	w.told("p/1 approved", "p/1 approved")
	if w.ear.heard[0].ID != w.ear.heard[1].ID {
		t.Error("the copies carry different ids")
	}
	w.pass(time.Hour)
	w.books("p/1 in execution 100")
	w.told("p/1 approved", "p/1 approved")
}

func TestTheCallbackThatComesBeforeTheReply(t *testing.T) {
	w := newTown(t)
	hold, held := make(chan struct{}), make(chan struct{})
	w.ear.during = func(rail.Notice) { close(held); <-hold }
	c := w.send(t.Context(), charge("p/1", "4000000000013062"))
	<-held
	select {
	case <-c.ended:
		t.Error("the reply did not wait for the callback")
	default:
	}
	close(hold)
	if r, err := c.answer(); err != nil || r.State != rail.Approved {
		t.Errorf("answered %+v, %v", r, err)
	}
	w.pass(time.Minute)
	w.told("p/1 approved")
}

func TestTheStatusQueryThatNeverAnswers(t *testing.T) {
	w := newTown(t)
	if _, err := w.do(charge("p/1", "4000000000013070")); !errors.Is(err, ErrNoReply) {
		t.Errorf("Execute: %v", err)
	}
	w.pass(300 * 24 * time.Hour)
	w.unanswered("p/1", ErrNoReply)
	w.told()
	if _, err := w.Resolve(t.Context(), "p/1", Succeed, ""); err != nil {
		t.Fatal(err)
	}
	w.status("p/1", rail.Approved)
	w.told("p/1 approved")
	w.books("p/1 in execution 100")
}

func TestTheContraryBank(t *testing.T) {
	w := newTown(t)
	w.must(rail.Declined, charge("p/1", "4000000000013088"))
	w.status("p/1", rail.Declined)
	w.pass(time.Minute - time.Microsecond)
	w.books()
	w.pass(time.Microsecond)
	w.told("p/1 approved")
	w.status("p/1", rail.Approved)
	w.must(rail.Approved, on(rail.Return, "p/2", "p/1", 100))
	w.books("p/1 in execution 100", "p/2 out return 100")
}

func TestTheUnreachableBank(t *testing.T) {
	w := newTown(t)
	unreachable := func() {
		t.Helper()
		if _, err := w.do(charge("p/1", "4000000000013096")); !errors.Is(err, rail.ErrUnreachable) {
			t.Fatalf("Execute: %v", err)
		}
		w.unanswered("p/1", rail.ErrUnreachable)
	}
	unreachable()
	w.pass(29 * time.Second)
	unreachable()
	w.pass(time.Second)
	w.status("p/1", rail.NotFound)
	w.must(rail.Approved, charge("p/1", "4000000000013096"))
	w.books("p/1 in execution 100")
}

func TestNoCardNumberIsKept(t *testing.T) {
	w := newTown(t)
	w.must(rail.Approved, charge("p/1", approvedCard))
	w.must(rail.Declined, charge("p/2", "4242424242424242"))
	w.must(rail.Challenged, charge("p/3", "4000000000011504"))
	w.restart() // a file is whole now
	for _, number := range []string{approvedCard, "4242424242424242", "4000000000011504"} {
		if found := w.kept(number); len(found) > 0 {
			t.Errorf("%s stands in %v", mask(number), found)
		}
	}
	if found := w.kept(mask(approvedCard)); len(found) == 0 {
		t.Error("the search finds nothing at all") // it could not have found the numbers either
	}
}
