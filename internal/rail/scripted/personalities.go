package scripted

import (
	"time"
)

// Personality is the character of a bank: how fast it answers and how often it
// misbehaves. Shares are of all instructions it carries out.
type Personality struct {
	Name     string
	BankCode string // "" for a personality that is not a bank's
	BankName string
	Latency  Latency
	Conduct  string // in words, for the catalogue

	Unavailable float64 // share refused for a technical reason
	Refused     float64 // share whose connection is refused
	LostBefore  float64 // share that never arrives
	ReplyLost   float64 // share carried out without a reply
	Silence     silence // of status queries after a lost message
	SilentMin   time.Duration
	SilentMax   time.Duration
	Deferred    bool // accepts, and finishes between FinalMin and FinalMax later
	FinalMin    time.Duration
	FinalMax    time.Duration
	ClosedFrom  int // hours UTC between which nothing answers; equal: always open
	ClosedTo    int
	Callbacks   int     // beside every reply
	Early       float64 // share whose callback comes before the reply
	Forgetful   bool    // executes a repeated reference again
	Contrary    float64 // share refused, confirmed as refused, and executed later
	Reversed    float64 // share of payouts sent back between ReversedMin and ReversedMax later
	ReversedMin time.Duration
	ReversedMax time.Duration
}

// instant is for benchmarks and tests: no delay and no fault. It is not among
// the banks of the contract.
const (
	instant            = "instant"
	defaultPersonality = "steady"
)

// personalities lists the characters a bank can have. Fickle banks reverse payouts, and
// cards have none.
func personalities() []Personality {
	quick, usual := uniform(50*time.Millisecond, 300*time.Millisecond), uniform(100*time.Millisecond, 2*time.Second)
	return []Personality{
		{Name: "steady", BankCode: "999001", BankName: "Steady Bank", Latency: quick, Conduct: "no faults"},
		{Name: "slow", BankCode: "999002", BankName: "Slow Bank", Latency: logNormal(4*time.Second, 40*time.Second), Conduct: "no faults"},
		{Name: "flaky", BankCode: "999003", BankName: "Flaky Bank", Latency: usual, Unavailable: 0.10, Refused: 0.03,
			Conduct: "10 % beneficiary_bank_unavailable (cards: issuer_unavailable), 3 % connection refused"},
		{Name: "silent", BankCode: "999004", BankName: "Silent Bank", Latency: usual, ReplyLost: 0.05, LostBefore: 0.05,
			Silence: mute, SilentMin: 5 * time.Second, SilentMax: time.Minute,
			Conduct: "5 % executed and reply lost, 5 % lost before; status query answers after 5..60 s"},
		{Name: "queueing", BankCode: "999005", BankName: "Queue Bank", Latency: uniform(300*time.Millisecond, 300*time.Millisecond),
			Deferred: true, FinalMin: 10 * time.Minute, FinalMax: 6 * time.Hour, Conduct: "pending, final after 10 min to 6 h"},
		{Name: "nightly", BankCode: "999006", BankName: "Night Bank", Latency: quick, ClosedFrom: 23, ClosedTo: 1,
			Conduct: "unreachable daily 23:00..01:00 UTC; due work waits"},
		{Name: "fickle", BankCode: "999007", BankName: "Fickle Bank", Latency: quick, Reversed: 0.02, ReversedMin: time.Hour, ReversedMax: 24 * time.Hour,
			Conduct: "2 % reversed after 1..24 h (payouts)"},
		{Name: "doubtful", BankCode: "999008", BankName: "Doubtful Bank", Latency: usual, ReplyLost: 0.20,
			Silence: denying, SilentMin: time.Minute, SilentMax: time.Minute,
			Conduct: "20 % reply lost; status query says not found for 60 s, then the truth"},
		{Name: "echo", BankCode: "999009", BankName: "Echo Bank", Latency: quick, Callbacks: 2, Early: 0.10,
			Conduct: "every callback twice, 10 % before the reply"},
		{Name: "forgetful", BankCode: "999010", BankName: "Forgetful Bank", Latency: quick, ReplyLost: 0.10, Forgetful: true,
			Conduct: "10 % reply lost; a repeated rail reference executes again"},
		{Name: "contrary", BankCode: "999011", BankName: "Contrary Bank", Latency: usual, Contrary: 0.01,
			Conduct: "1 % fails, confirms it, executes later"},
		{Name: instant, Conduct: "no delay, no faults; for benchmarks and tests"},
	}
}

func banksByCode() map[string]Personality {
	t := map[string]Personality{}
	for _, p := range personalities() {
		if p.BankCode != "" {
			t[p.BankCode] = p
		}
	}
	return t
}

func personalityTable() map[string]Personality {
	t := map[string]Personality{}
	for _, p := range personalities() {
		t[p.Name] = p
	}
	return t
}

// open tells from when on the bank answers: now, or the end of its closed hours.
func (p Personality) open(now time.Time) time.Time {
	if p.ClosedFrom == p.ClosedTo {
		return now
	}
	day := now.UTC().Truncate(24 * time.Hour)
	for _, start := range []time.Time{day.Add(-24 * time.Hour), day} {
		from := start.Add(time.Duration(p.ClosedFrom) * time.Hour)
		to := from.Add(time.Duration((p.ClosedTo-p.ClosedFrom+24)%24) * time.Hour)
		if !now.Before(from) && now.Before(to) {
			return to
		}
	}
	return now
}
