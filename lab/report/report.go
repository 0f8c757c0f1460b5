// Package report is what the lab found, whichever way it looked: the figures, each bad
// payment with its story, and the planted faults that prove the checkers. It is read by
// people as one HTML page and by machines as JSON.
package report

import "time"

// Report is one run of the lab.
type Report struct {
	Mode    string        `json:"mode"` // sim, run
	Seed    uint64        `json:"seed"`
	Again   string        `json:"again"`   // the command that makes this run once more
	Commit  string        `json:"commit"`  // of the program, "" if it does not know
	Machine string        `json:"machine"` // processors and memory
	Began   time.Time     `json:"began"`
	Took    time.Duration `json:"took_ns"`
	Figures []Figure      `json:"figures"`
	Clients []Client      `json:"clients"`
	Faults  []Figure      `json:"faults"` // how often each kind struck
	Bad     []Story       `json:"bad"`    // every finding about a client that should have none
	Samples []Story       `json:"samples"`
	// Controls are planted faults; each must be caught.
	Controls []Control `json:"controls"`
}

// Figure is a number with its name.
type Figure struct {
	Name  string `json:"name"`
	Value int64  `json:"value"`
}

// Client is what became of all payments of one kind of client.
type Client struct {
	Name  string `json:"name"` // go, node, python, naive, sim
	Naive bool   `json:"naive"`
	// Calls are logical calls, Requests what they took on the wire.
	Calls     int64 `json:"calls"`
	Requests  int64 `json:"requests"`
	Succeeded int64 `json:"succeeded"`
	Failed    int64 `json:"failed"`
	Unknown   int64 `json:"unknown"` // the client does not know how a call ended, and says so
	// Verdicts of the checkers.
	Lost         int64 `json:"lost"`
	Doubled      int64 `json:"doubled"`
	Orphaned     int64 `json:"orphaned"`
	Unbalanced   int64 `json:"unbalanced"`
	FalseOutcome int64 `json:"false_outcome"`
}

// Findings counts what must not be.
func (c Client) Findings() int64 {
	return c.Lost + c.Doubled + c.Orphaned + c.Unbalanced + c.FalseOutcome
}

// Story is everything that is known of one payment, in order of time.
type Story struct {
	Kind      string `json:"kind"` // lost, doubled, orphaned, unbalanced, false_outcome
	Client    string `json:"client"`
	Reference string `json:"reference"`
	Detail    string `json:"detail"`
	Lines     []Line `json:"lines"`
}

// Line is one moment of a story, as one of the witnesses tells it.
type Line struct {
	At   time.Time `json:"at"`
	Who  string    `json:"who"` // client, wire, server, ledger, bank, webhook, lab
	Text string    `json:"text"`
}

// Control is a planted fault and the run that caught it.
type Control struct {
	Name   string `json:"name"`
	Where  string `json:"where"` // server, sdk
	Does   string `json:"does"`
	Caught string `json:"caught"` // the finding; "" if it was not caught
	Seed   uint64 `json:"seed"`   // of the run that caught it
	Runs   int    `json:"runs"`   // that it took
}

// Clean reports whether nothing was found and every control was caught.
func (r Report) Clean() bool {
	for _, c := range r.Clients {
		if !c.Naive && c.Findings() > 0 {
			return false
		}
	}
	for _, c := range r.Controls {
		if c.Caught == "" {
			return false
		}
	}
	return len(r.Bad) == 0
}
