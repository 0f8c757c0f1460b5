package scripted

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"crypto/rand"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/world"
)

func TestARestartKeepsWhatIsDue(t *testing.T) {
	w := newTown(t)
	w.must(rail.Accepted, charge("late/1", "4000000000013039"))
	w.must(rail.Declined, charge("contrary/1", "4000000000013088"))
	w.must(rail.Challenged, charge("otp/1", "4000000000011108"))
	w.must(rail.Challenged, proof("otp/2", "otp/1", rail.Proof{OTP: "000000"}))
	slow := w.send(t.Context(), charge("slow/1", "4000000000020406"))
	slow.waits()
	w.ear.refuse = 1
	w.must(rail.Approved, charge("twice/1", "4000000000013054"))
	w.told()
	w.restart()
	if _, err := slow.answer(); !errors.Is(err, errClosed) {
		t.Errorf("the caller on the line was told %v", err)
	}
	w.pass(time.Hour)
	w.told("late/1 approved", "contrary/1 approved", "slow/1 approved", "twice/1 approved", "twice/1 approved")
	w.must(rail.Approved, proof("otp/3", "otp/2", rail.Proof{OTP: rightOTP}))
	w.books("twice/1 in execution 100", "slow/1 in execution 100", "contrary/1 in execution 100", "late/1 in execution 100",
		"otp/3 in execution 100")
}

func TestAResetClearsEverything(t *testing.T) {
	w := newTown(t)
	w.must(rail.Approved, charge("p/1", approvedCard))
	w.must(rail.Accepted, charge("p/2", "4000000000013039"))
	c := w.send(t.Context(), charge("p/3", "4000000000020406"))
	c.waits()
	if err := w.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.answer(); err == nil {
		t.Error("the caller on the line was told nothing")
	}
	w.books()
	w.status("p/1", rail.NotFound)
	if next, some, err := w.Next(t.Context()); some || err != nil {
		t.Errorf("still due: %v, %v", next, err)
	}
	w.must(rail.Approved, charge("p/1", approvedCard))
	w.books("p/1 in execution 100")
}

const childBank = "JUICER_TEST_BANK"

// TestMain lets the test binary be the bank that TestAKilledBank kills.
func TestMain(m *testing.M) {
	if place := os.Getenv(childBank); place != "" {
		part := child
		if os.Getenv(childPart) == "caller" {
			part = caller
		}
		if err := part(place); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// child executes charges from several callers for ever and prints every answer.
func child(place string) error {
	clock := new(world.TestClock)
	at := world.RealNow()
	clock.Restore(world.ClockState{Frozen: &at})
	cfg := Config{Path: place, Clock: clock, Entropy: rand.Reader, IDs: id.Maker{Now: clock.Now, Entropy: rand.Reader}}
	if strings.Contains(place, "://") {
		cfg.Database = place
	}
	b, err := Open(context.Background(), cfg)
	if err != nil {
		return err
	}
	name := instant
	if _, err := b.SetRail(context.Background(), railCard, Patch{Personality: &name}); err != nil {
		return err
	}
	go func() { _ = b.Run(context.Background()) }()
	for caller := range 8 {
		go func() {
			for n := 0; ; n++ {
				number := []string{approvedCard, "4000000000013039"}[n%2]
				ref := fmt.Sprintf("%d-%d-%d/1", os.Getpid(), caller, n)
				if r, err := b.Execute(context.Background(), charge(ref, number)); err == nil {
					fmt.Printf("%s %s\n", ref, r.State)
				}
			}
		}()
	}
	select {}
}

func TestAKilledBankKeepsWhatItTold(t *testing.T) {
	w := newTown(t)
	w.close()
	told := map[string]rail.State{}
	for range 3 {
		killed(t, w.cfg, 60, told)
	}
	w.open()
	for ref, state := range told {
		w.status(ref, state)
	}
	w.clock.Set(world.RealNow().Add(time.Hour))
	w.quiet()
	heard := map[string]bool{}
	for _, line := range w.ear.all() {
		heard[strings.Fields(line)[0]] = true
	}
	for ref, state := range told {
		if state == rail.Accepted && !heard[ref] {
			t.Errorf("%s was accepted and its callback never came", ref)
		}
		if e, err := w.Statement(t.Context(), rail.Filter{Ref: ref}); err != nil || len(e) != 1 {
			t.Errorf("%s stands in the books %d times, %v", ref, len(e), err)
		}
	}
}

// killed runs the child, reads so many answers into told, and kills it.
func killed(t *testing.T, where Config, answers int, told map[string]rail.State) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childBank+"="+cmp.Or(where.Database, where.Path))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := 0; n < answers && lines.Scan(); n++ {
		var ref string
		var state rail.State
		if _, err := fmt.Sscan(lines.Text(), &ref, &state); err != nil {
			t.Fatalf("the child said %q", lines.Text())
		}
		told[ref] = state
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	if len(told) == 0 {
		t.Fatal("the child told nothing")
	}
}

func TestEveryFailureCodeIsOneOfTheContract(t *testing.T) {
	for _, c := range testCards() {
		if f := c.behaviour.Failure; f != "" {
			if _, known := problem.FailureByCode(f); !known {
				t.Errorf("%s: unknown failure %s", c.number, f)
			}
		}
	}
}
